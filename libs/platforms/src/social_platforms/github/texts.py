"""What a post looks like at GitHub: a title, Markdown with links to its media, a mark that finds it again, a tag."""

import re
from typing import Any, Final

from social_platforms._core import ErrorCode, Finding, MediaItem, PostContent, PostKind, PostRef, TextLength
from social_platforms.checks import media_findings, option_findings, problem
from social_platforms.github.limits import BODY_LIMIT, FACTS, MEDIA_LIMIT, TAG_LIMIT, TITLE_LIMIT
from social_platforms.hosts import is_public_link

_DERIVED_TITLE: Final = 120
_MARKUP: Final = re.compile(r"^[#>*\s-]+")
_SOME_POST: Final = PostRef("00000000-0000-0000-0000-000000000000")
_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")
_BAD_TAG: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/.-]|[/.]$|\.lock$|/\.|^@$")


def kind_of(content: PostContent) -> PostKind:
    """A discussion unless a release is asked for; never one instead of the other."""
    return PostKind.RELEASE if content.options.get("kind") == "release" else PostKind.DISCUSSION


def title_of(content: PostContent) -> str:
    """The title that was given, else the text's first line."""
    given = content.options.get("title")
    if isinstance(given, str) and given.strip():
        return given.strip()
    lines = [_MARKUP.sub("", line).strip() for line in content.text.splitlines()]
    first = next((line for line in lines if line), "News")
    return first if len(first) <= _DERIVED_TITLE else first[: _DERIVED_TITLE - 1].rstrip() + "…"


def mark_of(ref: PostRef) -> str:
    """An invisible mark in the body, by which the post is known again after a doubt."""
    return f"<!-- ref:{ref.post_id} -->"


def tag_of(content: PostContent, ref: PostRef) -> str:
    """The tag that was given, else one that only this post has."""
    given = content.options.get("tag")
    return given if isinstance(given, str) and given else f"news-{ref.post_id}"


def body_of(content: PostContent, ref: PostRef) -> str:
    """The Markdown: text, links to the media, mark."""
    pictures = "\n\n".join(_picture(item) for item in content.media)
    return "\n\n".join(part for part in (content.text.strip(), pictures, mark_of(ref)) if part)


def _picture(item: MediaItem) -> str:
    label = re.sub(r"([\\\[\]])", r"\\\1", " ".join(item.alt_text.split()))
    url = item.url
    for character in "()<> ":
        url = url.replace(character, f"%{ord(character):02X}")
    return f"![{label}]({url})"


def findings_of(content: PostContent, facts: Any) -> tuple[Finding, ...]:
    """Everything GitHub would refuse or bend."""
    findings = [
        *_text_findings(content),
        *media_findings(content.media, FACTS.media, name="GitHub"),
        *option_findings(content.options, FACTS.options_schema),
    ]
    if len(content.media) > MEDIA_LIMIT:
        findings.append(problem(ErrorCode.MEDIA_REJECTED, "media", f"A post links at most {MEDIA_LIMIT} media."))
    for position, item in enumerate(content.media):
        if not is_public_link(item.url):
            words = "A post links to its media: the address is to be public and https."
            findings.append(problem(ErrorCode.MEDIA_REJECTED, f"media.{position}.url", words))
    tag = content.options.get("tag")
    if isinstance(tag, str) and (len(tag) > TAG_LIMIT or _BAD_TAG.search(tag)):
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "options.tag", "This cannot be the name of a tag."))
    if kind_of(content) is PostKind.DISCUSSION and facts.get("has_discussions") is False:
        words = "Discussions are switched off in this repository; switch them on in its settings."
        findings.append(problem(ErrorCode.DESTINATION_GONE, "options.kind", words))
    return tuple(findings)


def text_length(content: PostContent) -> TextLength:
    """How much of its limit the body takes; every mark is as long as any other."""
    return TextLength(len(body_of(content, _SOME_POST)), BODY_LIMIT)


def _text_findings(content: PostContent) -> list[Finding]:
    findings = []
    if not content.text.strip() and not content.media:
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", "A post needs a text."))
    if _BROKEN.search(content.text):
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", "The text holds broken characters."))
    counted = text_length(content)
    if counted.length > counted.limit:
        words = f"With its links the text has {counted.length} of {counted.limit} characters."
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", words))
    if len(title_of(content)) > TITLE_LIMIT:
        words = f"A title takes at most {TITLE_LIMIT} characters."
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "options.title", words))
    return findings
