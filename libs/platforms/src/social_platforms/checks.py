"""Checks that every platform shares: media against its rules, options against its schema. Pure; no call is made."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from social_platforms._core import ErrorCode, Finding, MediaItem, MediaReader, MediaRule, PlatformError

_TYPES: Final[Mapping[str, type]] = {"string": str, "boolean": bool, "array": list, "object": dict}
_MEGABYTE: Final = 1024 * 1024


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
    if item.width and item.height:
        ratio = item.width / item.height
        if (rule.min_ratio and ratio < rule.min_ratio) or (rule.max_ratio and ratio > rule.max_ratio):
            yield f"The {item.kind} is too tall or too wide for {name}."
    if item.duration is not None and rule.max_duration is not None and item.duration > rule.max_duration:
        yield f"The video is longer than {int(rule.max_duration.total_seconds())} seconds."


def option_findings(options: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with a target's options, by the flat schemas that platforms state."""
    known: Mapping[str, Mapping[str, Any]] = schema["properties"]
    findings = []
    for key, value in options.items():
        rule = known.get(key)
        if rule is None:
            findings.append(problem(ErrorCode.CONTENT_REJECTED, f"options.{key}", "There is no such option here."))
        elif words := _option_fault(value, rule):
            findings.append(problem(ErrorCode.CONTENT_REJECTED, f"options.{key}", words))
    return findings


def _option_fault(value: Any, rule: Mapping[str, Any]) -> str | None:
    if not isinstance(value, _TYPES[rule["type"]]):
        return f"This is to be a {rule['type']}."
    if "enum" in rule and value not in rule["enum"]:
        return f"This can be {', '.join(rule['enum'])}."
    if isinstance(value, str) and not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value)):
        return f"This takes {rule.get('minLength', 0)} to {rule.get('maxLength')} characters."
    return None


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
