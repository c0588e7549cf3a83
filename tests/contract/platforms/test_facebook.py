"""Facebook keeps the contract, and what is special about Facebook."""

from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.contract.platforms.facebook_films import Film, a_film
from tests.contract.platforms.metrics_contract import MetricsContract
from tests.contract.platforms.oauth_contract import OAuthContract
from tests.contract.platforms.posts_contract import TEXT, PostsContract
from tests.contract.platforms.stage import EVERYTHING, VERIFIER, Linked, Publication, Stage, a_picture, a_video

from social_common.secrets import Secret
from social_platforms._core import (
    Accepted,
    AuthorizationRequest,
    Capability,
    ErrorCode,
    OutcomeUnknown,
    Place,
    Platform,
    PlatformError,
    PostContent,
    PublishedPost,
    Revocation,
    SightingKind,
    TokenSet,
)

DAY = 86_400
LINK = "https://shop.example/k1"


def a_page(name: str, **options: object) -> dict[str, object]:
    """A Page as the sandbox's control takes it."""
    return {"kind": "page", "name": name, "options": options}


async def granted(stage: Stage, account: dict[str, object], **ticked: object) -> TokenSet:
    """The tokens of a consent in which only some of what the dialog shows is ticked."""
    oauth = stage.oauth()
    request = AuthorizationRequest(stage.callback, "st_9f2", VERIFIER, oauth.scopes_for(EVERYTHING))
    form = {
        "account": str(account["username"]),
        "decision": "approve",
        **{name: str(value) for name, value in ticked.items()},
    }
    response = await stage.http.request("POST", oauth.authorization_url(request), form=form)
    code = parse_qs(urlsplit(response.headers["location"]).query)["code"][0]
    return await oauth.exchange(code=Secret(code), redirect_uri=stage.callback, code_verifier=Secret(VERIFIER))


