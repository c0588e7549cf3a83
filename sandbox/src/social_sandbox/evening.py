"""How platforms even out a text they were given; none of them says so, and nobody gets back what they sent."""

import unicodedata


def evened(text: str) -> str:
    """The text with composed letters, one kind of line end, and nothing blank around it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
