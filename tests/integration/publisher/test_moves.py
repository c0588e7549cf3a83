"""The database holds the same state table as the code: what one refuses, the other refuses too."""

import importlib.util
from itertools import product
from types import ModuleType
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from tests.integration.publisher.kit import World

from publisher.domain import MOVES, Status
from publisher.settings import MIGRATIONS
from social_common.db import Database, constraint_name


def the_revision_with_the_moves() -> ModuleType:
    """The migration that wrote the table into the database."""
    [path] = MIGRATIONS.glob("versions/*_moves_and_claims.py")
    spec = importlib.util.spec_from_file_location("moves_and_claims", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_migration_spells_the_codes_table() -> None:
    """The moves of the revision are MOVES; whoever changes one is told to write a revision for the other."""
    spelled = {one: set(tos) for one, tos in the_revision_with_the_moves().MOVES.items()}

    assert spelled == {one.value: {to.value for to in tos} for one, tos in MOVES.items()}


async def test_the_database_makes_exactly_the_moves_of_the_table(world: World) -> None:
    """Each of the eighty-one pairs is tried on a row: made or refused as the code says, and staying is allowed."""
    connection = await world.a_connection(await world.a_user())
    superuser = await asyncpg.connect(world.urls.superuser)
    made: set[tuple[Status, Status]] = set()
    refused: dict[tuple[Status, Status], asyncpg.CheckViolationError] = {}
    try:
        for one, to in product(Status, Status):
            post_id = await world.a_post(connection, status=one.value)
            try:
                await superuser.execute(
                    "UPDATE retail_b2c.social_posts SET status = $2, revision = revision + 1 WHERE id = $1",
                    post_id,
                    to.value,
                )
                made.add((one, to))
            except asyncpg.CheckViolationError as error:
                refused[one, to] = error
    finally:
        await superuser.close()

    assert made == {(one, to) for one in Status for to in (one, *MOVES[one])}
    assert {error.constraint_name for error in refused.values()} == {"social_posts_moves"}
    assert all(f"from {one} to {to}" in str(error) for (one, to), error in refused.items())


@pytest.mark.parametrize("role", ["worker", "api"])
async def test_neither_role_can_make_a_wrong_move(world: World, role: str) -> None:
    """What stands as published stays so, whichever service's code forgets the table."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection, status="published")
    database = Database(world.urls.secret(role), service="publisher", pool_size=1)

    with pytest.raises(IntegrityError) as refused:
        async with database.write(connection.user_id) as session:
            await session.execute(
                text("UPDATE retail_b2c.social_posts SET status = 'scheduled' WHERE id = :id"), {"id": post_id}
            )
    await database.close()

    assert constraint_name(refused.value) == "social_posts_moves"


async def test_a_revision_never_goes_back(world: World) -> None:
    """Readers take what is newer by its revision, so an older one is refused."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()), revision=7)

    with pytest.raises(asyncpg.CheckViolationError, match="revision cannot go from 7 to 6"):
        await world.sql("UPDATE retail_b2c.social_posts SET revision = 6 WHERE id = $1", post_id)


async def test_a_post_is_born_as_a_draft_or_scheduled(world: World) -> None:
    """The API can insert neither a published post nor one in any other later status."""
    connection = await world.a_connection(await world.a_user())
    database = Database(world.urls.secret("api"), service="publisher", pool_size=1)
    born: set[Status] = set()
    refusals: list[str] = []
    for status in Status:
        try:
            async with database.write(connection.user_id) as session:
                await session.execute(
                    text(
                        "INSERT INTO retail_b2c.social_posts (id, user_id, platform, platform_id, content, status, "
                        "campaign_id, connection_id, kind, revision, scheduled_at, due_at) VALUES (:id, :user, 'x', "
                        "'p', 'c', :status, :id, :connection, 'text', 1, now(), now())"
                    ),
                    {
                        "id": uuid4(),
                        "user": connection.user_id,
                        "status": status.value,
                        "connection": connection.connection_id,
                    },
                )
            born.add(status)
        except ProgrammingError as error:
            refusals.append(str(error))
    await database.close()

    assert born == {Status.DRAFT, Status.SCHEDULED}
    assert all("row-level security" in refusal for refusal in refusals)


async def test_a_legal_change_never_calls_the_refusing_function(world: World) -> None:
    """The condition is the trigger's own: moves of the table, and claims, cost no function call."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    superuser = await asyncpg.connect(world.urls.superuser)
    try:
        await superuser.execute("SET track_functions = 'all'")
        await superuser.execute("UPDATE retail_b2c.social_posts SET claimed_by = 'w' WHERE id = $1", post_id)
        await superuser.execute(
            "UPDATE retail_b2c.social_posts SET status = 'publishing', revision = 2 WHERE id = $1", post_id
        )
        calls = await superuser.fetchval(
            "SELECT coalesce(sum(pg_stat_get_xact_function_calls(p.oid)), 0) + "
            "coalesce(sum(pg_stat_get_function_calls(p.oid)), 0) FROM pg_proc p "
            "WHERE p.proname = 'publisher_refuse_move'"
        )
    finally:
        await superuser.close()

    assert calls == 0
