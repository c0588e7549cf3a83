"""Checks that every platform shares: media against its rules, options against its schema. Pure; no call is made."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from social_platforms._core import ErrorCode, Finding, MediaItem, MediaKind, MediaReader, MediaRule, PlatformError

_TYPES: Final[Mapping[str, type]] = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
_WORDS: Final[Mapping[str, str]] = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "array": "a list",
    "object": "an object",
}
_ARTICLES: Final = {MediaKind.IMAGE: "an image", MediaKind.GIF: "a moving GIF", MediaKind.VIDEO: "a video"}


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
            words = f"{name} does not take {_ARTICLES[item.kind]} here."
            findings.append(problem(ErrorCode.MEDIA_REJECTED, field, words))
            continue
        findings += [problem(ErrorCode.MEDIA_REJECTED, field, words) for words in _faults(item, rule, name=name)]
    return findings


def _faults(item: MediaItem, rule: MediaRule, *, name: str) -> Iterator[str]:
    if item.mime is not None and item.mime not in rule.mimes:
        kinds = ", ".join(_format(mime) for mime in rule.mimes)
        yield f"{name} takes {_ARTICLES[item.kind]} as {kinds} only; this one is {_format(item.mime)}."
    if item.size_bytes is not None and item.size_bytes > rule.max_bytes:
        yield f"The file has {_size(item.size_bytes)}; {name} takes at most {_size(rule.max_bytes)}."
    if item.size_bytes is not None and item.size_bytes < rule.min_bytes:
        yield f"The file has {_size(item.size_bytes)}; {name} wants at least {_size(rule.min_bytes)}."
    if item.width and item.height:
        yield from _faults_of_size(item, rule, (item.width, item.height), name=name)
    if item.frames is not None and rule.max_frames is not None and item.frames > rule.max_frames:
        yield f"The {item.kind} has {item.frames:,} frames; {name} takes at most {rule.max_frames:,}."
    if _is_of_unknown_length(item) and rule.max_duration is not None:
        yield f"How long the video is cannot be read from the file; {name} takes none that does not say it."
    if item.duration is not None and rule.max_duration is not None and item.duration > rule.max_duration:
        yield f"The video lasts {_length(item.duration)}; {name} takes at most {_length(rule.max_duration)}."
    if item.duration is not None and rule.min_duration is not None and item.duration < rule.min_duration:
        yield f"The video lasts {_length(item.duration)}; {name} wants at least {_length(rule.min_duration)}."


def _is_of_unknown_length(item: MediaItem) -> bool:
    """True for a video that was looked at, and does not say how long it is."""
    return item.kind is MediaKind.VIDEO and item.mime is not None and bool(item.size_bytes) and item.duration is None


def _faults_of_size(item: MediaItem, rule: MediaRule, size: tuple[int, int], *, name: str) -> Iterator[str]:
    width, height = size
    has = f"The {item.kind} has {width} by {height} pixels"
    if width < rule.min_width or height < rule.min_height:
        yield f"{has}; {name} wants at least {rule.min_width} by {rule.min_height}."
    limits = (rule.max_width or width, rule.max_height or height)
    is_large = width > limits[0] or height > limits[1]
    if is_large and not (rule.turnable and height <= limits[0] and width <= limits[1]):
        yield f"{has}; {name} takes at most {limits[0]} by {limits[1]}{', or turned' if rule.turnable else ''}."
    if rule.max_pixels is not None and width * height > rule.max_pixels:
        yield f"{has}; {name} takes at most {rule.max_pixels:,} in all."
    if rule.max_frame_pixels is not None and width * height * (item.frames or 1) > rule.max_frame_pixels:
        yield f"{has} in each of {item.frames} frames; {name} takes at most {rule.max_frame_pixels:,} in all of them."
    ratio = width / height
    if (rule.min_ratio and ratio < rule.min_ratio) or (rule.max_ratio and ratio > rule.max_ratio):
        bounds = f"between {rule.min_ratio or 0:.3g} and {rule.max_ratio or math.inf:.3g} times as wide as high"
        yield f"{has}, {ratio:.3g} times as wide as high; {name} takes what is {bounds}."


def _format(mime: str) -> str:
    return mime.partition("/")[2].upper()


def _size(count: int) -> str:
    """Bytes in the largest unit that keeps the figure readable."""
    for unit, name in ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB")):
        if count >= unit:
            return f"{count / unit:.4g} {name}"
    return f"{count} bytes"


def _length(duration: timedelta) -> str:
    return f"{duration.total_seconds():,.10g} seconds"


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
