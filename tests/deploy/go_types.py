"""JSON Schemas of plain Go structs, as a generator writes them: fields with json tags, and texts with constants."""

import re
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]
_STRUCT: Final = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD: Final = re.compile(r'^\t\w+\s+(\S+)\s+`json:"(\w+)[^"]*"`', re.MULTILINE)
_TEXT: Final = re.compile(r"^type (\w+) string$", re.MULTILINE)
_PLAIN: Final = {"string": "string", "bool": "boolean", "int32": "integer", "int64": "integer", "float64": "number"}


def definitions(source: Path) -> dict[str, Json]:
    """A strict schema per type of the file: what a type does not name is refused."""
    text = source.read_text()
    found: dict[str, Json] = {}
    for name in _TEXT.findall(text):
        values = re.findall(rf'^\t\w+\s+{name} = "([^"]*)"$', text, re.MULTILINE)
        found[name] = {"type": "string"} | ({"enum": values} if values else {})
    for name, body in _STRUCT.findall(text):
        fields = {key: _schema(kind) for kind, key in _FIELD.findall(body)}
        found[name] = {"type": "object", "properties": fields, "additionalProperties": False}
    return found


def _schema(kind: str) -> Json:
    kind = kind.removeprefix("*")
    if kind.startswith("[]"):
        return {"type": "array", "items": _schema(kind[2:])}
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if kind.startswith("map[") or kind == "MapStringObject" or "." in kind:
        return {"type": "object"}
    return {"$ref": f"#/$defs/{kind}"}
