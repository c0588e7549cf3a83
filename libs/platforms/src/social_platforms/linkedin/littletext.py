r"""LinkedIn's "little" text format, in which `commentary` is written and read.

Reserved characters are escaped by a backslash wherever they form no element: an unescaped one can cut the post there
while LinkedIn answers that all is well. The only element written here is a hashtag; read are hashtags, their template
`{hashtag|\#|word}` and mentions.
"""

import re
from typing import Final

_RESERVED: Final = r"|{}@[]()<>#\*_~"
# A hashtag begins a text or follows white space, an opening bracket or quote; it has a letter. Within a link a # is
# part of the address.
_HASHTAG: Final = r"(?<![^\s(\[{\"'“„«])#(?=[^\W_]*[^\W\d_])[^\W_]+"
_PIECE: Final = re.compile(rf"(?P<link>https?://\S+)|(?P<hashtag>{_HASHTAG})|(?P<reserved>[{re.escape(_RESERVED)}])")
_ONE: Final = re.compile(f"[{re.escape(_RESERVED)}]")
_ELEMENT: Final = re.compile(
    r"\{hashtag\|\\?#\|(?P<hashtag>(?:\\.|[^\\}])*)\}"
    r"|@\[(?P<name>(?:\\.|[^\\\]])*)\]\((?:\\.|[^\\)])*\)"
    r"|\\(?P<escaped>.)",
    re.DOTALL,
)


def escaped(content: str) -> str:
    """The text as `commentary`; hashtags stay hashtags."""
    return _PIECE.sub(_write, content)


def _write(piece: re.Match[str]) -> str:
    if piece["hashtag"]:
        return piece["hashtag"]
    return _ONE.sub(lambda found: "\\" + found[0], piece[0])


def plain(commentary: str) -> str:
    """What a reader sees of a `commentary`."""
    return _ELEMENT.sub(_read, commentary)


def _read(element: re.Match[str]) -> str:
    if element["hashtag"] is not None:
        return "#" + plain(element["hashtag"])
    if element["name"] is not None:
        return plain(element["name"])
    return element["escaped"]
