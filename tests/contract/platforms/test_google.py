"""Google Business Profile keeps the contract, and what is special about it."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.contract.platforms.oauth_contract import OAuthContract
from tests.contract.platforms.posts_contract import TEXT, PostsContract
from tests.contract.platforms.stage import VERIFIER, Linked, Publication, Stage, a_picture

from social_common.secrets import Secret
from social_platforms._core import (
    Accepted,
    ErrorCode,
    OutcomeUnknown,
    Platform,
    PlatformError,
    PostContent,
    PostKind,
    PostRef,
    PublishedPost,
    SightingKind,
    TokenSet,
)
from social_platforms.google.limits import MANAGE

A_DAY = 86_400
SHOP = "https://shop.example/k1"
SCHEDULE = {
    "start_date": {"year": 2026, "month": 12, "day": 1},
    "start_time": {"hours": 9, "minutes": 0},
    "end_date": {"year": 2026, "month": 12, "day": 3},
    "end_time": {"hours": 18, "minutes": 30},
}
EVENT = {"title": "Glazing weekend", "schedule": SCHEDULE}


class TestGoogleOAuth(OAuthContract):
    platform = Platform.GOOGLE
    rotates = False
    narrow_cannot_publish = False  # one scope covers posts and numbers

    def is_who_consented(self, linked: Linked) -> bool:
        """The person is known by the id that never changes; the name is an e-mail address and may."""
        return linked.user.platform_user_id == linked.account_id and "@" in (linked.user.username or "")

    async def test_scopes_have_one_spelling(self, stage: Stage) -> None:
        """What was asked and what was granted can be compared, whatever spelling the answer chose."""
        linked = await stage.link()

        assert linked.tokens.scopes == frozenset(stage.oauth().scopes_for(frozenset({"publish"})))  # type: ignore[arg-type]

    async def test_a_refresh_keeps_the_refresh_token(self, stage: Stage) -> None:
        """No new one in the answer means that the old one stays; it works again and again."""
        linked = await stage.link()
        for _ in range(3):
            await stage.advance(3700)
            fresh = await stage.oauth().refresh(linked.tokens)
            assert fresh.refresh_token is None
            await stage.oauth().probe(fresh.access_token)

    async def test_a_new_refresh_token_is_taken(self, stage: Stage) -> None:
        """If one does come, it is the one to keep."""
        linked = await stage.link()
        await stage.switch(rotates_refresh=True)

        fresh = await stage.oauth().refresh(linked.tokens)

        assert fresh.refresh_token is not None
        assert fresh.refresh_token != linked.tokens.refresh_token

    async def test_a_project_in_testing_loses_its_grants_after_seven_days(self, stage: Stage) -> None:
        """Its end is told at linking, is not moved by refreshing, and is final; a new consent mends it."""
        await stage.switch(testing=True)
        person = await stage.a_person()
        linked = await stage.link_person(person, oauth=stage.oauth())
        assert linked.tokens.refresh_expires_in is not None
        assert timedelta(days=6) < linked.tokens.refresh_expires_in <= timedelta(days=7)
        await stage.advance(6 * A_DAY)
        await stage.oauth().refresh(linked.tokens)
        await stage.advance(1.1 * A_DAY)

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(linked.tokens)

        assert (refused.value.code, refused.value.final) == (ErrorCode.AUTH_REVOKED, True)
        again = await stage.link_person(person, oauth=stage.oauth())
        await stage.oauth().refresh(again.tokens)
        assert again.user.platform_user_id == linked.user.platform_user_id

    async def test_six_months_without_a_refresh_end_a_grant(self, stage: Stage) -> None:
        """A grant that is used lives on; one that is not dies."""
        linked = await stage.link()
        await stage.advance(150 * A_DAY)
        await stage.oauth().refresh(linked.tokens)
        await stage.advance(150 * A_DAY)
        await stage.oauth().refresh(linked.tokens)
        await stage.advance(190 * A_DAY)

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(linked.tokens)

        assert refused.value.final

    async def test_one_grant_too_many_ends_the_oldest(self, stage: Stage) -> None:
        """A merchant who connects again and again loses the first connection, silently until it is refreshed."""
        await stage.switch(live_refresh_tokens=2)
        person = await stage.a_person()
        grants = [await stage.link_person(person, oauth=stage.oauth()) for _ in range(3)]

        await stage.oauth().refresh(grants[-1].tokens)
        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(grants[0].tokens)

        assert refused.value.final

    async def test_a_revocation_ends_what_youtube_was_granted_too(self, stage: Stage) -> None:
        """A person's grants to one project are one; that is why the family is asked before revoking."""
        person = await stage.a_person()
        linked = await stage.link_person(person, oauth=stage.oauth())
        other = Stage(stage.url, stage.http, platform=Platform.YOUTUBE)
        sibling = await other.link(username=person["username"])
        assert sibling.user.person == linked.user.person
        assert stage.oauth().family == other.oauth().family

        await stage.oauth().revoke(linked.tokens)

        with pytest.raises(PlatformError) as refused:
            await other.oauth().refresh(sibling.tokens)
        assert refused.value.final

    async def test_our_own_credentials_end_no_grant(self, stage: Stage) -> None:
        """A wrong secret at a refresh is the store's fault."""
        linked = await stage.link()
        broken = stage.oauth(GOOGLE_CLIENT_SECRET="wrong")

        with pytest.raises(PlatformError) as refused:
            await broken.refresh(linked.tokens)

        assert (refused.value.code, refused.value.scope) == (ErrorCode.APP_MISCONFIGURED, "app")
        assert not refused.value.final
        await stage.oauth().refresh(linked.tokens)

    async def test_an_unticked_permission_leaves_no_usable_place(self, stage: Stage) -> None:
        """With the identity alone nothing can be published, and the merchant reads why."""
        await stage.switch(withheld_scopes=[MANAGE])
        oauth = stage.oauth()
        tokens = await tokens_of(stage, await stage.a_person())

        [place] = await oauth.places(tokens, await oauth.identity(tokens))

        assert oauth.capabilities_of(tokens.scopes, place) == frozenset()
        assert not place.usable
        assert "permission" in (place.reason or "")

    async def test_every_location_of_every_account_is_offered(self, stage: Stage) -> None:
        """Locations in groups are reached through their own account, page by page."""
        places: list[dict[str, Any]] = [
            {"kind": "location", "name": f"Shop {number}", "options": {"group": f"Group {number // 5}"}}
            for number in range(130)
        ]
        oauth = stage.oauth()
        tokens = await tokens_of(stage, await stage.a_person(places=places))

        found = await oauth.places(tokens, await oauth.identity(tokens))

        assert sorted(place.name for place in found) == sorted(place["name"] for place in places)
        assert len({place.facts["account"] for place in found}) == 26

    @pytest.mark.parametrize("gap", ["verify", "waitForVoiceOfMerchant", "resolveOwnershipConflict"])
    async def test_a_location_that_google_does_not_show_is_offered_with_the_reason(
        self, stage: Stage, gap: str
    ) -> None:
        """What is posted there would never appear."""
        options = {"hasVoiceOfMerchant": False, "voiceOfMerchantGap": gap}
        oauth = stage.oauth()
        person = await stage.a_person(places=[{"kind": "location", "name": "Shop", "options": options}])
        tokens = await tokens_of(stage, person)

        [place] = await oauth.places(tokens, await oauth.identity(tokens))

        assert not place.usable
        assert place.reason

    async def test_an_account_without_locations_says_so(self, stage: Stage) -> None:
        """Whoever manages nothing on the map gets a reason instead of an empty list."""
        oauth = stage.oauth()
        tokens = await tokens_of(stage, await stage.a_person(places=[]))

        [place] = await oauth.places(tokens, await oauth.identity(tokens))

        assert not place.usable
        assert "location" in (place.reason or "")


