"""Instagram keeps the contract, and what is special about Instagram."""

from typing import ClassVar

import pytest
from tests.contract.platforms.metrics_contract import MetricsContract
from tests.contract.platforms.oauth_contract import OAuthContract
from tests.contract.platforms.posts_contract import TEXT, PostsContract
from tests.contract.platforms.stage import VERIFIER, Publication, Stage, a_picture, a_video

from social_common.secrets import Secret
from social_platforms._core import ErrorCode, OutcomeUnknown, Platform, PlatformError, PostContent, SightingKind

_A_DAY = 25 * 3600


class TestInstagramOAuth(OAuthContract):
    platform = Platform.INSTAGRAM
    uses_pkce = False
    rotates = False
    can_revoke = False
    tokens_in_query = ("/access_token", "/refresh_access_token")

    async def age(self, stage: Stage) -> None:
        """Instagram refuses to refresh a token younger than a day."""
        await stage.advance(_A_DAY)

    @pytest.mark.parametrize("shape", ["flat", "wrapped"])
    async def test_both_shapes_of_the_token_answer_are_read(self, stage: Stage, shape: str) -> None:
        """The documented shape and the one seen live give the same tokens and scopes."""
        await stage.switch(token_answer=shape, wrapped_me=shape == "wrapped")

        linked = await stage.link()

        assert "instagram_business_content_publish" in (linked.tokens.scopes or frozenset())

    async def test_the_tail_of_a_code_is_cut_off(self, stage: Stage) -> None:
        """Instagram appends #_ to the redirect; it is no part of the code."""
        oauth = stage.oauth()
        person = await stage.a_person()
        code = (await stage.consents(oauth, person["username"]))["code"].removesuffix("#_")

        tokens = await oauth.exchange(
            code=Secret(f"{code}#_"), redirect_uri=stage.callback, code_verifier=Secret(VERIFIER)
        )

        assert tokens.expires_in is not None
        assert tokens.expires_in.days > 50

    async def test_a_token_younger_than_a_day_is_not_refreshed_and_not_lost(self, stage: Stage) -> None:
        """The refusal is no final answer."""
        linked = await stage.link()

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(linked.tokens)

        assert not refused.value.final

    async def test_an_app_that_is_not_approved_says_so(self, stage: Stage) -> None:
        """The misleading words of Instagram become a permission that is missing."""
        oauth = stage.oauth()
        person = await stage.a_person()
        code = Secret((await stage.consents(oauth, person["username"]))["code"])
        await stage.switch(unapproved=True)

        with pytest.raises(PlatformError) as refused:
            await oauth.exchange(code=code, redirect_uri=stage.callback, code_verifier=Secret(VERIFIER))

        assert refused.value.code is ErrorCode.PERMISSION_MISSING


class TestInstagramPosts(PostsContract):
    platform = Platform.INSTAGRAM
    is_resend_safe = True

    async def content(self, stage: Stage, *, text: str = TEXT) -> PostContent:
        """There are no posts without a picture."""
        return PostContent(text, (await a_picture(stage),))

    async def test_a_post_with_a_picture_carries_it(self, stage: Stage) -> None:
        """Every post here has one."""
        publication = await self.a_publication(stage)

        await publication.publish()

        [post] = await stage.posts()
        assert len(post["media"]) == 1

    async def test_a_carousel_is_one_post_of_several_children(self, stage: Stage) -> None:
        """Children are made first, then the parent, and one publish makes them visible."""
        linked = await stage.link()
        media = (await a_picture(stage), await a_video(stage))
        publication = Publication(stage, linked, PostContent(TEXT, media), stage.publishing())
        await publication.prepare()

        await publication.publish()

        [post] = await stage.posts()
        assert len(post["media"]) == 2

    async def test_a_single_video_is_a_reel(self, stage: Stage) -> None:
        """A video is published as a reel and measured as one."""
        linked = await stage.link()
        publication = Publication(stage, linked, PostContent(TEXT, (await a_video(stage),)), stage.publishing())
        await publication.prepare()

        live = await publication.publish()

        assert live.permalink is not None
        assert "/reel/" in live.permalink

    async def test_suspected_spam_is_a_doubt_because_the_post_may_be_live(self, stage: Stage) -> None:
        """4/2207051 was seen on posts that went live."""
        publication = await self.a_publication(stage)
        await stage.switch(publish_answer="spam_but_live")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        assert sighting.kind is SightingKind.LIVE

    async def test_a_published_container_without_a_findable_post_is_live_without_an_id(self, stage: Stage) -> None:
        """While the list lags, the container's word stands and the id is unknown."""
        await stage.switch(media_lag_s=3600)
        publication = await self.a_publication(stage)
        await publication.publish()

        sighting = await publication.settle()

        assert sighting.kind is SightingKind.LIVE
        assert sighting.live is not None
        assert sighting.live.platform_post_id is None

    async def test_an_unreadable_link_does_not_hide_the_post(self, stage: Stage) -> None:
        """Right after publishing the link may not be readable; the id counts."""
        publication = await self.a_publication(stage)
        await stage.switch(permalink_failures=5)

        live = await publication.publish()

        assert live.platform_post_id is not None
        assert live.permalink is None

    async def test_an_expired_container_is_certainly_not_out(self, stage: Stage) -> None:
        """A container that nobody published within a day failed for good."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", "drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await stage.advance(25 * 3600)

        assert (await publication.settle()).kind is SightingKind.FAILED

    async def test_an_expired_preparation_is_made_anew(self, stage: Stage) -> None:
        """Preparing again after a day makes another container."""
        publication = await self.a_publication(stage)
        await stage.advance(25 * 3600)

        await publication.prepare()
        await publication.publish()

        assert len(await stage.posts()) == 1

    async def test_the_quota_is_told_at_publishing(self, stage: Stage) -> None:
        """9/2207042 is a quota that comes back."""
        publication = await self.a_publication(stage)
        await stage.switch(quota_total=0)

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code is ErrorCode.QUOTA_EXHAUSTED
        assert refused.value.retryable

    @pytest.mark.parametrize("where", ["create", "container"])
    async def test_a_file_that_cannot_be_fetched_is_the_medias_fault(self, stage: Stage, where: str) -> None:
        """Both places where Instagram tells it come to the same error."""
        await stage.switch(media_faults_at=where)
        linked = await stage.link()
        missing = await a_picture(stage)
        missing = type(missing)(f"{stage.url}/assets/nothing.jpg", missing.kind, "", "image/jpeg", 1000, 800, 800)
        publication = Publication(stage, linked, PostContent(TEXT, (missing,)), stage.publishing())

        with pytest.raises(PlatformError) as refused:
            await publication.prepare()

        assert refused.value.code is ErrorCode.MEDIA_REJECTED


class TestInstagramMetrics(MetricsContract):
    platform = Platform.INSTAGRAM
    post_metrics: ClassVar[dict[str, int]] = {"likes": 41, "comments": 5, "saves": 3, "shares": 2, "reach": 900}

    async def content(self, stage: Stage) -> PostContent:
        """There are no posts without a picture."""
        return PostContent(TEXT, (await a_picture(stage),))
