"""LinkedIn keeps the contract with both of its apps, and what is special about LinkedIn."""

import json
from typing import Any, ClassVar

import pytest
from tests.contract.platforms.metrics_contract import MetricsContract
from tests.contract.platforms.oauth_contract import OAuthContract
from tests.contract.platforms.posts_contract import TEXT, PostsContract
from tests.contract.platforms.stage import EVERYTHING, Linked, Publication, Stage, a_picture, a_video

from social_platforms._core import (
    Capability,
    ErrorCode,
    OutcomeUnknown,
    PlaceKind,
    Platform,
    PlatformError,
    PostContent,
    PublishedPost,
    SightingKind,
)

A_DAY = 86_400
PAGE: dict[str, Any] = {"places": [{"kind": "organization", "name": "Copper & Co"}]}


class TestLinkedInShareOAuth(OAuthContract):
    platform = Platform.LINKEDIN
    uses_pkce = False
    rotates = False
    renews = False
    denial = "user_cancelled_authorize"
    capabilities = frozenset({Capability.PUBLISH})

    def is_who_consented(self, linked: Linked) -> bool:
        """LinkedIn tells a name and an id that is the app's own."""
        is_place = linked.user.platform_user_id == linked.place.platform_id
        return linked.user.username == linked.username and is_place and linked.place.kind is PlaceKind.MEMBER

    async def test_the_token_ends_after_sixty_days_and_nothing_renews_it(self, stage: Stage) -> None:
        """Until then it works; afterwards both a probe and a call say that it has ended."""
        linked = await stage.link()
        assert linked.tokens.refresh_token is None
        assert linked.tokens.expires_in is not None
        await stage.advance(59 * A_DAY)
        await stage.oauth().probe(linked.tokens.access_token)
        await stage.advance(2 * A_DAY)

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().probe(linked.tokens.access_token)
        with pytest.raises(PlatformError) as called:
            await stage.oauth().identity(linked.tokens)

        assert linked.tokens.expires_in.days == 60
        assert refused.value.code is ErrorCode.AUTH_EXPIRED
        assert called.value.code is ErrorCode.AUTH_EXPIRED

    async def test_a_reconnect_after_the_end_reaches_the_same_member(self, stage: Stage) -> None:
        """Who consents again is known by the same id."""
        person = await stage.a_person()
        first = await stage.link_person(person, oauth=stage.oauth())
        await stage.advance(61 * A_DAY)

        again = await stage.link_person(person, oauth=stage.oauth())

        assert again.place.platform_id == first.place.platform_id
        await stage.oauth().probe(again.tokens.access_token)