async def tokens_of(stage: Stage, person: dict[str, Any]) -> TokenSet:
    """A consent of that person, exchanged."""
    oauth = stage.oauth()
    answer = await stage.consents(oauth, person["username"])
    return await oauth.exchange(
        code=Secret(answer["code"]), redirect_uri=stage.callback, code_verifier=Secret(VERIFIER)
    )


class TestGooglePosts(PostsContract):
    platform = Platform.GOOGLE
    tells_limits = False
    long_after_s = 3000  # access tokens live an hour

    async def published(self, stage: Stage, content: PostContent) -> Publication:
        """A post that went through Google's review."""
        publication = Publication(stage, await self.link(stage), content, stage.publishing())
        await publication.prepare()
        await publication.publish()
        return publication

    @pytest.mark.parametrize(
        "options",
        [
            {"call_to_action": {"type": "SHOP", "url": f"{SHOP}?a=1#top"}},
            {"call_to_action": {"type": "CALL"}},
            {"topic_type": "EVENT", "event": EVENT},
            {"topic_type": "EVENT", "event": EVENT, "call_to_action": {"type": "SIGN_UP", "url": SHOP}},
            {
                "topic_type": "OFFER",
                "event": EVENT,
                "offer": {"coupon_code": "MUG10", "redeem_online_url": SHOP, "terms_conditions": "Once per person."},
            },
        ],
    )
    async def test_every_kind_of_post_goes_out(self, stage: Stage, options: dict[str, Any]) -> None:
        """Buttons, events and offers are taken as the options describe them, without a problem in the check."""
        content = PostContent("New ceramics are in.", options=options)

        publication = await self.published(stage, content)

        assert len(await stage.posts()) == 1
        findings = publication.posts.check(content, publication.linked.place.facts)
        assert [finding for finding in findings if finding.severity == "problem"] == []

    @pytest.mark.parametrize("order", ["newest", "oldest"])
    @pytest.mark.parametrize("marked", [True, False])
    async def test_a_doubt_is_settled_among_equal_posts(self, stage: Stage, order: str, *, marked: bool) -> None:
        """With a link the mark in it tells the post from its equals, without one what stood there before does."""
        await stage.switch(list_order=order)
        options = {"call_to_action": {"type": "SHOP", "url": SHOP}} if marked else {}
        linked = await stage.link()
        first = Publication(stage, linked, PostContent(TEXT, options=options), stage.publishing())
        second = Publication(stage, linked, PostContent(TEXT, options=options), stage.publishing())
        await first.prepare()
        earlier = await first.publish()
        await second.prepare()
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(OutcomeUnknown):
            await second.publish()
        await self.past_the_lag(stage)

        sighting = await second.settle()

        assert sighting.kind is SightingKind.LIVE
        assert sighting.live is not None
        assert sighting.live.platform_post_id != earlier.platform_post_id
        assert len(await stage.posts()) == 2

    async def test_two_new_equal_posts_leave_the_doubt_standing(self, stage: Stage) -> None:
        """Without a mark nobody can tell which of two is ours."""
        linked = await stage.link()
        first = await self.a_publication(stage, linked=linked)
        second = await self.a_publication(stage, linked=linked)
        await first.publish()
        await second.publish()
        await self.past_the_lag(stage)

        assert (await second.settle()).kind is SightingKind.AMBIGUOUS

    async def test_accepted_is_not_yet_published(self, stage: Stage) -> None:
        """An answer with 200 says that Google reviews the post; only the look tells that it is live."""
        await stage.switch(processing_s=3600)
        publication = await self.a_publication(stage)
        handle = publication.handle or {}

        answer = await publication.posts.publish(
            publication.linked.access(), publication.content, publication.ref, handle=handle
        )

        assert isinstance(answer, Accepted)
        publication.handle = answer.handle
        sighting = await publication.settle()
        assert sighting.kind is SightingKind.PROCESSING
        assert sighting.check_after == timedelta(seconds=10)

    async def test_what_googles_review_refuses_has_failed(self, stage: Stage) -> None:
        """The check warns of a phone number, and a post that is rejected is certainly not out."""
        publication = await self.a_publication(stage, text="Call us: +1 555 010 0199")
        [warning] = publication.posts.check(publication.content, {})
        assert (warning.severity, warning.field) == ("warning", "content")
        answer = await publication.posts.publish(
            publication.linked.access(), publication.content, publication.ref, handle=publication.handle or {}
        )
        assert isinstance(answer, Accepted)
        publication.handle = answer.handle
        await stage.advance(60)

        sighting = await publication.settle()

        assert sighting.kind is SightingKind.FAILED
        assert sighting.error is not None
        assert sighting.error.code is ErrorCode.CONTENT_REJECTED

    async def test_a_link_that_comes_late_is_replaced_by_the_locations(self, stage: Stage) -> None:
        """Google may name a post's own link only later."""
        await stage.switch(search_url_from="never", processing_s=0)
        publication = await self.a_publication(stage)

        live = await publication.publish()

        assert live.permalink == publication.linked.place.facts["mapsUri"]

    async def test_a_picture_that_cannot_be_fetched_is_the_pictures_fault(self, stage: Stage) -> None:
        """It is said at publishing, for certain, and may be tried again."""
        picture = await a_picture(stage)
        missing = type(picture)(f"{stage.url}/assets/nothing.jpg", picture.kind, "", "image/jpeg", 20_000, 800, 800)
        publication = Publication(stage, await stage.link(), PostContent(TEXT, (missing,)), stage.publishing())
        await publication.prepare()

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code is ErrorCode.MEDIA_REJECTED
        assert refused.value.retryable
        assert await stage.posts() == []

    @pytest.mark.parametrize(
        ("options", "code"),
        [({"role": "NONE"}, ErrorCode.PERMISSION_MISSING), ({"deleted": True}, ErrorCode.DESTINATION_GONE)],
    )
    async def test_a_lost_role_or_location_is_said(
        self, stage: Stage, options: dict[str, Any], code: ErrorCode
    ) -> None:
        """Whoever may no longer manage the location, or has none any more, reads which."""
        publication = await self.a_publication(stage)
        place = {"platform": "google", "platform_id": publication.linked.place.platform_id, "options": options}
        await stage.control("POST", "/places", place)

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code is code
        assert not refused.value.retryable
        assert refused.value.action
        assert await stage.posts() == []
        with pytest.raises(PlatformError) as refused:
            await publication.prepare()
        assert refused.value.code is code

    async def test_a_location_that_google_hides_is_refused_before_anything_is_sent(self, stage: Stage) -> None:
        """A post that would never appear is not sent, and the merchant reads what to do."""
        linked = await stage.link()
        place = {
            "platform": "google",
            "platform_id": linked.place.platform_id,
            "options": {"hasVoiceOfMerchant": False},
        }
        await stage.control("POST", "/places", place)
        publication = Publication(stage, linked, PostContent(TEXT), stage.publishing())

        with pytest.raises(PlatformError) as refused:
            await publication.prepare()

        assert refused.value.code is ErrorCode.ACCOUNT_RESTRICTED
        assert refused.value.action

    async def test_a_profiles_minute_holds_back_that_profile_only(self, stage: Stage) -> None:
        """Ten edits a minute are one profile's limit; the refusal is also read as what is left of it."""
        await stage.switch(edits_per_minute=1)
        linked = await stage.link()
        await (await self.a_publication(stage, linked=linked)).publish()
        second = await self.a_publication(stage, linked=linked, text="Another text")
        access = linked.access()

        with pytest.raises(PlatformError) as refused:
            await second.posts.publish(access, second.content, second.ref, handle=second.handle or {})

        assert (refused.value.code, refused.value.scope) == (ErrorCode.RATE_LIMITED, "account")
        assert [rate.remaining for rate in access.rates] == [0]
        await (await self.a_publication(stage)).publish()

    async def test_a_project_that_is_not_approved_is_our_own_fault(self, stage: Stage) -> None:
        """A limit of zero never passes by waiting."""
        publication = await self.a_publication(stage)
        await stage.switch(requests_per_minute=0)

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert (refused.value.code, refused.value.scope) == (ErrorCode.APP_MISCONFIGURED, "app")

    @given(
        summary=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20),
        length=st.sampled_from([1, 1499, 1500, 1501, 3000]),
        options=st.fixed_dictionaries(
            {},
            optional={
                "topic_type": st.sampled_from(["STANDARD", "EVENT", "OFFER"]),
                "call_to_action": st.fixed_dictionaries(
                    {"type": st.sampled_from(["SHOP", "CALL", "LEARN_MORE"])}, optional={"url": st.just(SHOP)}
                ),
                "event": st.just(EVENT),
                "offer": st.just({"coupon_code": "MUG10"}),
            },
        ),
    )
    @example(summary="é", length=1500, options={})
    @example(summary="é", length=1501, options={})
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    async def test_what_the_check_says_is_what_google_does(
        self, stage: Stage, unhindered: Linked, summary: str, length: int, options: dict[str, Any]
    ) -> None:
        """Content without a problem is accepted, and content with one is refused: no stricter and no laxer."""
        content = PostContent((summary * length)[:length], options=options)
        problems = [one for one in stage.publishing().check(content, {}) if one.severity == "problem"]

        refusal = await self.refusal_of(stage, unhindered, content)

        assert (refusal is None) == (not problems), (refusal, problems)
        assert refusal in {None, ErrorCode.CONTENT_REJECTED}

    @pytest_asyncio.fixture(loop_scope="session")
    async def unhindered(self, stage: Stage) -> Linked:
        """A location without limits, whose posts are refused for their form only."""
        await stage.switch(edits_per_minute=10**6, requests_per_minute=10**6)
        return await stage.link()

    async def refusal_of(self, stage: Stage, linked: Linked, content: PostContent) -> ErrorCode | None:
        """How Google refuses these contents when they are sent unchecked, None where it takes them."""
        try:
            await stage.publishing().publish(linked.access(), content, PostRef("p1"), handle={})
        except PlatformError as refused:
            return refused.code
        return None


