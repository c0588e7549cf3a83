"""The database keeps merchants and services apart, whatever the code forgets."""

import asyncpg
import pytest
from tests.integration.publisher.kit import World

OWN_TABLES = (
    "social_posts",
    "publisher_attempts",
    "publisher_preparations",
    "publisher_connections",
    "publisher_settings",
)
CLAIMS = "SELECT set_config('request.jwt.claims', $1, false), set_config('request.jwt.claim.sub', '', false)"


async def a_full_merchant(world: World) -> tuple[str, str]:
    """A merchant with a row in every table; the ids of the user and of a post."""
    user_id = await world.a_user()
    connection = await world.a_connection(user_id)
    post_id = await world.a_post(connection)
    await world.work_due()
    await world.sql("INSERT INTO retail_b2c.publisher_settings (user_id) VALUES ($1)", user_id)
    await world.sql(
        "INSERT INTO retail_b2c.publisher_preparations (id, user_id, post_id, content_revision, connection_id, "
        "platform, handle, ready, made_at) VALUES (gen_random_uuid(), $1, $2, 9, $3, 'x', 'h', true, now())",
        user_id,
        post_id,
        connection.connection_id,
    )
    return str(user_id), str(post_id)


@pytest.mark.parametrize("role", ["api", "worker"])
@pytest.mark.parametrize("table", OWN_TABLES)
async def test_a_role_reaches_the_claimed_merchants_rows_only(world: World, role: str, table: str) -> None:
    """Another merchant's rows cannot be read, changed, moved or deleted; without claims nobody's can."""
    owner, _ = await a_full_merchant(world)
    stranger = str(await world.a_user())
    connection = await asyncpg.connect(getattr(world.urls, role))
    try:
        for claims, seen in (("", 0), (f'{{"sub": "{stranger}"}}', 0), (f'{{"sub": "{owner}"}}', 1)):
            await connection.execute("RESET ALL")
            await connection.fetch(CLAIMS, claims)
            rows = await connection.fetch(f"SELECT 1 FROM retail_b2c.{table}")
            assert len(rows) == seen, (role, table, claims)
        await connection.fetch(CLAIMS, f'{{"sub": "{stranger}"}}')
        for statement in (
            f"UPDATE retail_b2c.{table} SET user_id = '{stranger}'",
            f"DELETE FROM retail_b2c.{table}",
        ):
            try:
                outcome = await connection.execute(statement)
            except asyncpg.InsufficientPrivilegeError:
                continue
            assert outcome.endswith(" 0"), statement
    finally:
        await connection.close()


async def test_a_row_cannot_be_written_for_another_merchant(world: World) -> None:
    """Not even by an API that forgot whom it works for."""
    owner, _ = await a_full_merchant(world)
    stranger = str(await world.a_user())
    connection = await asyncpg.connect(world.urls.api)
    try:
        await connection.fetch(CLAIMS, f'{{"sub": "{stranger}"}}')
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO retail_b2c.publisher_settings (user_id) VALUES ($1::uuid)", owner)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM retail_b2c.publisher_holds",
        "SELECT 1 FROM retail_b2c.publisher_budgets",
        "SELECT 1 FROM retail_b2c.publisher_rates",
        "SELECT 1 FROM retail_b2c.publisher_erasures",
        "SELECT 1 FROM retail_b2c.publisher_inbox",
        "SELECT 1 FROM retail_b2c.publisher_outbox",
        "SELECT * FROM retail_b2c.publisher_claim_due('x', 1, 1, '1 s', '1 s', '1 s')",
        "SELECT * FROM retail_b2c.publisher_claim_looks('x', 1, '1 s')",
        "SELECT * FROM retail_b2c.publisher_gone_users(gen_random_uuid(), 1)",
        "SELECT * FROM retail_b2c.publisher_posts_by_state()",
        "SELECT retail_b2c.publisher_purge(gen_random_uuid(), gen_random_uuid())",
        "INSERT INTO retail_b2c.publisher_attempts (id) VALUES (gen_random_uuid())",
    ],
)
async def test_the_api_cannot_do_the_workers_work(world: World, statement: str) -> None:
    """Claims, holds and the ledger's beginnings are not the API's."""
    connection = await asyncpg.connect(world.urls.api)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(statement)
    finally:
        await connection.close()


async def test_a_browser_reads_its_own_rows_and_no_machinery(world: World) -> None:
    """`authenticated` sees what a merchant may, of its own posts; nothing else, and it writes nothing."""
    owner, _ = await a_full_merchant(world)
    await a_full_merchant(world)
    connection = await asyncpg.connect(world.urls.superuser)
    try:
        await connection.execute("SET ROLE authenticated")
        await connection.fetch(CLAIMS, f'{{"sub": "{owner}"}}')
        assert len(await connection.fetch("SELECT id, content, status FROM retail_b2c.social_posts")) == 1
        for statement in (
            "SELECT claimed_by FROM retail_b2c.social_posts",
            "SELECT 1 FROM retail_b2c.publisher_attempts",
            "DELETE FROM retail_b2c.social_posts",
            "UPDATE retail_b2c.social_posts SET content = ''",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_every_crossing_has_a_role_of_its_own_kind(world: World) -> None:
    """Definer functions belong to NOLOGIN roles, have a fixed search path, and nobody else may call them."""
    rows = await world.sql(
        "SELECT p.proname, r.rolname, r.rolcanlogin, r.rolbypassrls, p.proconfig, "
        "has_function_privilege('anon', p.oid, 'EXECUTE') AS anon FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner "
        "WHERE p.pronamespace = 'retail_b2c'::regnamespace AND p.prosecdef AND p.proname LIKE 'publisher_%' "
        "AND r.rolname LIKE 'publisher_fn_%'"
    )
    assert len(rows) >= 12
    for row in rows:
        assert not row["rolcanlogin"], row["proname"]
        assert not row["rolbypassrls"], row["proname"]
        assert not row["anon"], row["proname"]
        assert any(setting.startswith("search_path=") for setting in row["proconfig"]), row["proname"]


async def test_the_fixed_columns_are_as_others_know_them(world: World) -> None:
    """Names, types and defaults of social_posts' first eleven columns."""
    rows = await world.sql(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, "
        "pg_get_expr(d.adbin, d.adrelid) AS standard FROM pg_attribute a LEFT JOIN pg_attrdef d "
        "ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = 'retail_b2c.social_posts'::regclass "
        "AND a.attnum BETWEEN 1 AND 11 ORDER BY a.attnum"
    )
    moment = "timestamp with time zone"
    assert [tuple(row) for row in rows] == [
        ("id", "uuid", True, "gen_random_uuid()"),
        ("user_id", "uuid", True, None),
        ("platform", "character varying(50)", True, None),
        ("content", "text", True, None),
        ("media_url", "text", False, None),
        ("scheduled_at", moment, False, None),
        ("posted_at", moment, False, None),
        ("status", "character varying(20)", False, "'draft'::character varying"),
        ("engagement", "jsonb", False, None),
        ("created_at", moment, False, "now()"),
        ("updated_at", moment, False, "now()"),
    ]
