"""What LinkedIn takes: everything that can be checked before a call."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from social_platforms._core import (
    ErrorCode,
    Finding,
    MediaItem,
    MediaKind,
    PlaceKind,
    PostContent,
    PostKind,
    TextLength,
)
from social_platforms.checks import media_findings, option_findings, problem, warning
from social_platforms.linkedin.errors import NAME
from social_platforms.linkedin.limits import ALT_TEXT_LIMIT, FACTS, IMAGES_MAX, TEXT_LIMIT
from social_platforms.linkedin.littletext import escaped

_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")
_CONNECTIONS: Final = "CONNECTIONS"


def kind_of(content: PostContent) -> PostKind:
    """The form by what is attached; several pictures are still a post with pictures."""
    if not content.media:
        return PostKind.TEXT
    return PostKind.VIDEO if content.media[0].kind is MediaKind.VIDEO else PostKind.IMAGE


def findings_of(content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Everything LinkedIn would refuse or bend; `kind` among the facts tells a member from an organisation."""
    return (
        *_text_findings(content),
        *_mix_findings(content.media),
        *media_findings(content.media, FACTS.media, name=NAME),
        *_alt_text_findings(content.media),
        *option_findings(content.options, FACTS.options_schema),
        *_visibility_findings(content.options, facts.get("kind")),
    )


def text_length(content: PostContent) -> TextLength:
    """How much of its limit the text takes."""
    return TextLength(len(escaped(content.text)), TEXT_LIMIT)


def _text_findings(content: PostContent) -> list[Finding]:
    words = content.text
    if not words.strip():
        if content.media:
            return []
        return [problem(ErrorCode.CONTENT_REJECTED, "content", "A post needs a text or media.")]
    findings = []
    if _BROKEN.search(words):
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", "The text holds broken characters."))
    counted = text_length(content)
    if counted.length > counted.limit:
        detail = (
            f"The text counts {counted.length} of {counted.limit} characters:"
            " brackets and signs such as @ _ * count two."
        )
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", detail))
    elif len(escaped(words).encode("utf-16-le", "surrogatepass")) // 2 > TEXT_LIMIT:
        detail = "LinkedIn does not say how it counts emoji; with each as two this text is too long for it."
        findings.append(warning(ErrorCode.CONTENT_REJECTED, "content", detail))
    return findings


def _mix_findings(media: Sequence[MediaItem]) -> list[Finding]:
    def refuse(detail: str) -> list[Finding]:
        return [problem(ErrorCode.MEDIA_REJECTED, "media", detail)]

    videos = sum(item.kind is MediaKind.VIDEO for item in media)
    if videos and len(media) > 1:
        return refuse("LinkedIn takes one video, or pictures, in a post.")
    if len(media) > IMAGES_MAX:
        return refuse(f"LinkedIn takes at most {IMAGES_MAX} pictures in a post.")
    return []


def _alt_text_findings(media: Sequence[MediaItem]) -> list[Finding]:
    findings = []
    for position, item in enumerate(media):
        field = f"media.{position}.alt_text"
        if len(item.alt_text) > ALT_TEXT_LIMIT:
            detail = f"A description takes at most {ALT_TEXT_LIMIT} characters."
            findings.append(problem(ErrorCode.MEDIA_REJECTED, field, detail))
        elif _BROKEN.search(item.alt_text):
            findings.append(problem(ErrorCode.MEDIA_REJECTED, field, "The description holds broken characters."))
        elif item.alt_text and item.kind is MediaKind.VIDEO:
            findings.append(warning(ErrorCode.MEDIA_REJECTED, field, "LinkedIn takes no description for a video."))
    return findings


def _visibility_findings(options: Mapping[str, Any], kind: object) -> list[Finding]:
    if options.get("visibility") != _CONNECTIONS or kind == PlaceKind.MEMBER.value:
        return []
    field, detail = "options.visibility", "Only a member's post can be for connections; a Page has none."
    if kind == PlaceKind.ORGANIZATION.value:
        return [problem(ErrorCode.CONTENT_REJECTED, field, detail)]
    return [warning(ErrorCode.CONTENT_REJECTED, field, detail)]
