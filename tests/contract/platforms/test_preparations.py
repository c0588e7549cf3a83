"""What was prepared and is gone at the platform: told as such only where nothing can have been published."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from tests.contract.platforms.stage import Publication, Stage, a_picture, a_video

from social_platforms._core import (
    OutcomeUnknown,
    Platform,
    PlatformError,
    PostContent,
    PostRef,
    PreparationGone,
    SightingKind,
)
from social_platforms.x.posts import XPosts

WORDS = "New: copper kettle"
DAY = timedelta(days=1)


async def with_a_picture(stage: Stage, **changes: object) -> Publication:
    """A post with a picture, prepared."""
    linked = await stage.link()
    content = PostContent(WORDS, (await a_picture(stage),))
    publication = Publication(stage, linked, content, stage.publishing(), **changes)  # type: ignore[arg-type]
    await publication.prepare()
    return publication


async def goes_out_anew(publication: Publication, *, attempt_number: int = 2) -> None:
    """Prepared from nothing, as publisher does it after that answer, it goes out once."""
    publication.handle = None
    publication.ref = PostRef(publication.ref.post_id, attempt_number)
    await publication.prepare()
    await publication.publish()
    assert len(await publication.stage.posts()) == 1


class TestYouTube:
    """A session is certain to have made nothing only for the attempt that it was opened for."""

    platform: ClassVar[Platform] = Platform.YOUTUBE

    async def a_film(self, stage: Stage, *, attempt_number: int = 1) -> Publication:
        """A video, prepared for that attempt."""
        publication = Publication(
            stage, await stage.link(), PostContent(WORDS, (await a_video(stage),)), stage.publishing()
        )
        publication.ref = PostRef(publication.ref.post_id, attempt_number)
        await publication.prepare()
        return publication

    @pytest.mark.parametrize("status", [404, 410])
    @pytest.mark.parametrize("attempt_number", [1, 3])
    async def test_a_session_that_ended_before_its_last_piece_is_begun_anew(
        self, stage: Stage, status: int, attempt_number: int
    ) -> None:
        """Whichever attempt of the post it is: this session's last piece was never sent."""
        await stage.switch(session_gone_status=status, session_life_s=60)
        publication = await self.a_film(stage, attempt_number=attempt_number)
        await stage.advance(120)

        with pytest.raises(PreparationGone):
            await publication.publish()

        await goes_out_anew(publication, attempt_number=attempt_number + 1)

    @pytest.mark.parametrize("kind", ["commit_then_drop", "error_500"])
    async def test_a_session_whose_last_piece_may_have_arrived_is_a_doubt(self, stage: Stage, kind: str) -> None:
        """The next attempt with that session cannot know what the one before it came to."""
        await stage.switch(session_life_s=60)
        publication = await self.a_film(stage)
        await stage.plan("publish", kind)
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await stage.advance(120)
        publication.ref = PostRef(publication.ref.post_id, 2)

        with pytest.raises(OutcomeUnknown):
            await publication.publish()


class TestX:
    """X has one answer for ids that it forgot and for files that it never liked."""

    platform: ClassVar[Platform] = Platform.X

    async def test_an_upload_that_expired_is_sent_anew(self, stage: Stage) -> None:
        """The time that X named for keeping it is over."""
        publication = await with_a_picture(stage)
        await stage.advance(2 * DAY.total_seconds())
        fresh, publication.posts = publication.posts, later(stage, 2 * DAY)
        publication.linked = await stage.link()

        with pytest.raises(PreparationGone):
            await publication.publish()

        publication.posts = fresh
        await goes_out_anew(publication)

    async def test_ids_that_x_refuses_in_their_time_are_the_files_fault(self, stage: Stage) -> None:
        """Sent anew the same file would be refused again."""
        publication = await with_a_picture(stage)
        await stage.advance(2 * DAY.total_seconds())
        publication.linked = await stage.link()

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert not isinstance(refused.value, PreparationGone)
        assert refused.value.code == "media_rejected"
        assert not refused.value.retryable


def later(stage: Stage, by: timedelta) -> XPosts:
    """The facet of publishing, so much later."""
    return XPosts(stage.app(), stage.http, clock=lambda: datetime.now(UTC) + by)


class TestInstagram:
    """A container's own status tells that nothing came of it."""

    platform: ClassVar[Platform] = Platform.INSTAGRAM

    async def test_a_container_that_expired_is_made_anew(self, stage: Stage) -> None:
        """What publishing it answers is a doubt; the look that follows ends it."""
        publication = await with_a_picture(stage)
        await stage.advance(DAY.total_seconds() + 3600)
        with pytest.raises(OutcomeUnknown):
            await publication.publish()

        sighting = await publication.settle()

        assert sighting.kind is SightingKind.FAILED
        assert isinstance(sighting.error, PreparationGone)
        await goes_out_anew(publication)


class TestFacebook:
    """A refused post is looked at once more where its pictures may be what is missing."""

    platform: ClassVar[Platform] = Platform.FACEBOOK

    async def test_an_unpublished_picture_that_vanished_is_sent_anew(self, stage: Stage) -> None:
        """Facebook refuses the post, and does not know the picture any more."""
        publication = await with_a_picture(stage)
        await publication.posts.discard(publication.linked.access(), handle=publication.handle or {})

        with pytest.raises(PreparationGone) as refused:
            await publication.publish()

        assert refused.value.evidence
        await goes_out_anew(publication)

    async def test_a_refusal_for_another_reason_stays_one(self, stage: Stage) -> None:
        """The picture is there: sending it anew would change nothing."""
        publication = await with_a_picture(stage)
        await publication.publish()

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert not isinstance(refused.value, PreparationGone)
        assert len(await stage.posts()) == 1
