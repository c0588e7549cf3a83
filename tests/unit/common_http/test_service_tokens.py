"""Tokens between our services: short, for one callee, by trusted callers only."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from social_common.errors import Unauthenticated
from social_common.keyfiles import (
    KeyFileError,
    ServiceKey,
    generate_service_key,
    read_service_key,
    read_trust,
    write_trust,
)
from social_common.service_tokens import ServiceTokenVerifier, sign_service_token


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, ServiceKey]:
    """Keys of the publisher (trusted) and of a stranger, and the callee's trust file."""
    for name in ("publisher", "stranger"):
        generate_service_key(tmp_path / f"{name}.json")
    write_trust(tmp_path / "trust.json", {"publisher": tmp_path / "publisher.json"})
    return {name: read_service_key(tmp_path / f"{name}.json") for name in ("publisher", "stranger")}


@pytest.fixture
def verifier(keys: dict[str, ServiceKey], tmp_path: Path) -> ServiceTokenVerifier:
    """The verifier of auth-linker."""
    return ServiceTokenVerifier.load(tmp_path / "trust.json", audience="auth-linker")


def test_good(keys: dict[str, ServiceKey], verifier: ServiceTokenVerifier) -> None:
    """A trusted caller is told by name."""
    token = sign_service_token(keys["publisher"], iss="publisher", aud="auth-linker")

    assert verifier.verify(token.reveal()) == "publisher"


def test_signed_by_a_stranger(keys: dict[str, ServiceKey], verifier: ServiceTokenVerifier) -> None:
    """Whoever claims to be the publisher without its key is refused, also under its key id."""
    forged = ServiceKey(keys["publisher"].kid, keys["stranger"].private_key)

    for key in (keys["stranger"], forged):
        token = sign_service_token(key, iss="publisher", aud="auth-linker")
        with pytest.raises(Unauthenticated):
            verifier.verify(token.reveal())


def test_wrong_audience(keys: dict[str, ServiceKey], verifier: ServiceTokenVerifier) -> None:
    """A token for another callee is refused."""
    token = sign_service_token(keys["publisher"], iss="publisher", aud="analytics")

    with pytest.raises(Unauthenticated):
        verifier.verify(token.reveal())


def test_expired(keys: dict[str, ServiceKey], tmp_path: Path) -> None:
    """A token is refused once its life is over, by real time."""
    token = sign_service_token(keys["publisher"], iss="publisher", aud="auth-linker")
    later = ServiceTokenVerifier(
        read_trust(tmp_path / "trust.json"), audience="auth-linker", now=lambda: time.time() + 61
    )

    with pytest.raises(Unauthenticated):
        later.verify(token.reveal())


@pytest.mark.parametrize(
    "changes",
    [{"exp": time.time() + 3600}, {"jti": None}, {"iat": None}, {"iat": "now"}, {"exp": None}, {"iss": "nobody"}],
    ids=["lives too long", "no jti", "no iat", "iat is no time", "no exp", "unknown caller"],
)
def test_wrong_claims(keys: dict[str, ServiceKey], verifier: ServiceTokenVerifier, changes: dict[str, Any]) -> None:
    """A well-signed token with other claims than ours is refused."""
    now = int(time.time())
    base = {"iss": "publisher", "aud": "auth-linker", "iat": now, "exp": now + 30, "jti": "1"}
    claims = {name: value for name, value in {**base, **changes}.items() if value is not None}
    key = keys["publisher"]
    token = jwt.encode(claims, key.load(), algorithm="EdDSA", headers={"kid": key.kid})

    with pytest.raises(Unauthenticated):
        verifier.verify(token)


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 100])
def test_no_token(verifier: ServiceTokenVerifier, token: str) -> None:
    """What is no JWT is refused by the same error."""
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_life_is_limited(keys: dict[str, ServiceKey]) -> None:
    """Nobody can sign for longer than a minute."""
    with pytest.raises(ValueError, match="a minute"):
        sign_service_token(keys["publisher"], iss="publisher", aud="auth-linker", life=timedelta(minutes=2))


def test_trust_holds_public_halves_only(keys: dict[str, ServiceKey], tmp_path: Path) -> None:
    """No private key gets into a trust file, and a key's repr shows none."""
    text = (tmp_path / "trust.json").read_text()

    assert "PRIVATE" not in text
    assert "PRIVATE" not in repr(keys["publisher"])
    assert isinstance(keys["publisher"].load(), Ed25519PrivateKey)


@pytest.mark.parametrize("content", ['{"publisher": []}', '{"publisher": {"k": "no pem"}}', "[1]"])
def test_bad_trust_file(tmp_path: Path, content: str) -> None:
    """A malformed trust file is one sentence with its name."""
    (tmp_path / "trust.json").write_text(content)

    with pytest.raises(KeyFileError, match=r"trust\.json"):
        read_trust(tmp_path / "trust.json")


@pytest.mark.parametrize("content", ['{"kid": "a"}', '{"kid": "a", "private_key": "no pem"}'])
def test_bad_service_key_file(tmp_path: Path, content: str) -> None:
    """A malformed key file is one sentence with its name."""
    (tmp_path / "key.json").write_text(content)

    with pytest.raises(KeyFileError, match=r"key\.json"):
        read_service_key(tmp_path / "key.json")