class TestLinkedInCommunityOAuth(OAuthContract):
    platform = Platform.LINKEDIN
    second_app = "community"
    person: ClassVar[dict[str, Any]] = PAGE
    uses_pkce = False
    rotates = False
    denial = "user_cancelled_authorize"

    def is_who_consented(self, linked: Linked) -> bool:
        """Without OpenID the roles at Pages tell who it is: an id, and no name."""
        is_person = linked.user.platform_user_id.startswith("urn:li:person:")
        return is_person and linked.user.username is None and linked.place.kind is PlaceKind.ORGANIZATION

    async def test_an_app_with_openid_tells_the_name(self, stage: Stage) -> None:
        """Where the app has that product, too, both ways name the same person."""
        person = await stage.a_person()
        plain = await stage.link_person(person, oauth=stage.oauth())

        named = await stage.link_person(person, oauth=stage.oauth(LINKEDIN_COMMUNITY_OPENID="true"))

        assert named.user.username == person["display_name"]
        assert named.user.platform_user_id == plain.user.platform_user_id

    async def test_ids_of_people_belong_to_an_app(self, stage: Stage) -> None:
        """The same human has another id in the other app, and other families keep their grants apart."""
        person = await stage.a_person()
        community = await stage.link_person(person, oauth=stage.oauth())
        stage.second_app = ""
        share = await stage.link_person(person, oauth=stage.oauth())

        assert community.user.platform_user_id != share.user.platform_user_id

    async def test_roles_decide_what_a_page_is_good_for(self, stage: Stage) -> None:
        """Only some roles post, one measures, and those that may do neither are shown with the reason."""
        roles = ("ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER", "ANALYST")
        places = [{"kind": "organization", "name": role, "options": {"role": role}} for role in roles]
        oauth = stage.oauth()
        linked = await stage.link_person(await stage.a_person(places=places), oauth=oauth)

        found = {place.name: place for place in await oauth.places(linked.tokens, linked.user)}

        assert {name: place.usable for name, place in found.items()} == {role: role != "ANALYST" for role in roles}
        assert found["ANALYST"].reason
        allowed = {name: oauth.capabilities_of(linked.tokens.scopes, place) for name, place in found.items()}
        assert allowed["ADMINISTRATOR"] == EVERYTHING
        assert allowed["CONTENT_ADMIN"] == {Capability.PUBLISH}
        assert allowed["ANALYST"] == frozenset()

    async def test_every_page_is_found(self, stage: Stage) -> None:
        """The list comes in pages, whose own numbers say nothing."""
        places = [{"kind": "organization", "name": f"Page {number}"} for number in range(103)]
        oauth = stage.oauth()
        linked = await stage.link_person(await stage.a_person(places=places), oauth=oauth)

        found = await oauth.places(linked.tokens, linked.user)

        assert len({place.platform_id for place in found}) == 103

    async def test_a_member_without_a_page_is_told_so(self, stage: Stage) -> None:
        """Nobody can be identified by roles that do not exist, and the reason is plain."""
        person = await stage.a_person(places=[])
        with pytest.raises(PlatformError) as refused:
            await stage.link_person(person, oauth=stage.oauth())

        assert refused.value.code is ErrorCode.PERMISSION_MISSING
        assert refused.value.action

    @pytest.mark.parametrize("key", ["organization", "organizationTarget"])
    async def test_both_names_of_the_organization_are_read(self, stage: Stage, key: str) -> None:
        """Answers were seen with either."""
        await stage.switch(organization_key=key)

        assert (await stage.link()).place.name == "Copper & Co"

    @pytest.mark.parametrize("in_minutes", [False, True])
    async def test_the_refresh_tokens_life_shrinks_to_its_end(self, stage: Stage, *, in_minutes: bool) -> None:
        """It is a year from the consent whatever is refreshed; then only the merchant helps."""
        await stage.switch(refresh_life_in_minutes=in_minutes, extra_versions=["202609"])
        linked = await stage.link()
        oauth, tokens = stage.oauth(), linked.tokens
        assert tokens.refresh_expires_in is not None
        assert tokens.refresh_expires_in.days == 365
        told = []
        for _ in range(7):
            await stage.advance(50 * A_DAY)
            fresh = await oauth.refresh(tokens)
            told.append(fresh.refresh_expires_in and round(fresh.refresh_expires_in.total_seconds() / A_DAY))
            assert fresh.expires_in is not None
            assert fresh.expires_in.days == 60
            assert fresh.refresh_token in (None, linked.tokens.refresh_token)
        await stage.advance(16 * A_DAY)

        with pytest.raises(PlatformError) as refused:
            await oauth.refresh(tokens)

        assert told == ([None] * 7 if in_minutes else [315, 265, 215, 165, 115, 65, 15])
        assert refused.value.code is ErrorCode.AUTH_REVOKED
        assert refused.value.final
        again = await stage.link_person({"username": linked.username, "account_id": ""}, oauth=oauth)
        assert again.tokens.refresh_expires_in is not None
        assert again.user.platform_user_id == linked.user.platform_user_id

    async def test_a_wrong_secret_at_a_refresh_ends_no_grant(self, stage: Stage) -> None:
        """The store's own mistake is never final."""
        linked = await stage.link()

        with pytest.raises(PlatformError) as refused:
            await stage.oauth(LINKEDIN_COMMUNITY_CLIENT_SECRET="wrong").refresh(linked.tokens)

        assert refused.value.code is ErrorCode.APP_MISCONFIGURED
        assert refused.value.scope == "app"
        assert not refused.value.final

    async def test_a_revoked_grant_cannot_be_refreshed(self, stage: Stage) -> None:
        """Revoking takes the refresh token, too."""
        linked = await stage.link()
        await stage.oauth().revoke(linked.tokens)

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(linked.tokens)

        assert refused.value.final

    async def test_other_scopes_end_the_earlier_tokens(self, stage: Stage) -> None:
        """A consent to another set of scopes is what LinkedIn ends the former one by."""
        person = await stage.a_person()
        before = await stage.link_person(person, oauth=stage.oauth())
        await stage.link_person(person, oauth=stage.oauth(LINKEDIN_COMMUNITY_OPENID="true"))

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().probe(before.tokens.access_token)

        assert refused.value.code is ErrorCode.AUTH_REVOKED

    async def test_a_scope_that_the_app_lacks_fails_the_whole_consent(self, stage: Stage) -> None:
        """Which is why a community app is never asked for what only the other app has."""
        assert "w_member_social" not in stage.oauth().scopes_for(EVERYTHING)
        assert set(stage.oauth().scopes_for(EVERYTHING)).isdisjoint({"openid", "profile", "email"})


