"""LinkedIn's tokens: what their ends are taken to be, and when a refusal is asked about twice."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.unit.platforms.fakes import Reply, Scripted, an_access, an_app

from social_common.secrets import Secret
from social_platforms import registry
from social_platforms._core import (
    Capability,
    ErrorCode,
    PlaceKind,
    Platform,
    PlatformError,
    PostKind,
    PublishedPost,
    TokenSet,
)
from social_platforms.linkedin.limits import FACTS
from social_platforms.linkedin.metrics import LinkedInMetrics
from social_platforms.linkedin.oauth import LinkedInOAuth

EVERYTHING = frozenset(Capability)
KINDS = ("member", "organization", "page")
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "refresh", "days"),
    [
        ({"refresh_token": "rt_1", "refresh_token_expires_in": 20_000_000}, True, 231),
        ({"refresh_token": "rt_1", "refresh_token_expires_in": 525_600}, False, None),
        ({"refresh_token": "rt_1"}, False, None),
        ({}, False, None),
        ({"refresh_token": "rt_2", "refresh_token_expires_in": 525_600}, True, 365),
    ],
)
async def test_a_refresh_tokens_end_is_kept_where_it_is_not_told(
    answer: dict[str, Any], days: int | None, *, refresh: bool
) -> None:
    """A figure that may be minutes is no figure; the token from before and its end then stay as they are."""
    server = Scripted(Reply(200, {"access_token": "at_2", "expires_in": 5_184_000, **answer}))
    oauth = LinkedInOAuth(an_app(flavour="community"), server.http())

    fresh = await oauth.refresh(TokenSet(Secret("at_1"), Secret("rt_1"), expires_in=None))

    assert (fresh.refresh_token is not None) == refresh
    assert (fresh.refresh_expires_in.days if fresh.refresh_expires_in else None) == days


@pytest.mark.parametrize("scope", ["openid,profile,w_member_social", "openid profile  w_member_social"])
async def test_scopes_are_split_at_commas_and_spaces(scope: str) -> None:
    """Answers carry commas, requests spaces."""
    server = Scripted(Reply(200, {"access_token": "at_2", "expires_in": 5_184_000, "scope": scope}))

    tokens = await LinkedInOAuth(an_app(), server.http()).exchange(
        code=Secret("c"), redirect_uri="https://a.example/cb", code_verifier=Secret("v")
    )

    assert tokens.scopes == frozenset({"openid", "profile", "w_member_social"})
    assert "code_verifier" not in server.asked[0].form()


@pytest.mark.parametrize("second", [Reply(200, {"sub": "q7", "name": "Ana"}), Reply(401, {"serviceErrorCode": 65601})])
async def test_a_young_token_that_is_refused_is_tried_once_more(second: Reply) -> None:
    """After five seconds, and then the answer counts."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    server = Scripted(Reply(401, {"status": 401, "serviceErrorCode": 65601}), second)
    oauth = LinkedInOAuth(an_app(), server.http(), sleep=sleep)
    tokens = TokenSet(Secret("at_1"), None, expires_in=None)
    if second.status == 200:
        assert (await oauth.identity(tokens)).platform_user_id == "urn:li:person:q7"
    else:
        with pytest.raises(PlatformError) as refused:
            await oauth.identity(tokens)
        assert refused.value.code is ErrorCode.AUTH_REVOKED

    assert slept == [5.0]
    assert len(server.asked) == 2
    assert "linkedin-version" not in server.asked[0].headers


async def test_a_probe_asks_twice_before_it_calls_a_token_revoked() -> None:
    """An expired one needs no second question."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    for status, again, code in (
        ("revoked", {"active": True}, None),
        ("revoked", {"active": False, "status": "revoked"}, ErrorCode.AUTH_REVOKED),
        ("expired", None, ErrorCode.AUTH_EXPIRED),
    ):
        server = Scripted(Reply(200, {"active": False, "status": status}), Reply(200, again))
        oauth = LinkedInOAuth(an_app(), server.http(), sleep=sleep)
        if code is None:
            await oauth.probe(Secret("at_1"))
            continue
        with pytest.raises(PlatformError) as refused:
            await oauth.probe(Secret("at_1"))
        assert refused.value.code is code
        assert not refused.value.final
    assert slept == [5.0, 5.0]


async def test_what_the_right_to_read_would_tell_is_no_activity_without_it() -> None:
    """Left out means zero, as documented, where nobody may look whether the post still exists."""
    denied = Reply(403, {"status": 403, "code": "ACCESS_DENIED", "serviceErrorCode": 100})
    server = Scripted(Reply(200, {"elements": []}), denied)
    metrics = LinkedInMetrics(an_app(), server.http())

    reading = await metrics.read_posts(
        an_access(Platform.LINKEDIN), [PublishedPost("urn:li:share:1", PostKind.TEXT, NOW)]
    )

    assert reading.gone == frozenset()
    assert reading.metrics["urn:li:share:1"].impressions == 0
    assert reading.metrics["urn:li:share:1"].saves is None


SHARE_APP = {"LINKEDIN_CLIENT_ID": "cid", "LINKEDIN_CLIENT_SECRET": "s"}
COMMUNITY_APP = {"LINKEDIN_COMMUNITY_CLIENT_ID": "cid2", "LINKEDIN_COMMUNITY_CLIENT_SECRET": "s2"}


def test_members_go_through_the_first_app_and_organisations_through_the_second() -> None:
    """Each app asks for its own scopes only and keeps its grants in a family of its own."""
    apps = registry.oauth_apps(registry.load_apps(SHARE_APP | COMMUNITY_APP), Scripted(Reply()).http())

    chosen = {kind: apps.choose("linkedin", kinds) for kind, kinds in (("any", ()), *((k, (k,)) for k in KINDS))}

    assert {kind: found[0] if found else None for kind, found in chosen.items()} == {
        "any": "cid",
        "member": "cid",
        "organization": "cid2",
        "page": None,
    }
    assert apps.kinds_at("linkedin") == {PlaceKind.MEMBER, PlaceKind.ORGANIZATION}
    share, community = apps
    assert share.family != community.family
    assert share.scopes_for(EVERYTHING) == ("openid", "profile", "w_member_social")
    assert set(share.scopes_for(EVERYTHING)).isdisjoint(community.scopes_for(EVERYTHING))
    assert share.capabilities_of(None) == {Capability.PUBLISH}
    assert community.capabilities_of(None) == EVERYTHING


def test_one_app_alone_offers_its_kind_only() -> None:
    """A store may have but one of the two."""
    apps = registry.oauth_apps(registry.load_apps(COMMUNITY_APP), Scripted(Reply()).http())

    assert apps.kinds_at("linkedin") == {PlaceKind.ORGANIZATION}
    assert apps.choose("linkedin", ("member",)) is None


def test_the_facts_tell_what_each_kind_needs() -> None:
    """A member has no analytics at all; together the kinds make up what is told of the platform."""
    by_kind = FACTS.scopes_by_kind

    assert Capability.ANALYTICS not in by_kind[PlaceKind.MEMBER]
    for capability, scopes in FACTS.scopes.items():
        together = {scope for needed in by_kind.values() for scope in needed.get(capability, ())}
        assert set(scopes) == together


def test_the_version_is_pinned_and_its_end_is_known() -> None:
    """Never computed from the clock, since LinkedIn skips months."""
    assert FACTS.api_version == "202609"
    assert FACTS.api_sunset == datetime(2027, 9, 15, tzinfo=UTC)
