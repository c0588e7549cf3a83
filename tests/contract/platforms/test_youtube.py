"""YouTube keeps the contract, and what is special about YouTube."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.contract.platforms.metrics_contract import MetricsContract
from tests.contract.platforms.oauth_contract import OAuthContract
from tests.contract.platforms.posts_contract import ODD, TEXT, PostsContract
from tests.contract.platforms.stage import VERIFIER, Linked, PlainMedia, Publication, Stage, a_picture, a_video

from social_common.secrets import Secret
from social_platforms._core import (
    Accepted,
    ErrorCode,
    MediaItem,
    MediaKind,
    NothingSent,
    OutcomeUnknown,
    Platform,
    PlatformError,
    PostContent,
    PostRef,
    PreparationGone,
    SightingKind,
    TokenSet,
)
from social_platforms.calls import utc_now
from social_platforms.youtube import texts as youtube_texts
from social_platforms.youtube.api import YouTubeApi
from social_platforms.youtube.limits import READ
from social_platforms.youtube.metrics import YouTubeMetrics
from social_platforms.youtube.sessions import Sessions

A_DAY = 86_400
WORDS = TEXT.replace("<soon>", "soon")
UNIT = 256 * 1024


async def tokens_of(stage: Stage, person: dict[str, Any], *, channel: str = "") -> TokenSet:
    """A consent of that person, with that channel where one is named, exchanged."""
    oauth = stage.oauth()
    answer = await stage.consents(oauth, f"{person['account_id']}~{channel}" if channel else person["username"])
    return await oauth.exchange(
        code=Secret(answer["code"]), redirect_uri=stage.callback, code_verifier=Secret(VERIFIER)
    )


class TestYouTubeOAuth(OAuthContract):
    platform = Platform.YOUTUBE
    rotates = False

    def is_who_consented(self, linked: Linked) -> bool:
        """The person is known by the id that Google's platforms share, the place by its channel."""
        channel = linked.place.platform_id
        names_both = linked.user.platform_user_id == f"{linked.account_id}/{channel}"
        return linked.user.person == linked.account_id and names_both and channel.startswith("UC")

    async def test_a_channel_brings_what_publishing_needs(self, stage: Stage) -> None:
        """Its handle, its list of uploads, and whether it may upload long videos are kept with it."""
        linked = await stage.link()

        assert (linked.place.username or "").startswith("@")
        assert linked.place.facts["uploads"].startswith("UU")
        assert linked.place.facts["longUploadsStatus"]
        assert linked.place.avatar_url

    @pytest.mark.parametrize("empty", ["missing", "empty"])
    async def test_an_account_without_a_channel_says_so(self, stage: Stage, empty: str) -> None:
        """Whoever has no channel gets a reason instead of an empty list."""
        await stage.switch(empty_items=empty)
        oauth = stage.oauth()
        tokens = await tokens_of(stage, await stage.a_person(places=[]))

        [place] = await oauth.places(tokens, await oauth.identity(tokens))

        assert not place.usable
        assert "channel" in (place.reason or "")

    async def test_an_unticked_permission_leaves_no_usable_place(self, stage: Stage) -> None:
        """Without reading nobody can tell which channel it is, and the merchant reads why."""
        await stage.switch(withheld_scopes=[READ])
        oauth = stage.oauth()
        tokens = await tokens_of(stage, await stage.a_person())

        [place] = await oauth.places(tokens, await oauth.identity(tokens))

        assert oauth.capabilities_of(tokens.scopes, place) == frozenset()
        assert not place.usable

    async def test_a_project_in_testing_loses_its_grants_after_seven_days(self, stage: Stage) -> None:
        """Its end is told at linking, and a refresh after it is final."""
        await stage.switch(testing=True)
        linked = await stage.link()
        assert linked.tokens.refresh_expires_in is not None
        assert timedelta(days=6) < linked.tokens.refresh_expires_in <= timedelta(days=7)
        await stage.advance(7.1 * A_DAY)

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(linked.tokens)

        assert refused.value.final

    async def test_another_channel_is_another_grant_of_the_same_person(self, stage: Stage) -> None:
        """A token is bound to the channel that was chosen; the one of the first channel lives on beside the second."""
        places = [{"kind": "channel", "name": "Clay Studio"}, {"kind": "channel", "name": "Glaze Lab"}]
        person = await stage.a_person(places=places)
        oauth = stage.oauth()
        users, found = [], []
        consents = [await tokens_of(stage, person, channel=place["platform_id"]) for place in person["places"]]
        for tokens in consents:
            users.append(await oauth.identity(tokens))
            found.append((await oauth.places(tokens, users[-1]))[0])

        assert [place.platform_id for place in found] == [place["platform_id"] for place in person["places"]]
        assert {user.person for user in users} == {person["account_id"]}
        assert users[0].platform_user_id != users[1].platform_user_id
        assert found[0].facts["sub"] == found[1].facts["sub"] == person["account_id"]
        fresh = await oauth.refresh(consents[0])
        assert (await oauth.identity(fresh)).platform_user_id == users[0].platform_user_id


