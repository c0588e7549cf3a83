"""What a local post may be, beyond its form. Every breach is a 400 that names the field."""

import re
from datetime import date, datetime, time
from urllib.parse import urlsplit

from social_sandbox.google.bodies import CallToAction, Day, Event, LocalPost, Offer, Schedule, TimeOfDay
from social_sandbox.google.errors import invalid_field
from social_sandbox.google_identity.errors import GoogleError

_LANGUAGE_LENGTH = 35
_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")
_DATED = frozenset({"EVENT", "OFFER"})


def check(post: LocalPost, *, longest_summary: int) -> None:
    """Refuse what Google refuses before it looks at the media."""
    _check_topic(post)
    if len(post.summary) > longest_summary:
        raise invalid_field("summary", f"The summary must not be longer than {longest_summary} characters.")
    if post.topic_type == "STANDARD" and not post.summary and not post.media:
        raise invalid_field("summary", "A post needs a summary or media.")
    language = post.language_code.replace("-", "")
    if post.language_code and (len(language) > _LANGUAGE_LENGTH or not (language.isascii() and language.isalnum())):
        raise invalid_field("languageCode", "Invalid language code.")
    # Whatever stands there, an offer has no button.
    if post.call_to_action is not None and post.topic_type != "OFFER":
        _check_button(post.call_to_action)
    if post.event is not None:
        _check_event(post.event)
    if post.offer is not None:
        _check_offer(post.offer)
    for index, item in enumerate(post.media):
        if item.media_format != "PHOTO":
            raise invalid_field(f"media[{index}].mediaFormat", "Posts take photos.")
        if not item.source_url:
            raise invalid_field(f"media[{index}].sourceUrl", "The source URL is required.")


def scheduled_for(post: LocalPost) -> datetime | None:
    """The moment at which Google is to publish, if it is not to do so at once."""
    if not post.scheduled_time:
        return None
    if _RFC_3339.fullmatch(post.scheduled_time) is None:
        raise _bad_moment()
    try:
        return datetime.fromisoformat(post.scheduled_time.upper())
    except ValueError as error:
        raise _bad_moment() from error


def _bad_moment() -> GoogleError:
    return invalid_field("scheduledTime", "The time must be written as RFC 3339 says, with its offset.")


def _check_topic(post: LocalPost) -> None:
    topic = post.topic_type
    if topic == "LOCAL_POST_TOPIC_TYPE_UNSPECIFIED":
        raise invalid_field("topicType", "The topic type is required.")
    if (topic == "ALERT") != (post.alert_type == "COVID_19"):
        raise invalid_field("alertType", "An alert, and nothing else, has an alert type.")
    if topic in _DATED and post.event is None:
        raise invalid_field("event", f"Posts of the type {topic} need an event.")
    if topic not in _DATED and post.event is not None:
        raise invalid_field("event", f"Posts of the type {topic} have no event.")
    if topic != "OFFER" and post.offer is not None:
        raise invalid_field("offer", f"Posts of the type {topic} have no offer.")


def _check_button(button: CallToAction) -> None:
    match button.action_type:
        case "ACTION_TYPE_UNSPECIFIED":
            raise invalid_field("callToAction.actionType", "The action type is required.")
        case "GET_OFFER":
            raise invalid_field("callToAction.actionType", "GET_OFFER is deprecated: make an offer post.")
        case "CALL":
            if button.url:
                raise invalid_field("callToAction.url", "The URL must not be set for CALL.")
        case _:
            if not _is_web_address(button.url):
                raise invalid_field("callToAction.url", "The URL is missing or invalid.")


def _check_offer(offer: Offer) -> None:
    if offer.redeem_online_url and not _is_web_address(offer.redeem_online_url):
        raise invalid_field("offer.redeemOnlineUrl", "The URL is invalid.")


def _check_event(event: Event) -> None:
    if not event.title:
        raise invalid_field("event.title", "The title is required.")
    if event.schedule is None:
        raise invalid_field("event.schedule", "The schedule is required.")
    start, end = _moments(event.schedule)
    if end < start:
        raise invalid_field("event.schedule", "The event ends before it begins.")
    recurrence = event.recurrence_info
    if recurrence is not None:
        patterns = (recurrence.daily, recurrence.weekly, recurrence.monthly)
        if sum(pattern is not None for pattern in patterns) != 1:
            raise invalid_field("event.recurrenceInfo", "The event repeats daily, weekly or monthly.")


def _moments(schedule: Schedule) -> tuple[datetime, datetime]:
    """Begin and end; all four parts have to be there and right."""
    start_date = _date(schedule.start_date, "startDate")
    start_time = _time(schedule.start_time, "startTime")
    end_date = _date(schedule.end_date, "endDate")
    end_time = _time(schedule.end_time, "endTime")
    return datetime.combine(start_date, start_time), datetime.combine(end_date, end_time)


def _date(day: Day | None, name: str) -> date:
    if day is None:
        raise invalid_field(f"event.schedule.{name}", f"{name} is required.")
    try:
        return date(day.year, day.month, day.day)
    except (ValueError, OverflowError) as error:
        raise invalid_field(f"event.schedule.{name}", f"{name} is no date.") from error


def _time(moment: TimeOfDay | None, name: str) -> time:
    if moment is None:
        raise invalid_field(f"event.schedule.{name}", f"{name} is required.")
    try:
        return time(moment.hours, moment.minutes, moment.seconds, moment.nanos // 1000)
    except (ValueError, OverflowError) as error:
        raise invalid_field(f"event.schedule.{name}", f"{name} is no time of day.") from error


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(c.isspace() for c in url)
