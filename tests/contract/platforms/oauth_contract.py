"""What every platform's facet of linking promises; each platform's tests inherit the class and say where it differs."""

from typing import ClassVar

import pytest
from tests.contract.platforms.stage import EVERYTHING, VERIFIER, Linked, Stage

from social_common.secrets import Secret
from social_platforms._core import (
    Capability,
    ErrorCode,
    OutcomeUnknown,
    Platform,
    PlatformError,
    Revocation,
)

LOST = ("commit_then_drop", "commit_then_500", "garbage", "html", "drop", "error_500")


class OAuthContract:
    """Linking, keeping alive, and ending a grant."""

    platform: ClassVar[Platform]
    uses_pkce: ClassVar[bool] = True
    rotates: ClassVar[bool] = True
    can_revoke: ClassVar[bool] = True
    renews: ClassVar[bool] = True  # False where no grant is ever refreshed
    denial: ClassVar[str] = "access_denied"
    probing: ClassVar[str] = "identity"  # the operation that a probe is
    capabilities: ClassVar[frozenset[Capability]] = EVERYTHING

    async def test_a_consent_becomes_tokens_that_know_who_consented(self, stage: Stage) -> None:
        """Exchange, identity and places name the account that approved."""
        linked = await stage.link()

        assert self.is_who_consented(linked)
        assert linked.place.platform_id
        assert stage.oauth().capabilities_of(linked.tokens.scopes, linked.place) == self.capabilities

    def is_who_consented(self, linked: Linked) -> bool:
        """True where the identity is the account's."""
        return linked.user.username == linked.username and linked.user.platform_user_id == linked.account_id

    async def test_a_refusal_comes_back_with_its_state(self, stage: Stage) -> None:
        """Whoever declines returns with the platform's word for that and the state that was sent."""
        person = await stage.a_person()

        answer = await stage.consents(stage.oauth(), person["username"], decision="deny")

        assert answer["error"] == self.denial
        assert answer["state"] == "st_9f2"

    async def test_a_code_works_once(self, stage: Stage) -> None:
        """A second exchange of one code is refused for good."""
        oauth = stage.oauth()
        person = await stage.a_person()
        code = Secret((await stage.consents(oauth, person["username"]))["code"])
        await oauth.exchange(code=code, redirect_uri=stage.callback, code_verifier=Secret(VERIFIER))

        with pytest.raises(PlatformError) as refused:
            await oauth.exchange(code=code, redirect_uri=stage.callback, code_verifier=Secret(VERIFIER))

        assert refused.value.code is ErrorCode.AUTH_EXPIRED
        assert refused.value.action
        assert code.reveal() not in str(refused.value)

    async def test_a_wrong_verifier_links_nothing(self, stage: Stage) -> None:
        """Who stole the code without the verifier gets no tokens."""
        oauth = stage.oauth()
        person = await stage.a_person()
        code = Secret((await stage.consents(oauth, person["username"]))["code"])
        exchange = oauth.exchange(code=code, redirect_uri=stage.callback, code_verifier=Secret("w" * 64))
        if not self.uses_pkce:
            assert (await exchange).access_token
            return

        with pytest.raises(PlatformError) as refused:
            await exchange

        assert refused.value.code is ErrorCode.AUTH_EXPIRED

    async def test_a_wrong_app_secret_is_our_fault_and_never_final(self, stage: Stage) -> None:
        """Misconfiguration holds back the app and disconnects nobody."""
        linked = await stage.link()
        broken = stage.oauth(**{f"{stage.credentials}_CLIENT_SECRET": "wrong"})
        person = await stage.a_person()
        code = Secret((await stage.consents(stage.oauth(), person["username"]))["code"])

        with pytest.raises(PlatformError) as refused:
            await broken.exchange(code=code, redirect_uri=stage.callback, code_verifier=Secret(VERIFIER))

        assert refused.value.code is ErrorCode.APP_MISCONFIGURED
        assert refused.value.scope == "app"
        assert not refused.value.final
        if self.rotates:
            with pytest.raises(PlatformError) as refused:
                await broken.refresh(linked.tokens)
            assert refused.value.code is ErrorCode.APP_MISCONFIGURED
            assert not refused.value.final

    async def age(self, stage: Stage) -> None:
        """Lets so much time pass that the platform refreshes."""

    async def refuse_to_renew(self, stage: Stage) -> None:
        """Asserts that where nothing is ever refreshed, asking for it is a final answer."""
        linked = await stage.link()

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(linked.tokens)

        assert refused.value.final
        assert refused.value.code is ErrorCode.AUTH_EXPIRED
        assert refused.value.action

    async def test_a_refresh_gives_tokens_that_work(self, stage: Stage) -> None:
        """The fresh access token works for the same account."""
        if not self.renews:
            await self.refuse_to_renew(stage)
            return
        linked = await stage.link()
        await self.age(stage)

        fresh = await stage.oauth().refresh(linked.tokens)

        assert fresh.access_token != linked.tokens.access_token
        assert fresh.expires_in is not None
        assert (await stage.oauth().identity(fresh)).platform_user_id == linked.user.platform_user_id

    async def test_a_spent_refresh_token_is_a_final_answer(self, stage: Stage) -> None:
        """Where refreshing rotates, the old refresh token is dead, and the answer says that the grant is."""
        if not self.renews:
            return
        linked = await stage.link()
        await self.age(stage)
        await stage.oauth().refresh(linked.tokens)
        if not self.rotates:
            return

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(linked.tokens)

        assert refused.value.final
        assert refused.value.code is ErrorCode.AUTH_REVOKED

    @pytest.mark.parametrize("kind", LOST)
    async def test_a_lost_answer_of_a_refresh_is_told_and_never_final(self, stage: Stage, kind: str) -> None:
        """Where refreshing rotates it is a doubt, elsewhere a passing failure."""
        if not self.renews:
            return
        linked = await stage.link()
        await self.age(stage)
        await stage.plan("refresh", kind)

        with pytest.raises(PlatformError) as failed:
            await stage.oauth().refresh(linked.tokens)

        assert not failed.value.final
        assert isinstance(failed.value, OutcomeUnknown) == self.rotates
        assert not any(secret in str(failed.value) for secret in linked.secrets())

    async def test_a_rate_limit_on_refresh_only_waits(self, stage: Stage) -> None:
        """Too many requests is no reason to disconnect anybody."""
        if not self.renews:
            return
        linked = await stage.link()
        await self.age(stage)
        await stage.plan("refresh", "rate_limit", retry_after_s=90)

        with pytest.raises(PlatformError) as failed:
            await stage.oauth().refresh(linked.tokens)

        assert failed.value.code is ErrorCode.RATE_LIMITED
        assert failed.value.retryable
        assert failed.value.retry_after
        assert not failed.value.final

    async def test_a_probe_tells_a_living_token_from_a_dead_one(self, stage: Stage) -> None:
        """It is silent while the token works, and says so when the person has removed the app."""
        linked = await stage.link()
        await stage.oauth().probe(linked.tokens.access_token)
        await stage.plan(self.probing, "revoke")

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().probe(linked.tokens.access_token)

        assert refused.value.code in {ErrorCode.AUTH_REVOKED, ErrorCode.AUTH_EXPIRED}

    async def test_a_removed_app_cannot_refresh_any_more(self, stage: Stage) -> None:
        """After the person removed the app a refresh ends the grant."""
        linked = await stage.link()
        await self.age(stage)
        await stage.plan("refresh", "revoke")

        with pytest.raises(PlatformError) as refused:
            await stage.oauth().refresh(linked.tokens)

        assert refused.value.final

    @pytest.mark.parametrize("kind", ["error_500", "garbage", "html", "drop"])
    async def test_trouble_while_identifying_passes(self, stage: Stage, kind: str) -> None:
        """A broken answer is a passing failure of the platform."""
        linked = await stage.link()
        await stage.plan("identity", kind)

        with pytest.raises(PlatformError) as failed:
            await stage.oauth().identity(linked.tokens)

        assert failed.value.code is ErrorCode.PLATFORM_DOWN
        assert failed.value.retryable

    async def test_a_revocation_ends_the_grant(self, stage: Stage) -> None:
        """The token is dead afterwards; where a platform has no revocation, that is the answer."""
        linked = await stage.link()

        ended = await stage.oauth().revoke(linked.tokens)

        if not self.can_revoke:
            assert ended is Revocation.NOT_SUPPORTED
            return
        assert ended is Revocation.REVOKED
        with pytest.raises(PlatformError):
            await stage.oauth().probe(linked.tokens.access_token)
        # RFC 7009 lets a platform answer a second revocation like the first.
        assert await stage.oauth().revoke(linked.tokens) in {Revocation.ALREADY_INVALID, Revocation.REVOKED}

    async def test_no_secret_stands_in_a_url_that_could_be_spared(self, stage: Stage) -> None:
        """Tokens travel in headers and bodies; exceptions are the two endpoints that offer nothing else."""
        linked = await stage.link()
        await self.age(stage)
        fresh = await stage.oauth().refresh(linked.tokens) if self.renews else linked.tokens
        known = [*linked.secrets(), fresh.access_token.reveal(), stage.app().client_secret.reveal()]

        urls = [
            f"{request['raw_path']}?{request['raw_query']}"
            for request in await stage.requests()
            if not request["raw_path"].endswith(self.tokens_in_query)
        ]

        assert not [url for url in urls if any(secret in url for secret in known)]

    tokens_in_query: ClassVar[tuple[str, ...]] = ()

    async def test_capabilities_follow_the_scopes(self, stage: Stage) -> None:
        """Publishing is not claimed with scopes that only read."""
        oauth = stage.oauth()
        narrow = frozenset(oauth.scopes_for(frozenset({Capability.ANALYTICS})))

        assert oauth.capabilities_of(narrow) >= self.capabilities & {Capability.ANALYTICS}
        if narrow and self.narrow_cannot_publish:
            assert Capability.PUBLISH not in oauth.capabilities_of(narrow)

    narrow_cannot_publish: ClassVar[bool] = True
