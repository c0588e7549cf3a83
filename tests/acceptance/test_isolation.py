"""Every crossing, per table and role: as merchant A, and as each service's own roles, against B's rows."""

import asyncpg
import pytest
from tests.acceptance.steps import a_linked_merchant, publish_now, until_status
from tests.support.stack import World

from social_stack.merchant import Merchant

_ROLES = [f"{service}_{role}" for service in ("auth_linker", "publisher", "analytics") for role in ("api", "worker")]
_OWNERS = (
    "SELECT c.relname, pg_get_userbyid(c.relowner) AS owner, "
    "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'user_id') AS per_merchant, "
    "c.relrowsecurity AND c.relforcerowsecurity AS protected "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = 'retail_b2c' AND c.relkind IN ('r', 'p')"
)
_CLAIMS = (
    "SELECT set_config('request.jwt.claims', json_build_object('sub', $1::text, 'role', 'authenticated')::text, true)"
)
_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")


async def _tables(world: World) -> list[asyncpg.Record]:
    async with world.database() as database:
        return await database.fetch(_OWNERS)


@pytest.mark.parametrize("role", _ROLES)
async def test_a_role_has_no_privilege_on_another_services_tables(world: World, role: str) -> None:
    """Neither API nor worker of one service can touch a table of another, not even a column."""
    service = role.rpartition("_")[0]
    others = [t["relname"] for t in await _tables(world) if t["owner"] != f"{service}_owner"]
    assert len(others) > 5

    async with world.database() as database:
        for table in others:
            for privilege in _PRIVILEGES:
                call = "has_table_privilege" if privilege == "DELETE" else "has_any_column_privilege"
                query = f"SELECT {call}($1, format('retail_b2c.%I', $2::text), $3)"
                granted = await database.fetchval(query, role, table, privilege)
                allowed = table == "social_clock" and privilege == "SELECT"
                assert allowed or not granted, (table, privilege)


async def test_every_table_of_merchants_forces_row_security(world: World) -> None:
    """A table with a user_id has row level security enabled and forced, or no role may touch it at all."""
    tables = await _tables(world)

    async with world.database() as database:
        for table in tables:
            if not table["per_merchant"] or table["protected"]:
                continue
            for role in [*_ROLES, "authenticated", "anon"]:
                query = (
                    "SELECT has_any_column_privilege($1, format('retail_b2c.%I', $2::text), 'SELECT, INSERT, UPDATE')"
                )
                assert not await database.fetchval(query, role, table["relname"]), (table["relname"], role)


@pytest.mark.parametrize("role", _ROLES)
async def test_a_role_under_claims_of_a_reaches_nothing_of_b(world: World, role: str) -> None:
    """With A's claims set, B's rows can be neither read, changed, removed nor written."""
    b, merchant, connection = await a_linked_merchant(world, "x")
    await until_status(merchant, await publish_now(merchant, connection, f"b's post for {role}"), "published")
    a, _ = await world.merchant()
    service = role.rpartition("_")[0]
    own = [t["relname"] for t in await _tables(world) if t["owner"] == f"{service}_owner" and t["per_merchant"]]
    assert own

    session = await asyncpg.connect(world.stack.environment.database_url(role))
    try:
        for table in own:
            statements = (
                f"SELECT * FROM retail_b2c.{table} WHERE user_id = $1::uuid",
                f"UPDATE retail_b2c.{table} SET user_id = user_id WHERE user_id = $1::uuid RETURNING 1",
                f"DELETE FROM retail_b2c.{table} WHERE user_id = $1::uuid RETURNING 1",
            )
            for statement in statements:
                transaction = session.transaction()
                await transaction.start()
                await session.execute(_CLAIMS, a)
                try:
                    assert await session.fetch(statement, b) == [], statement
                except asyncpg.InsufficientPrivilegeError:
                    pass
                finally:
                    await transaction.rollback()
    finally:
        await session.close()


async def test_a_merchant_gets_404_for_everything_of_another(world: World) -> None:
    """Through the APIs B's connection and post are as if they were not."""
    _, b, connection = await a_linked_merchant(world, "x")
    post = await publish_now(b, connection, "not for a")
    _, a = await world.merchant()

    for method, service, path in _foreign(connection["id"], post["id"]):
        answer = await _call(a, method, service, path)
        assert answer == 404, (method, path, answer)


def _foreign(connection: str, post: str) -> list[tuple[str, str, str]]:
    return [
        ("GET", "auth-linker", f"/v1/connections/{connection}"),
        ("DELETE", "auth-linker", f"/v1/connections/{connection}"),
        ("POST", "auth-linker", f"/v1/connections/{connection}/refresh"),
        ("GET", "auth-linker", f"/v1/connections/{connection}/siblings"),
        ("GET", "publisher", f"/v1/posts/{post}"),
        ("DELETE", "publisher", f"/v1/posts/{post}"),
        ("POST", "publisher", f"/v1/posts/{post}/publish"),
        ("POST", "publisher", f"/v1/posts/{post}/retry"),
        ("GET", "publisher", f"/v1/posts/{post}/attempts"),
        ("GET", "analytics", f"/v1/analytics/accounts/{connection}"),
        ("GET", "analytics", f"/v1/analytics/posts/{post}"),
    ]


async def _call(merchant: Merchant, method: str, service: str, path: str) -> int:
    answer = await merchant.call(method, service, path, headers={"If-Match": '"1"'})
    return answer.status
