"""What every platform's facet of measuring promises: honest numbers, None where nothing is reported."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from tests.contract.platforms.posts_contract import TEXT
from tests.contract.platforms.stage import Linked, Publication, Stage

from social_platforms._core import ErrorCode, Platform, PlatformError, PostContent, PublishedPost


class MetricsContract:
    """Numbers of the account and of its posts."""

    platform: ClassVar[Platform]
    post_metrics: ClassVar[dict[str, int]] = {"likes": 41, "comments": 5}

    async def content(self, stage: Stage) -> PostContent:
        """The least that this platform publishes."""
        del stage
        return PostContent(TEXT)

    async def a_post(self, stage: Stage, linked: Linked) -> PublishedPost:
        """A post that is live."""
        publication = Publication(stage, linked, await self.content(stage), stage.publishing())
        await publication.prepare()
        live = await publication.publish()
        assert live.platform_post_id is not None
        kind = publication.posts.kind_of(publication.content)
        return PublishedPost(live.platform_post_id, kind, datetime.now(UTC))

    async def test_an_account_tells_its_followers(self, stage: Stage) -> None:
        """The number that the platform shows is the number read, and the answer is kept raw."""
        linked = await stage.link()
        await self.set_followers(stage, linked, 4711)

        reading = await stage.measuring().read_account(linked.access())

        assert reading.metrics.followers == 4711
        assert reading.raw

    async def set_followers(self, stage: Stage, linked: Linked, followers: int) -> None:
        """Sets the number that the platform shows."""
        body = {"platform": stage.platform, "account_id": linked.account_id, "metrics": {"followers": followers}}
        await stage.control("POST", "/engagement", body)

    async def test_a_post_tells_its_engagement(self, stage: Stage) -> None:
        """The numbers set at the platform are the numbers read."""
        linked = await stage.link()
        post = await self.a_post(stage, linked)
        metrics: dict[str, Any] = dict(self.post_metrics)
        body = {"platform": stage.platform, "platform_post_id": post.platform_post_id, "metrics": metrics}
        await stage.control("POST", "/engagement", body)

        reading = await stage.measuring().read_posts(linked.access(), [post])

        found = reading.metrics[post.platform_post_id]
        assert {name: getattr(found, name) for name in self.post_metrics} == self.post_metrics
        assert reading.gone == frozenset()
        assert reading.raw

    async def test_a_post_that_never_was_is_gone(self, stage: Stage) -> None:
        """A missing post is named as gone and does not spoil the others."""
        linked = await stage.link()
        post = await self.a_post(stage, linked)
        missing = PublishedPost(self.missing_id, post.kind, post.posted_at)

        reading = await stage.measuring().read_posts(linked.access(), [missing, post])

        assert reading.gone == frozenset({self.missing_id})
        assert set(reading.metrics) == {post.platform_post_id}

    missing_id: ClassVar[str] = "1900000000000000001"

    @pytest.mark.parametrize("kind", ["error_500", "garbage", "html", "drop", "rate_limit"])
    async def test_trouble_while_measuring_passes(self, stage: Stage, kind: str) -> None:
        """A failed reading is told and is never a zero."""
        linked = await stage.link()
        post = await self.a_post(stage, linked)
        await stage.plan("metrics", kind)

        with pytest.raises(PlatformError) as failed:
            await stage.measuring().read_posts(linked.access(), [post])

        assert failed.value.retryable
        assert failed.value.code in {ErrorCode.PLATFORM_DOWN, ErrorCode.RATE_LIMITED, ErrorCode.QUOTA_EXHAUSTED}