class TestFacebookOAuth(OAuthContract):
    platform = Platform.FACEBOOK
    uses_pkce = False
    rotates = False
    renews = False
    tokens_in_query = ("/debug_token",)

    def is_who_consented(self, linked: Linked) -> bool:
        """A person at Facebook has no username; the id is the one that this app knows."""
        return linked.user.platform_user_id == linked.account_id and linked.user.username is None

    async def places(self, stage: Stage, tokens: TokenSet) -> dict[str, Place]:
        """The grant's places by name."""
        user = await stage.oauth().identity(tokens)
        return {place.name: place for place in await stage.oauth().places(tokens, user)}

    async def test_every_page_has_a_token_of_its_own(self, stage: Stage) -> None:
        """The list comes in several pages; the tokens differ and tell for which Page they are."""
        await stage.switch(accounts_page_most=2)
        person = await stage.a_person(places=[a_page(f"Shop {number}") for number in range(5)])
        tokens = await granted(stage, person)

        places = await self.places(stage, tokens)

        own = [place.token.reveal() for place in places.values() if place.token is not None]
        assert len(set(own)) == len(places) == 5
        assert tokens.access_token.reveal() not in own
        for place in places.values():
            assert place.token is not None
            await stage.oauth().probe(place.token)

    async def test_a_page_without_the_task_cannot_be_chosen_and_says_why(self, stage: Stage) -> None:
        """What a person may do differs by Page: CREATE_CONTENT is for publishing, ANALYZE for measuring."""
        person = await stage.a_person(
            places=[
                a_page("Full"),
                a_page("Quiet", tasks=["ANALYZE", "MODERATE"]),
                a_page("Blind", tasks=["CREATE_CONTENT"]),
            ]
        )
        tokens = await granted(stage, person)

        places = await self.places(stage, tokens)

        oauth = stage.oauth()
        assert {name: oauth.capabilities_of(tokens.scopes, place) for name, place in places.items()} == {
            "Full": EVERYTHING,
            "Quiet": {Capability.ANALYTICS},
            "Blind": {Capability.PUBLISH},
        }
        assert {name: place.usable for name, place in places.items()} == {"Full": True, "Quiet": False, "Blind": True}
        assert places["Quiet"].reason

    async def test_an_unticked_permission_drops_its_capability(self, stage: Stage) -> None:
        """Only what was granted counts, although the consent succeeded."""
        person = await stage.a_person()

        tokens = await granted(stage, person, scopes_shown="1", scope="pages_show_list")

        assert tokens.scopes == frozenset({"pages_show_list"})
        assert stage.oauth().capabilities_of(tokens.scopes) == frozenset()

    async def test_a_page_of_a_portfolio_is_found_without_the_permission_that_lists_it(self, stage: Stage) -> None:
        """The list leaves it out; its id stands in the consent."""
        person = await stage.a_person(places=[a_page("Own"), a_page("Held", portfolio="2088001")])
        scopes = {*stage.oauth().scopes_for(EVERYTHING)} - {"business_management"}
        oauth = stage.oauth()
        request = AuthorizationRequest(stage.callback, "st_9f2", VERIFIER, tuple(scopes))
        held = person["places"][1]["platform_id"]
        form = {"account": person["username"], "decision": "approve", "places_shown": "1", "place": held}
        response = await stage.http.request("POST", oauth.authorization_url(request), form=form)
        code = parse_qs(urlsplit(response.headers["location"]).query)["code"][0]
        tokens = await oauth.exchange(code=Secret(code), redirect_uri=stage.callback, code_verifier=Secret(VERIFIER))

        places = await self.places(stage, tokens)

        assert list(places) == ["Held"]
        assert places["Held"].token is not None
        assert places["Held"].usable

    async def test_who_comes_back_is_asked_again_for_what_was_refused(self, stage: Stage) -> None:
        """Facebook shows a declined permission only when told to."""
        request = AuthorizationRequest(stage.callback, "st", VERIFIER, ("pages_show_list",), asks_again=True)

        url = stage.oauth().authorization_url(request)

        assert parse_qs(urlsplit(url).query)["auth_type"] == ["rerequest"]

    async def test_a_missing_lifetime_is_asked_for(self, stage: Stage) -> None:
        """Some token answers leave expires_in out; the token itself tells."""
        await stage.switch(expires_in_missing=True)

        linked = await stage.link()

        assert linked.tokens.expires_in is not None
        assert timedelta(days=59) < linked.tokens.expires_in <= timedelta(days=60)

    async def test_the_pages_token_outlives_the_persons(self, stage: Stage) -> None:
        """After 60 days the person's token is over and the Page still publishes; a new password ends that, too."""
        linked = await stage.link()
        page = linked.place.token
        assert page is not None
        await stage.advance(61 * DAY)

        with pytest.raises(PlatformError) as ended:
            await stage.oauth().probe(linked.tokens.access_token)
        assert ended.value.code is ErrorCode.AUTH_EXPIRED
        await stage.oauth().probe(page)
        publication = Publication(stage, linked, PostContent("Still here"), stage.publishing())
        await publication.prepare()
        assert (await publication.publish()).platform_post_id

        await stage.switch(revoke_cause="password_changed")
        await stage.plan("identity", "revoke")
        with pytest.raises(PlatformError) as dead:
            await stage.oauth().probe(page)
        assert dead.value.code is ErrorCode.AUTH_REVOKED
        assert dead.value.action

        again = await stage.link_person(
            {"username": linked.username, "account_id": linked.account_id}, oauth=stage.oauth()
        )
        assert again.place.platform_id == linked.place.platform_id
        await stage.oauth().probe(again.token)

    @pytest.mark.parametrize("cause", ["checkpoint", "role_lost", "logged_out", "unconfirmed"])
    async def test_a_dead_page_token_says_what_to_do(self, stage: Stage, cause: str) -> None:
        """Whatever ended it, the probe says that it is dead, and each cause its own way out."""
        linked = await stage.link()
        await stage.switch(revoke_cause=cause)
        await stage.plan("identity", "revoke")

        with pytest.raises(PlatformError) as dead:
            await stage.oauth().probe(linked.token)

        assert dead.value.code is ErrorCode.AUTH_REVOKED
        words = {"checkpoint": "Log in", "unconfirmed": "Log in", "role_lost": "somebody", "logged_out": "Connect"}
        assert words[cause] in dead.value.action

    async def test_a_pages_token_is_enough_to_revoke(self, stage: Stage) -> None:
        """The person's token has ended by itself, and still everything is taken back."""
        person = await stage.a_person(places=[a_page("One"), a_page("Two")])
        places = await self.places(stage, await granted(stage, person))
        one, two = places["One"].token, places["Two"].token
        assert one is not None
        assert two is not None
        await stage.advance(61 * DAY)

        ended = await stage.oauth().revoke(TokenSet(one, None, None))

        assert ended is Revocation.REVOKED
        for token in (one, two):
            with pytest.raises(PlatformError) as refused:
                await stage.oauth().probe(token)
            assert refused.value.code is ErrorCode.AUTH_REVOKED
        assert await stage.oauth().revoke(TokenSet(two, None, None)) is Revocation.ALREADY_INVALID

    async def test_an_ended_sign_in_alone_revokes_nothing_and_says_so(self, stage: Stage) -> None:
        """The person's token has ended and the Page's lives: never "already invalid"."""
        linked = await stage.link()
        await stage.advance(61 * DAY)

        ended = await stage.oauth().revoke(linked.tokens)

        assert ended is Revocation.NOT_SUPPORTED
        await stage.oauth().probe(linked.token)

    async def test_every_call_proves_that_the_app_makes_it(self, stage: Stage) -> None:
        """With the app's setting on, linking, publishing, settling and measuring still work, and nothing else does."""
        await stage.switch(require_appsecret_proof=True)
        linked = await stage.link()
        publication = Publication(stage, linked, PostContent(TEXT, (await a_picture(stage),)), stage.publishing())
        await publication.prepare()
        await publication.publish()
        await stage.advance(5)
        assert (await publication.settle()).kind is SightingKind.LIVE
        assert (await stage.measuring().read_account(linked.access())).raw
        assert await stage.oauth().revoke(linked.tokens) is Revocation.REVOKED

        other = await stage.link()
        unproved = other.access()
        with pytest.raises(PlatformError) as refused:
            await stage.measuring().read_account(type(unproved)(unproved.token, unproved.platform_id, unproved.kind))
        assert refused.value.code is ErrorCode.APP_MISCONFIGURED
        assert refused.value.scope == "app"


