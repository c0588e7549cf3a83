"""How long is waited: for a platform that works on a post's media, and before what failed is tried again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from publisher.domain import CampaignId, ConnectionId, PostId, Status, UserId
from publisher.posts import Post
from publisher.publishing.preparing import wait_before
from publisher.scheduling.domain import wait_for_retry
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
