"""The cache of an issuer's keys: asked rarely, robust while the issuer is down."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.unit.common_http.fakes import (
    ISSUER,
    FakeClock,
    FakeIssuer,
    Monotonic,
    a_token,
    an_ec_key,
    an_rsa_key,
    jwk_of,
)

from social_common.auth import TokenVerifier
from social_common.errors import Unavailable
from social_common.http import HttpClient
from social_common.jwks import JwksCache, JwksUnavailable


@pytest.fixture
def issuer() -> FakeIssuer:
    """An issuer with one key."""
    return FakeIssuer(jwk_of(an_ec_key(), "k1"))


@pytest.fixture
def monotonic() -> Monotonic:
    """The cache's clock."""
    return Monotonic()


@pytest.fixture
async def jwks(issuer: FakeIssuer, monotonic: Monotonic) -> AsyncIterator[JwksCache]:
    """A cache over that issuer."""
    async with HttpClient(asgi_app=issuer.app) as http:
        yield JwksCache(
            http,
            "http://issuer/jwks",
            cooldown=timedelta(seconds=30),
            max_age=timedelta(minutes=10),
            monotonic=monotonic,
        )


async def test_fetched_once(jwks: JwksCache, issuer: FakeIssuer) -> None:
    """Many at once make one request."""
    keys = await asyncio.gather(*(jwks.key("k1") for _ in range(20)))

    assert issuer.asked == 1
    assert all(key is not None and key.algorithm_name == "ES256" for key in keys)


async def test_whoever_comes_during_the_first_fetch_waits_for_it(jwks: JwksCache, issuer: FakeIssuer) -> None:
    """Nobody is told that keys cannot be fetched while they are just being fetched."""
    issuer.may_answer.clear()
    first = asyncio.create_task(jwks.key("k1"))
    await issuer.was_asked.wait()
    second = asyncio.create_task(jwks.key("k1"))
    await asyncio.sleep(0)
    issuer.may_answer.set()

    assert await second is not None
    assert await first is not None
    assert issuer.asked == 1


async def test_unknown_kid_has_a_cooldown(jwks: JwksCache, issuer: FakeIssuer, monotonic: Monotonic) -> None:
    """Made-up key ids do not make the issuer be asked more than once per cooldown."""
    await jwks.key("k1")

    for number in range(50):
        assert await jwks.key(f"made-up-{number}") is None
    asked_within = issuer.asked
    monotonic.now += 31
    await jwks.key("made-up")

    assert (asked_within, issuer.asked) == (1, 2)


async def test_rotation(jwks: JwksCache, issuer: FakeIssuer, monotonic: Monotonic) -> None:
    """A new key of the issuer is found once the cooldown is over."""
    await jwks.key("k1")
    issuer.keys.append(jwk_of(an_rsa_key(), "k2"))
    monotonic.now += 31

    assert await jwks.key("k2") is not None


async def test_removed_key_ends(jwks: JwksCache, issuer: FakeIssuer, monotonic: Monotonic) -> None:
    """A key that the issuer withdrew is forgotten within the maximum age."""
    await jwks.key("k1")
    issuer.keys = [jwk_of(an_ec_key(), "k2")]
    monotonic.now += 601

    assert await jwks.key("k1") is None


@pytest.mark.parametrize("broken", ["error", "empty", "garbage"])
async def test_outage_with_warm_cache(jwks: JwksCache, issuer: FakeIssuer, monotonic: Monotonic, broken: str) -> None:
    """While the issuer is down or talks nonsense, known keys keep working."""
    await jwks.key("k1")
    issuer.status = 500 if broken == "error" else 200
    issuer.keys = [] if broken == "empty" else [{"kid": "k1", "kty": "EC", "crv": "P-256", "x": "!", "y": 1}]
    monotonic.now += 3600

    assert await jwks.key("k1") is not None
    assert issuer.asked == 2


async def test_outage_when_cold(jwks: JwksCache, issuer: FakeIssuer) -> None:
    """Without any key ever fetched the answer is 503 with Retry-After, not 401."""
    issuer.status = 503
    verifier = TokenVerifier(jwks=jwks, issuer=ISSUER, hs256_secret=None, clock=FakeClock())

    with pytest.raises(JwksUnavailable):
        await jwks.key("k1")
    with pytest.raises(Unavailable) as caught:
        await verifier.verify(a_token(an_ec_key()))
    assert caught.value.retry_after is not None


async def test_symmetric_keys_are_left_out(jwks: JwksCache, issuer: FakeIssuer) -> None:
    """A shared secret published in a key set is never used."""
    issuer.keys.append({"kty": "oct", "kid": "o1", "k": "c2VjcmV0", "alg": "HS256"})

    assert await jwks.key("o1") is None


async def test_a_cold_cache_asks_again_soon(jwks: JwksCache, issuer: FakeIssuer, monotonic: Monotonic) -> None:
    """One failed fetch refuses callers for two seconds; they are told to come back in five."""
    issuer.status = 500
    with pytest.raises(JwksUnavailable):
        await jwks.key("k1")
    issuer.status = 200
    monotonic.now += 1
    with pytest.raises(JwksUnavailable):
        await jwks.key("k1")

    monotonic.now += 2
    assert await jwks.key("k1") is not None
    assert issuer.asked == 2
