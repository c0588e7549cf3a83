"""What a local post looks like at Google, and every limit that can be checked before a call."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from social_platforms._core import (
    ErrorCode,
    Finding,
    JsonObject,
    MediaItem,
    MediaKind,
    PostContent,
    PostRef,
    TextLength,
)
from social_platforms.answers import link
from social_platforms.checks import media_findings, option_findings, problem, warning
from social_platforms.google.limits import EVENT_TITLE_ADVICE, FACTS, SUMMARY_LIMIT
from social_platforms.hosts import is_public_link

_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")
_MARK: Final = "utm_content"
# Seven digits and more with the separators that people write between them; a date is none.
_PHONE: Final = re.compile(r"(?<![\w/.,-])(?!\d{4}-\d\d-\d\d)\+?\(?\d(?:[ ().\-/]{0,2}\d){6,14}(?![\w])")
_CALL: Final = "CALL"


def topic_of(content: PostContent) -> str:
    """The kind of post that was asked for."""
    return str(content.options.get("topic_type", "STANDARD"))


def body_of(content: PostContent, ref: PostRef, *, language: object) -> JsonObject:
    """The post as it is created. A link in it carries the mark by which the post is known again."""
    topic = topic_of(content)
    body: JsonObject = {"topicType": topic}
    if isinstance(language, str) and language:
        body["languageCode"] = language
    if content.text.strip():
        body["summary"] = content.text
    action, event, offer = (_option(content, name) for name in ("call_to_action", "event", "offer"))
    if action and topic != "OFFER":
        body["callToAction"] = {"actionType": action["type"]} | _link("url", action.get("url"), ref)
    if event:
        body["event"] = _event(event)
    if offer:
        body["offer"] = (
            _plain("couponCode", offer.get("coupon_code"))
            | _link("redeemOnlineUrl", offer.get("redeem_online_url"), ref)
            | _plain("termsConditions", offer.get("terms_conditions"))
        )
    if content.media:
        body["media"] = [{"mediaFormat": "PHOTO", "sourceUrl": content.media[0].url}]
    return body


def is_marked(body: Mapping[str, Any], ref: PostRef) -> bool:
    """True where a link of the post carries our mark."""
    action, offer = body.get("callToAction"), body.get("offer")
    found = (
        action.get("url") if isinstance(action, dict) else None,
        offer.get("redeemOnlineUrl") if isinstance(offer, dict) else None,
    )
    return any(ref.post_id in _marks(url) for url in found if isinstance(url, str))


def _marks(url: str) -> list[str]:
    try:
        return [value for name, value in parse_qsl(urlsplit(url).query) if name == _MARK]
    except ValueError:
        return []


def _option(content: PostContent, name: str) -> Mapping[str, Any]:
    found = content.options.get(name)
    return found if isinstance(found, Mapping) else {}


def _plain(name: str, value: object) -> JsonObject:
    return {name: value} if value else {}


def _link(name: str, url: object, ref: PostRef) -> JsonObject:
    """A link with the mark; one whose owner counts by that name already stays as it is."""
    if not isinstance(url, str) or not url:
        return {}
    if any(part.partition("=")[0] == _MARK for part in urlsplit(url).query.split("&")):
        return {name: url}
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode({_MARK: ref.post_id})) if part)
    return {name: urlunsplit(parts._replace(query=query))}


def _event(event: Mapping[str, Any]) -> JsonObject:
    schedule = event["schedule"]
    return {
        "title": event["title"],
        "schedule": {
            "startDate": dict(schedule["start_date"]),
            "startTime": {**schedule["start_time"], "seconds": 0, "nanos": 0},
            "endDate": dict(schedule["end_date"]),
            "endTime": {**schedule["end_time"], "seconds": 0, "nanos": 0},
        },
    }


def findings_of(content: PostContent) -> tuple[Finding, ...]:
    """Everything Google would refuse or bend."""
    shape = option_findings(content.options, FACTS.options_schema)
    return (
        *_summary_findings(content),
        *media_findings(content.media, FACTS.media, name="Google"),
        *_photo_findings(content.media),
        *shape,
        # What fits together is asked only of options whose form is right.
        *([] if shape else _topic_findings(content)),
    )


def text_length(content: PostContent) -> TextLength:
    """How much of its limit the text takes."""
    return TextLength(len(content.text), SUMMARY_LIMIT)


def _summary_findings(content: PostContent) -> list[Finding]:
    summary, findings = content.text, []

    def refuse(words: str) -> None:
        findings.append(problem(ErrorCode.CONTENT_REJECTED, "content", words))

    if not summary.strip() and not content.media and topic_of(content) == "STANDARD":
        refuse("A post needs a text or a picture.")
    if _BROKEN.search(summary):
        refuse("The text holds broken characters.")
    counted = text_length(content)
    if counted.length > counted.limit:
        refuse(f"The text has {counted.length} of {counted.limit} characters.")
    if _PHONE.search(summary):
        words = "Google often refuses posts with a phone number in the text; use the call to action CALL."
        findings.append(warning(ErrorCode.CONTENT_REJECTED, "content", words))
    return findings


def _photo_findings(media: tuple[MediaItem, ...]) -> list[Finding]:
    findings = []
    if len(media) > 1:
        findings.append(problem(ErrorCode.MEDIA_REJECTED, "media", "Google takes one picture in a post."))
    for position, item in enumerate(media):
        if not is_public_link(item.url):
            words = "Google fetches the picture itself, from a public https address in plain letters."
            findings.append(problem(ErrorCode.MEDIA_REJECTED, f"media.{position}.url", words))
        if item.alt_text and item.kind is MediaKind.IMAGE:
            words = "Google takes no description of a picture in a post."
            findings.append(warning(ErrorCode.MEDIA_REJECTED, f"media.{position}.alt_text", words))
    return findings


def _topic_findings(content: PostContent) -> list[Finding]:
    topic, findings = topic_of(content), []
    action, offer = _option(content, "call_to_action"), _option(content, "offer")

    def refuse(field: str, words: str) -> None:
        findings.append(problem(ErrorCode.CONTENT_REJECTED, f"options.{field}", words))

    if topic != "STANDARD":
        findings += _event_findings(content)
    elif "event" in content.options:
        refuse("event", "Only events and offers have a time; set topic_type to EVENT.")
    if offer and topic != "OFFER":
        refuse("offer", "Only an offer has these; set topic_type to OFFER.")
    if action and topic == "OFFER":
        words = "Google leaves out the call to action of an offer; it has redeem_online_url instead."
        findings.append(warning(ErrorCode.CONTENT_REJECTED, "options.call_to_action", words))
    elif action.get("type") == _CALL and "url" in action:
        refuse("call_to_action.url", "The button CALL takes no address: it calls the location.")
    elif action and action["type"] != _CALL and "url" not in action:
        refuse("call_to_action.url", "This button needs an address to lead to.")
    for field, holder, key in (("call_to_action", action, "url"), ("offer", offer, "redeem_online_url")):
        if key in holder and not _is_web_address(holder[key]):
            refuse(f"{field}.{key}", "This is to be a web address.")
    return findings


def _is_web_address(url: Any) -> bool:
    try:
        return link(url) is not None and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _event_findings(content: PostContent) -> list[Finding]:
    event, findings = _option(content, "event"), []

    def refuse(field: str, words: str) -> None:
        findings.append(problem(ErrorCode.CONTENT_REJECTED, f"options.event{field}", words))

    if not event:
        refuse("", "Events and offers need a title and a time from and until when they hold.")
        return findings
    if len(event["title"]) > EVENT_TITLE_ADVICE:
        words = f"Google may cut titles of more than {EVENT_TITLE_ADVICE} characters."
        findings.append(warning(ErrorCode.CONTENT_REJECTED, "options.event.title", words))
    start, end = (_moment(event["schedule"], name) for name in ("start", "end"))
    for name, when in (("start", start), ("end", end)):
        if when is None:
            refuse(f".schedule.{name}_date", "There is no such day.")
    if start is not None and end is not None and end < start:
        refuse(".schedule.end_date", "It ends before it begins.")
    return findings


def _moment(schedule: Mapping[str, Any], name: str) -> datetime | None:
    """A time of the location's own clock."""
    day, time = schedule[f"{name}_date"], schedule[f"{name}_time"]
    try:
        return datetime(day["year"], day["month"], day["day"], time["hours"], time["minutes"])  # noqa: DTZ001
    except ValueError:
        return None
