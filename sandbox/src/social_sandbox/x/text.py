"""How X counts a text: weighted, with 280 for everyone and 25,000 for Premium.

Configuration 3 of the counting rules: normalised to NFC, weight 1 for Latin and its neighbours and for common
punctuation, 2 for everything else, 2 for a whole emoji sequence, 23 for every link.
"""

import re
import unicodedata
from functools import lru_cache

from social_sandbox.x.urls import find_links

STANDARD_LIMIT = 280
PREMIUM_LIMIT = 25_000
LINK_WEIGHT = 23

_HEAVY = re.compile("[^\\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_FORBIDDEN = re.compile("[\ufffe\ufeff\uffff]")
_PICTOGRAPH = (
    "[\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u265e\u2660-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_UNIT = f"(?:{_PICTOGRAPH}[\U0001f3fb-\U0001f3ff]?\ufe0f?|[\u2640\u2642\u2695\u2696\u2708]\ufe0f?)"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    "|[#*0-9]\ufe0f?\u20e3"  # a key cap
    "|[\u00a9\u00ae\u2122\u265f]\ufe0f"  # signs that are text unless asked for as a picture
    "|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"  # the flag of a region
    f"|{_UNIT}(?:\u200d{_UNIT})*"
    "|[\U0001f3fb-\U0001f3ff]"
)


def normalize(text: str) -> str:
    """Return the text as X stores it: NFC, with CRLF as one line end."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


@lru_cache(maxsize=4000)
def weighted_length(text: str) -> int:
    """Return how much of the limit a text uses up."""
    plain = normalize(text)
    total = 0
    position = 0
    for link in find_links(plain):
        total += _weight(plain[position : link.start]) + LINK_WEIGHT
        position = link.end
    return total + _weight(plain[position:])


def has_forbidden_characters(text: str) -> bool:
    """Tell whether the text holds a code point that X never accepts."""
    return _FORBIDDEN.search(text) is not None


def length_limit(subscription: str) -> int:
    """Return the weighted limit for an account with this subscription."""
    return PREMIUM_LIMIT if subscription in {"Premium", "PremiumPlus"} else STANDARD_LIMIT


def _weight(text: str) -> int:
    without_emoji, emojis = _EMOJI.subn("", text)
    return 2 * emojis + len(without_emoji) + len(_HEAVY.findall(without_emoji))