class TestFacebookPosts(PostsContract):
    platform = Platform.FACEBOOK

    async def test_limits_are_read_from_the_answers(self, stage: Stage) -> None:
        """Facebook tells its limits once something of them is used."""
        await stage.switch(page_call_budget=20)

        await super().test_limits_are_read_from_the_answers(stage)

    async def test_the_call_stops_before_facebook_stops_it(self, stage: Stage) -> None:
        """From 95 percent on nothing is left; past the limit a refusal tells how long to wait."""
        await stage.switch(page_call_budget=4, block_s=1800)
        publication = await self.a_publication(stage)
        rates, error = [], None
        for number in range(6):
            access = publication.linked.access()
            try:
                content = PostContent(f"Number {number}")
                await publication.posts.publish(access, content, publication.ref, handle={"media": []})
            except PlatformError as refused:
                error = refused
                break
            rates += access.rates

        assert min(rate.remaining for rate in rates if rate.remaining is not None) == 0
        assert all(rate.resets_in for rate in rates if rate.remaining == 0)
        assert error is not None
        assert error.code is ErrorCode.RATE_LIMITED
        assert error.retry_after is not None
        assert error.retry_after >= timedelta(minutes=25)

    async def test_a_link_is_a_post_of_its_own(self, stage: Stage) -> None:
        """A link needs no text, and a doubt about it is settled by the link."""
        linked = await self.link(stage)
        content = PostContent("", options={"link": f"{stage.url}/assets/picture.jpg"})
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await self.past_the_lag(stage)

        assert (await publication.settle()).kind is SightingKind.LIVE

    @pytest.mark.parametrize("text", [TEXT, ""])
    async def test_ten_pictures_make_one_post_that_their_ids_identify(self, stage: Stage, text: str) -> None:
        """Even beside an equal post, and without any text, the doubt is settled."""
        linked = await self.link(stage)
        content = PostContent(text, tuple([await a_picture(stage)] * 10))
        first, second = (Publication(stage, linked, content, stage.publishing()) for _ in range(2))
        await first.prepare()
        await first.publish()
        between = Publication(stage, linked, PostContent("Between"), stage.publishing())
        await between.prepare()
        await between.publish()
        await second.prepare()
        await stage.plan("publish", "commit_then_500")
        with pytest.raises(OutcomeUnknown):
            await second.publish()
        await self.past_the_lag(stage)

        sighting = await second.settle()

        posts = await stage.posts()
        assert sighting.live is not None
        assert sighting.live.platform_post_id == posts[-1]["platform_post_id"]
        assert [len(post["media"]) for post in posts] == [10, 0, 10]
        assert posts[-1]["media"][0]["alt_text"] == "A copper kettle"

    async def test_the_same_text_again_is_a_duplicate(self, stage: Stage) -> None:
        """506 is a code of its own; the first post stays the only one."""
        linked = await self.link(stage)
        await (await self.a_publication(stage, linked=linked)).publish()
        again = await self.a_publication(stage, linked=linked)

        with pytest.raises(PlatformError) as refused:
            await again.publish()

        assert refused.value.code is ErrorCode.DUPLICATE_POST
        assert len(await stage.posts()) == 1

    @pytest.mark.parametrize("dress", ["tracked", "wrapped"])
    async def test_links_that_gain_something_are_still_known(self, stage: Stage, dress: str) -> None:
        """A parameter more, or Facebook's own redirect around it: in the text, and as the link of the post."""
        linked = await self.link(stage)
        await stage.switch(links_come_back=dress)
        link = f"{stage.url}/assets/picture.jpg"
        contents = (PostContent(f"New ({link}), see https://shop.example."), PostContent("", options={"link": link}))
        for content in contents:
            publication = Publication(stage, linked, content, stage.publishing())
            await publication.prepare()
            await stage.plan("publish", "commit_then_drop")
            with pytest.raises(OutcomeUnknown):
                await publication.publish()
            await self.past_the_lag(stage)

            sighting = await publication.settle()

            assert sighting.live is not None
            assert sighting.live.platform_post_id == (await stage.posts())[-1]["platform_post_id"]

    async def test_a_late_list_proves_nothing(self, stage: Stage) -> None:
        """A post that is not listed yet is absent now and found later."""
        publication = await self.a_publication(stage)
        await stage.switch(list_lag_s=30)
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()

        assert (await publication.settle()).kind is SightingKind.ABSENT
        await stage.advance(31)
        assert (await publication.settle()).kind is SightingKind.LIVE

    async def test_equal_posts_leave_the_doubt_standing_unless_the_time_tells_them_apart(self, stage: Stage) -> None:
        """Several matches are ambiguous; with the next attempt's start as the end of the window one is left."""
        linked = await self.link(stage)
        first = await self.a_publication(stage, linked=linked)
        await first.publish()
        await (await self.a_publication(stage, linked=linked, text="Between")).publish()
        await stage.advance(60)
        second = await self.a_publication(stage, linked=linked)
        second.handle = {"media": []}
        await second.publish()
        await self.past_the_lag(stage)

        assert (await first.settle()).kind is SightingKind.AMBIGUOUS
        made = (await stage.posts())[0]["created_at"]
        until = datetime.fromisoformat(made) + timedelta(seconds=30)
        assert (await first.settle(until=until)).kind is SightingKind.LIVE

    async def test_pictures_made_in_vain_are_deleted(self, stage: Stage) -> None:
        """Discarding leaves nothing behind, and may be repeated."""
        linked = await self.link(stage)
        content = PostContent(TEXT, (await a_picture(stage), await a_picture(stage, position=1)))
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()
        assert publication.handle is not None

        await publication.posts.discard(linked.access(), handle=publication.handle)
        await publication.posts.discard(linked.access(), handle=publication.handle)

        deleted = [request for request in await stage.requests() if request["method"] == "DELETE"]
        assert [request["status"] for request in deleted] == [200, 200, 400, 400]

    async def test_a_deleted_page_is_said_as_such(self, stage: Stage) -> None:
        """The look before sending finds no Page: the place is gone, not some post of it."""
        linked = await stage.link(places=[a_page("Kettles")])
        publication = Publication(stage, linked, PostContent(TEXT), stage.publishing())
        await stage.control(
            "POST",
            "/places",
            {"platform": "facebook", "platform_id": linked.place.platform_id, "options": {"deleted": True}},
        )

        with pytest.raises(PlatformError) as refused:
            await publication.prepare()

        assert refused.value.code is ErrorCode.DESTINATION_GONE

    async def test_a_page_whose_role_is_lost_says_so(self, stage: Stage) -> None:
        """The person who connected it may not publish there any more, and a new token of theirs would not help."""
        publication = await self.a_publication(stage)
        await stage.switch(revoke_cause="role_lost")
        await stage.plan("publish", "revoke")

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code is ErrorCode.PERMISSION_MISSING
        assert "role" in refused.value.detail


