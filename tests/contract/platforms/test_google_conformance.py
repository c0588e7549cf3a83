"""What is really sent to Google agrees with its own descriptions, local posts, which have none, with the tables."""

import json
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from tests.contract.platforms.descriptions import check_request
from tests.contract.platforms.stage import EVERYTHING, VERIFIER, Publication, Stage, a_picture, a_video

from social_platforms._core import (
    AuthorizationRequest,
    OutcomeUnknown,
    Platform,
    PostContent,
    PostKind,
    PublishedPost,
)

oauthlib: Any = import_module("google_auth_oauthlib.flow")

SCHEDULE = {
    "start_date": {"year": 2026, "month": 12, "day": 1},
    "start_time": {"hours": 9, "minutes": 0},
    "end_date": {"year": 2026, "month": 12, "day": 3},
    "end_time": {"hours": 18, "minutes": 30},
}
# The fields of a local post that may be written, as the reference's tables name them.
POST_FIELDS = {
    "topicType": {"STANDARD", "EVENT", "OFFER"},
    "languageCode": None,
    "summary": None,
    "callToAction": {"actionType", "url"},
    "event": {"title", "schedule"},
    "offer": {"couponCode", "redeemOnlineUrl", "termsConditions"},
    "media": None,
}


class TestGoogleRequests:
    platform: ClassVar[Platform] = Platform.GOOGLE
    described: ClassVar[dict[str, str]] = {
        "mybusinessaccountmanagement.googleapis.com": "mybusinessaccountmanagement.v1",
        "mybusinessbusinessinformation.googleapis.com": "mybusinessbusinessinformation.v1",
        "mybusinessverifications.googleapis.com": "mybusinessverifications.v1",
        "businessprofileperformance.googleapis.com": "businessprofileperformance.v1",
    }

    async def test_requests_are_those_of_the_descriptions(self, stage: Stage) -> None:
        """Accounts, locations, standing and performance are asked as Google describes them."""
        linked = await stage.link(places=[{"kind": "location", "name": f"Shop {number}"} for number in range(101)])
        publication = Publication(stage, linked, PostContent("New: copper kettle"), stage.publishing())
        await publication.prepare()
        await stage.measuring().read_account(linked.access())

        seen = {
            check_request(self.described[request["host"]], request)
            for request in await stage.requests()
            if request["host"] in self.described
        }

        assert seen == {
            "mybusinessaccountmanagement.accounts.list",
            "mybusinessbusinessinformation.accounts.locations.list",
            "mybusinessverifications.locations.getVoiceOfMerchantState",
            "businessprofileperformance.locations.fetchMultiDailyMetricsTimeSeries",
        }

    async def test_posts_have_the_fields_of_the_tables(self, stage: Stage) -> None:
        """Bodies hold nothing but what may be written, with the whole time of an event."""
        linked = await stage.link()
        event = {"title": "Weekend", "schedule": SCHEDULE}
        for options in (
            {"call_to_action": {"type": "SHOP", "url": "https://shop.example/k1"}},
            {"topic_type": "EVENT", "event": event},
            {"topic_type": "OFFER", "event": event, "offer": {"redeem_online_url": "https://shop.example/k1"}},
        ):
            content = PostContent("New: copper kettle", (await a_picture(stage),), options)
            publication = Publication(stage, linked, content, stage.publishing())
            await publication.prepare()
            await publication.publish()

        sent = [one for one in await stage.requests() if one["host"] == "mybusiness.googleapis.com"]
        bodies = [json.loads(one["body"]) for one in sent if one["method"] == "POST"]
        assert len(bodies) == 3
        for body in bodies:
            assert set(body) <= set(POST_FIELDS)
            for field, allowed in POST_FIELDS.items():
                if allowed and isinstance(body.get(field), dict):
                    assert set(body[field]) <= allowed
            assert body["topicType"] in POST_FIELDS["topicType"]  # type: ignore[operator]
            [photo] = body["media"]
            assert set(photo) == {"mediaFormat", "sourceUrl"}
            if "event" in body:
                assert set(body["event"]["schedule"]) == {"startDate", "startTime", "endDate", "endTime"}
        for one in sent:
            if one["method"] == "GET" and one["raw_path"].endswith("/localPosts"):
                assert set(parse_qs(one["raw_query"])) <= {"pageSize", "pageToken"}

    async def test_our_consent_page_is_that_of_googles_own_library(self, stage: Stage) -> None:
        """Google's library asks for the same things; only the merging of grants is left out, on purpose."""
        oauth = stage.oauth()
        scopes = oauth.scopes_for(EVERYTHING)
        ours = oauth.authorization_url(
            AuthorizationRequest(stage.callback, state="st_9f2", code_verifier=VERIFIER, scopes=scopes)
        )
        # The library refuses plain addresses, so it is given Google's own; only what is asked is compared.
        pages = {"auth_uri": "https://accounts.google.com/o/oauth2/v2/auth", "token_uri": "https://t.example"}
        config = {"web": {"client_id": "sandbox-client", **pages}}
        flow = oauthlib.Flow.from_client_config(
            config, scopes=scopes, redirect_uri=stage.callback, code_verifier=VERIFIER
        )
        theirs, _ = flow.authorization_url(state="st_9f2", access_type="offline", prompt="consent")

        assert parse_qs(ours.partition("?")[2]) == parse_qs(theirs.partition("?")[2])


