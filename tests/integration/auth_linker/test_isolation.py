"""Nobody crosses: merchants by the API, login roles and browsers in SQL, services by each other's tables."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.integration.auth_linker.world import Json, Merchant, World
from tests.support.postgres import ServiceDatabase

TABLES = ("social_connections", "grants", "link_attempts", "token_needs", "erasures")
CLAIMS = "SELECT set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', '', true)"


@pytest.fixture(scope="module")
async def victim(world: World) -> tuple[Merchant, Json]:
    """A merchant with a row in every table."""
    merchant = await world.merchant()
    account = await world.account("x")
    connection = await merchant.link("x", account["username"])
    await merchant.link("x", account["username"])
    await merchant.begin("x")
    await world.admin.execute(
        "INSERT INTO retail_b2c.token_needs (post_id, user_id, grant_id, due_at, revision)"
        " VALUES ($1, $2, $3, now(), 1)",
        uuid4(),
        merchant.user_id,
        UUID(connection["grant_id"]),
    )
    return merchant, connection


@pytest.fixture(params=["api", "worker"])
async def login(request: pytest.FixtureRequest, world: World) -> AsyncIterator[asyncpg.Connection]:
    """A connection as one of the two login roles."""
    connection = await asyncpg.connect(getattr(world.database, request.param))
    yield connection
    await connection.close()


@pytest.mark.parametrize("claims", ["", "stranger"])
@pytest.mark.parametrize("table", TABLES)
async def test_a_role_sees_and_changes_no_other_merchants_rows(
    world: World, victim: tuple[Merchant, Json], login: asyncpg.Connection, table: str, claims: str
) -> None:
    """Without claims, and with another merchant's: no row is read, changed or deleted."""
    merchant, _ = victim
    text = f'{{"sub": "{uuid4()}", "role": "authenticated"}}' if claims else ""
    before = await _count(world, table, merchant)
    touched = []

    for statement in (
        f"SELECT user_id FROM retail_b2c.{table} WHERE user_id = $1",
        f"UPDATE retail_b2c.{table} SET user_id = user_id WHERE user_id = $1 RETURNING user_id",
        f"DELETE FROM retail_b2c.{table} WHERE user_id = $1 RETURNING user_id",
    ):
        try:
            async with login.transaction():
                await login.execute(CLAIMS.replace("$1", f"'{text}'"))
                touched += await login.fetch(statement, merchant.user_id)
        except asyncpg.InsufficientPrivilegeError:
            continue

    assert before > 0
    assert touched == []
    assert await _count(world, table, merchant) == before


@pytest.mark.parametrize("table", TABLES)
async def test_a_role_cannot_write_rows_for_another_merchant(
    world: World, victim: tuple[Merchant, Json], login: asyncpg.Connection, table: str
) -> None:
    """An insert under one's own claims with another's id is refused by the policy or for want of a privilege."""
    merchant, _ = victim
    columns = {
        "social_connections": "user_id, platform, platform_id, grant_id, app, family, platform_user_id",
        "grants": "user_id, platform, app, family, platform_user_id, obtained_at",
        "link_attempts": "user_id, platform, app, family, state_hash, return_to, expires_at",
        "token_needs": "post_id, user_id, grant_id, due_at, revision",
        "erasures": "user_id, reason, platform, app, family, platform_user_id, source_table, source_row",
    }[table]
    values = {
        "user_id": f"'{merchant.user_id}'", "grant_id": "gen_random_uuid()", "post_id": "gen_random_uuid()",
        "obtained_at": "now()", "expires_at": "now()", "due_at": "now()", "revision": "1",
    }  # fmt: skip
    row = ", ".join(values.get(name.strip(), "'a'") for name in columns.split(","))

    async with login.transaction():
        await login.execute(CLAIMS.replace("$1", f'\'{{"sub": "{uuid4()}"}}\''))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _insert(login, f"INSERT INTO retail_b2c.{table} ({columns}) VALUES ({row})")


