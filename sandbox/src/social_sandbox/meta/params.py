"""Reading what a Graph call was given: from the query, a form or JSON, with lists in each of their spellings."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from social_sandbox.calls import Call, MalformedBody, Upload, read_json
from social_sandbox.meta.errors import InvalidParameter

_LONGEST_UNIX_TIME = 11
_FIRST_YEAR, _LAST_YEAR = 1970, 2999


async def read_params(call: Call) -> dict[str, Any]:
    """Return all parameters of a call; those of the body win."""
    params, _ = await read_params_and_files(call)
    return params


async def read_params_and_files(call: Call) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Return all parameters of a call and the files it carries."""
    params: dict[str, Any] = dict(call.query)
    files: dict[str, Upload] = {}
    try:
        if call.media_type == "application/json" and call.body:
            body = call.json()
            if not isinstance(body, dict):
                raise InvalidParameter("The body must be a JSON object.")
            params |= body
        elif call.media_type == "multipart/form-data":
            fields, files = await call.multipart()
            params |= fields
        else:
            params |= call.form()
    except MalformedBody as error:
        raise InvalidParameter("The body could not be read.") from error
    return params, files


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
        raise InvalidParameter(f"Param {name} must be a Unix time.")
    return datetime.fromtimestamp(int(text), UTC)


def moment_of(params: Mapping[str, Any], name: str) -> datetime | None:
    """Return a parameter that is a Unix time or a written one, which counts as UTC unless it says otherwise."""
    text = text_of(params, name)
    if not text or text.isdigit():
        return unix_of(params, name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidParameter(f"Param {name} must be a time.") from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise InvalidParameter(f"Param {name} must be a time.")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def flag_of(params: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    """Return whether a parameter says true."""
    return text_of(params, name, "true" if default else "false").lower() in {"true", "1"}


def list_of(params: Mapping[str, Any], name: str) -> list[str]:
    """Return a list parameter: JSON of a body, JSON as text, or separated by commas."""
    value = params.get(name, "")
    if isinstance(value, str) and value.startswith("["):
        try:
            value = read_json(value.encode())
        except MalformedBody as error:
            raise InvalidParameter(f"Param {name} must be an array.") from error
    if isinstance(value, list):
        return [str(item) for item in value]
    return [item.strip() for item in text_of(params, name).split(",") if item.strip()]


def object_of(value: object, name: str) -> dict[str, Any]:
    """Return a parameter that is a JSON object, as such or as text."""
    if isinstance(value, str):
        try:
            value = read_json(value.encode())
        except MalformedBody as error:
            raise InvalidParameter(f"Param {name} must be an object.") from error
    if not isinstance(value, dict):
        raise InvalidParameter(f"Param {name} must be an object.")
    return value


def objects_of(params: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of objects: one JSON array, or one parameter for each entry (`name[0]`, `name[1]`)."""
    value = params.get(name)
    if isinstance(value, str) and value:
        try:
            value = read_json(value.encode())
        except MalformedBody as error:
            raise InvalidParameter(f"Param {name} must be an array.") from error
    if value in (None, ""):
        indexed = [(int(match[1]), key) for key in params if (match := re.fullmatch(rf"{name}\[(\d{{1,4}})\]", key))]
        return [object_of(params[key], key) for _, key in sorted(indexed)]
    if isinstance(value, dict):
        value = [item for _, item in sorted(value.items())]
    if not isinstance(value, list):
        raise InvalidParameter(f"Param {name} must be an array.")
    return [object_of(item, f"{name}[{index}]") for index, item in enumerate(value)]
