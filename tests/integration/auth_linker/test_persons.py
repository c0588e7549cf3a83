"""Whose consent a grant is: filled in for grants of before, found by an index, asked by releases old and new."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from tests.support.postgres import ServiceDatabase

import auth_linker
from social_common.migrations import migrate
from social_common.secrets import Secret

GRANT = """
INSERT INTO retail_b2c.grants (user_id, platform, app, family, platform_user_id, obtained_at, is_live)
VALUES ($1, $2, 'app', 'google', $3, now(), true)
"""


async def _user(connection: asyncpg.Connection) -> UUID:
    found: UUID = await connection.fetchval("INSERT INTO auth.users (id) VALUES ($1) RETURNING id", uuid4())
    return found


async def _resting(connection: asyncpg.Connection, function: str, who: str) -> str:
    found: str = await connection.fetchval(
        f"SELECT retail_b2c.{function}('google'::varchar, 'youtube'::varchar, 'app'::varchar, $1::varchar)", who
    )
    return found


async def test_a_release_that_knows_no_person_is_understood(database: ServiceDatabase) -> None:
    """What it writes rests on the platform user, and what it asks of a channel is answered for the person."""
    connection = await asyncpg.connect(database.superuser)
    user = await _user(connection)
    await connection.execute(GRANT, user, "google", "99117")
    await connection.execute(GRANT, user, "youtube", "99118/UCone")
    await connection.execute("UPDATE retail_b2c.grants SET person_id = '99118' WHERE platform_user_id = '99118/UCone'")

    old = [
        await _resting(connection, "auth_linker_resting_in_family", who) for who in ("99117", "99118/UCtwo", "99119")
    ]
    new = [
        await _resting(connection, "auth_linker_resting_on_person", who) for who in ("99117", "99118", "99118/UCone")
    ]
    await connection.close()

    assert old == ["live", "live", "nobody"]
    assert new == ["live", "live", "nobody"]


async def test_the_question_uses_its_indexes(database: ServiceDatabase) -> None:
    """Among many grants no table is read whole."""
    connection = await asyncpg.connect(database.superuser)
    user = await _user(connection)
    await connection.execute(
        "INSERT INTO retail_b2c.grants (user_id, platform, app, family, platform_user_id, person_id, obtained_at)"
        " SELECT $1, 'youtube', 'app', 'google', n || '/UC' || n, n::text, now() FROM generate_series(1, 20000) n",
        user,
    )
    await connection.execute("ANALYZE retail_b2c.grants")
    body: str = await connection.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'auth_linker_resting_on_person'")
    for name, value in (("family", "google"), ("platform", "youtube"), ("app", "app"), ("person_id", "77")):
        body = body.replace(f"p_{name}", f"'{value}'")
    plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {body}")
    await connection.close()

    assert "grants_person_idx" in plan
    assert "Seq Scan" not in {
        node["Node Type"] for node in _nodes(json.loads(plan)[0]["Plan"]) if node.get("Relation Name") == "grants"
    }


async def test_grants_of_before_are_their_platform_users(service_database: Callable[..., ServiceDatabase]) -> None:
    """The migration fills in the person, under forced row security too, and security is forced again afterwards."""
    database = service_database("auth_linker")
    connection = await asyncpg.connect(database.superuser)
    user = await _user(connection)
    await connection.execute(GRANT, user, "youtube", "99117")
    # The state of before: the columns and what rests on them are taken away, and the version is set back.
    for table in ("grants", "social_connections", "link_attempts", "erasures"):
        await connection.execute(f"ALTER TABLE retail_b2c.{table} DROP COLUMN person_id CASCADE")
    await connection.execute("DROP FUNCTION retail_b2c.auth_linker_resting_on_person")
    version = await connection.fetchval(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'retail_b2c' AND column_name = 'version_num' AND table_name LIKE 'auth_linker%'"
    )
    await connection.execute(f"UPDATE retail_b2c.{version} SET version_num = '0004'")

    scripts = Path(auth_linker.__file__).parents[2] / "migrations"
    await migrate(Secret(database.owner), service="auth_linker", script_location=scripts)
    person = await connection.fetchval("SELECT person_id FROM retail_b2c.grants WHERE user_id = $1", user)
    forced = await connection.fetchval(
        "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE oid = 'retail_b2c.grants'::regclass"
    )
    await connection.close()

    assert person == "99117"
    assert forced is True


def _nodes(plan: dict[str, object]) -> list[dict[str, object]]:
    children = plan.get("Plans", [])
    assert isinstance(children, list)
    return [plan, *(node for child in children for node in _nodes(child))]
