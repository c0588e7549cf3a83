"""What becomes of the links in a post when it is read back: they may gain a parameter, or lead through Facebook."""

import re
from typing import Literal
from urllib.parse import urlencode

LinkDress = Literal["as_sent", "tracked", "wrapped"]

# A sign that ends a sentence or closes a bracket is no part of the address before it.
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]}'\u2019\u201d\u2026]")
_CLICK = {"fbclid": "IwAR0simulated"}


def dressed(text: str, how: LinkDress) -> str:
    """The text with its links as they come back."""
    return text if how == "as_sent" else _LINK.sub(lambda found: _dressed(found[0], how), text)


def _dressed(link: str, how: LinkDress) -> str:
    address, hash_sign, place = link.partition("#")
    tracked = f"{address}{'&' if '?' in address else '?'}{urlencode(_CLICK)}{hash_sign}{place}"
    if how == "tracked":
        return tracked
    return f"https://l.facebook.com/l.php?{urlencode({'u': tracked, 'h': 'AT0simulated'})}"
