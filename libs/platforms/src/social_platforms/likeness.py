"""Texts in the form in which ours and a platform's are compared."""

import unicodedata


def comparable(content: str) -> str:
    """A text in one composition, with its white space evened out."""
    return " ".join(unicodedata.normalize("NFC", content).split())
