"""What Instagram takes: the form of a post by its media, and every limit that can be checked before a call."""

import re
from collections.abc import Sequence
from typing import Final

from social_platforms._core import (
    ErrorCode,
    Finding,
    MediaItem,
    MediaKind,
    MediaRule,
    PostContent,
    PostKind,
    TextLength,
)
from social_platforms.checks import media_findings, option_findings, problem, warning
from social_platforms.hosts import is_public_link
from social_platforms.instagram.limits import (
    ALT_TEXT_LIMIT,
    CAPTION_LIMIT,
    CAROUSEL_MAX,
    CAROUSEL_MIN,
    FACTS,
    HASHTAG_ADVICE,
    HASHTAG_LIMIT,
    IMAGE_BYTES,
    MENTION_LIMIT,
    REEL_MIN_LENGTH,
    STORY_MAX_LENGTH,
    STORY_VIDEO_BYTES,
    VIDEO_MAX_RATIO,
    VIDEO_MIN_RATIO,
    VIDEO_WIDTH,
)

# Instagram does not say what exactly counts; counted is whatever might.
_HASHTAG: Final = re.compile(r"(?<!\w)#\w+")
_MENTION: Final = re.compile(r"(?<!\w)@[\w.]+")
_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")
_STORY_RULES: Final = (
    MediaRule(MediaKind.IMAGE, ("image/jpeg",), max_bytes=IMAGE_BYTES, max_count=1),
    MediaRule(
        MediaKind.VIDEO,
        ("video/mp4", "video/quicktime"),
        max_bytes=STORY_VIDEO_BYTES,
        max_count=1,
        max_duration=STORY_MAX_LENGTH,
        min_duration=REEL_MIN_LENGTH,
        min_ratio=VIDEO_MIN_RATIO,
        max_ratio=VIDEO_MAX_RATIO,
        max_width=VIDEO_WIDTH,
    ),
)


def kind_of(content: PostContent) -> PostKind:
    """What the option asks for, else what the media make of it."""
    match content.options.get("media_type", "auto"):
        case "STORIES":
            return PostKind.STORY
        case "REELS":
            return PostKind.REEL
        case "CAROUSEL":
            return PostKind.CAROUSEL
    if len(content.media) > 1:
        return PostKind.CAROUSEL
    if content.media and content.media[0].kind is MediaKind.VIDEO:
        return PostKind.REEL
    return PostKind.IMAGE


def findings_of(content: PostContent) -> tuple[Finding, ...]:
    """Everything Instagram would refuse or bend."""
    kind = kind_of(content)
    rules = _STORY_RULES if kind is PostKind.STORY else FACTS.media
    return (
        *_caption_findings(content, kind),
        *_count_findings(content.media, kind),
        *media_findings(content.media, rules, name="Instagram"),
        *_item_findings(content.media),
        *option_findings(content.options, FACTS.options_schema),
    )


def text_length(content: PostContent) -> TextLength:
    """How much of its limit the text takes."""
    return TextLength(len(content.text), CAPTION_LIMIT)


def _caption_findings(content: PostContent, kind: PostKind) -> list[Finding]:
    caption, counted, findings = content.text, text_length(content), []

    def refuse(words: str) -> None:
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", words))

    if kind is PostKind.STORY and caption.strip():
        findings.append(warning(ErrorCode.CONTENT_REJECTED, "content", "A story shows no caption."))
    if _BROKEN.search(caption):
        refuse("The caption holds broken characters.")
    if counted.length > counted.limit:
        refuse(f"The caption has {counted.length} of {counted.limit} characters.")
    hashtags = len(_HASHTAG.findall(caption))
    if hashtags > HASHTAG_LIMIT:
        refuse(f"The caption has {hashtags} of {HASHTAG_LIMIT} hashtags.")
    elif hashtags > HASHTAG_ADVICE:
        words = f"Instagram advises at most {HASHTAG_ADVICE} hashtags and may refuse more."
        findings.append(warning(ErrorCode.CONTENT_REJECTED, "content", words))
    mentions = len(_MENTION.findall(caption))
    if mentions > MENTION_LIMIT:
        refuse(f"The caption mentions {mentions} of {MENTION_LIMIT} accounts.")
    return findings


def _count_findings(media: Sequence[MediaItem], kind: PostKind) -> list[Finding]:
    def refuse(words: str) -> list[Finding]:
        return [problem(ErrorCode.MEDIA_REJECTED, "media", words)]

    if not media:
        return refuse("Instagram publishes nothing without a picture or a video.")
    if kind is PostKind.CAROUSEL and not CAROUSEL_MIN <= len(media) <= CAROUSEL_MAX:
        return refuse(f"A carousel takes {CAROUSEL_MIN} to {CAROUSEL_MAX} items.")
    if kind is not PostKind.CAROUSEL and len(media) > 1:
        return refuse("A reel or a story takes one item.")
    if kind is PostKind.REEL and media[0].kind is not MediaKind.VIDEO:
        return refuse("A reel takes a video.")
    return []


def _item_findings(media: Sequence[MediaItem]) -> list[Finding]:
    findings = []
    for position, item in enumerate(media):
        field = f"media.{position}"
        if not is_public_link(item.url):
            words = "Instagram fetches media itself, from a public https address in plain letters."
            findings.append(problem(ErrorCode.MEDIA_REJECTED, f"{field}.url", words))
        if len(item.alt_text) > ALT_TEXT_LIMIT:
            words = f"A description takes at most {ALT_TEXT_LIMIT} characters."
            findings.append(problem(ErrorCode.MEDIA_REJECTED, f"{field}.alt_text", words))
        elif item.alt_text and item.kind is not MediaKind.IMAGE:
            words = "Instagram takes a description for pictures only."
            findings.append(warning(ErrorCode.MEDIA_REJECTED, f"{field}.alt_text", words))
    return findings
