"""`social doctor`: each thing is broken for real, and found with its next step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.cli.conftest import Installation
from tests.support.commands import Result

Social = Callable[..., Result]


def found(ended: Result, check: str, about: str) -> dict[str, Any]:
    """The one finding of a check about something that is not in order."""
    matching = [
        one for one in ended.json["findings"] if (one["check"], one["about"]) == (check, about) and one["state"] != "ok"
    ]
    assert len(matching) == 1, (check, about, ended.json)
    return dict(matching[0])


def test_an_installation_in_order_has_nothing_wrong(installation: Installation, social: Social) -> None:
    """Exit code 0; what is only not set up is a warning, and says what to set."""
    assert social("topics", "apply", "--file", str(installation.topics), "--replication", "1").code == 0

    ended = social("doctor", "--json", "--topics", str(installation.topics))

    assert (ended.code, ended.json["counts"]["error"]) == (0, 0), ended.out
    assert "GITHUB_CLIENT_ID" in found(ended, "platform", "github")["next_step"]


def test_whatever_is_wrong_in_the_database_is_found_at_once(installation: Installation, social: Social) -> None:
    """Row security that is off, grants too many and too few, tables that are behind, a function for all, lost keys."""
    installation.sql(
        "ALTER TABLE retail_b2c.social_posts NO FORCE ROW LEVEL SECURITY",
        "GRANT SELECT ON retail_b2c.grants TO analytics_worker",
        "REVOKE USAGE ON SCHEMA retail_b2c FROM publisher_api",
        "UPDATE retail_b2c.analytics_alembic_version SET version_num = '0001'",
        "GRANT EXECUTE ON FUNCTION retail_b2c.publisher_next_due() TO PUBLIC",
        "INSERT INTO retail_b2c.publisher_preparations (id, user_id, post_id, content_revision, connection_id,"
        " platform, handle, ready, made_at) VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1,"
        " gen_random_uuid(), 'x', 'v1.forgotten.a.b', true, now())",
    )

    ended = social("doctor", "--json", "--topics", str(installation.topics))

    assert ended.code == 1
    assert "social_posts" in found(ended, "row security", "publisher")["next_step"]
    assert "analytics_worker on grants" in found(ended, "grants", "analytics")["found"]
    assert "publisher_api got no USAGE" in found(ended, "privileges", "publisher")["found"]
    assert found(ended, "migrations", "analytics")["next_step"] == "run `social migrate`"
    assert "publisher_next_due" in found(ended, "functions", "publisher")["found"]
    assert "bring forgotten back from escrow" in found(ended, "stored secrets", "publisher")["next_step"]
    assert social("migrate", "--check").code == 1


def test_a_role_that_sees_all_is_found(installation: Installation, social: Social) -> None:
    """A role that bypasses row security would make the isolation of merchants a matter of the code alone."""
    installation.sql("ALTER ROLE publisher_worker BYPASSRLS")
    try:
        ended = social("doctor", "--json")
    finally:
        installation.sql("ALTER ROLE publisher_worker NOBYPASSRLS")

    assert "NOBYPASSRLS" in found(ended, "role", "publisher_worker")["next_step"]


def test_whatever_is_wrong_in_the_settings_is_found_at_once(
    installation: Installation, social: Social, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A wrong password and user, a missing key file, an issuer and a platform that do not answer, a movable clock."""
    urls = installation.server.service("publisher", database=installation.database)
    monkeypatch.setenv("PUBLISHER_WORKER_DATABASE_URL", urls.worker.replace("test-password", "planted-wrong"))
    monkeypatch.setenv("PUBLISHER_API_DATABASE_URL", urls.owner)
    monkeypatch.setenv("AUTH_LINKER_TOKEN_KEYS_FILE", str(tmp_path / "gone.json"))
    monkeypatch.setenv("AUTH_LINKER_ENVIRONMENT", "production")
    monkeypatch.setenv("SUPABASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("X_BASE_URL", "http://127.0.0.1:1/x")
    monkeypatch.setenv("ANALYTICS_LOG_LEVEL", "loud")
    (tmp_path / "trust.json").write_text("{}")

    ended = social("doctor", "--json", "--topics", str(tmp_path / "nowhere.toml"))

    assert ended.code == 1
    assert "does not let it in" in found(ended, "role", "publisher_worker")["found"]
    assert found(ended, "role", "publisher_api")["next_step"] == "put the user publisher_api into the URL"
    assert "from escrow" in found(ended, "encryption keys", "auth-linker")["next_step"]
    assert "movable clock" in found(ended, "clock", "auth-linker")["found"]
    assert "LOG_LEVEL" in found(ended, "settings", "analytics")["found"]
    assert "SUPABASE_URL" in found(ended, "identity", "http://127.0.0.1:1/auth/v1/.well-known/jwks.json")["next_step"]
    assert "X_BASE_URL" in found(ended, "platform", "x")["next_step"]
    assert "SERVICE_TRUST_FILE" in found(ended, "trust", "auth-linker")["next_step"]
    assert found(ended, "topics", "declaration")["state"] == "error"
    assert "planted" not in ended.out + ended.err


def test_it_works_while_everything_is_down(
    installation: Installation, social: Social, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every error names its next step in one sentence; no password and no key is printed."""
    for name, value in installation.environ.items():
        if name.endswith("DATABASE_URL"):
            role = name.removesuffix("_DATABASE_URL").lower().replace("migration", "owner")
            monkeypatch.setenv(name, f"postgresql://{role}:planted@127.0.0.1:1/nowhere")
        elif name.endswith(("_FILE", "_URL")):
            monkeypatch.setenv(name, value.replace("http://127.0.0.1", "http://127.0.0.2"))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")

    ended = social("doctor", "--json")

    errors = [one for one in ended.json["findings"] if one["state"] == "error"]
    assert ended.code == 1
    assert {one["check"] for one in errors} >= {"role", "kafka", "identity"}
    assert all(one["next_step"] and "\n" not in one["next_step"] for one in errors)
    assert "planted" not in ended.out + ended.err


def test_topics_that_differ_are_found_and_mended(installation: Installation, social: Social) -> None:
    """What is missing or set otherwise is brought to the declaration; partitions are left, and said."""
    file = ("--file", str(installation.topics), "--replication", "1", "--json")
    missing = social("topics", "diff", *file)
    made = social("topics", "apply", *file)
    text = installation.topics.read_text()
    installation.topics.write_text(text.replace("partitions = 2", "partitions = 3").replace("= 30", "= 31", 1))
    other = social("topics", "diff", *file)
    mended = social("topics", "apply", *file)

    assert (missing.code, made.code, other.code, mended.code) == (1, 0, 1, 1)
    assert {one["what"] for one in missing.json["differences"]} == {"topic"}
    assert {one["what"] for one in other.json["differences"]} == {"partitions", "retention.ms"}
    assert [one["what"] for one in mended.json["differences"]] == ["partitions"]