class LinkedInPosts(PostsContract):
    platform = Platform.LINKEDIN
    tells_limits = False

    async def test_the_text_stands_there_whole(self, stage: Stage) -> None:
        """Reserved characters neither cut the text nor show their escapes; hashtags stay hashtags."""
        words = r"New (1.5 l) {x|y} a_b *c* ~d~ <e> [f] @g \h #kettle https://shop.example/a_(b)?c=~d#e"
        publication = await self.a_publication(stage, text=words)

        await publication.publish()

        [post] = await stage.posts()
        assert post["text"] == words
        [sent] = [
            request
            for request in await stage.requests()
            if request["raw_path"].endswith("/rest/posts") and request["method"] == "POST"
        ]
        assert " #kettle " in json.loads(sent["body"])["commentary"]

    @pytest.mark.parametrize("number", [1, 2, 20])
    async def test_pictures_keep_their_order_and_their_descriptions(self, stage: Stage, number: int) -> None:
        """One picture is a medium, several are a multi-image; each has its own description."""
        linked = await self.link(stage)
        picture = await a_picture(stage)
        media = tuple(type(picture)(picture.url, picture.kind, f"Kettle {position}") for position in range(number))
        publication = Publication(stage, linked, PostContent(TEXT, media), stage.publishing())
        await publication.prepare()

        await publication.publish()

        [post] = await stage.posts()
        assert len(post["media"]) == number
        [sent] = [
            json.loads(request["body"])
            for request in await stage.requests()
            if request["raw_path"].endswith("/rest/posts") and request["method"] == "POST"
        ]
        told = sent["content"]["multiImage"]["images"] if number > 1 else [sent["content"]["media"]]
        assert [image["altText"] for image in told] == [f"Kettle {position}" for position in range(number)]

    async def test_a_video_is_sent_in_parts_and_waited_for(self, stage: Stage) -> None:
        """The parts' marks come back in order, and the post is made when the video is ready."""
        linked = await self.link(stage)
        publication = Publication(stage, linked, PostContent(TEXT, (await a_video(stage),)), stage.publishing())
        await publication.prepare()

        live = await publication.publish()

        [post] = await stage.posts()
        assert post["platform_post_id"] == live.platform_post_id
        assert len(post["media"]) == 1

    async def test_a_creation_without_its_header_is_live_under_an_unknown_id(self, stage: Stage) -> None:
        """201 says that it is public; only the id is missing."""
        publication = await self.a_publication(stage)
        await stage.switch(omit_post_id=True)

        live = await publication.publish()

        assert live.platform_post_id is None
        assert len(await stage.posts()) == 1

    async def test_the_guard_against_duplicates_is_told_and_names_the_post(self, stage: Stage) -> None:
        """The refusal keeps the platform's own words for the operator; nothing is adopted by it."""
        linked = await self.link(stage)
        first = await self.a_publication(stage, linked=linked)
        live = await first.publish()
        second = await self.a_publication(stage, linked=linked)

        with pytest.raises(PlatformError) as refused:
            await second.publish()

        assert refused.value.code is ErrorCode.DUPLICATE_POST
        assert not refused.value.retryable
        assert str(live.platform_post_id) in refused.value.evidence
        assert len(await stage.posts()) == 1

    async def test_a_write_conflict_made_nothing(self, stage: Stage) -> None:
        """409 may be tried again."""
        publication = await self.a_publication(stage)
        await stage.switch(write_conflict=True)

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.retryable
        assert not isinstance(refused.value, OutcomeUnknown)
        assert await stage.posts() == []

    async def test_a_retired_version_concerns_the_whole_app(self, stage: Stage) -> None:
        """426 made nothing, and no account is to blame."""
        publication = await self.a_publication(stage)
        await stage.switch(retired_versions=["202609"])

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code is ErrorCode.VERSION_RETIRED
        assert refused.value.scope == "app"
        assert await stage.posts() == []

    @pytest.mark.parametrize(("bucket", "scope"), [("member_per_day", "account"), ("app_per_day", "app")])
    async def test_a_used_up_day_is_a_quota_until_midnight(self, stage: Stage, bucket: str, scope: str) -> None:
        """The message tells whether the member's day or the app's is over."""
        publication = await self.a_publication(stage)
        await stage.switch(**{bucket: 0, "throttle_form": "day"})

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code is ErrorCode.QUOTA_EXHAUSTED
        assert refused.value.retryable
        assert refused.value.retry_after is not None
        assert refused.value.retry_after.days == 0
        assert refused.value.scope == scope


