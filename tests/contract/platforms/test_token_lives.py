"""Token models walked in time against the platforms: from the consent over refreshes to the death and the next consent.

Those of Google, YouTube, LinkedIn and Facebook stand with what else is special there.
"""

from datetime import timedelta

import pytest
from tests.contract.platforms.stage import Stage

from social_platforms._core import ErrorCode, OAuthAdapter, Platform, PlatformError, TokenSet

HOUR, A_DAY = 3600, 86_400


async def ended(oauth: OAuthAdapter, tokens: TokenSet) -> PlatformError:
    """What a probe says of an access token that is over."""
    with pytest.raises(PlatformError) as refused:
        await oauth.probe(tokens.access_token)
    assert refused.value.code in {ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED}
    return refused.value


async def dead(oauth: OAuthAdapter, tokens: TokenSet) -> PlatformError:
    """What a refresh says of a grant that is over: a final answer with a way out."""
    with pytest.raises(PlatformError) as refused:
        await oauth.refresh(tokens)
    assert refused.value.final
    return refused.value


async def reconnected(stage: Stage, oauth: OAuthAdapter, account: dict[str, str], platform_id: str) -> TokenSet:
    """The same person consents again: the same place, with tokens that work."""
    again = await stage.link_person(account, oauth=oauth)
    assert again.place.platform_id == platform_id
    await oauth.probe(again.tokens.access_token)
    return again.tokens


class Rotating:
    """A pair that is spent by its use, until the person takes it back."""

    platform: Platform
    life_s: int

    async def test_a_rotating_grant_walks_from_consent_to_consent(self, stage: Stage) -> None:
        """Each life ends on time, each pair works once, a revocation is final, and a consent mends it."""
        oauth, person = stage.oauth(), await stage.a_person()
        linked = await stage.link_person(person, oauth=oauth)
        tokens = linked.tokens
        for _ in range(3):
            assert tokens.expires_in is not None
            assert abs(tokens.expires_in - timedelta(seconds=self.life_s)) < timedelta(minutes=1)
            await stage.advance(self.life_s - 60)
            await oauth.probe(tokens.access_token)
            await stage.advance(120)
            await ended(oauth, tokens)
            fresh = await oauth.refresh(tokens)
            assert fresh.refresh_token != tokens.refresh_token
            await oauth.probe(fresh.access_token)
            tokens = fresh
        await stage.plan("refresh", "revoke")

        refusal = await dead(oauth, tokens)

        assert refusal.code is ErrorCode.AUTH_REVOKED
        assert refusal.action
        await ended(oauth, tokens)
        await reconnected(stage, oauth, person, linked.place.platform_id)


class TestX(Rotating):
    platform = Platform.X
    life_s = 2 * HOUR


class TestGitHub(Rotating):
    platform = Platform.GITHUB
    life_s = 8 * HOUR

    async def test_half_a_year_without_a_refresh_ends_a_grant(self, stage: Stage) -> None:
        """The refresh token's own end is told at the consent, and is final; a consent mends it."""
        oauth, person = stage.oauth(), await stage.a_person()
        linked = await stage.link_person(person, oauth=oauth)
        assert linked.tokens.refresh_expires_in is not None
        await stage.advance(linked.tokens.refresh_expires_in.total_seconds() + 60)

        await dead(oauth, linked.tokens)

        await reconnected(stage, oauth, person, linked.place.platform_id)


class TestGitHubWithoutExpiry:
    platform = Platform.GITHUB

    async def test_a_token_without_an_end_walks_from_consent_to_consent(self, stage: Stage) -> None:
        """A year later it works, nothing about it is refreshed, and it ends when the person takes it back."""
        body = {
            "platform": stage.platform,
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "redirect_uris": [stage.callback],
            "options": {"flavour": "github_app", "expiring_tokens": False},
        }
        await stage.control("POST", "/apps", body)
        oauth, person = stage.oauth(), await stage.a_person()
        linked = await stage.link_person(person, oauth=oauth)
        assert (linked.tokens.expires_in, linked.tokens.refresh_token) == (None, None)
        await stage.advance(365 * A_DAY)
        await oauth.probe(linked.tokens.access_token)
        assert await oauth.refresh(linked.tokens) == linked.tokens

        await stage.plan("identity", "revoke")
        await ended(oauth, linked.tokens)

        again = await reconnected(stage, oauth, person, linked.place.platform_id)
        assert again.expires_in is None


class TestInstagram:
    platform = Platform.INSTAGRAM

    async def test_an_exchanged_token_walks_from_consent_to_consent(self, stage: Stage) -> None:
        """Sixty days from the consent's own exchange, a younger one each time, and none past its end."""
        oauth, person = stage.oauth(), await stage.a_person()
        linked = await stage.link_person(person, oauth=oauth)
        tokens = linked.tokens
        for _ in range(3):
            assert tokens.expires_in is not None
            assert timedelta(days=59) < tokens.expires_in <= timedelta(days=60)
            await stage.advance(55 * A_DAY)
            await oauth.probe(tokens.access_token)
            tokens = await oauth.refresh(tokens)
        await stage.advance(61 * A_DAY)
        await ended(oauth, tokens)

        refusal = await dead(oauth, tokens)

        assert refusal.action
        await reconnected(stage, oauth, person, linked.place.platform_id)


class TestGoogle:
    platform = Platform.GOOGLE

    async def test_a_kept_refresh_token_walks_from_consent_to_consent(self, stage: Stage) -> None:
        """An hour at a time with one refresh token, until the person takes it back; a consent brings another one."""
        oauth = stage.oauth()
        person = await stage.a_person(places=[{"kind": "location", "name": "High Street"}])
        linked = await stage.link_person(person, oauth=oauth)
        tokens = linked.tokens
        for _ in range(3):
            await stage.advance(HOUR + 60)
            await ended(oauth, tokens)
            fresh = await oauth.refresh(linked.tokens)
            assert fresh.refresh_token in (None, linked.tokens.refresh_token)
            await oauth.probe(fresh.access_token)
            tokens = fresh
        await stage.plan("refresh", "revoke")

        refusal = await dead(oauth, linked.tokens)

        assert refusal.code is ErrorCode.AUTH_REVOKED
        again = await reconnected(stage, oauth, person, linked.place.platform_id)
        assert again.refresh_token not in (None, linked.tokens.refresh_token)
