"""What a video says of itself: title, description, tags with the one that finds it again, visibility."""

import re
from collections.abc import Mapping
from typing import Any, Final

from social_platforms._core import ErrorCode, Finding, JsonObject, MediaKind, PostContent, PostRef, TextLength
from social_platforms.checks import media_findings, option_findings, problem, warning
from social_platforms.youtube.limits import (
    DEFAULT_CATEGORY,
    DESCRIPTION_BYTES,
    FACTS,
    SHORT_UPLOADS,
    TAGS_LIMIT,
    TITLE_LIMIT,
)

_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")
_ANGLES: Final = re.compile("[<>]")
_SOME_POST: Final = PostRef("00000000-0000-0000-0000-000000000000")


def title_of(content: PostContent) -> str:
    """The title as it was given, else the text's first line."""
    given = content.options.get("title")
    if isinstance(given, str) and given.strip():
        return given
    first = next((line.strip() for line in content.text.splitlines() if line.strip()), "")
    return first if len(first) <= TITLE_LIMIT else first[: TITLE_LIMIT - 1].rstrip() + "…"


def mark_of(ref: PostRef) -> str:
    """The tag by which the video is known again after a doubt."""
    return f"ref-{ref.post_id}"


def tags_of(content: PostContent, ref: PostRef) -> list[str]:
    """The tags that were given, and ours."""
    given = content.options.get("tags")
    return (
        [*(tag for tag in given if isinstance(tag, str)), mark_of(ref)] if isinstance(given, list) else [mark_of(ref)]
    )


def tags_length(tags: list[str]) -> int:
    """The tags' characters as YouTube counts them: with the commas between them, and quotes where there is a space."""
    quotes = sum(2 for tag in tags if " " in tag)
    return sum(len(tag) for tag in tags) + quotes + max(len(tags) - 1, 0)


def privacy_of(content: PostContent) -> str:
    """The visibility that was asked for."""
    return str(content.options.get("privacy", "public"))


def body_of(content: PostContent, ref: PostRef) -> JsonObject:
    """The metadata an upload begins with; the visibility is always sent, because leaving it out means public."""
    return {
        "snippet": {
            "title": title_of(content),
            "description": content.text,
            "tags": tags_of(content, ref),
            "categoryId": str(content.options.get("category_id", DEFAULT_CATEGORY)),
        },
        "status": {
            "privacyStatus": privacy_of(content),
            "selfDeclaredMadeForKids": content.options.get("made_for_kids") is True,
        },
    }


def findings_of(content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Everything YouTube would refuse or bend."""
    return (
        *_title_findings(content),
        *_description_findings(content),
        *option_findings(content.options, FACTS.options_schema),
        *_option_findings(content),
        *_file_findings(content, facts),
    )


def _title_findings(content: PostContent) -> list[Finding]:
    title, field = title_of(content), "options.title"

    def refuse(words: str) -> Finding:
        return problem(ErrorCode.CONTENT_REJECTED, field, words)

    if not title:
        return [refuse("A video needs a title.")]
    findings = []
    if _ANGLES.search(title):
        findings.append(refuse("YouTube takes no < and > in a title."))
    if _BROKEN.search(title):
        findings.append(refuse("The title holds broken characters."))
    return findings


def text_length(content: PostContent) -> TextLength:
    """How much of its limit the description takes, in bytes."""
    return TextLength(len(content.text.encode(errors="replace")), DESCRIPTION_BYTES)


def _description_findings(content: PostContent) -> list[Finding]:
    description, counted, findings = content.text, text_length(content), []

    def refuse(words: str) -> None:
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", words))

    if _ANGLES.search(description):
        refuse("YouTube takes no < and > in a description.")
    if _BROKEN.search(description):
        refuse("The description holds broken characters.")
    if counted.length > counted.limit:
        refuse(
            f"The description has {counted.length} of {counted.limit} bytes;"
            " letters beyond the English ones take several."
        )
    return findings


def _option_findings(content: PostContent) -> list[Finding]:
    findings = []
    length = tags_length(tags_of(content, _SOME_POST))
    if length > TAGS_LIMIT:
        own = length - len(mark_of(_SOME_POST)) - 1
        words = f"The tags count {own} of {TAGS_LIMIT - (length - own)} characters, commas and quotes included."
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "options.tags", words))
    if any(_BROKEN.search(tag) for tag in tags_of(content, _SOME_POST)):
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "options.tags", "A tag holds broken characters."))
    category = content.options.get("category_id")
    if isinstance(category, str) and not (category.isascii() and category.isdigit()):
        words = "A category is named by its number at YouTube."
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "options.category_id", words))
    return findings


def _file_findings(content: PostContent, facts: Mapping[str, Any]) -> list[Finding]:
    findings = media_findings(content.media, FACTS.media, name="YouTube")
    if not any(item.kind is MediaKind.VIDEO for item in content.media):
        findings.append(problem(ErrorCode.MEDIA_REJECTED, "media", "YouTube publishes nothing without a video."))
        return findings
    if len(content.media) > 1:
        findings.append(problem(ErrorCode.MEDIA_REJECTED, "media", "YouTube takes exactly one video."))
    video = content.media[0]
    if video.alt_text and video.kind is MediaKind.VIDEO:
        words = "YouTube takes no description of a video's picture."
        findings.append(warning(ErrorCode.MEDIA_REJECTED, "media.0.alt_text", words))
    is_short_only = facts.get("longUploadsStatus") in {"eligible", "disallowed"}
    if is_short_only and video.duration is not None and video.duration > SHORT_UPLOADS:
        words = "The channel may not upload more than 15 minutes until its owner has confirmed a telephone number."
        findings.append(warning(ErrorCode.MEDIA_REJECTED, "media.0", words))
    return findings
