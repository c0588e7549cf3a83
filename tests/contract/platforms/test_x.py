"""X keeps the contract, and what is special about X."""

from datetime import timedelta

import pytest
from tests.contract.platforms.metrics_contract import MetricsContract
from tests.contract.platforms.oauth_contract import OAuthContract
from tests.contract.platforms.posts_contract import TEXT, PostsContract
from tests.contract.platforms.stage import Publication, Stage, a_picture, a_video

from social_platforms._core import ErrorCode, Platform, PlatformError, PostContent, SightingKind


class TestXOAuth(OAuthContract):
    platform = Platform.X

    async def test_a_kept_refresh_token_survives_an_answer_without_one(self, stage: Stage) -> None:
        """A 200 without refresh_token keeps the stored one."""
        linked = await stage.link()
        await stage.switch(rotate_refresh=False)

        fresh = await stage.oauth().refresh(linked.tokens)

        assert fresh.refresh_token == linked.tokens.refresh_token

    async def test_withheld_scopes_show_in_the_capabilities(self, stage: Stage) -> None:
        """Without media.write publishing is not claimed."""
        await stage.switch(withheld_scopes=["media.write"])

        linked = await stage.link()

        assert "media.write" not in (linked.tokens.scopes or frozenset())
        assert [*stage.oauth().capabilities_of(linked.tokens.scopes)] == ["analytics"]


class TestXPosts(PostsContract):
    platform = Platform.X

    async def test_pictures_and_videos_go_up_with_their_descriptions(self, stage: Stage) -> None:
        """A video is sent in segments and waited for; the post carries it."""
        linked = await stage.link()
        publication = Publication(stage, linked, PostContent("Look", (await a_video(stage),)), stage.publishing())
        await publication.prepare()

        await publication.publish()

        [post] = await stage.posts()
        assert len(post["media"]) == 1

    async def test_four_pictures_make_one_post(self, stage: Stage) -> None:
        """Up to four pictures stand in one post, and a doubt about it is settled by text and number of media."""
        linked = await stage.link()
        pictures = tuple([await a_picture(stage, position=0) for _ in range(4)])
        publication = Publication(stage, linked, PostContent(TEXT, pictures), stage.publishing())
        await publication.prepare()
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(PlatformError):
            await publication.publish()
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        assert sighting.kind is SightingKind.LIVE

    @pytest.mark.parametrize("parameter", ["post.fields", "tweet.fields"])
    async def test_both_vocabularies_settle(self, stage: Stage, parameter: str) -> None:
        """A 400 that names the field parameter is answered once with the other."""
        publication = await self.a_publication(stage)
        await publication.publish()
        await self.past_the_lag(stage)
        await stage.switch(refused_parameter=parameter)

        for configured in ("post.fields", "tweet.fields"):
            publication.posts = stage.publishing(X_POST_FIELDS_PARAM=configured)
            assert (await publication.settle()).kind is SightingKind.LIVE

    async def test_duplicate_content_is_a_refusal_and_not_a_success(self, stage: Stage) -> None:
        """The same text again is refused with a code of its own; the first post stays the only one."""
        linked = await stage.link()
        await (await self.a_publication(stage, linked=linked)).publish()
        again = await self.a_publication(stage, linked=linked)

        with pytest.raises(PlatformError) as refused:
            await again.publish()

        assert refused.value.code is ErrorCode.DUPLICATE_POST
        assert len(await stage.posts()) == 1

    async def test_two_equal_posts_leave_the_doubt_standing(self, stage: Stage) -> None:
        """When two posts match, nobody can tell which is ours."""
        await stage.switch(duplicate_window_s=0)
        linked = await stage.link()
        first = await self.a_publication(stage, linked=linked)
        second = await self.a_publication(stage, linked=linked)
        await first.publish()
        await second.publish()
        await self.past_the_lag(stage)

        assert (await second.settle()).kind is SightingKind.AMBIGUOUS

    @pytest.mark.parametrize("answer", ["credits", "credits-depleted"])
    async def test_spent_credits_hold_back_the_app(self, stage: Stage, answer: str) -> None:
        """402 is ours to pay, and no merchant's fault."""
        publication = await self.a_publication(stage)
        await stage.switch(credits=answer)

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code is ErrorCode.QUOTA_EXHAUSTED
        assert refused.value.scope == "app"
        assert refused.value.retryable

    async def test_the_day_limit_waits_for_its_own_reset(self, stage: Stage) -> None:
        """Of three limiters the exhausted one with the latest reset decides."""
        await stage.switch(limits={"create": {"user-limit-24hour": 1}})
        linked = await stage.link()
        await (await self.a_publication(stage, linked=linked)).publish()
        second = await self.a_publication(stage, linked=linked, text="Another text")

        with pytest.raises(PlatformError) as refused:
            await second.publish()

        assert refused.value.code is ErrorCode.QUOTA_EXHAUSTED
        assert refused.value.retry_after is not None
        assert refused.value.retry_after > timedelta(minutes=15)

    async def test_a_failed_video_is_a_media_rejection(self, stage: Stage) -> None:
        """What X cannot process is told as the media's fault."""
        await stage.switch(processing_fails=True)
        linked = await stage.link()
        publication = Publication(stage, linked, PostContent("Look", (await a_video(stage),)), stage.publishing())

        with pytest.raises(PlatformError) as refused:
            await publication.prepare()

        assert refused.value.code is ErrorCode.MEDIA_REJECTED


class TestXMetrics(MetricsContract):
    platform = Platform.X
    post_metrics = {"likes": 41, "comments": 5, "saves": 3, "clicks": 9, "impressions": 1200}  # noqa: RUF012
