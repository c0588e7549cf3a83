"""What a restore makes of what Kafka tells, and of what nobody tells."""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from typing import Any
from uuid import UUID, uuid4

import pytest

from publisher.domain import MOVES, OnDoubt, Outcome, Status
from publisher.publishing.domain import Doubt, LookRules, Seen, Verdict, decide
from publisher.restoring.stories import Stories
from publisher.restoring.telling import find_way
from social_common.events import CloudEvent, event_type

POST, MERCHANT = uuid4(), uuid4()
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULES = LookRules(
    delays=(timedelta(seconds=1), timedelta(seconds=2)),
    late_delays=(timedelta(hours=1),),
    processing_limit=timedelta(hours=26),
    resend_limit=5,
)


def told(topic: str, revision: int, **data: Any) -> CloudEvent:
    """One of publisher's own events about the post."""
    common = {"post_id": str(POST), "campaign_id": str(POST), "connection_id": str(POST), "user_id": str(MERCHANT)}
    return CloudEvent(
        id=str(uuid4()),
        source="/seftec/social/publisher",
        type=event_type(topic),
        subject=str(POST),
        time=AT,
        dataschema=None,
        traceparent=None,
        user_id=UUID(str(MERCHANT)),
        data={**common, "platform": "x", "revision": revision, **data},
        topic=topic,
    )


SCHEDULED = told("post.scheduled", 1, kind="text", product_id="mug", scheduled_at="2026-11-23T12:00:00Z")
AGAIN = told("post.scheduled", 2, kind="text", product_id="mug", scheduled_at="2026-11-23T13:00:00Z")
PUBLISHED = told(
    "post.published",
    3,
    kind="text",
    platform_id="p",
    platform_post_id="7",
    posted_at="2026-11-23T13:00:01Z",
    attempts=1,
)


def test_a_story_is_the_same_in_any_order() -> None:
    """The newest revision says where the post is, and what it does not say an older event does."""
    for events in permutations((SCHEDULED, AGAIN, PUBLISHED, SCHEDULED)):
        stories = Stories()
        for event in events:
            stories.hear(event)

        (story,) = stories
        assert (story.status, story.newest.platform_post_id) == (Status.PUBLISHED, "7")
        assert (story.kind, story.product_id) == ("text", "mug")


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (told("post.canceled", 9, reason="merchant"), Status.CANCELED),
        (told("post.canceled", 9, reason="unscheduled"), Status.DRAFT),
        (told("post.failed", 9, status="missed", error={"code": "internal"}), Status.MISSED),
        (told("post.failed", 9, status="unknown", error={}, a_later_field=[1]), Status.UNKNOWN),
    ],
)
def test_every_event_leaves_its_post_somewhere(event: CloudEvent, status: Status) -> None:
    """Also one of a later release, with a field that nobody knows yet; what cannot be read is counted."""
    stories = Stories()
    stories.hear(event)
    stories.hear(told("post.failed", 10, error={}, attempts="many"))

    assert [story.status for story in stories] == [status]
    assert stories.unreadable == 1


def test_a_way_is_made_of_allowed_moves() -> None:
    """Whatever a post was at the backup, it gets by allowed moves to what Kafka says, or not at all."""
    for status, to in product(Status, Status):
        way = find_way(status, to)
        for before, after in zip((status, *(way or ())), way or (), strict=False):
            assert after in MOVES[before]
        if way is None:
            assert status in {Status.PUBLISHED, Status.CANCELED}
    assert find_way(Status.DRAFT, Status.PUBLISHED) == (Status.SCHEDULED, Status.PUBLISHING, Status.PUBLISHED)


@pytest.mark.parametrize("seen", [Seen.ABSENT, Seen.FAILED, Seen.RESEND_SAFE, Seen.HIDDEN, Seen.LOCKED_OUT])
@pytest.mark.parametrize("settled", [False, True])
def test_after_a_restore_nothing_is_sent_again_by_itself(seen: Seen, settled: bool) -> None:
    """Neither a handle of before the backup nor the merchant's wish for a second send is enough: nobody can tell."""
    verdicts = set()
    for looks in range(3):
        doubt = Doubt(
            outcome=Outcome.UNKNOWN if settled else Outcome.DOUBTFUL,
            settled=settled,
            looks_done=looks,
            age=timedelta(minutes=1),
            number=1,
            may_be_duplicate=False,
            on_doubt=OnDoubt.RESEND,
            within_catch_up=True,
            restored=True,
        )
        verdicts.add(decide(seen, doubt, RULES).verdict)

    assert verdicts <= {Verdict.LOOK_AGAIN, Verdict.UNKNOWN, Verdict.LET_GO}
