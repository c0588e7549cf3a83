"""Field masks: which fields of a resource to show or to change."""

import copy
from collections.abc import Collection, Mapping
from typing import Any

from social_sandbox.google.errors import invalid_argument


def read_mask(text: str, *, field: str, known: Collection[str]) -> list[list[str]]:
    """The paths of a mask; it is required, and every path begins with a known field."""
    paths = [part.strip().split(".") for part in text.split(",") if part.strip()]
    if not paths:
        raise invalid_argument(field, f"{field} is required")
    for path in paths:
        if path[0] not in known or not all(path):
            raise invalid_argument(field, f"Invalid field mask provided: {'.'.join(path)}")
    return paths


def select(resource: Mapping[str, Any], paths: list[list[str]]) -> dict[str, Any]:
    """What a mask leaves of a resource."""
    chosen: dict[str, Any] = {}
    for path in paths:
        source: Any = resource
        target = chosen
        for name in path[:-1]:
            source = source.get(name) if isinstance(source, Mapping) else None
            if source is None:
                break
            target = target.setdefault(name, {})
        if isinstance(source, Mapping) and path[-1] in source:
            target[path[-1]] = copy.deepcopy(source[path[-1]])
    return chosen


def merge(old: Mapping[str, Any], new: Mapping[str, Any], *, paths: list[list[str]]) -> dict[str, Any]:
    """The old resource with the masked fields of the new one; what the new one lacks is cleared."""
    merged = copy.deepcopy(dict(old))
    for path in paths:
        source: Any = new
        target: Any = merged
        for name in path[:-1]:
            source = source.get(name, {}) if isinstance(source, Mapping) else {}
            target = target.setdefault(name, {})
        if isinstance(source, Mapping) and path[-1] in source:
            target[path[-1]] = copy.deepcopy(source[path[-1]])
        else:
            target.pop(path[-1], None)
    return merged