@pytest.mark.parametrize("table", ["platform_user_leases", "erased_merchants", "auth_linker_relay_state"])
async def test_tables_without_merchants_are_reached_by_functions_only(login: asyncpg.Connection, table: str) -> None:
    """Neither login role may read them."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await login.fetch(f"SELECT * FROM retail_b2c.{table}")


FUNCTIONS = {
    "auth_linker_take_state(varchar, varchar)": {"api"},
    "auth_linker_unfinished_links(integer)": {"worker"},
    "auth_linker_refresh_scan(integer)": {"worker"},
    "auth_linker_claim_erasures(integer, interval)": {"worker"},
    "auth_linker_resting(varchar, varchar, varchar)": {"worker"},
    "auth_linker_resting_in_family(varchar, varchar, varchar, varchar)": {"worker"},
    "auth_linker_resting_on_person(varchar, varchar, varchar, varchar)": {"worker"},
    "auth_linker_claim_places(integer, interval)": {"worker"},
    "auth_linker_gone_users(uuid, integer)": {"worker"},
    "auth_linker_purge_erased(integer)": {"worker"},
    "auth_linker_take_user_lease(varchar, varchar, uuid, interval)": {"api", "worker"},
    "auth_linker_end_user_lease(varchar, varchar, uuid, boolean)": {"api", "worker"},
    "auth_linker_revoked_since(varchar, varchar, timestamptz)": {"api", "worker"},
    "auth_linker_erase_connection()": set(),
    "auth_linker_erase_grant()": set(),
    "auth_linker_erase_link()": set(),
}


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_each_crossing_function_is_for_its_callers_only(world: World, function: str) -> None:
    """Security definer with a fixed search path, owned by a role that cannot log in, executable by the named roles."""
    row = await world.admin.fetchrow(
        "SELECT p.prosecdef, p.proconfig, r.rolcanlogin, r.rolbypassrls, r.rolsuper FROM pg_proc p"
        " JOIN pg_roles r ON r.oid = p.proowner WHERE p.oid = $1::regprocedure",
        f"retail_b2c.{function}",
    )
    callers = {
        role
        for role in ("api", "worker")
        if await world.admin.fetchval(
            "SELECT has_function_privilege($1, $2, 'EXECUTE')", f"auth_linker_{role}", f"retail_b2c.{function}"
        )
    }
    others = await world.admin.fetchval(
        "SELECT count(*) FROM unnest(ARRAY['anon', 'authenticated', 'service_role']) r"
        " WHERE has_function_privilege(r, $1, 'EXECUTE')",
        f"retail_b2c.{function}",
    )

    assert row is not None
    assert row["prosecdef"] is True
    assert row["proconfig"] == ["search_path=pg_catalog, pg_temp"]
    assert (row["rolcanlogin"], row["rolbypassrls"], row["rolsuper"]) == (False, False, False)
    assert callers == FUNCTIONS[function]
    assert others == 0


async def test_a_browser_reads_its_own_rows_without_tokens(world: World, victim: tuple[Merchant, Json]) -> None:
    """`authenticated` sees its own connections, never a token column, nobody else's, and writes nothing."""
    merchant, connection = victim
    own = "SELECT id, platform, is_connected, health FROM retail_b2c.social_connections"
    refused = [
        "SELECT access_token FROM retail_b2c.social_connections",
        "SELECT refresh_token FROM retail_b2c.social_connections",
        "UPDATE retail_b2c.social_connections SET is_connected = false",
        "DELETE FROM retail_b2c.social_connections",
        *(f"SELECT * FROM retail_b2c.{table}" for table in (*TABLES[1:], "auth_linker_outbox")),
    ]

    seen = await _as_browser(world, own, merchant.user_id)
    foreign = await _as_browser(world, own, uuid4())
    for statement in refused:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _as_browser(world, statement, merchant.user_id)

    assert [str(row["id"]) for row in seen] == [connection["id"]]
    assert foreign == []


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST refresh", "GET siblings", "POST siblings"])
async def test_another_merchants_connection_is_a_404(world: World, victim: tuple[Merchant, Json], method: str) -> None:
    """Whatever is tried through the API, the answer does not tell that it exists."""
    _, connection = victim
    stranger = await world.merchant()
    verb, _, action = method.partition(" ")
    path = f"/v1/connections/{connection['id']}" + (f"/{action}" if action else "")
    body = {"platform_ids": ["1"]} if method == "POST siblings" else None

    answer = await stranger.call(verb, path, body)

    assert (answer.status, answer.json()["code"]) == (404, "not_found")
    assert (await stranger.call("GET", "/v1/connections")).json()["connections"] == []


async def test_other_services_cannot_touch_these_tables(service_database: Callable[..., ServiceDatabase]) -> None:
    """In one database with the others, their roles have no privilege on any table of auth-linker, nor it on theirs."""
    shared = service_database("auth_linker", "publisher", "analytics")
    connection = await asyncpg.connect(shared.superuser)
    rows = await connection.fetch(
        """
        SELECT r.rolname, c.relname FROM pg_class c
          JOIN pg_roles o ON o.oid = c.relowner
          JOIN pg_roles r ON r.rolname ~ '^(auth_linker|publisher|analytics)_'
         WHERE c.relnamespace = 'retail_b2c'::regnamespace AND c.relkind IN ('r', 'p')
           AND o.rolname ~ '_owner$' AND left(r.rolname, 5) <> left(o.rolname, 5)
           AND (has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE, TRIGGER'))
        """
    )
    await connection.close()

    assert rows == []


async def _count(world: World, table: str, merchant: Merchant) -> int:
    count: int = await world.admin.fetchval(
        f"SELECT count(*) FROM retail_b2c.{table} WHERE user_id = $1", merchant.user_id
    )
    return count


async def _insert(login: asyncpg.Connection, statement: str) -> None:
    async with login.transaction():
        await login.execute(statement)


async def _as_browser(world: World, statement: str, user_id: UUID) -> list[asyncpg.Record]:
    async with world.admin.transaction():
        await world.admin.execute(CLAIMS.replace("$1", f'\'{{"sub": "{user_id}"}}\''))
        await world.admin.execute("SET LOCAL ROLE authenticated")
        return list(await world.admin.fetch(statement))