class TestFacebookVideos:
    platform = Platform.FACEBOOK

    async def a_publication(self, stage: Stage, film: Film | None = None) -> Publication:
        """A video on its way, the sandbox's own where none is given."""
        linked = await stage.link()
        item = film.item if film is not None else await a_video(stage)
        return Publication(stage, linked, PostContent(TEXT, (item,)), stage.publishing(), media=film)

    async def accepted(self, publication: Publication) -> Accepted:
        """What the publishing call answered."""
        assert publication.handle is not None
        answer = await publication.posts.publish(
            publication.linked.access(), publication.content, publication.ref, handle=publication.handle
        )
        assert isinstance(answer, Accepted)
        return answer

    @pytest.mark.parametrize(("upright", "kind"), [(True, "reel"), (False, "video")])
    async def test_a_video_becomes_a_reel_where_its_form_allows(
        self, stage: Stage, kind: str, *, upright: bool
    ) -> None:
        """It is worked on first; then it is live under an id that can be measured, at an address people can open."""
        film = a_film(width=1080, height=1920) if upright else a_film(width=1280, height=720)
        publication = await self.a_publication(stage, film)
        assert publication.posts.kind_of(publication.content).value == kind
        await publication.prepare()
        assert await stage.posts() == []

        live = await publication.publish()

        [post] = await stage.posts()
        assert post["kind"] == kind
        assert post["visibility"] == "public"
        assert post["text"] == TEXT
        assert live.platform_post_id == post["platform_post_id"]
        assert live.permalink is not None
        assert live.permalink.startswith("https://www.facebook.com/")
        await self.measure(stage, publication, live.platform_post_id)

    async def measure(self, stage: Stage, publication: Publication, post_id: str | None) -> None:
        """Asserts that the post's numbers can be read under that id."""
        assert post_id is not None
        body = {"platform": stage.platform, "platform_post_id": post_id, "metrics": {"likes": 7}}
        await stage.control("POST", "/engagement", body)
        post = PublishedPost(post_id, publication.posts.kind_of(publication.content), publication.sent_at)
        reading = await stage.measuring().read_posts(publication.linked.access(), [post])
        assert reading.metrics[post_id].likes == 7

    @pytest.mark.parametrize("upright", [True, False])
    async def test_a_broken_upload_goes_on_where_it_stopped(self, stage: Stage, *, upright: bool) -> None:
        """What Facebook has already is not sent again."""
        film = a_film(width=1080, height=1920) if upright else a_film(width=1280, height=720)
        publication = await self.a_publication(stage, film)
        await stage.switch(upload_takes_bytes=film.size // 2)
        with pytest.raises(PlatformError) as broken:
            await publication.prepare()
        assert broken.value.retryable
        await stage.switch(upload_takes_bytes=None)

        await publication.prepare()
        await publication.publish()

        header = "offset" if upright else "file_offset"
        offsets = [request["headers"][header] for request in await stage.requests() if header in request["headers"]]
        assert offsets == ["0", str(film.size // 2)]
        assert len(await stage.posts()) == 1

    @pytest.mark.parametrize("kind", ["commit_then_drop", "commit_then_500"])
    @pytest.mark.parametrize("upright", [True, False])
    async def test_a_lost_answer_is_settled(self, stage: Stage, kind: str, *, upright: bool) -> None:
        """A reel by its own status, any other video by text and form."""
        film = a_film(width=1080, height=1920) if upright else a_film(width=1280, height=720)
        publication = await self.a_publication(stage, film)
        await publication.prepare()
        await stage.plan("publish", kind)
        with pytest.raises(OutcomeUnknown):
            await self.accepted(publication)
        await stage.advance(10)

        sighting = await publication.settle()

        [post] = await stage.posts()
        assert sighting.live is not None
        assert sighting.live.platform_post_id == post["platform_post_id"]

    async def test_an_unfinished_reel_is_safe_to_finish_again(self, stage: Stage) -> None:
        """Nothing went out, and however often the end is sent there is one reel."""
        publication = await self.a_publication(stage, a_film(width=1080, height=1920))
        await publication.prepare()
        await stage.plan("publish", "drop")
        with pytest.raises(OutcomeUnknown):
            await self.accepted(publication)

        assert (await publication.settle()).kind is SightingKind.RESEND_SAFE
        await self.accepted(publication)
        await stage.advance(10)
        await self.accepted(publication)

        assert len(await stage.posts()) == 1
        assert (await publication.settle()).kind is SightingKind.LIVE

    async def test_a_refused_second_end_is_a_doubt(self, stage: Stage) -> None:
        """Facebook may complain about a reel that is out already: that is no certain refusal."""
        await stage.switch(refinish="error")
        publication = await self.a_publication(stage, a_film(width=1080, height=1920))
        await publication.prepare()
        await self.accepted(publication)
        await stage.advance(10)

        with pytest.raises(OutcomeUnknown):
            await self.accepted(publication)

        assert (await publication.settle()).kind is SightingKind.LIVE

    @pytest.mark.parametrize("fault", ["processing", "publishing"])
    @pytest.mark.parametrize("upright", [True, False])
    async def test_a_video_that_facebook_cannot_use_certainly_failed(
        self, stage: Stage, fault: str, *, upright: bool
    ) -> None:
        """The phase that failed says so, after the call was accepted."""
        film = a_film(width=1080, height=1920) if upright else a_film(width=1280, height=720)
        publication = await self.a_publication(stage, film)
        await stage.switch(video_fault=fault)
        await publication.prepare()
        publication.handle = (await self.accepted(publication)).handle
        await stage.advance(10)

        sighting = await publication.settle()

        assert sighting.kind is SightingKind.FAILED
        assert sighting.error is not None
        assert sighting.error.code is ErrorCode.MEDIA_REJECTED

    async def test_a_new_video_that_cannot_be_seen_yet_is_not_gone(self, stage: Stage) -> None:
        """Right after its making Facebook may not know a video's id."""
        await stage.switch(node_lag_s=20)
        publication = await self.a_publication(stage, a_film(width=1280, height=720))
        await publication.prepare()
        publication.handle = (await self.accepted(publication)).handle

        assert (await publication.settle()).kind is SightingKind.PROCESSING
        await stage.advance(30)
        assert (await publication.settle()).kind is SightingKind.LIVE

    async def test_a_reel_made_in_vain_is_deleted(self, stage: Stage) -> None:
        """The draft does not stay on the Page."""
        publication = await self.a_publication(stage, a_film(width=1080, height=1920))
        await publication.prepare()
        assert publication.handle is not None

        await publication.posts.discard(publication.linked.access(), handle=publication.handle)

        assert [request["status"] for request in await stage.requests() if request["method"] == "DELETE"] == [200]


class TestFacebookMetrics(MetricsContract):
    platform = Platform.FACEBOOK
    post_metrics: ClassVar[dict[str, int]] = {
        "likes": 41,
        "comments": 5,
        "shares": 2,
        "clicks": 9,
        "views": 1300,
        "reach": 900,
    }

    async def test_a_small_page_has_no_numbers_and_no_zeros(self, stage: Stage) -> None:
        """Below 100 likes the insights are empty: not reported."""
        linked = await stage.link(places=[{"kind": "page", "name": "Small", "options": {"likes": 40}}])

        reading = await stage.measuring().read_account(linked.access())

        assert reading.metrics.followers is not None
        assert (reading.metrics.reach, reading.metrics.impressions) == (None, None)

    async def test_what_is_kept_raw_holds_no_token(self, stage: Stage) -> None:
        """The addresses of further pages, which may carry one, are left out."""
        linked = await stage.link()
        post = await self.a_post(stage, linked)

        account = await stage.measuring().read_account(linked.access())
        posts = await stage.measuring().read_posts(linked.access(), [post])

        kept = repr([answer.body for answer in (*account.raw, *posts.raw)])
        assert linked.proof is not None
        assert not [secret for secret in (*linked.secrets(), linked.proof.reveal()) if secret in kept]