class Film(PlainMedia):
    """A reader of one video of a given size: the sandbox's own, with a box of nothing behind it."""

    def __init__(self, stage: Stage, content: bytes) -> None:
        super().__init__(stage.http)
        self.content = content

    @classmethod
    async def of(cls, stage: Stage, size: int) -> "Film":
        """A film of exactly that size."""
        video = (await stage.http.request("GET", (await a_video(stage)).url)).content
        filler = size - len(video)
        return cls(stage, video + filler.to_bytes(4, "big") + b"free" + bytes(filler - 8))

    def item(self) -> MediaItem:
        """The file as it was looked at."""
        return MediaItem("https://shop.example/film.mp4", MediaKind.VIDEO, "", "video/mp4", len(self.content))

    async def read(self, item: MediaItem, *, chunk_size: int) -> Any:
        """The file in chunks."""
        del item
        for start in range(0, len(self.content), chunk_size):
            yield self.content[start : start + chunk_size]


async def brought(stage: Stage, film: Film, *, linked: Linked | None = None, **options: Any) -> Publication:
    """A film that is prepared."""
    linked = linked or await stage.link()
    content = PostContent(WORDS, (film.item(),), options)
    publication = Publication(stage, linked, content, stage.publishing())
    for _ in range(40):
        prepared = await publication.posts.prepare(
            linked.access(), content, publication.ref, handle=publication.handle, media=film
        )
        publication.handle = prepared.handle
        if prepared.ready:
            return publication
    raise AssertionError("preparing does not end")