class TestLinkedInMemberPosts(LinkedInPosts):
    async def test_connections_only_is_for_members(self, stage: Stage) -> None:
        """A member may choose it."""
        linked = await self.link(stage)
        content = PostContent(TEXT, options={"visibility": "CONNECTIONS"})
        assert stage.publishing().check(content, linked.place.facts) == ()
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()

        await publication.publish()

        [post] = await stage.posts()
        assert post["visibility"] == "CONNECTIONS"

    @pytest.mark.parametrize("kind", ["commit_then_drop", "commit_then_500", "drop", "error_500"])
    async def test_a_lost_answer_is_a_doubt_that_reading_back_settles(self, stage: Stage, kind: str) -> None:
        """Here it does not: a member's posts cannot be read, and a blind look is no finding."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", kind)
        with pytest.raises(OutcomeUnknown):
            await publication.publish()

        with pytest.raises(PlatformError) as blind:
            await publication.settle()

        assert blind.value.code is ErrorCode.PERMISSION_MISSING
        assert blind.value.action
        assert len(await stage.posts()) == (1 if kind.startswith("commit") else 0)

    async def test_a_text_that_comes_back_changed_is_still_known(self, stage: Stage) -> None:
        """No text of a member comes back at all; what was sent stands there whole."""
        publication = await self.a_publication(stage, text=self.odd)

        await publication.publish()

        [post] = await stage.posts()
        assert post["text"] == self.odd

    @pytest.mark.parametrize("kind", ["garbage", "html"])
    async def test_a_post_that_did_not_go_out_is_not_found(self, stage: Stage, kind: str) -> None:
        """A broken answer is a doubt, and stays one."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", kind)

        with pytest.raises(OutcomeUnknown):
            await publication.publish()

        assert await stage.posts() == []

    async def test_an_equal_post_from_before_is_not_taken_for_ours(self, stage: Stage) -> None:
        """Nothing is ever taken for ours on a profile."""
        publication = await self.a_publication(stage)

        with pytest.raises(PlatformError):
            await publication.settle()

    @pytest.mark.parametrize("kind", ["drop"])
    async def test_trouble_while_reading_back_is_no_finding(self, stage: Stage, kind: str) -> None:
        """Nothing is read, so nothing is called and no trouble is met."""
        publication = await self.a_publication(stage)
        await stage.plan("read", kind)
        before = len(await stage.requests())

        with pytest.raises(PlatformError):
            await publication.settle()

        assert len(await stage.requests()) == before

    async def test_pictures_are_posted_without_a_right_to_look_at_them(self, stage: Stage) -> None:
        """A member's token may not read an asset; the post is made all the same."""
        await stage.switch(member_reads_media=False)
        linked = await self.link(stage)
        content = PostContent(TEXT, (await a_picture(stage), await a_picture(stage, position=1)))
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()

        await publication.publish()

        assert len((await stage.posts())[0]["media"]) == 2


class TestLinkedInOrganizationPosts(LinkedInPosts):
    second_app = "community"
    person: ClassVar[dict[str, Any]] = PAGE

    async def test_connections_only_is_for_members(self, stage: Stage) -> None:
        """A Page has no connections: said by the check, and refused before anything is sent."""
        linked = await self.link(stage)
        content = PostContent(TEXT, options={"visibility": "CONNECTIONS"})
        publication = Publication(stage, linked, content, stage.publishing())

        [finding] = stage.publishing().check(content, linked.place.facts)
        with pytest.raises(PlatformError) as refused:
            await publication.prepare()

        assert (finding.severity, finding.field) == ("problem", "options.visibility")
        assert refused.value.code is ErrorCode.CONTENT_REJECTED

    async def test_a_lost_post_with_pictures_is_found_by_its_assets(self, stage: Stage) -> None:
        """Text and assets together name the post."""
        linked = await self.link(stage)
        content = PostContent(TEXT, (await a_picture(stage), await a_picture(stage, position=1)))
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        [post] = await stage.posts()
        assert sighting.live is not None
        assert sighting.live.platform_post_id == post["platform_post_id"]

    async def test_what_came_with_the_next_attempt_is_not_this_ones(self, stage: Stage) -> None:
        """Only posts from before `until` count."""
        publication = await self.a_publication(stage)
        await publication.publish()
        await self.past_the_lag(stage)

        assert (await publication.settle()).kind is SightingKind.LIVE
        assert (await publication.settle(until=publication.sent_at)).kind is SightingKind.ABSENT

    async def test_equal_posts_leave_it_open(self, stage: Stage) -> None:
        """Where several match nobody can tell which is ours."""
        linked = await self.link(stage)
        await stage.switch(duplicate_window_s=0)
        first = await self.a_publication(stage, linked=linked)
        second = await self.a_publication(stage, linked=linked)
        await first.publish()
        await second.publish()
        await self.past_the_lag(stage)

        assert (await second.settle()).kind is SightingKind.AMBIGUOUS

    async def test_a_lost_role_is_no_dead_token(self, stage: Stage) -> None:
        """403 with a token that lives: the merchant is told what is missing."""
        publication = await self.a_publication(stage)
        place = {"platform_id": publication.linked.place.platform_id, "options": {"role": "ANALYST"}}
        await stage.control("POST", "/places", {"platform": stage.platform, **place})

        with pytest.raises(PlatformError) as refused:
            await publication.publish()

        assert refused.value.code is ErrorCode.PERMISSION_MISSING
        assert refused.value.action
        await stage.oauth().probe(publication.linked.tokens.access_token)

    async def test_a_failed_picture_is_told_before_the_post_is_due(self, stage: Stage) -> None:
        """Preparing looks at what LinkedIn made of the file."""
        await stage.switch(processing_fails=True)
        linked = await self.link(stage)
        publication = Publication(stage, linked, PostContent(TEXT, (await a_picture(stage),)), stage.publishing())

        with pytest.raises(PlatformError) as refused:
            await publication.prepare()

        assert refused.value.code is ErrorCode.MEDIA_REJECTED