class TestYouTubeRequests:
    platform: ClassVar[Platform] = Platform.YOUTUBE

    async def test_requests_are_those_of_the_descriptions(self, stage: Stage) -> None:
        """Channels, uploads, videos, lists, counters and reports are asked as Google describes them."""
        await stage.switch(session_life_s=60)
        linked = await stage.link()
        options: dict[str, Any] = {"title": "Kettle", "tags": ["copper"], "privacy": "unlisted", "made_for_kids": True}
        content = PostContent("New: copper kettle", (await a_video(stage),), options)
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()
        await stage.plan("publish", "commit_then_drop")
        with pytest.raises(OutcomeUnknown):
            await publication.publish()
        await stage.advance(30)
        live = (await publication.settle()).live
        assert live is not None
        assert live.platform_post_id is not None
        await stage.advance(120)
        assert (await publication.settle()).live == live
        posted_at = datetime(2026, 11, 1, tzinfo=UTC)
        await stage.measuring().read_account(linked.access())
        await stage.measuring().read_posts(
            linked.access(), [PublishedPost(live.platform_post_id, PostKind.VIDEO, posted_at)]
        )

        seen = set()
        for request in await stage.requests():
            if request["host"] == "youtubeanalytics.googleapis.com":
                seen.add(check_request("youtubeAnalytics.v2", request))
            elif request["host"] == "www.googleapis.com" and "upload_id" not in request["raw_query"]:
                seen.add(check_request("youtube.v3", request))

        assert seen == {
            "youtube.channels.list",
            "youtube.playlistItems.list",
            "youtube.videos.batchGetStats",
            "youtube.videos.insert",
            "youtube.videos.list",
            "youtubeAnalytics.reports.query",
        }

    async def test_an_upload_begins_as_the_guide_says(self, stage: Stage) -> None:
        """The session is told the file's size and type, and every later request names its range."""
        linked = await stage.link()
        content = PostContent("New: copper kettle", (await a_video(stage),), {})
        publication = Publication(stage, linked, content, stage.publishing())
        await publication.prepare()
        await publication.publish()

        uploads = [one for one in await stage.requests() if "/upload/" in one["raw_path"]]
        opened, *fed = uploads
        assert opened["method"] == "POST"
        assert parse_qs(opened["raw_query"])["uploadType"] == ["resumable"]
        assert opened["headers"]["x-upload-content-type"] == "video/mp4"
        assert opened["headers"]["content-type"].startswith("application/json")
        size = opened["headers"]["x-upload-content-length"]
        assert {one["method"] for one in fed} == {"PUT"}
        assert all(one["headers"]["content-range"].endswith(f"/{size}") for one in fed)