class TestYouTubePosts(PostsContract):
    platform = Platform.YOUTUBE
    is_resend_safe = True
    tells_limits = False
    words = WORDS.split(" https", maxsplit=1)[0]
    long_after_s = 3000  # access tokens live an hour

    async def content(self, stage: Stage, *, text: str = WORDS) -> PostContent:
        """There are no posts without a video."""
        return PostContent(text, (await a_video(stage),))

    async def past_the_lag(self, stage: Stage) -> None:
        """YouTube works on a video before it is published."""
        await stage.advance(30)

    odd = ODD.replace("<", "").replace(">", "")  # which YouTube refuses

    def forget(self, publication: Publication) -> None:
        """The session is over, and the tag is gone with the others."""
        assert publication.handle is not None
        publication.handle["session"] = None

    async def test_a_text_that_comes_back_changed_is_still_known(self, stage: Stage) -> None:
        """Without session and tag the title and the file's size tell the video."""
        await stage.switch(keeps_tags=False)

        await super().test_a_text_that_comes_back_changed_is_still_known(stage)

    async def test_a_post_with_a_picture_carries_it(self, stage: Stage) -> None:
        """YouTube takes no pictures: that is a problem which says so."""
        findings = stage.publishing().check(PostContent(WORDS, (await a_picture(stage),)), {})

        problems = [finding.field for finding in findings if finding.severity == "problem"]
        assert problems == ["media.0", "media"]

    async def test_a_post_without_a_video_is_a_problem(self, stage: Stage) -> None:
        """There is nothing else to publish."""
        findings = stage.publishing().check(PostContent(WORDS), {})

        assert [(finding.severity, finding.field) for finding in findings] == [("problem", "media")]

    async def test_words_options_and_visibility_arrive(self, stage: Stage) -> None:
        """What the options say is what the video says; the visibility is always sent."""
        linked = await stage.link()
        options = {
            "title": "Glazing",
            "privacy": "unlisted",
            "made_for_kids": True,
            "tags": ["mugs"],
            "category_id": "26",
        }
        content = PostContent(WORDS, (await a_video(stage),), options)
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()

        await publication.publish()

        [post] = await stage.posts()
        assert post["visibility"] == "unlisted"
        [opened] = [one for one in await stage.requests() if one["method"] == "POST" and "/upload/" in one["raw_path"]]
        assert '"selfDeclaredMadeForKids":true' in opened["body"].replace(" ", "")
        assert f"ref-{publication.ref.post_id}" in opened["body"]

    @pytest.mark.parametrize("size", [UNIT - 1, UNIT, UNIT + 1, 3 * UNIT, 21 * UNIT + 5])
    async def test_a_file_of_any_size_arrives_whole(self, stage: Stage, size: int) -> None:
        """Everything but the last piece goes ahead; the last piece is at most one unit and never empty."""
        publication = await brought(stage, await Film.of(stage, size))

        assert await stage.posts() == []
        assert publication.handle is not None
        assert 0 <= publication.handle["first"] < size <= publication.handle["first"] + UNIT
        await publication.publish()
        assert len(await stage.posts()) == 1

    @pytest.mark.parametrize("kept", ["some", "none"])
    async def test_what_the_server_kept_is_its_own_word(self, stage: Stage, kept: str) -> None:
        """Parts that were kept in part or not at all are sent again from where the server is."""
        await stage.switch(chunk_kept=kept, short_chunks=2)
        publication = await brought(stage, await Film.of(stage, 40 * UNIT + 9))
        await publication.publish()

        assert len(await stage.posts()) == 1

    async def test_an_upload_resumes_from_an_older_handle(self, stage: Stage) -> None:
        """A process that died after sending costs nothing: the next asks how far the session came."""
        film = await Film.of(stage, 70 * UNIT)
        linked = await stage.link()
        content = PostContent(WORDS, (film.item(),))
        posts, ref = stage.publishing(), PostRef("p1")

        async def step(handle: dict[str, Any] | None) -> dict[str, Any]:
            return (await posts.prepare(linked.access(), content, ref, handle=handle, media=film)).handle

        opened = await step(None)
        await step(dict(opened))
        ready = await step(dict(opened))

        sent = [
            one for one in await stage.requests() if one["method"] == "PUT" and one["headers"]["content-length"] != "0"
        ]
        assert ready["tail"] is not None
        assert sum(int(one["headers"]["content-length"]) for one in sent) == 69 * UNIT
        await posts.publish(linked.access(), content, ref, handle=ready)

    async def test_a_moved_session_is_followed(self, stage: Stage) -> None:
        """The server may name another address on the way."""
        await stage.switch(moves_session=True)
        publication = await brought(stage, await Film.of(stage, 40 * UNIT))

        await publication.publish()

        assert len(await stage.posts()) == 1

    @pytest.mark.parametrize("status", [404, 410])
    async def test_a_session_that_ended_is_begun_anew_while_preparing(self, stage: Stage, status: int) -> None:
        """Nothing was public yet, so another session costs nothing but time."""
        await stage.switch(session_gone_status=status, session_life_s=60)
        film = await Film.of(stage, 3 * UNIT)
        linked = await stage.link()
        content = PostContent(WORDS, (film.item(),))
        first = await stage.publishing().prepare(linked.access(), content, PostRef("p1"), handle=None, media=film)
        await stage.advance(120)
        publication = Publication(stage, linked, content, stage.publishing(), PostRef("p1"), first.handle)
        lost = await publication.posts.prepare(
            linked.access(), content, publication.ref, handle=first.handle, media=film
        )
        assert not lost.ready

        again = await publication.posts.prepare(
            linked.access(), content, publication.ref, handle=lost.handle, media=film
        )

        assert again.handle["session"] not in {None, first.handle["session"]}

    async def test_a_session_whose_consent_was_withdrawn_is_begun_anew_while_preparing(self, stage: Stage) -> None:
        """After the merchant has consented again; before, it is the access that is refused."""
        film = await Film.of(stage, 3 * UNIT)
        person = await stage.a_person()
        linked = await stage.link_person(person, oauth=stage.oauth())
        content, posts = PostContent(WORDS, (film.item(),)), stage.publishing()
        first = await posts.prepare(linked.access(), content, PostRef("p1"), handle=None, media=film)
        await stage.oauth().revoke(linked.tokens)
        with pytest.raises(PlatformError) as refused:
            await posts.prepare(linked.access(), content, PostRef("p1"), handle=first.handle, media=film)
        again = await stage.link_person(person, oauth=stage.oauth())

        anew = await posts.prepare(again.access(), content, PostRef("p1"), handle=first.handle, media=film)

        assert refused.value.code is ErrorCode.AUTH_EXPIRED
        assert anew.handle["session"] not in {None, first.handle["session"]}

    async def test_a_consent_withdrawn_before_the_last_piece_forgets_the_upload(self, stage: Stage) -> None:
        """It is refused as the access is, and brought there anew for the consent that follows."""
        person = await stage.a_person()
        linked = await stage.link_person(person, oauth=stage.oauth())
        publication = await brought(stage, await Film.of(stage, 3 * UNIT), linked=linked)
        await stage.oauth().revoke(linked.tokens)

        with pytest.raises(PreparationGone) as refused:
            await publication.publish()

        assert refused.value.code is ErrorCode.AUTH_EXPIRED
        assert await stage.posts() == []

    async def test_a_withdrawn_consent_leaves_a_second_sending_in_doubt(self, stage: Stage) -> None:
        """The first may have arrived late; while the access itself is refused, nothing is said of the session."""
        person = await stage.a_person()
        linked = await stage.link_person(person, oauth=stage.oauth())
        publication = await brought(stage, await Film.of(stage, 3 * UNIT), linked=linked)
        publication.ref = PostRef(publication.ref.post_id, 2)
        await stage.oauth().revoke(linked.tokens)
        with pytest.raises(PlatformError) as refused:
            await publication.publish()
        publication.linked = await stage.link_person(person, oauth=stage.oauth())

        with pytest.raises(OutcomeUnknown):
            await publication.publish()

        assert refused.value.code is ErrorCode.AUTH_EXPIRED
        assert not isinstance(refused.value, PreparationGone)
        assert (await publication.settle()).kind is SightingKind.ABSENT

    @pytest.mark.parametrize("kind", ["commit_then_drop", "commit_then_500"])
    async def test_a_doubt_is_settled_by_the_uploads_where_the_session_is_gone(self, stage: Stage, kind: str) -> None:
        """Our tag finds the video among the channel's uploads, beside an equal one of another post."""
        await stage.switch(session_life_s=600)
        linked = await stage.link()
        other = await brought(stage, await Film.of(stage, 3 * UNIT), linked=linked)
        earlier = await other.publish()
        publication = await brought(stage, await Film.of(stage, 3 * UNIT), linked=linked)
        await stage.plan("publish", kind)
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await stage.advance(1200)

        sighting = await publication.settle()

        assert sighting.kind is SightingKind.LIVE
        assert sighting.live is not None
        assert sighting.live.platform_post_id not in {None, earlier.platform_post_id}

    async def test_accepted_is_not_yet_published(self, stage: Stage) -> None:
        """The video exists and YouTube works on it; only a processed one is published."""
        await stage.switch(processing_s=3600)
        publication = await self.a_publication(stage)

        answer = await publication.posts.publish(
            publication.linked.access(), publication.content, publication.ref, handle=publication.handle or {}
        )

        assert isinstance(answer, Accepted)
        assert answer.check_after == timedelta(seconds=15)
        assert "tail" not in answer.handle
        assert (await publication.settle()).kind is SightingKind.PROCESSING

    @pytest.mark.parametrize(
        ("switches", "code"),
        [
            ({"processing_ends": "failed", "failure_reason": "codec"}, ErrorCode.MEDIA_REJECTED),
            ({"processing_ends": "rejected", "rejection_reason": "copyright"}, ErrorCode.CONTENT_REJECTED),
            ({"processing_ends": "rejected", "rejection_reason": "duplicate"}, ErrorCode.DUPLICATE_POST),
            (
                {"processing_ends": "rejected", "rejection_reason": "uploaderAccountSuspended"},
                ErrorCode.ACCOUNT_RESTRICTED,
            ),
            ({"forced_private": True}, ErrorCode.ACCOUNT_RESTRICTED),
        ],
    )
    async def test_a_video_that_youtube_does_not_show_has_failed(
        self, stage: Stage, switches: dict[str, Any], code: ErrorCode
    ) -> None:
        """What could not be processed, was refused, or was made private in spite of the wish, is not published."""
        await stage.switch(**switches)
        publication = await self.a_publication(stage)
        answer = await publication.posts.publish(
            publication.linked.access(), publication.content, publication.ref, handle=publication.handle or {}
        )
        assert isinstance(answer, Accepted)
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        assert sighting.kind is SightingKind.FAILED
        assert sighting.error is not None
        assert sighting.error.code is code

    @pytest.mark.parametrize(
        ("switches", "scope"),
        [
            ({"quota": {"uploads": 0}}, "app"),
            ({"channel_upload_limit": 0}, "account"),
            ({"insert_refusal": "dailyLimitExceeded"}, "app"),
        ],
    )
    async def test_the_three_faces_of_no_more_uploads(self, stage: Stage, switches: dict[str, Any], scope: str) -> None:
        """Each is a quota that comes back: the project's at the Pacific midnight, the channel's after a day."""
        linked = await stage.link()
        await stage.switch(**switches)
        publication = Publication(stage, linked, await self.content(stage), stage.publishing())

        with pytest.raises(PlatformError) as refused:
            await publication.prepare()

        assert (refused.value.code, refused.value.scope) == (ErrorCode.QUOTA_EXHAUSTED, scope)
        assert refused.value.retryable
        assert refused.value.retry_after is not None
        assert timedelta(0) < refused.value.retry_after <= timedelta(hours=25)

    async def test_spent_units_hold_back_the_look_and_not_the_post(self, stage: Stage) -> None:
        """The purse of the reads is another one than that of the uploads."""
        publication = await self.a_publication(stage)
        await stage.switch(quota={"units": 0})
        answer = await publication.posts.publish(
            publication.linked.access(), publication.content, publication.ref, handle=publication.handle or {}
        )
        assert isinstance(answer, Accepted)

        with pytest.raises(PlatformError) as refused:
            await publication.settle()

        assert (refused.value.code, refused.value.scope) == (ErrorCode.QUOTA_EXHAUSTED, "app")
        await stage.switch(quota={"units": 10_000})
        await self.past_the_lag(stage)
        assert (await publication.settle()).kind is SightingKind.LIVE

    async def test_a_refused_connection_sent_nothing(self, stage: Stage) -> None:
        """Without a connection no byte left, and sending again is safe."""
        publication = await self.a_publication(stage)
        nowhere = "http://127.0.0.1:9"
        publication.posts = stage.publishing(YOUTUBE_BASE_URL=nowhere)
        handle = publication.handle or {}
        publication.handle = handle | {"session": handle["session"].replace(f"{stage.url}/youtube", nowhere)}

        with pytest.raises(NothingSent):
            await publication.publish()

    async def test_an_abandoned_upload_is_cancelled(self, stage: Stage) -> None:
        """What was sent is forgotten; discarding twice does no harm."""
        publication = await brought(stage, await Film.of(stage, 3 * UNIT))
        access, handle = publication.linked.access(), publication.handle or {}

        await publication.posts.discard(access, handle=handle)
        await publication.posts.discard(access, handle=handle)

        with pytest.raises(PlatformError):
            await publication.publish()
        assert await stage.posts() == []

    async def test_the_session_is_shown_nowhere(self, stage: Stage) -> None:
        """Its address works without a token, so no error says it."""
        publication = await brought(stage, await Film.of(stage, 3 * UNIT))
        session = str((publication.handle or {})["session"])
        for kind in ("drop", "error_500", "garbage", "html", "rate_limit", "revoke"):
            await stage.plan("publish", kind)
            with pytest.raises(PlatformError) as refused:
                await publication.publish()
            words = f"{refused.value} {refused.value.action} {refused.value.evidence}"
            assert session not in words
            assert session.partition("upload_id=")[2] not in words

    async def test_nothing_is_sent_where_the_session_lies_elsewhere(self, stage: Stage) -> None:
        """An address that is not YouTube's gets neither bytes nor token."""
        publication = await brought(stage, await Film.of(stage, 3 * UNIT))
        publication.handle = (publication.handle or {}) | {"session": "https://evil.example/upload"}

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert not isinstance(refused.value, NothingSent | OutcomeUnknown)

    @pytest_asyncio.fixture(loop_scope="session")
    async def unhindered(self, stage: Stage) -> Linked:
        """A channel without limits, whose videos are refused for their words only."""
        await stage.switch(quota={"uploads": 10**6}, channel_upload_limit=10**6)
        return await stage.link()

    async def refusal_of(self, stage: Stage, linked: Linked, content: PostContent) -> ErrorCode | None:
        """How YouTube refuses these words when they are sent unchecked, None where it takes them."""
        body = youtube_texts.body_of(content, PostRef("00000000-0000-0000-0000-000000000000"))
        try:
            await Sessions(YouTubeApi(stage.app(), stage.http, clock=utc_now)).open(
                linked.access(), body, size=UNIT, mime="video/mp4"
            )
        except PlatformError as refused:
            return refused.code
        return None

    @given(
        letters=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8),
        title_length=st.sampled_from([1, 99, 100, 101]),
        description_length=st.sampled_from([0, 1249, 1250, 1251, 1666, 1667, 2500, 2501, 5000, 5001]),
        tag=st.text(
            st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters='<>,"'),
            min_size=1,
            max_size=30,
        ),
        tags=st.integers(0, 30),
    )
    @example(letters="é", title_length=100, description_length=2500, tag="a", tags=30)
    @example(letters="é", title_length=100, description_length=2501, tag="a", tags=30)
    @example(letters="<", title_length=1, description_length=0, tag="a", tags=0)
    @example(letters="a>", title_length=1, description_length=2, tag="a", tags=0)
    @example(letters="a", title_length=101, description_length=0, tag="a", tags=0)
    @example(letters=" a", title_length=101, description_length=0, tag="a", tags=0)
    @example(letters="a", title_length=1, description_length=0, tag="mug one", tags=40)
    @example(letters="a", title_length=1, description_length=0, tag="a" * 458, tags=1)
    @example(letters="a", title_length=1, description_length=0, tag="a" * 459, tags=1)
    @example(letters="a", title_length=1, description_length=0, tag="a" * 460, tags=1)
    @example(letters="a", title_length=1, description_length=0, tag="a " + "a" * 455, tags=1)
    @example(letters="a", title_length=1, description_length=0, tag="a " + "a" * 456, tags=1)
    @example(letters="a", title_length=1, description_length=0, tag="aaa\N{NO-BREAK SPACE}", tags=80)
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    async def test_what_the_check_says_is_what_youtube_does(
        self,
        stage: Stage,
        unhindered: Linked,
        letters: str,
        title_length: int,
        description_length: int,
        tag: str,
        tags: int,
    ) -> None:
        """Words without a problem are accepted, and words with one are refused: no stricter and no laxer."""
        options = {"title": (letters * title_length)[:title_length], "tags": [tag] * tags}
        description = (letters * description_length)[:description_length]
        content = PostContent(description, (Film(stage, bytes(UNIT)).item(),), options)
        problems = [one for one in stage.publishing().check(content, {}) if one.severity == "problem"]

        refusal = await self.refusal_of(stage, unhindered, content)

        assert (refusal is None) == (not problems), (refusal, problems)
        assert refusal in {None, ErrorCode.CONTENT_REJECTED}


