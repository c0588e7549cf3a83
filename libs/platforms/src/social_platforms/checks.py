"""Checks that every platform shares: media against its rules, options against its schema. Pure; no call is made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from social_platforms._core import ErrorCode, Finding, MediaItem, MediaReader, MediaRule, PlatformError

_TYPES: Final[Mapping[str, type]] = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
_WORDS: Final[Mapping[str, str]] = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "array": "a list",
    "object": "an object",
}
_MEGABYTE: Final = 1024 * 1024
_KILOBYTE: Final = 1024


def problem(code: ErrorCode, field: str, detail: str) -> Finding:
    """Something that the platform would refuse."""
    return Finding("problem", code.value, field, detail)


def warning(code: ErrorCode, field: str, detail: str) -> Finding:
    """Something that the platform would bend, or that may go wrong."""
    return Finding("warning", code.value, field, detail)


def media_findings(media: Sequence[MediaItem], rules: Iterable[MediaRule], *, name: str) -> list[Finding]:
    """What is wrong with each item by itself. What is not known of a file yet is not judged."""
    by_kind = {rule.kind: rule for rule in rules}
    findings = []
    for position, item in enumerate(media):
        field = f"media.{position}"
        rule = by_kind.get(item.kind)
        if rule is None:
            findings.append(problem(ErrorCode.MEDIA_REJECTED, field, f"{name} does not take a {item.kind} here."))
            continue
        findings += [problem(ErrorCode.MEDIA_REJECTED, field, words) for words in _faults(item, rule, name=name)]
    return findings


def _faults(item: MediaItem, rule: MediaRule, *, name: str) -> Iterable[str]:
    if item.mime is not None and item.mime not in rule.mimes:
        kinds = ", ".join(mime.split("/")[1].upper() for mime in rule.mimes)
        yield f"{name} takes a {item.kind} as {kinds} only."
    if item.size_bytes is not None and item.size_bytes > rule.max_bytes:
        yield f"The file is larger than {rule.max_bytes // _MEGABYTE} MB."
    if item.size_bytes is not None and item.size_bytes < rule.min_bytes:
        yield f"The file is smaller than {rule.min_bytes // _KILOBYTE} KB."
    if item.width and item.height:
        if item.width < rule.min_width or item.height < rule.min_height:
            yield f"{name} wants at least {rule.min_width} by {rule.min_height} pixels."
        if rule.max_pixels is not None and item.width * item.height > rule.max_pixels:
            yield f"The {item.kind} has more than {rule.max_pixels:,} pixels."
        ratio = item.width / item.height
        if (rule.min_ratio and ratio < rule.min_ratio) or (rule.max_ratio and ratio > rule.max_ratio):
            yield f"The {item.kind} is too tall or too wide for {name}."
    if item.duration is not None and rule.max_duration is not None and item.duration > rule.max_duration:
        yield f"The video is longer than {int(rule.max_duration.total_seconds())} seconds."
    if item.duration is not None and rule.min_duration is not None and item.duration < rule.min_duration:
        yield f"The video is shorter than {int(rule.min_duration.total_seconds())} seconds."


def option_findings(options: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with a target's options, by the schema that the platform's facts state.

    Of JSON Schema type, enum, minLength, maxLength, minimum, maximum, items, maxItems, properties and required are
    understood. Objects are closed.
    """
    return [
        problem(ErrorCode.CONTENT_REJECTED, field, words) for field, words in _option_faults(options, schema, "options")
    ]


def _option_faults(value: Any, rule: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    kind = rule["type"]
    if not _is_of(value, kind):
        yield field, f"This is to be {_WORDS[kind]}."
    elif "enum" in rule and value not in rule["enum"]:
        yield field, f"This can be {', '.join(rule['enum'])}."
    elif kind == "object":
        yield from _object_faults(value, rule, field)
    elif kind == "array":
        if len(value) > rule.get("maxItems", len(value)):
            yield field, f"This takes at most {rule['maxItems']} entries."
        for position, item in enumerate(value):
            yield from _option_faults(item, rule["items"], f"{field}.{position}")
    elif kind == "string" and not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value)):
        yield field, f"This takes {rule.get('minLength', 0)} to {rule.get('maxLength')} characters."
    elif kind == "integer" and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        yield field, f"This is to lie between {rule.get('minimum')} and {rule.get('maximum')}."


def _is_of(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, Mapping if kind == "object" else _TYPES[kind])


def _object_faults(value: Mapping[str, Any], rule: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    known: Mapping[str, Mapping[str, Any]] = rule["properties"]
    for key in rule.get("required", ()):
        if key not in value:
            yield f"{field}.{key}", "This is missing."
    for key, item in value.items():
        if key not in known:
            yield f"{field}.{key}", "There is no such option here."
        else:
            yield from _option_faults(item, known[key], f"{field}.{key}")


async def looked_at(item: MediaItem, media: MediaReader) -> MediaItem:
    """The item with its true type and size, read only when they are not known yet."""
    if item.mime is not None and item.size_bytes is not None:
        return item
    return await media.describe(item)


def refuse_problems(findings: Iterable[Finding]) -> None:
    """Raises the first problem among findings as a certain refusal."""
    for finding in findings:
        if finding.severity == "problem":
            raise PlatformError(ErrorCode(finding.code), finding.detail, action=f"Change {finding.field}.")
