"""The `fields` parameter: names, what is asked of each (`.limit(0)`), and what of it (`{id,url}`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from social_sandbox.meta.errors import InvalidParameter
from social_sandbox.meta.params import list_of, text_of

_ENDS = frozenset(",{}.()")
_DEEPEST = 10


@dataclass(slots=True)
class Asked:
    """What is asked of one field."""

    inner: "Fields" = field(default_factory=dict)
    modifiers: dict[str, str] = field(default_factory=dict)


Fields = dict[str, Asked]


def fields_of(params: Mapping[str, Any], name: str = "fields") -> Fields:
    """Return the tree of a `fields` parameter: `id,picture.width(200){url},children{id}`."""
    text = ",".join(list_of(params, name)) if text_of(params, name).startswith("[") else text_of(params, name)
    reader = _Reader(text.replace(" ", ""))
    found = reader.fields()
    if reader.rest:
        raise InvalidParameter(f"Syntax error in param {name} near: {reader.rest[:20]}")
    return found


def select(values: Mapping[str, Any], fields: Fields, *, known: frozenset[str], node: str) -> dict[str, Any]:
    """Return the asked fields of a node and always its id; a field the node never has is refused."""
    for name in fields:
        if name not in known:
            raise InvalidParameter(f"Tried accessing nonexisting field ({name}) on node type ({node})")
    chosen = {name: values[name] for name in fields if name in values}
    return chosen | ({"id": values["id"]} if "id" in values else {})


def narrowed(value: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """Return only the asked members of a nested object, all where none is named."""
    return {name: value[name] for name in fields if name in value} if fields else value


class _Reader:
    """Reads a tree from text, from left to right."""

    def __init__(self, text: str) -> None:
        self.rest = text
        self._depth = 0

    def fields(self) -> Fields:
        found: Fields = {}
        while self.rest and not self.rest.startswith("}"):
            name = self._word()
            if name:
                found[name] = self._asked()
            if not self._take(",") and not name:
                break
        return found

    def _asked(self) -> Asked:
        asked = Asked()
        while self._take("."):
            name = self._word()
            if not name or not self._take("("):
                raise InvalidParameter(f"Syntax error in param fields near: .{name}{self.rest[:20]}")
            value, closed, self.rest = self.rest.partition(")")
            if not closed:
                raise InvalidParameter("Syntax error in param fields: a parenthesis is not closed")
            asked.modifiers[name] = value
        if self._take("{"):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise InvalidParameter("Syntax error in param fields: it is too deep")
            asked.inner = self.fields()
            self._depth -= 1
            if not self._take("}"):
                raise InvalidParameter("Syntax error in param fields: a brace is not closed")
        return asked

    def _word(self) -> str:
        length = next((index for index, sign in enumerate(self.rest) if sign in _ENDS), len(self.rest))
        word, self.rest = self.rest[:length], self.rest[length:]
        return word

    def _take(self, sign: str) -> bool:
        if not self.rest.startswith(sign):
            return False
        self.rest = self.rest[1:]
        return True
