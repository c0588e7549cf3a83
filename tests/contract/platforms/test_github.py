"""GitHub keeps the contract, with discussions and with releases, and what is special about GitHub."""

from typing import Any, ClassVar

import pytest
from tests.contract.platforms.metrics_contract import MetricsContract
from tests.contract.platforms.oauth_contract import OAuthContract
from tests.contract.platforms.posts_contract import TEXT, PostsContract
from tests.contract.platforms.stage import Linked, Publication, Stage

from social_platforms._core import (
    ErrorCode,
    OutcomeUnknown,
    Platform,
    PlatformError,
    PostContent,
    SightingKind,
)

RELEASE: dict[str, Any] = {"kind": "release"}


class TestGitHubOAuth(OAuthContract):
    platform = Platform.GITHUB
    narrow_cannot_publish = False

    async def test_every_repository_of_the_installation_is_a_place(self, stage: Stage) -> None:
        """One grant reaches all repositories, over as many pages as it takes."""
        places = [{"kind": "repository", "name": f"shop-{number}"} for number in range(105)]
        person = await stage.a_person(places=places)
        oauth = stage.oauth()

        linked = await stage.link_person(person, oauth=oauth)

        found = await oauth.places(linked.tokens, linked.user)
        assert len({place.platform_id for place in found}) == 105
        assert all(place.facts["full_name"] == place.name for place in found)


async def edit(stage: Stage, publication: Publication, body: str) -> None:
    """What somebody does to the post on the site: other words in it, with the line ends of a browser."""
    [post] = await stage.posts()
    headers = {"Authorization": f"Bearer {publication.linked.token.reveal()}"}
    api = f"{stage.url}/github/api.github.com"
    if publication.content.options.get("kind") == "release":
        path = f"/repos/{publication.linked.place.facts['full_name']}/releases/{post['platform_post_id']}"
        answer = await stage.http.request("PATCH", api + path, json={"body": body}, headers=headers)
    else:
        query = "mutation($d:ID!,$b:String){updateDiscussion(input:{discussionId:$d,body:$b}){discussion{id}}}"
        variables = {"d": post["platform_post_id"], "b": body}
        asked = {"query": query, "variables": variables}
        answer = await stage.http.request("POST", f"{api}/graphql", json=asked, headers=headers)
    assert answer.status == 200, answer.text
    assert (await stage.posts())[0]["text"] == body, answer.text


class EditedPosts(PostsContract):
    """What holds for discussions and for releases."""

    platform = Platform.GITHUB

    async def test_a_post_that_was_edited_on_the_site_is_still_known(self, stage: Stage) -> None:
        """The mark tells it, whatever became of the words around it."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        [post] = await stage.posts()
        mark = post["text"].rpartition("<!--")[2]
        await edit(stage, publication, f"Other words.\r\n\r\n<!--{mark}\r\n")
        await self.past_the_lag(stage)

        sighting = await publication.settle()

        assert sighting.live is not None
        assert sighting.live.platform_post_id == post["platform_post_id"]


class TestGitHubDiscussions(EditedPosts):
    def has_picture(self, post: dict[str, Any], content: PostContent) -> bool:
        """A picture is a link in the text."""
        return content.media[0].url in post["text"]

    async def test_an_unknown_category_is_refused_before_anything_is_sent(self, stage: Stage) -> None:
        """The error names the option."""
        linked = await self.link(stage)
        content = PostContent(TEXT, options={"category": "nowhere"})
        publication = Publication(stage, linked, content, stage.publishing())

        with pytest.raises(PlatformError) as refused:
            await publication.prepare()

        assert refused.value.code is ErrorCode.CONTENT_REJECTED
        assert "category" in refused.value.action

    async def test_two_posts_with_one_text_are_told_apart(self, stage: Stage) -> None:
        """The mark makes a doubt decidable even between equal texts."""
        linked = await self.link(stage)
        first = await self.a_publication(stage, linked=linked)
        second = await self.a_publication(stage, linked=linked)
        await first.publish()
        live = await second.publish()
        await self.past_the_lag(stage)

        sighting = await second.settle()

        assert sighting.live is not None
        assert sighting.live.platform_post_id == live.platform_post_id


class TestGitHubReleases(EditedPosts):
    options: ClassVar[dict[str, Any]] = RELEASE
    is_resend_safe = True

    def has_picture(self, post: dict[str, Any], content: PostContent) -> bool:
        """A picture is a link in the text."""
        return content.media[0].url in post["text"]

    async def test_a_tag_of_somebody_elses_release_is_refused(self, stage: Stage) -> None:
        """A release that has the tag is ours only with our mark in it."""
        linked = await self.link(stage)
        content = PostContent(TEXT, options=RELEASE | {"tag": "v1.0"})
        first = Publication(stage, linked, content, stage.publishing())
        await first.prepare()
        await first.publish()
        second = Publication(stage, linked, content, stage.publishing())
        await second.prepare()

        with pytest.raises(PlatformError) as refused:
            await second.publish()

        assert refused.value.code is ErrorCode.CONTENT_REJECTED
        assert (await second.settle()).kind is SightingKind.FAILED
        assert len(await stage.posts()) == 1

    async def test_the_same_release_again_is_the_first_one(self, stage: Stage) -> None:
        """Sending again after a lost answer adopts what went out."""
        publication = await self.a_publication(stage)
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()

        live = await publication.publish()

        [post] = await stage.posts()
        assert live.platform_post_id == post["platform_post_id"]


class TestGitHubOAuthApp(TestGitHubReleases):
    """An OAuth app's token, which never expires, publishes and measures as a GitHub App's does."""

    async def link(self, stage: Stage) -> Linked:
        """Somebody who has linked through an OAuth app."""
        body = {
            "platform": stage.platform,
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "redirect_uris": [stage.callback],
            "options": {"flavour": "oauth_app", "expiring_tokens": False},
        }
        await stage.control("POST", "/apps", body)
        return await stage.link(oauth=stage.oauth(GITHUB_FLAVOUR="oauth_app"))

    async def test_a_token_without_expiry_is_left_as_it_is(self, stage: Stage) -> None:
        """Nothing is refreshed, and nothing is called expired."""
        linked = await self.link(stage)

        kept = await stage.oauth(GITHUB_FLAVOUR="oauth_app").refresh(linked.tokens)

        assert kept == linked.tokens
        assert (kept.expires_in, kept.refresh_token) == (None, None)


class TestGitHubMetrics(MetricsContract):
    platform = Platform.GITHUB
    missing_id = "D_kwDOnothing"
