"""What every platform's facet of publishing promises; above all that a doubt is told and can be settled."""

from contextlib import suppress
from typing import Any, ClassVar

import pytest
from tests.contract.platforms.stage import Linked, Publication, Stage, a_picture

from social_platforms._core import (
    ErrorCode,
    NothingSent,
    OutcomeUnknown,
    Platform,
    PlatformError,
    PostContent,
    SightingKind,
)

# With what platforms change: composition, line ends, white space, signs that are escaped, links of all sorts.
ODD = (
    "  Cafe\u0301 & <mugs> \r\n\r\n 2  for 1 *now* ~50 %: example.com, "
    "(https://shop.example/a_b?c=1&d=2) #New @kettleco!\r\n "
)
TEXT = "New: copper kettle & more <soon> https://shop.example/k1 ☕️ #kettle"


class PostsContract:
    """Preparing, publishing once, and reading back."""

    platform: ClassVar[Platform]
    options: ClassVar[dict[str, Any]] = {}
    is_resend_safe: ClassVar[bool] = False  # publishing the same handle again makes no second post

    async def link(self, stage: Stage) -> Linked:
        """Somebody who has linked an account."""
        return await stage.link()

    async def content(self, stage: Stage, *, text: str = TEXT) -> PostContent:
        """The least that this platform publishes."""
        del stage
        return PostContent(text, options=self.options)

    async def a_publication(self, stage: Stage, *, linked: Linked | None = None, **changes: Any) -> Publication:
        """A post that is prepared."""
        linked = linked or await self.link(stage)
        publication = Publication(stage, linked, await self.content(stage, **changes), stage.publishing())
        await publication.prepare()
        return publication

    async def past_the_lag(self, stage: Stage) -> None:
        """Lets so much time pass that lists show what exists."""
        await stage.advance(5)

    async def test_preparing_makes_nothing_public(self, stage: Stage) -> None:
        """Nothing stands on the platform before the publishing call."""
        await self.a_publication(stage)

        assert await stage.posts() == []

    async def test_a_post_is_there_once_and_known_by_its_id(self, stage: Stage) -> None:
        """The ground truth holds exactly the post that the answer names, on the place that was meant."""
        publication = await self.a_publication(stage)

        live = await publication.publish()

        [post] = await stage.posts()
        assert post["platform_post_id"] == live.platform_post_id
        assert post["platform_id"] == publication.linked.place.platform_id
        assert self.words in post["text"]
        assert live.permalink
        assert live.permalink.startswith("https://")

    async def test_a_post_with_a_picture_carries_it(self, stage: Stage) -> None:
        """The picture is part of the post."""
        linked = await self.link(stage)
        content = PostContent(TEXT, (await a_picture(stage),), self.options)
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()

        await publication.publish()

        [post] = await stage.posts()
        assert self.has_picture(post, content)

    def has_picture(self, post: dict[str, Any], content: PostContent) -> bool:
        """True where the ground truth shows the picture."""
        del content
        return len(post["media"]) == 1

    @pytest.mark.parametrize("kind", ["commit_then_drop", "commit_then_500"])
    async def test_a_lost_answer_is_a_doubt_that_reading_back_settles(self, stage: Stage, kind: str) -> None:
        """The post that went out in spite of the error is found again, and is the only one."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", kind)
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        [post] = await stage.posts()
        assert sighting.kind is SightingKind.LIVE
        assert sighting.live is not None
        assert sighting.live.platform_post_id == post["platform_post_id"]

    odd: ClassVar[str] = ODD  # a text that comes back changed

    def forget(self, publication: Publication) -> None:
        """Takes away what tells the post without its words, where the platform has something of the kind."""

    async def test_a_text_that_comes_back_changed_is_still_known(self, stage: Stage) -> None:
        """Whatever the platform makes of a text on its way, reading back knows the post by it."""
        publication = await self.a_publication(stage, text=self.odd)
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        self.forget(publication)
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        [post] = await stage.posts()
        assert sighting.kind is SightingKind.LIVE
        assert sighting.live is not None
        assert sighting.live.platform_post_id == post["platform_post_id"]

    @pytest.mark.parametrize("kind", ["drop", "error_500", "garbage", "html"])
    async def test_a_post_that_did_not_go_out_is_not_found(self, stage: Stage, kind: str) -> None:
        """Absence is told as absence, or as safe to send again where the platform makes it so; then once is enough."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", kind)
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        assert await stage.posts() == []
        if not self.is_resend_safe:
            assert sighting.kind is SightingKind.ABSENT
            return
        assert sighting.kind is SightingKind.RESEND_SAFE
        await publication.publish()
        assert len(await stage.posts()) == 1

    async def test_a_second_send_that_is_called_safe_makes_no_second_post(self, stage: Stage) -> None:
        """Where a handle makes sending again safe, it is safe even after the post went out."""
        if not self.is_resend_safe:
            return
        publication = await self.a_publication(stage)
        await publication.publish()

        # It may be told as the first one, or as a doubt; a certain refusal would be a lie.
        with suppress(OutcomeUnknown):
            await publication.publish()
        await self.past_the_lag(stage)

        assert len(await stage.posts()) == 1
        assert (await publication.settle()).kind is SightingKind.LIVE

    async def test_an_equal_post_from_before_is_not_taken_for_ours(self, stage: Stage) -> None:
        """What stood there before the sending does not settle a doubt."""
        linked = await self.link(stage)
        earlier = await self.a_publication(stage, linked=linked)
        await earlier.publish()
        await stage.advance(self.long_after_s)
        publication = await self.a_publication(stage, linked=linked)
        await stage.plan("publish", "drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        assert sighting.kind is not SightingKind.LIVE

    async def test_too_many_requests_refuse_for_certain(self, stage: Stage) -> None:
        """A rate limit leaves no doubt, and says how long to wait."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", "rate_limit", retry_after_s=90)

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code in {ErrorCode.RATE_LIMITED, ErrorCode.QUOTA_EXHAUSTED}
        assert refused.value.retryable
        assert refused.value.retry_after
        assert await stage.posts() == []

    async def test_a_revoked_token_refuses_for_certain(self, stage: Stage) -> None:
        """When the person removed the app nothing went out, and the error says what to do."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", "revoke")

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code in {ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED}
        assert refused.value.action
        assert not any(secret in str(refused.value) for secret in publication.linked.secrets())
        assert await stage.posts() == []

    async def test_a_refused_connection_sent_nothing(self, stage: Stage) -> None:
        """Without a connection no byte left, and sending again is safe."""
        publication = await self.a_publication(stage)
        publication.posts = stage.publishing(**{f"{self.platform.upper()}_BASE_URL": "http://127.0.0.1:9"})

        with pytest.raises(NothingSent):
            await publication.publish()

    @pytest.mark.parametrize("kind", ["drop", "error_500", "garbage", "html", "rate_limit"])
    async def test_trouble_while_reading_back_is_no_finding(self, stage: Stage, kind: str) -> None:
        """A look that failed says so, and never that the post is absent."""
        publication = await self.a_publication(stage)
        await publication.publish()
        await self.past_the_lag(stage)
        await stage.plan("read", kind)
        await stage.plan("media", kind)

        with pytest.raises(PlatformError) as failed:
            await publication.settle()

        assert failed.value.retryable

    words: ClassVar[str] = TEXT.split(" https", maxsplit=1)[0]  # what of the text every post shows
    long_after_s: ClassVar[float] = 3700  # an equal post from so long ago is another one
    tells_limits: ClassVar[bool] = True  # False where no answer says what is left

    async def test_limits_are_read_from_the_answers(self, stage: Stage) -> None:
        """After a publish the caller knows what is left of some budget, where the platform tells it."""
        publication = await self.a_publication(stage)
        access = publication.linked.access()

        await publication.posts.publish(access, publication.content, publication.ref, handle=publication.handle or {})

        assert bool(access.rates) == self.tells_limits
        assert all(rate.remaining is None or rate.remaining >= 0 for rate in access.rates)

    async def test_what_a_check_finds_fit_is_accepted(self, stage: Stage) -> None:
        """The least content has no problems."""
        linked = await self.link(stage)

        findings = stage.publishing().check(await self.content(stage), linked.place.facts)

        assert [finding for finding in findings if finding.severity == "problem"] == []

    async def test_options_are_checked_by_their_schema(self, stage: Stage) -> None:
        """An unknown option is a problem that names it."""
        content = PostContent(TEXT, options={"colour": "red"})

        findings = stage.publishing().check(content, {})

        assert "options.colour" in [finding.field for finding in findings if finding.severity == "problem"]
