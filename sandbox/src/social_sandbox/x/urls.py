"""Which parts of a text X takes for links.

With or without a scheme, a host counts as a link only when it ends in a real top-level domain. The names reserved for
documentation and tests (`example`, `test`, `invalid`) count too, but only behind a scheme: shops of demos live there.
`tlds.txt` lists the delegated top-level domains, one a line.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_LATIN = "0-9A-Za-z\u00c0-\u024f"
# Labels are bounded, so that a long row of letters costs no more than any other text.
_PLAIN = rf"(?:[{_LATIN}](?:[{_LATIN}_-]{{0,250}}[{_LATIN}])?\.){{1,40}}(?:xn--[0-9a-z-]+|[a-z]{{2,}})"
_WIDE_LETTER = r"[^\s\x00-\x2f:-@\[-`{-\x7f\u2000-\u206f\u3000-\u303f\uff01-\uff0f]"
_WIDE_LABEL = rf"{_WIDE_LETTER}(?:(?:{_WIDE_LETTER}|[-_]){{0,250}}{_WIDE_LETTER})?"
_WIDE = rf"(?:{_WIDE_LABEL}\.){{1,40}}(?:xn--[0-9a-z-]+|[a-z]{{2,}}|[^\W\d_]{{2,}})"
_IN_PATH = r"0-9A-Za-z\u00c0-\u024f\u0400-\u04ff!*';:=+,.$/%#\[\]\-\u2013_~@|&()?"
_CANDIDATE = re.compile(
    rf"(?P<scheme>https?://)?(?P<host>(?(scheme)(?:{_WIDE})|(?:{_PLAIN})))(?P<port>:[0-9]{{1,5}})?(?P<path>[/?][{_IN_PATH}]*)?",
    re.IGNORECASE,
)
_ENDS_PATH = re.compile(r"[0-9A-Za-z\u00c0-\u024f\u0400-\u04ff+\-=_#/&()]")
_MARKS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\ufeff\uffff"
_IN_LABEL = re.compile(rf"[^\s!'#%&()*+,./:;<=>?@\[\\\]^{{|}}~${_MARKS}]")
_NEVER_BEFORE = re.compile(r"[0-9A-Za-z@\uff20$#\uff03\ufffe\ufeff\uffff]")
_NEVER_BEFORE_PLAIN = frozenset("-_./")
_NEVER_AFTER_HOST = re.compile(r"[0-9A-Za-z@+-]")
_SHORTENED = re.compile(r"https?://t\.co/(?P<slug>[0-9a-z]+)", re.IGNORECASE)
_LONGEST_SLUG = 40
_RESERVED = frozenset({"example", "test", "invalid"})


@dataclass(frozen=True, slots=True)
class Link:
    """One link in a text: its characters and where they stand."""

    url: str
    start: int
    end: int

    @property
    def target(self) -> str:
        """The address it leads to: a link without a scheme means http."""
        return self.url if "://" in self.url else f"http://{self.url}"


@cache
def top_level_domains() -> frozenset[str]:
    """Return every top-level domain the simulator knows, in lower case."""
    listing = files("social_sandbox.x").joinpath("tlds.txt").read_text(encoding="utf-8")
    return frozenset(listing.split())


@lru_cache(maxsize=4000)
def find_links(text: str) -> tuple[Link, ...]:
    """Return the links of a text in order; they never overlap."""
    links: list[Link] = []
    position = 0 if "." in text else len(text)
    while (match := _CANDIDATE.search(text, position)) is not None:
        link = _link_of(match, text)
        if link is not None:
            links.append(link)
        position = link.end if link is not None else match.end("host")
    return tuple(links)


def _link_of(match: re.Match[str], text: str) -> Link | None:
    has_scheme = match["scheme"] is not None
    first = match.start()
    run = first if has_scheme else _start_of_run(text, first)
    before = text[run - 1 : run]
    if before and (_NEVER_BEFORE.match(before) or (not has_scheme and before in _NEVER_BEFORE_PLAIN)):
        return None
    host = _real_host(match["host"], has_scheme=has_scheme, after=text[match.end("host") : match.end("host") + 1])
    if host is None:
        return None
    if run < first:
        # It is the end of a label that other scripts begin: hyphens belong to it, and an underscore makes it none.
        if host.count(".") == 1 and "_" in text[run:first].rpartition(".")[2]:
            return None
        first -= len(text[run:first]) - len(text[run:first].rstrip("-"))
    host_end = match.start("host") + len(host)
    # Without a scheme a port or query alone is no part of the link.
    goes_on = host == match["host"] and (has_scheme or (match["path"] or "").startswith("/"))
    end = _end_of_path(match) if goes_on else host_end
    shortened = _SHORTENED.match(text, first, end)
    if shortened is not None:
        return Link(shortened[0], *shortened.span()) if len(shortened["slug"]) <= _LONGEST_SLUG else None
    return Link(text[first:end], first, end)


def _start_of_run(text: str, start: int) -> int:
    """Where the labels begin, of whatever script, that a plain host stands at the end of."""
    while True:
        label = start
        while label and _IN_LABEL.match(text[label - 1]):
            label -= 1
        while label < start and text[label] in "-_":
            label += 1
        if text[label - 1 : label] != "." or not _IN_LABEL.match(text[max(label - 2, 0)]):
            return label
        start = label - 1


def _real_host(host: str, *, has_scheme: bool, after: str) -> str | None:
    """Return the longest run of labels that ends in a top-level domain and nothing glued to it, or nothing."""
    labels = host.split(".")
    known = top_level_domains() | _RESERVED if has_scheme else top_level_domains()
    for count in range(len(labels), 1, -1):
        last = labels[count - 1].lower()
        if count == len(labels) and _NEVER_AFTER_HOST.match(after):
            continue
        if (last in known or last.startswith("xn--")) and "_" not in labels[count - 2]:
            found = ".".join(labels[:count])
            return found if _has_legal_labels(found) else None
    return None


def _has_legal_labels(host: str) -> bool:
    """Refuse labels over 63 characters as the name system counts them, and broken encodings of foreign ones."""
    if any(label.lower().startswith("xn--") and not label.isascii() for label in host.split(".")):
        return False
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _end_of_path(match: re.Match[str]) -> int:
    """Leave out the punctuation that closes a sentence, and a bracket that was opened before the link."""
    path = match["path"]
    if path is None:
        return match.end()
    while len(path) > 1:
        unbalanced = path.endswith(")") and path.count(")") > path.count("(")
        if _ENDS_PATH.match(path[-1]) and not unbalanced:
            break
        path = path[:-1]
    return match.start("path") + (0 if path == "?" else len(path))