class TestLinkedInMetrics(MetricsContract):
    platform = Platform.LINKEDIN
    second_app = "community"
    person: ClassVar[dict[str, Any]] = PAGE
    post_metrics: ClassVar[dict[str, int]] = {
        "likes": 41,
        "comments": 5,
        "shares": 2,
        "clicks": 7,
        "reach": 900,
        "impressions": 1200,
    }
    missing_id = "urn:li:share:1900000000000000001"

    async def a_post(self, stage: Stage, linked: Linked) -> PublishedPost:
        """A post that is live, and shown."""
        post = await super().a_post(stage, linked)
        await stage.advance(5)
        return post

    async def test_a_member_reports_nothing_and_is_not_asked(self, stage: Stage) -> None:
        """With the self-serve app no number can be read: all are unknown, none is zero."""
        stage.second_app = ""
        linked = await stage.link()
        post = await self.a_post(stage, linked)
        before = len(await stage.requests())

        account = await stage.measuring().read_account(linked.access())
        posts = await stage.measuring().read_posts(linked.access(), [post])

        assert set(account.metrics.__slots__) == {"followers", "following", "posts", "reach", "impressions"}
        assert not any(getattr(account.metrics, name) is not None for name in account.metrics.__slots__)
        assert (dict(posts.metrics), posts.gone, posts.raw, account.raw) == ({}, frozenset(), (), ())
        assert len(await stage.requests()) == before

    async def test_what_was_taken_back_counts_as_nothing(self, stage: Stage) -> None:
        """Likes below zero are told by LinkedIn; the number shown is zero, the raw answer is kept."""
        linked = await stage.link()
        post = await self.a_post(stage, linked)
        await stage.switch(withdrawn=3)
        body = {"platform": stage.platform, "platform_post_id": post.platform_post_id, "metrics": {"likes": 1}}
        await stage.control("POST", "/engagement", body)

        reading = await stage.measuring().read_posts(linked.access(), [post])

        assert reading.metrics[post.platform_post_id].likes == 0
        assert "-" in json.dumps([answer.body for answer in reading.raw])

    async def test_a_role_that_may_not_measure_is_told(self, stage: Stage) -> None:
        """Statistics are for administrators."""
        linked = await stage.link()
        post = await self.a_post(stage, linked)
        place = {"platform_id": linked.place.platform_id, "options": {"role": "CONTENT_ADMIN"}}
        await stage.control("POST", "/places", {"platform": stage.platform, **place})

        with pytest.raises(PlatformError) as refused:
            await stage.measuring().read_posts(linked.access(), [post])

        assert refused.value.code is ErrorCode.PERMISSION_MISSING

    async def test_posts_of_both_kinds_are_read(self, stage: Stage) -> None:
        """Shares and UGC posts are asked apart, since their URNs differ."""
        linked = await stage.link()
        post = await self.a_post(stage, linked)
        other = PublishedPost("urn:li:ugcPost:1900000000000000002", post.kind, post.posted_at)

        reading = await stage.measuring().read_posts(linked.access(), [post, other])

        assert set(reading.metrics) == {post.platform_post_id}
        assert reading.gone == {other.platform_post_id}
