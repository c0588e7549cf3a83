"""What a local post says at Google: the mark in its link, its time, and what the check finds before a call."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_platforms._core import PostContent, PostRef
from social_platforms.google.content import body_of, findings_of, is_marked

REF = PostRef("8f1c2d")
DATE = {"year": 2026, "month": 12, "day": 1}
TIME = {"hours": 9, "minutes": 30}
SCHEDULE = {"start_date": DATE, "start_time": TIME, "end_date": DATE, "end_time": TIME}


def shop(url: str) -> dict[str, Any]:
    """A button that leads there."""
    return {"call_to_action": {"type": "SHOP", "url": url}}


def problems(content: PostContent) -> list[str]:
    """The fields that are refused."""
    return [finding.field for finding in findings_of(content) if finding.severity == "problem"]


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://shop.example/k", "https://shop.example/k?utm_content=8f1c2d"),
        ("https://shop.example", "https://shop.example?utm_content=8f1c2d"),
        ("https://shop.example/k?a=1&b=%20#top", "https://shop.example/k?a=1&b=%20&utm_content=8f1c2d#top"),
        ("https://shop.example/k?utm_content=mine", "https://shop.example/k?utm_content=mine"),
    ],
)
def test_a_link_carries_the_mark_and_stays_what_it_was(url: str, sent: str) -> None:
    """Query and fragment stay as they are written, and whoever counts by that name already goes on counting."""
    body = body_of(PostContent("New", options=shop(url)), REF, language="en")

    assert body["callToAction"]["url"] == sent
    assert is_marked(body, REF) == sent.replace("#top", "").endswith("utm_content=8f1c2d")
    assert not is_marked(body, PostRef("other"))


def test_an_offers_link_carries_the_mark() -> None:
    """An offer has no button, and its link to redeem it takes the mark."""
    event = {"title": "Sale", "schedule": SCHEDULE}
    options = {"topic_type": "OFFER", "event": event, "offer": {"redeem_online_url": "https://shop.example/k"}}
    body = body_of(PostContent("New", options=options | shop("https://shop.example/x")), REF, language=None)

    assert is_marked(body, REF)
    assert "callToAction" not in body
    assert "languageCode" not in body
    assert body["event"]["schedule"]["startTime"] == {"hours": 9, "minutes": 30, "seconds": 0, "nanos": 0}


@pytest.mark.parametrize("url", ["https://[bad", "ftp://shop.example/k", "https://", "shop.example", "https://a b"])
def test_a_button_leads_to_a_web_address(url: str) -> None:
    """Anything else is a problem that names the field."""
    assert problems(PostContent("New", options=shop(url))) == ["options.call_to_action.url"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"topic_type": "EVENT"}, "options.event"),
        ({"topic_type": "OFFER", "offer": {"coupon_code": "A"}}, "options.event"),
        ({"topic_type": "EVENT", "event": {"title": "Sale"}}, "options.event.schedule"),
        ({"event": {"title": "Sale", "schedule": SCHEDULE}}, "options.event"),
        ({"offer": {"coupon_code": "A"}}, "options.offer"),
        ({"call_to_action": {"type": "CALL", "url": "https://shop.example"}}, "options.call_to_action.url"),
        ({"call_to_action": {"type": "SHOP"}}, "options.call_to_action.url"),
        ({"call_to_action": {"type": "GET_OFFER", "url": "https://shop.example"}}, "options.call_to_action.type"),
        (
            {
                "topic_type": "EVENT",
                "event": {"title": "S", "schedule": SCHEDULE | {"end_date": DATE | {"year": 2025}}},
            },
            "options.event.schedule.end_date",
        ),
        (
            {
                "topic_type": "EVENT",
                "event": {"title": "S", "schedule": SCHEDULE | {"start_date": {"year": 2027, "month": 2, "day": 29}}},
            },
            "options.event.schedule.start_date",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(options: dict[str, Any], field: str) -> None:
    """Topic, time, offer and button are checked against each other, by the field a merchant can change."""
    assert problems(PostContent("New", options=options)) == [field]


@pytest.mark.parametrize(
    ("text", "is_warned"),
    [
        ("Call +1 555 010 0199 now", True),
        ("Call (030) 5550-1234", True),
        ("Open 2026-12-01 from 10:00", False),
        ("Now 19.90 EUR instead of 24.90", False),
        ("Item 123456", False),
        ("https://shop.example/12345678", False),
    ],
)
def test_a_phone_number_in_the_text_is_warned_of(text: str, *, is_warned: bool) -> None:
    """It is a common cause of a refusal; dates, prices and links are no numbers to call."""
    found = [finding for finding in findings_of(PostContent(text)) if finding.severity == "warning"]

    assert bool(found) == is_warned


@given(url=st.text(max_size=40) | st.from_regex(r"https://[!-~]{1,30}", fullmatch=True))
def test_what_the_check_lets_pass_can_be_sent(url: str) -> None:
    """No address breaks the making of a body once the check found nothing wrong."""
    content = PostContent("New", options=shop(url))
    if problems(content):
        return

    assert is_marked(body_of(content, REF, language="en"), REF) or "utm_content" in url
