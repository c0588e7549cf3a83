"""Google's own API descriptions, as its client library carries them, and what they say about an answer."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator


@cache
def description(name: str) -> dict[str, Any]:
    """The description of an API, such as `youtube.v3`."""
    folder = files("googleapiclient.discovery_cache") / "documents"
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


def method(name: str, resource: str, verb: str) -> dict[str, Any]:
    """One method of an API."""
    found: dict[str, Any] = description(name)["resources"][resource]["methods"][verb]
    return found


@cache
def validator(name: str, schema: str) -> Draft202012Validator:
    """What holds an answer against a schema: types, closed sets, and no name that Google does not have."""
    schemas = description(name)["schemas"]
    return Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": {key: _closed(schemas[key]) for key in schemas}})


def check(name: str, schema: str, answer: Any) -> None:
    """Fail unless an answer is what the description says."""
    validator(name, schema).validate(answer)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the discovery format in the words of JSON Schema."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    made: dict[str, Any] = {} if schema.get("type", "any") == "any" else {"type": schema["type"]}
    if "enum" in schema:
        made["enum"] = schema["enum"]
    if "items" in schema:
        made["items"] = _closed(schema["items"])
    if schema.get("format") in {"int64", "uint64"}:
        made["pattern"] = "^[0-9]+$"
    if "properties" in schema:
        made["properties"] = {key: _closed(value) for key, value in schema["properties"].items()}
        made["additionalProperties"] = False
    return made
