"""Google's own descriptions of its APIs, and whether a recorded request is one that they describe."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, unquote

_PLACEHOLDER = re.compile(r"\{(\+?)(\w+)\}")
# The guide and Google's own client upload at /upload/…; the description calls that path a "resumable" one.
_UPLOAD = re.compile(r"^(?:/resumable)?/upload")


@cache
def description(name: str) -> Mapping[str, Any]:
    """The description of that name and version, as Google's client carries it."""
    path = files("googleapiclient.discovery_cache").joinpath("documents", f"{name}.json")
    document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _methods(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


def _pattern(document: Mapping[str, Any], method: Mapping[str, Any]) -> re.Pattern[str]:
    """The method's path with its parameters; a reserved one holds slashes, and its own pattern counts."""
    full, last, written = f"/{document['servicePath']}{method['path']}", 0, ""
    for found in _PLACEHOLDER.finditer(full):
        inner = method["parameters"][found[2]].get("pattern", ".+" if found[1] else "[^/]+")
        written += re.escape(full[last : found.start()]) + inner.removeprefix("^").removesuffix("$")
        last = found.end()
    return re.compile(written + re.escape(full[last:]))


def method_of(document: Mapping[str, Any], request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one method that the request's verb and path name."""
    path = _UPLOAD.sub("", unquote(request["raw_path"]).partition(request["host"])[2] or request["raw_path"])
    named = [
        method
        for method in _methods(document)
        if method["httpMethod"] == request["method"] and _pattern(document, method).fullmatch(path)
    ]
    assert len(named) == 1, (request["method"], path, [method["id"] for method in named])
    return named[0]


def check_request(name: str, request: Mapping[str, Any]) -> str:
    """The id of the method that the request is; AssertionError where it is not as the description says."""
    document = description(name)
    method = method_of(document, request)
    known = {**document["parameters"], **method.get("parameters", {})}
    sent = parse_qs(request["raw_query"], strict_parsing=True) if request["raw_query"] else {}
    uploads = {"uploadType"} if method.get("supportsMediaUpload") else set()
    assert set(sent) - uploads <= set(known), (method["id"], sent)
    for parameter, rule in method.get("parameters", {}).items():
        if rule["location"] == "query":
            assert not rule.get("required") or parameter in sent, (method["id"], parameter)
            assert rule.get("repeated") or len(sent.get(parameter, [])) <= 1, (method["id"], parameter)
    for parameter, values in sent.items():
        _check_values(method["id"], parameter, values, known.get(parameter, {}))
    if method.get("request") and request["body"]:
        check_body(document, method["request"]["$ref"], json.loads(request["body"]))
    return str(method["id"])


def _check_values(method: str, parameter: str, values: list[str], rule: Mapping[str, Any]) -> None:
    for value in values:
        assert "enum" not in rule or value in rule["enum"], (method, parameter, value)
        if rule.get("type") == "integer":
            number = int(value)
            assert int(rule.get("minimum", number)) <= number <= int(rule.get("maximum", number)), (method, parameter)
        if rule.get("type") == "boolean":
            assert value in {"true", "false"}, (method, parameter, value)


def check_body(document: Mapping[str, Any], schema: str, body: Any, *, where: str = "body") -> None:
    """Every field of a body is one that the schema names, of its type, none of them read-only."""
    properties = document["schemas"][schema]["properties"]
    assert isinstance(body, dict), where
    for key, value in body.items():
        assert key in properties, f"{where}.{key}"
        rule = properties[key]
        assert not rule.get("readOnly"), f"{where}.{key}"
        _check_field(document, rule, value, where=f"{where}.{key}")


def _check_field(document: Mapping[str, Any], rule: Mapping[str, Any], value: Any, *, where: str) -> None:
    if "$ref" in rule:
        check_body(document, rule["$ref"], value, where=where)
        return
    kinds = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict, "number": float}
    assert isinstance(value, kinds[rule["type"]]), where
    assert "enum" not in rule or value in rule["enum"], where
    if isinstance(value, list):
        for position, item in enumerate(value):
            _check_field(document, rule["items"], item, where=f"{where}.{position}")
