"""Reading what a Graph call was given: from the query, a form or JSON, with lists in each of their spellings."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from social_sandbox.calls import Call, MalformedBody, read_json
from social_sandbox.instagram.errors import invalid_parameter

_LONGEST_UNIX_TIME = 11
Fields = dict[str, "Fields"]


async def read_params(call: Call) -> dict[str, Any]:
    """Return all parameters of a call; those of the body win."""
    params: dict[str, Any] = dict(call.query)
    try:
        if call.media_type == "application/json" and call.body:
            body = call.json()
            if not isinstance(body, dict):
                raise invalid_parameter("The body must be a JSON object.")
            params |= body
        elif call.media_type == "multipart/form-data":
            fields, _ = await call.multipart()
            params |= fields
        else:
            params |= call.form()
    except MalformedBody as error:
        raise invalid_parameter("The body could not be read.") from error
    return params


def text_of(params: Mapping[str, Any], name: str, default: str = "") -> str:
    """Return a parameter as text; numbers and booleans of JSON count as what they say."""
    value = params.get(name, default)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def unix_of(params: Mapping[str, Any], name: str) -> datetime | None:
    """Return a parameter that is a Unix time, in UTC; nothing where it is not given."""
    text = text_of(params, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_UNIX_TIME):
        raise invalid_parameter(f"Param {name} must be a Unix time.")
    return datetime.fromtimestamp(int(text), UTC)


def flag_of(params: Mapping[str, Any], name: str) -> bool:
    """Return whether a parameter says true."""
    return text_of(params, name, "false").lower() in {"true", "1"}


def list_of(params: Mapping[str, Any], name: str) -> list[str]:
    """Return a list parameter: JSON of a body, JSON as text, or separated by commas."""
    value = params.get(name, "")
    if isinstance(value, str) and value.startswith("["):
        try:
            value = read_json(value.encode())
        except MalformedBody as error:
            raise invalid_parameter(f"Param {name} must be an array.") from error
    if isinstance(value, list):
        return [str(item) for item in value]
    return [item.strip() for item in text_of(params, name).split(",") if item.strip()]


def fields_of(params: Mapping[str, Any], name: str = "fields") -> Fields:
    """Return the tree of a `fields` parameter: `id,children{id,media_type}`."""
    text = ",".join(list_of(params, name)) if text_of(params, name).startswith("[") else text_of(params, name)
    characters = iter(text.replace(" ", ""))
    return _fields(characters, name)


def _fields(characters: Iterator[str], name: str) -> Fields:
    found: Fields = {}
    word = ""
    for character in characters:
        if character == "{":
            found[word] = _fields(characters, name)
            word = ""
        elif character in ",}":
            if word:
                found.setdefault(word, {})
            word = ""
            if character == "}":
                return found
        else:
            word += character
    if word:
        found.setdefault(word, {})
    return found


def select(values: Mapping[str, Any], fields: Fields, *, known: frozenset[str], node: str) -> dict[str, Any]:
    """Return the asked fields of a node and always its id; a field the node never has is refused."""
    for name in fields:
        if name not in known:
            raise invalid_parameter(f"Tried accessing nonexisting field ({name}) on node type ({node})")
    chosen = {name: values[name] for name in fields if name in values}
    return chosen | ({"id": values["id"]} if "id" in values else {})
