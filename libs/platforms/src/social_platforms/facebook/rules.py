"""What Facebook takes: the form of a post by its media, and every limit that can be checked before a call."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from social_platforms._core import ErrorCode, Finding, MediaItem, MediaKind, PostContent, PostKind, TextLength
from social_platforms.checks import media_findings, option_findings, problem, warning
from social_platforms.facebook.limits import (
    ALT_TEXT_LIMIT,
    FACTS,
    PICTURES_MAX,
    PNG_ADVICE,
    REEL_MAX_LENGTH,
    REEL_MIN_HEIGHT,
    REEL_MIN_LENGTH,
    REEL_MIN_WIDTH,
    REEL_RATIO,
    TEXT_LIMIT,
)

_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")
_RATIO_SLACK: Final = 0.01


def kind_of(content: PostContent) -> PostKind:
    """What the media make of it. A video that nobody looked at yet counts as an ordinary one."""
    if not content.media:
        return PostKind.TEXT
    if content.media[0].kind is not MediaKind.VIDEO:
        return PostKind.IMAGE
    return PostKind.REEL if is_reel(content.media[0]) else PostKind.VIDEO


def is_reel(item: MediaItem) -> bool:
    """True for an upright video of the length and form that reels have."""
    if item.mime != "video/mp4" or item.duration is None or not item.width or not item.height:
        return False
    is_upright = abs(item.width / item.height - REEL_RATIO) <= _RATIO_SLACK
    is_large = item.width >= REEL_MIN_WIDTH and item.height >= REEL_MIN_HEIGHT
    return is_upright and is_large and REEL_MIN_LENGTH <= item.duration <= REEL_MAX_LENGTH


def link_of(content: PostContent) -> str | None:
    """The link that the post is about, where one was given."""
    link = content.options.get("link")
    return link if isinstance(link, str) and link else None


def findings_of(content: PostContent) -> tuple[Finding, ...]:
    """Everything Facebook would refuse or bend."""
    return (
        *_text_findings(content),
        *_link_findings(content),
        *_mix_findings(content.media),
        *media_findings(content.media, FACTS.media, name=FACTS.name),
        *_item_findings(content.media),
        *option_findings(content.options, FACTS.options_schema),
    )


def text_length(content: PostContent) -> TextLength:
    """How much of its limit the text takes."""
    return TextLength(len(content.text), TEXT_LIMIT)


def _text_findings(content: PostContent) -> list[Finding]:
    findings = []
    if not content.text.strip() and not content.media and link_of(content) is None:
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", "A post needs a text, a link or media."))
    if _BROKEN.search(content.text):
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", "The text holds broken characters."))
    counted = text_length(content)
    if counted.length > counted.limit:
        words = f"The text has {counted.length} of {counted.limit} characters."
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", words))
    return findings


def _link_findings(content: PostContent) -> list[Finding]:
    link = link_of(content)
    if link is None:
        return []
    if content.media:
        words = "A post shows a link or media; with media the link can stand in the text."
        return [problem(ErrorCode.CONTENT_REJECTED, "options.link", words)]
    if not _is_address(link):
        words = "A link is a web address that starts with http:// or https://."
        return [problem(ErrorCode.CONTENT_REJECTED, "options.link", words)]
    return []


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and not any(sign.isspace() for sign in link)


def _mix_findings(media: Sequence[MediaItem]) -> list[Finding]:
    videos = sum(item.kind is MediaKind.VIDEO for item in media)
    if videos and len(media) > 1:
        words = "Facebook takes pictures or one video in a post, not both."
        return [problem(ErrorCode.MEDIA_REJECTED, "media", words)]
    if len(media) > PICTURES_MAX:
        return [problem(ErrorCode.MEDIA_REJECTED, "media", f"A post takes at most {PICTURES_MAX} pictures.")]
    return []


def _item_findings(media: Sequence[MediaItem]) -> list[Finding]:
    findings = []
    for position, item in enumerate(media):
        field = f"media.{position}"
        if len(item.alt_text) > ALT_TEXT_LIMIT:
            words = f"A description takes at most {ALT_TEXT_LIMIT} characters."
            findings.append(problem(ErrorCode.MEDIA_REJECTED, f"{field}.alt_text", words))
        elif item.alt_text and item.kind is MediaKind.VIDEO:
            words = "Facebook takes a description for pictures only."
            findings.append(warning(ErrorCode.MEDIA_REJECTED, f"{field}.alt_text", words))
        if item.mime == "image/png" and (item.size_bytes or 0) > PNG_ADVICE:
            words = "Facebook shows PNG files of more than 1 MB less clearly."
            findings.append(warning(ErrorCode.MEDIA_REJECTED, field, words))
    return findings
