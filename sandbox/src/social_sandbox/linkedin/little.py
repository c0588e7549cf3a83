"""LinkedIn's "little" text: reserved characters are escaped unless they form a mention, a hashtag or a template.

At the first reserved character that is neither, the text ends, and nobody is told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

RESERVED = frozenset("|{}@[]()<>#\\*_~")
_TEMPLATE = re.compile(r"\{hashtag\|\\#\|([^|{}@\[\]()<>#\\*_~\s]+)\}")
_MENTION = re.compile(r"@\[((?:\\.|[^\\|{}@\[\]()<>#*_~])+)\]\((urn:li:(?:organization|person):[A-Za-z0-9_-]+)\)")
_HASHTAG = re.compile(r"#([^\W_]+)")


@dataclass(frozen=True, slots=True)
class Plain:
    """Text, unescaped."""

    text: str


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A hashtag, without its sign."""

    word: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention with the name it was written with."""

    name: str
    urn: str


Element = Plain | Hashtag | Mention


def parse(commentary: str, name_of: Callable[[str], str | None]) -> list[Element]:
    """What LinkedIn makes of a commentary; `name_of` gives the exact name behind a URN.

    A mention whose name is not exactly that one is only text.
    """
    found: list[Element] = []
    position = 0
    while position < len(commentary):
        element, position = _next(commentary, position, name_of)
        if element is None:
            break
        if isinstance(element, Plain) and found and isinstance(found[-1], Plain):
            found[-1] = Plain(found[-1].text + element.text)
        else:
            found.append(element)
    return found


def _next(text: str, position: int, name_of: Callable[[str], str | None]) -> tuple[Element | None, int]:
    """The element at a position and where the next one begins; none where the text is cut."""
    character = text[position]
    if character not in RESERVED:
        return Plain(character), position + 1
    if character == "\\" and text[position + 1 : position + 2] in RESERVED and position + 1 < len(text):
        return Plain(text[position + 1]), position + 2
    if found := _TEMPLATE.match(text, position):
        return Hashtag(found[1]), found.end()
    if found := _HASHTAG.match(text, position):
        return Hashtag(found[1]), found.end()
    if found := _MENTION.match(text, position):
        name = re.sub(r"\\(.)", r"\1", found[1])
        matches = name_of(found[2]) == name
        return Mention(name, found[2]) if matches else Plain(name), found.end()
    return None, len(text)


def written(elements: list[Element]) -> str:
    """The commentary as reading gives it back: escaped, hashtags as templates."""
    return "".join(_written(element) for element in elements)


def visible(elements: list[Element]) -> str:
    """What people see."""
    return "".join(_visible(element) for element in elements)


def escaped(text: str) -> str:
    """Text with every reserved character escaped."""
    return "".join(f"\\{character}" if character in RESERVED else character for character in text)


def _written(element: Element) -> str:
    match element:
        case Plain(text):
            return escaped(text)
        case Hashtag(word):
            return f"{{hashtag|\\#|{word}}}"
        case Mention(name, urn):
            return f"@[{escaped(name)}]({urn})"


def _visible(element: Element) -> str:
    match element:
        case Plain(text):
            return text
        case Hashtag(word):
            return f"#{word}"
        case Mention(name, _):
            return name
