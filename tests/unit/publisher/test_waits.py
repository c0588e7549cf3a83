"""How long is waited: for a platform that works on a post's media, and before what failed is tried again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from publisher.domain import CampaignId, ConnectionId, PostId, Status, UserId
from publisher.posts import Post
from publisher.publishing.preparing import wait_before
from publisher.scheduling.domain import in_line, is_late, wait_for_retry
from social_platforms._core import Prepared

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    """So many of them."""
    return timedelta(seconds=count)


@pytest.mark.parametrize(
    ("left", "waits"),
    [(None, 30), (3600, 30), (10, 9.8), (0.3, 0.2), (0.1, 0.2), (0, 0.5), (-1, 0.5), (-40, 10), (-600, 30)],
    ids=str,
)
def test_around_its_time_a_post_is_asked_for_more_often(left: float | None, waits: float) -> None:
    """Right before it, then soon after it, and the later it is the more slowly; never more slowly than before."""
    prepared = Prepared({}, ready=False, check_after=seconds(30))

    assert wait_before(prepared, left=None if left is None else seconds(left)) == seconds(waits)


def test_a_wait_that_the_platform_asked_for_is_kept() -> None:
    """X says when to ask again, and means it."""
    asked = Prepared({}, ready=False, check_after=seconds(5), is_asked=True)

    assert wait_before(asked, left=seconds(1)) == seconds(5)


@pytest.mark.parametrize(("late", "waits"), [(0, 10), (60, 10), (800, 100), (86_400, 600)])
def test_what_keeps_failing_is_tried_less_and_less_often(late: float, waits: float) -> None:
    """At first soon, after a day every ten minutes."""
    post = Post(
        id=PostId(uuid4()),
        user_id=UserId(uuid4()),
        campaign_id=CampaignId(uuid4()),
        connection_id=ConnectionId(uuid4()),
        platform="x",
        platform_id="1",
        kind="text",
        content="Hello",
        status=Status.HELD,
        scheduled_at=NOW - seconds(late),
    )

    assert wait_for_retry(post, seconds(10), now=NOW) == seconds(waits)


def a_post_of(scheduled_at: datetime) -> Post:
    """A scheduled post with nothing special but its time."""
    return Post(
        id=PostId(uuid4()),
        user_id=UserId(uuid4()),
        campaign_id=CampaignId(uuid4()),
        connection_id=ConnectionId(uuid4()),
        platform="x",
        platform_id="p",
        kind="text",
        content="Hello",
        status=Status.SCHEDULED,
        scheduled_at=scheduled_at,
        due_at=scheduled_at,
    )


@pytest.mark.parametrize(("ago", "late"), [(-10, False), (0, False), (60, False), (61, True), (80_000, True)])
def test_a_minute_is_still_on_time(ago: float, *, late: bool) -> None:
    """What a crowded worker delays by seconds is not treated as a backlog."""
    assert is_late(a_post_of(NOW - seconds(ago)), NOW) is late


def test_who_waits_for_the_same_moment_comes_back_in_the_order_of_times() -> None:
    """Shortly after it and each at a moment of its own, the oldest first, whatever the distance between them."""
    ages = [700_000, 90_000, 86_400, 3600, 3599, 60, 59, 1, 0]

    line = [in_line(a_post_of(NOW - seconds(age)), NOW) for age in ages]

    assert line == sorted(set(line))
    assert all(NOW <= one <= NOW + seconds(2) for one in line)
