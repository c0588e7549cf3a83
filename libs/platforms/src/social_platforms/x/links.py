"""Where X sees links in a text: with a scheme, or without one where a domain ends in a real top-level domain."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

_MAX_URL: Final = 4096
_MAX_LABEL: Final = 63
_LATIN: Final = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253-\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u1e00-\u1eff"
)
_CYRILLIC: Final = "\u0400-\u04ff"
_MARKS: Final = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_BROKEN: Final = "\ufffe\ufeff\uffff"
_NO_LABEL: Final = rf"\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~${_MARKS}{_BROKEN}"
# Bounded, so that a long row of underscores costs no more than any other text.
_LABEL: Final = rf"[^{_NO_LABEL}](?:[^{_NO_LABEL}_-]|[_-]{{1,80}}(?=[^{_NO_LABEL}])){{0,300}}"
_PATH_CHARACTER: Final = rf"[a-z{_CYRILLIC}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_PARENTHESES: Final = rf"\((?:{_PATH_CHARACTER}+|{_PATH_CHARACTER}*\({_PATH_CHARACTER}+\){_PATH_CHARACTER}*)\)"
_PATH: Final = re.compile(rf"/(?:{_PATH_CHARACTER}|{_PARENTHESES})*", re.IGNORECASE)
_PATH_END: Final = re.compile(rf"[+\-a-z{_CYRILLIC}0-9=_#/{_LATIN})]", re.IGNORECASE)
_QUERY: Final = re.compile(r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]", re.IGNORECASE)
_PORT: Final = re.compile(r":[0-9]+")
_PORT_AND_PATH: Final = re.compile(r"(?::[0-9]+)?/")
_CANDIDATE: Final = re.compile(
    rf"(?:\A|(?P<before>[^A-Za-z0-9@\uff20$#\uff03{_BROKEN}]))(?P<scheme>https?://)?(?P<domain>{_LABEL}(?:\.{_LABEL})+)",
    re.IGNORECASE,
)
_PLAIN_DOMAIN: Final = re.compile(rf"(?:[a-z0-9{_LATIN}-]+\.)+[^{_NO_LABEL}-]+", re.IGNORECASE)
_SHORT_LINK: Final = re.compile(r"https?://t\.co/([a-z0-9]+)", re.IGNORECASE)
_SHORT_LINK_NAME: Final = 40
_GLUED_SCHEME: Final = re.compile(r"[_-]https?\Z", re.IGNORECASE)
_GOES_ON: Final = re.compile(r"[0-9a-zA-Z@+-]")
_LONGEST_DOMAIN_ENDING: Final = 24


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text, from `start` up to but not including `end`."""

    start: int
    end: int


@lru_cache(maxsize=1)
def _top_level_domains() -> frozenset[str]:
    lines = files(__package__).joinpath("tlds.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


def find_links(text: str) -> tuple[Link, ...]:
    """Every link X would shorten, in order."""
    if "." not in text:
        return ()
    links: list[Link] = []
    position = 0
    while match := _CANDIDATE.search(text, position):
        length = _domain_length(match["domain"], after=text[match.end() : match.end() + 1])
        if length is None:
            glued = _GLUED_SCHEME.search(match["domain"]) if text.startswith("://", match.end()) else None
            position = match.start("domain") + glued.start() if glued else match.end()
            continue
        found = _with_scheme(text, match, length) if match["scheme"] else _without_scheme(text, match, length)
        links += found
        # A port or query is read past even where it is no part of the link.
        position = _path_end(text, match.start("domain") + length) if found else match.start("domain") + length
        position = max(position, found[-1].end if found else 0)
    return tuple(links)


def _with_scheme(text: str, match: re.Match[str], length: int) -> list[Link]:
    start = match.start("scheme")
    end = _path_end(text, match.start("domain") + length)
    short = _SHORT_LINK.match(text, start)
    if short:
        if len(short[1]) > _SHORT_LINK_NAME:
            return []
        end = short.end()
    return [Link(start, end)] if _is_possible(text[start:end], match["domain"][:length]) else []


def _without_scheme(text: str, match: re.Match[str], length: int) -> list[Link]:
    """Domains in plain letters only; there may be several among other scripts, and the path belongs to the last."""
    if match["before"] in {"-", "_", ".", "/"}:
        return []
    first, domain = match.start("domain"), match["domain"][:length]
    behind = text[first + length : first + length + 1]
    links: list[Link] = []
    position = 0
    while plain := _PLAIN_DOMAIN.search(domain, position):
        plain_length = _domain_length(plain[0], after=domain[plain.end() : plain.end() + 1] or behind)
        if plain_length is None:
            # Behind its first label another may begin: `x.y` is no domain, and what follows it may be one.
            position = domain.index(".", plain.start()) + 1
            continue
        position = plain.start() + plain_length
        if _is_possible(plain[0], plain[0][:plain_length]):
            links.append(Link(first + plain.start(), first + position))
    # Without a scheme a port or query alone is no part of the link.
    if links and links[-1].end == first + length and _PORT_AND_PATH.match(text, links[-1].end):
        links[-1] = Link(links[-1].start, _path_end(text, links[-1].end))
    return links


def _domain_length(domain: str, *, after: str) -> int | None:
    """How much of a candidate is a domain: up to the last label that begins with a whole top-level domain.

    `after` is the character behind the candidate; an e-mail address goes on where a domain would end.
    """
    end = len(domain)
    while (dot := domain.rfind(".", 0, end)) > 0:
        ending = _ending_length(domain[dot + 1 : end], after=domain[end : end + 1] or after)
        name = domain[domain.rfind(".", 0, dot) + 1 : dot]
        if ending and "_" not in name:
            return dot + 1 + ending
        end = dot
    return None


def _ending_length(label: str, *, after: str) -> int:
    for length in range(min(len(label), _LONGEST_DOMAIN_ENDING), 1, -1):
        goes_on = _GOES_ON.match(label[length : length + 1] or after)
        if label[:length].lower() in _top_level_domains() and not goes_on:
            return length
    if label.lower().startswith("xn--") and label.isascii() and not _GOES_ON.match(after):
        return len(label)
    return 0


def _path_end(text: str, position: int) -> int:
    """The end of port, path and query behind a domain that ends at that position."""
    port = _PORT.match(text, position)
    if port:
        position = port.end()
    path = _PATH.match(text, position)
    if path:
        end = path.end()
        while end > position + 1 and not _PATH_END.match(text[end - 1]):
            end -= 1
        position = end
    query = _QUERY.match(text, position)
    return query.end() if query else position


def _is_possible(url: str, domain: str) -> bool:
    """False where the name cannot be put into DNS, or the whole is longer than X shortens."""
    for label in domain.split("."):
        if label.lower().startswith("xn--") and not label.isascii():
            return False
        try:
            size = len(label) if label.isascii() else len(label.encode("punycode")) + len("xn--")
        except UnicodeError:
            return False
        if size > _MAX_LABEL:
            return False
    return len(url) <= _MAX_URL
