"""PKCE and the life of tokens."""

from datetime import UTC, datetime, timedelta

from social_sandbox.grants import Grant, GrantStore, Token, s256_challenge, verifier_matches

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def a_store() -> GrantStore:
    """One grant with one access token of an hour."""
    store = GrantStore()
    store.add_grant(Grant("g1", "app", "ada", ("read",), NOW))
    store.add_token(Token("t1", "access", "g1", ("read",), NOW, NOW + timedelta(hours=1)))
    return store


def test_the_challenge_of_the_rfcs_example() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert s256_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert verifier_matches(verifier, s256_challenge(verifier), "S256")
    assert not verifier_matches(None, s256_challenge(verifier), "S256")


def test_a_token_lives_until_its_time_its_end_or_its_grants_end() -> None:
    """Expired, revoked and orphaned tokens are dead; so is one of another kind."""
    store = a_store()

    assert store.live_token("t1", NOW) is not None
    assert store.live_token("t1", NOW, kind="refresh") is None
    assert store.live_token("t1", NOW + timedelta(hours=1)) is None
    assert store.live_token("unknown", NOW) is None
    store.revoke_grant(store.grants["g1"], NOW)
    assert store.live_token("t1", NOW) is None
    assert store.live_grant("app", "ada") is None


def test_the_newest_consent_counts() -> None:
    """After a revocation a new consent is a new grant."""
    store = a_store()
    store.revoke_grant(store.grants["g1"], NOW)
    store.add_grant(Grant("g2", "app", "ada", ("read",), NOW))

    found = store.live_grant("app", "ada")

    assert found is not None
    assert found.grant_id == "g2"