class TestYouTubeMetrics(MetricsContract):
    platform = Platform.YOUTUBE
    post_metrics: ClassVar[dict[str, int]] = {"likes": 41, "comments": 5, "views": 900}
    missing_id = "AAAAAAAAAAA"

    async def test_an_account_tells_its_followers(self, stage: Stage) -> None:
        """YouTube rounds subscribers to three figures; hidden ones are None and never zero."""
        linked = await stage.link()
        await self.set_followers(stage, linked, 4711)

        reading = await stage.measuring().read_account(linked.access())

        assert reading.metrics.followers == 4710
        assert reading.metrics.posts is not None
        assert reading.raw

    async def content(self, stage: Stage) -> PostContent:
        """There are no posts without a video."""
        return PostContent(WORDS, (await a_video(stage),))

    async def test_shares_come_from_the_reports_once_they_are_there(self, stage: Stage) -> None:
        """Reports lag by days; until then shares are None, and the counters stand by themselves."""
        linked = await stage.link()
        post = await self.a_post(stage, linked)
        body = {
            "platform": "youtube",
            "platform_post_id": post.platform_post_id,
            "metrics": {"shares": 7, "views": 900},
        }
        await stage.control("POST", "/engagement", body)
        young = await stage.measuring().read_posts(linked.access(), [post])
        await stage.advance(6 * A_DAY)
        fresh = await stage.oauth().refresh(linked.tokens)
        later = YouTubeMetrics(stage.app(), stage.http, clock=lambda: utc_now() + timedelta(days=6))

        grown = await later.read_posts(linked.access(token=fresh.access_token), [post])

        assert young.metrics[post.platform_post_id].shares is None
        report = grown.raw[-1].body
        columns = [header["name"] for header in report["columnHeaders"]]
        [row] = report["rows"]
        assert grown.metrics[post.platform_post_id].shares == dict(zip(columns, row, strict=True))["shares"]