class TestGoogleMetrics:
    platform: ClassVar[Platform] = Platform.GOOGLE

    async def test_impressions_are_the_sum_of_the_four(self, stage: Stage) -> None:
        """Maps and search on both kinds of devices are added up; followers and reach do not exist."""
        linked = await stage.link()
        await stage.advance(60 * 60)
        oauth = stage.oauth()
        access = linked.access(token=(await oauth.refresh(linked.tokens)).access_token)

        reading = await stage.measuring().read_account(access)

        body = reading.raw[0].body
        values = [
            int(day.get("value", 0))
            for group in body["multiDailyMetricTimeSeries"]
            for series in group["dailyMetricTimeSeries"]
            if series["dailyMetric"].startswith("BUSINESS_IMPRESSIONS")
            for day in series["timeSeries"].get("datedValues", [])
        ]
        assert values
        assert reading.metrics.impressions == sum(values)
        assert (reading.metrics.followers, reading.metrics.reach, reading.metrics.posts) == (None, None, None)

    async def test_posts_have_no_numbers_and_cost_no_call(self, stage: Stage) -> None:
        """What is not reported is None and never zero; nobody calls what Google ended."""
        linked = await stage.link()
        before = len(await stage.requests())
        post = PublishedPost("accounts/1/locations/2/localPosts/3", PostKind.UPDATE, datetime.now(UTC))

        reading = await stage.measuring().read_posts(linked.access(), [post])

        assert set(reading.metrics) == {post.platform_post_id}
        assert reading.metrics[post.platform_post_id].views is None
        assert len(await stage.requests()) == before

    @pytest.mark.parametrize("kind", ["error_500", "garbage", "html", "drop", "rate_limit"])
    async def test_trouble_while_measuring_passes(self, stage: Stage, kind: str) -> None:
        """A failed reading is told and is never a zero."""
        linked = await stage.link()
        await stage.plan("metrics", kind)

        with pytest.raises(PlatformError) as failed:
            await stage.measuring().read_account(linked.access())

        assert failed.value.retryable
        assert failed.value.code in {ErrorCode.PLATFORM_DOWN, ErrorCode.RATE_LIMITED}
