"""The log events that the code can write, read from its syntax: an event is a literal name in a call of a logger."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
PARTS: Final = ("libs", "services", "console", "cli")
_LEVELS: Final = {"debug", "info", "warning", "error", "exception"}
_RAISED: Final = "exception"  # error, with what was raised
# `request_served` is written by whichever of two levels fits, called by this name.
_ALIASES: Final = {"say": "info"}


def log_events() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Each event's levels and fields, as far as they are written where it is logged."""
    found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("src/**/*.py")):
            for name, level, fields in _events_in(ast.parse(path.read_text())):
                levels, known = found.get(name, (frozenset(), frozenset()))
                found[name] = (levels | {level}, known | fields)
    return found


def _events_in(tree: ast.AST) -> Iterator[tuple[str, str, frozenset[str]]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_], keywords=keywords):
                called = str(getattr(func, "attr", None) or getattr(func, "id", ""))
                level = _ALIASES.get(called, called)
                if level in _LEVELS and name.isidentifier():
                    fields = {word.arg for word in keywords if word.arg and word.arg != "exc_info"}
                    if level == _RAISED or any(word.arg == "exc_info" for word in keywords):
                        fields.add("exception")
                    yield name, "error" if level == _RAISED else level, frozenset(fields)
