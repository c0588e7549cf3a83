"""Whether everything that fits one JSON Schema also fits another, and in which words it does not.

A reader who trusts the wide schema must be able to take all that the narrow one allows. Of an answer or an event the
wide one is the released schema and the narrow one the new; of a request it is the other way round.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME: Final = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType")
# Compared by code of their own.
_HANDLED: Final = {
    *_LOWER, *_UPPER, *_SAME, "type", "enum", "const", "properties", "required", "additionalProperties", "items",
    "anyOf", "oneOf", "$ref", "$defs",
}  # fmt: skip
_ANNOTATIONS: Final = {
    "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$schema", "$id",
    "$comment", "discriminator",
}  # fmt: skip
_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two documents; references of its schemas are looked up in it."""

    document: Json

    def resolve(self, schema: Any) -> Json:
        """The schema itself, whatever it was: a reference, or `true` for anything."""
        if isinstance(schema, bool):
            return {} if schema else {"enum": []}
        while "$ref" in schema:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
        return dict(schema)

    def branches(self, schema: Any) -> list[Json]:
        """The alternatives it consists of, each of at most one type."""
        whole = self.resolve(schema)
        for keyword in ("anyOf", "oneOf"):
            if keyword in whole:
                rest = {key: value for key, value in whole.items() if key != keyword and key not in _ANNOTATIONS}
                return [one for option in whole[keyword] for one in self.branches({**self.resolve(option), **rest})]
        if isinstance(whole.get("type"), list):
            return [{**whole, "type": one} for one in whole["type"]]
        return [whole]


@dataclass(slots=True)
class Narrowing:
    """Compares schemas of two documents; `old_is_wide` says which of the two was released."""

    wide: Side
    narrow: Side
    old_is_wide: bool
    _open: set[tuple[str, str]] = field(default_factory=set)

    def misfits(self, wide: Any, narrow: Any, at: str = "") -> Iterator[str]:
        """What the narrow schema allows and the wide one does not, each as `path: sentence`."""
        pair = (str(wide), str(narrow))
        if pair in self._open:  # a schema that contains itself
            return
        self._open.add(pair)
        yield from self._default(wide, narrow, at)
        options = self.wide.branches(wide)
        for branch in self.narrow.branches(narrow):
            tried = [list(self._branch(option, branch, at)) for option in options]
            if all(tried):
                yield from min(tried, key=len)
        self._open.discard(pair)

    def _branch(self, wide: Json, narrow: Json, at: str) -> Iterator[str]:
        types = (_type_of(wide), _type_of(narrow))
        if types[0] is not None and types[0] != types[1] and types != ("number", "integer"):
            yield self._changed(at, "type", *types)
            return
        yield from self._values(wide, narrow, at)
        yield from self._bounds(wide, narrow, at)
        if types[0] == "object":
            yield from self._fields(wide, narrow, at)
        if "items" in wide:
            yield from self.misfits(wide["items"], narrow.get("items", {}), f"{at}[]")
        for keyword in sorted({*wide, *narrow} - _HANDLED - _ANNOTATIONS):
            if wide.get(keyword) != narrow.get(keyword):  # unknown here, so any change may be one that hurts
                yield self._changed(at, keyword, wide.get(keyword), narrow.get(keyword))

    def _values(self, wide: Json, narrow: Json, at: str) -> Iterator[str]:
        allowed, used = _values_of(wide), _values_of(narrow)
        if allowed is None:
            return
        if used is None:
            yield f"{_place(at)}: was {'' if self.old_is_wide else 'not '}limited to {_list(allowed)}"
            return
        for value in used:
            if value not in allowed:
                yield f"{_place(at)}: the value {value!r} is {'new' if self.old_is_wide else 'no longer taken'}"

    def _bounds(self, wide: Json, narrow: Json, at: str) -> Iterator[str]:
        for keyword in (*_LOWER, *_UPPER, *_SAME):
            ours, theirs = wide.get(keyword), narrow.get(keyword)
            if ours is None or ours == theirs:
                continue
            within = theirs is not None and (
                (keyword in _LOWER and theirs >= ours) or (keyword in _UPPER and theirs <= ours)
            )
            if not within:
                yield self._changed(at, keyword, ours, theirs)

    def _fields(self, wide: Json, narrow: Json, at: str) -> Iterator[str]:
        ours: Mapping[str, Any] = wide.get("properties", {})
        theirs: Mapping[str, Any] = narrow.get("properties", {})
        released, present = (ours, theirs) if self.old_is_wide else (theirs, ours)
        for name in released:
            path = f"{at}.{name}".lstrip(".")
            if name not in present:
                yield f"{path}: is gone"
            else:
                yield from self.misfits(ours[name], theirs[name], path)
        for name in wide.get("required", ()):
            path = f"{at}.{name}".lstrip(".")
            if name not in narrow.get("required", ()) and (name in present or name not in released):
                yield f"{path}: {'may be missing now' if self.old_is_wide else 'is required now'}"
        yield from self._others(wide, narrow, at)

    def _others(self, wide: Json, narrow: Json, at: str) -> Iterator[str]:
        ours, theirs = (schema.get("additionalProperties", True) for schema in (wide, narrow))
        # What is answered may gain fields, also where its model refuses them in requests.
        if ours in (True, {}) or theirs is False or (ours is False and self.old_is_wide):
            return
        if ours is False:
            yield f"{_place(at)}: unknown fields are refused now"
        else:
            yield from self.misfits(ours, theirs, f"{at}.*".lstrip("."))

    def _default(self, wide: Any, narrow: Any, at: str) -> Iterator[str]:
        if self.old_is_wide:
            return
        old, new = self.narrow.resolve(narrow), self.wide.resolve(wide)
        if "default" in old and old["default"] != new.get("default"):
            yield self._changed(at, "what is taken where nothing is said", new.get("default"), old["default"])

    def _changed(self, at: str, what: str, wide: object, narrow: object) -> str:
        old, new = (wide, narrow) if self.old_is_wide else (narrow, wide)
        return f"{_place(at)}: {what} was {_said(old)} and is {_said(new)}"


def _type_of(schema: Json) -> str | None:
    if "type" in schema:
        return str(schema["type"])
    values = _values_of(schema) or []
    kinds = {_TYPES.get(type(value)) for value in values}
    return kinds.pop() if len(kinds) == 1 else None


def _values_of(schema: Json) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _list(values: list[Any]) -> str:
    return ", ".join(repr(value) for value in values)


def _said(value: object) -> str:
    return "not said" if value is None else str(value)


def _place(at: str) -> str:
    return at or "the whole"
