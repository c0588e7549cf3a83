"""The text of a product share: a template filled in, and shortened until the platform takes it.

The description gives way first, then the title; the price and the link never do.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final

DEFAULT_TEMPLATE: Final = "{title}\n\n{description}\n\n{price}\n{url}"
PLACEHOLDERS: Final = ("title", "description", "price", "url")
_ELLIPSIS: Final = "…"
_GAP: Final = re.compile(r"\n{3,}")


class WrongTemplateError(ValueError):
    """The template cannot be filled in; the text says why."""


class TooLongError(ValueError):
    """Even without the description and with a short title the platform would refuse it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a share says."""

    title: str
    description: str
    price: str
    url: str

    def as_mapping(self) -> Mapping[str, str]:
        """By placeholder."""
        return {"title": self.title, "description": self.description, "price": self.price, "url": self.url}


def check_template(template: str) -> str:
    """The template, unless it names something that a share does not have."""
    try:
        pieces = list(Formatter().parse(template))
    except ValueError:
        raise WrongTemplateError("A brace is open; write {{ and }} for braces of your own.") from None
    for _, name, spec, conversion in pieces:
        if name is None:
            continue
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise WrongTemplateError(f"{{{name}}} is no placeholder; there are {known}.")
        if spec or conversion:
            raise WrongTemplateError(f"{{{name}}} takes no format.")
    return template


def render(template: str, parts: Parts) -> str:
    """The filled-in template, without the gaps that empty parts leave."""
    return _GAP.sub("\n\n", template.format_map(dict(parts.as_mapping()))).strip()


def fit(template: str, parts: Parts, *, fits: Callable[[str], bool]) -> str:
    """The longest rendering that `fits`; raises TooLongError."""
    whole = render(template, parts)
    if fits(whole):
        return whole

    def with_description(length: int) -> str:
        return render(template, Parts(parts.title, shorten(parts.description, length), parts.price, parts.url))

    shortest = with_description(0)
    if fits(shortest):
        return _longest(with_description, len(parts.description), fits)

    def with_title(length: int) -> str:
        return render(template, Parts(shorten(parts.title, length), "", parts.price, parts.url))

    if not fits(with_title(1)):
        raise TooLongError("The text is too long for this platform, even without the description.")
    return _longest(with_title, len(parts.title), fits)


def shorten(text: str, length: int) -> str:
    """At most `length` characters, cut between words where that costs little, with an ellipsis."""
    if len(text) <= length:
        return text
    if length < 1:
        return ""
    cut = text[: length - 1]
    at_word = cut.rsplit(None, 1)[0] if not text[length - 1].isspace() and " " in cut else cut
    kept = at_word if len(at_word) * 2 >= length else cut
    return kept.rstrip(" \n.,;:-") + _ELLIPSIS


def _longest(rendered: Callable[[int], str], most: int, fits: Callable[[str], bool]) -> str:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if fits(rendered(middle)):
            low = middle
        else:
            high = middle - 1
    return rendered(low)
