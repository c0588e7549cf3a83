"""Names, URLs, leases, password hashes, command lines."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException, IntegrityError

from social_common._scram import scram_verifier
from social_common.db import constraint_name, driver_url, engine_url, sql_name, sqlstate
from social_common.leases import has_time_left, lease_until, real_now, worker_id
from social_common.migrations import _policy
from social_common.secrets import Secret


def test_a_service_has_one_name_in_sql() -> None:
    """Hyphens become underscores."""
    assert sql_name("auth-linker") == sql_name("auth_linker") == "auth_linker"


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg", "postgres"])
def test_urls_of_any_spelling_work(scheme: str) -> None:
    """Both spellings and libpq's sslmode are understood; passwords survive."""
    url = Secret(f"{scheme}://u:p%40ss@h:5432/d?sslmode=require".replace("postgres:", "postgresql:"))

    assert engine_url(url).drivername == "postgresql+asyncpg"
    assert engine_url(url).query == {"ssl": "require"}
    assert engine_url(url).password == "p@ss"
    assert driver_url(url) == "postgresql://u:p%40ss@h:5432/d?sslmode=require"


def test_causes_come_from_the_driver() -> None:
    """SQLSTATE and constraint are found in wrapped and in bare errors, and only there."""
    bare = asyncpg.UniqueViolationError()
    bare.constraint_name = "x_key"
    wrapped: DBAPIError = IntegrityError("x", {}, EmulatedDBAPIException("x", bare))

    assert (sqlstate(bare), constraint_name(bare)) == ("23505", "x_key")
    assert (sqlstate(wrapped), constraint_name(wrapped)) == ("23505", "x_key")
    assert sqlstate(ValueError()) is None


def test_a_lease_leaves_time_for_the_call() -> None:
    """Right before sending, a call that would outlast its lease is found."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    until = lease_until(timedelta(seconds=30), now=now)

    assert has_time_left(until, needed=timedelta(seconds=15), now=now + timedelta(seconds=15))
    assert not has_time_left(until, needed=timedelta(seconds=15), now=now + timedelta(seconds=16))
    assert real_now().tzinfo is UTC


def test_a_worker_has_one_name() -> None:
    """The same all through the process."""
    assert worker_id() == worker_id()
    assert worker_id().count(":") == 2


def test_a_password_is_hashed_as_postgres_does() -> None:
    """The verifier opens for the password and holds nothing of it (RFC 5802's keys, recomputed here)."""
    verifier = scram_verifier(Secret("pencil"), salt=b"0123456789abcdef")

    scheme, parameters, keys = verifier.split("$")
    iterations, salt = parameters.split(":")
    stored, server = (base64.b64decode(key) for key in keys.split(":"))
    salted = hashlib.pbkdf2_hmac("sha256", b"pencil", base64.b64decode(salt), int(iterations))
    assert scheme == "SCRAM-SHA-256"
    assert stored == hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    assert server == hmac.digest(salted, b"Server Key", "sha256")
    assert "pencil" not in verifier
    assert scram_verifier(Secret("pencil")) != scram_verifier(Secret("pencil"))


def test_policies_fit_their_command() -> None:
    """Each kind of command gets the clauses PostgreSQL takes for it, under a name that fits."""
    long = "a_service_with_a_long_name_fn_a_job_with_a_long_name"

    assert "USING (true)" in _policy("notes", "select", "true", role="r")[1]
    assert "WITH CHECK (true)" in _policy("notes", "INSERT", "true", role="r")[1]
    assert "USING" not in _policy("notes", "INSERT", "true", role="r")[1]
    assert "USING (true) WITH CHECK (true)" in _policy("notes", "UPDATE", "true", role="r")[1]
    name = _policy("notes_of_long_name", "UPDATE", "true", role=long)[0].split()[4]
    assert len(name) <= 63
