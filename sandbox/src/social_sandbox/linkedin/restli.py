"""The rest.li 2.0 syntax of paths and queries: `List(a,b)`, `(key:value)`, everything else percent-encoded.

A colon, comma, parenthesis or apostrophe stands for itself only as part of that syntax: within a value, a URN for
instance, it is encoded. Encoded parentheses are text, so an encoded `List(…)` is no list.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote

from social_sandbox.linkedin.errors import bad_syntax, invalid_field, invalid_parameter

_DEEPEST = 8
_PLAIN = re.compile(r"[^(),:']*")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_URN = re.compile(r"urn:li:([A-Za-z]+):([A-Za-z0-9_-]+)")
_EMPTY = "''"


class Urn(NamedTuple):
    """`urn:li:{kind}:{key}`."""

    kind: str
    key: str

    def __str__(self) -> str:
        """The URN as it is written."""
        return f"urn:li:{self.kind}:{self.key}"


def parse_urn(text: object) -> Urn | None:
    """A URN, or nothing where the text is none."""
    found = _URN.fullmatch(text) if isinstance(text, str) else None
    return Urn(found[1], found[2]) if found else None


def urn_of(text: object, path: str, *kinds: str) -> Urn:
    """A URN of one of these kinds in a body or parameter; raises `Refusal` naming the field."""
    urn = parse_urn(text)
    if urn is None:
        raise invalid_field("INVALID_URN_ID", path, f"{text!r} is not a URN")
    if urn.kind not in kinds:
        raise invalid_field("INVALID_URN_TYPE", path, f"{urn} is not one of {', '.join(kinds)}")
    return urn


def read_query(raw: str) -> dict[str, object]:
    """The parameters of a raw query; raises `Refusal` for anything that breaks the syntax."""
    params: dict[str, object] = {}
    for pair in filter(None, raw.split("&")):
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise bad_syntax(f"The query parameter {pair!r} has no value")
        if name in params:
            raise invalid_parameter(name, "is given twice")
        params[_decoded(name)] = read_value(value)
    return params


def read_key(raw: str) -> str:
    """One segment of a path that is a key: a percent-encoded text."""
    value = read_value(raw)
    if not isinstance(value, str) or not value:
        raise bad_syntax(f"The key {raw!r} must be a single value")
    return value


def read_value(raw: str) -> object:
    """A value: text, a list or an object."""
    value, rest = _value(raw, 0)
    if rest:
        raise bad_syntax(f"The value {raw!r} is not URL encoded: {rest[0]!r} must be percent-encoded")
    return value


def _value(raw: str, depth: int) -> tuple[object, str]:
    if depth > _DEEPEST:
        raise bad_syntax("The value is nested too deeply")
    if raw.startswith("List("):
        return _list(raw[5:], depth)
    if raw.startswith("("):
        return _object(raw[1:], depth)
    if raw.startswith(_EMPTY):
        return "", raw[2:]
    found = _PLAIN.match(raw)
    text = found[0] if found else ""
    return _decoded(text), raw[len(text) :]


def _list(raw: str, depth: int) -> tuple[list[object], str]:
    found: list[object] = []
    if raw.startswith(")"):
        return found, raw[1:]
    while True:
        value, raw = _value(raw, depth + 1)
        found.append(value)
        mark, raw = raw[:1], raw[1:]
        if mark == ")":
            return found, raw
        if mark != ",":
            raise bad_syntax("A List( must be closed and its values, percent-encoded, be separated by commas")


def _object(raw: str, depth: int) -> tuple[dict[str, object], str]:
    found: dict[str, object] = {}
    while True:
        name = _PLAIN.match(raw)
        key = name[0] if name else ""
        if not key or raw[len(key) : len(key) + 1] != ":":
            raise bad_syntax("An object needs the form (key:value,key:value) with percent-encoded values")
        value, raw = _value(raw[len(key) + 1 :], depth + 1)
        found[_decoded(key)] = value
        mark, raw = raw[:1], raw[1:]
        if mark == ")":
            return found, raw
        if mark != ",":
            raise bad_syntax("An object needs the form (key:value,key:value) with percent-encoded values")


def _decoded(text: str) -> str:
    if _BAD_PERCENT.search(text) or not text.isascii():
        raise bad_syntax(f"The value {text!r} is not URL encoded")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise bad_syntax(f"The value {text!r} is not URL encoded UTF-8") from error
