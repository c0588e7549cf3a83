"""A merchant whose row in auth.users is deleted by SQL, as Supabase's own delete does."""

from datetime import timedelta

import pytest
from tests.acceptance.steps import a_linked_merchant, publish_now, until_status
from tests.support.eventually import eventually
from tests.support.stack import World

from social_stack.events import Record, read_topics

_TABLES_OF_MERCHANTS = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' "
    "WHERE n.nspname = 'retail_b2c' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
)
# Without a foreign key on purpose: the events already told, the proof of the revocation, and that the id is erased.
_OUTLIVE = ("outbox", "erasures", "erased_merchants")


@pytest.mark.parametrize(
    ("platform", "outcome"), [("x", "revoked"), ("github", "revoked"), ("instagram", "not_supported")]
)
async def test_a_deleted_merchant_is_gone_everywhere(world: World, platform: str, outcome: str) -> None:
    """Rows go in all three services, the grant is revoked where the platform can, and the event says `erased`."""
    user_id, merchant, connection = await a_linked_merchant(world, platform)
    if platform == "x":
        await until_status(merchant, await publish_now(merchant, connection, "a last word"), "published")

    async with world.database() as database:
        await database.execute("DELETE FROM auth.users WHERE id = $1::uuid", user_id)

        async def erased() -> list[Record] | None:
            records = await read_topics(
                world.kafka.bootstrap_servers, ["connection.unlinked"], within=timedelta(seconds=10)
            )
            return [r for r in records if r.data["connection_id"] == connection["id"]] or None

        events = await eventually(erased, what="connection.unlinked")
        assert [event.data["reason"] for event in events] == ["erased"]

        tables = [name for (name,) in await database.fetch(_TABLES_OF_MERCHANTS)]
        assert {"social_connections", "social_posts", "social_analytics"} <= set(tables)

        async def gone() -> bool:
            counts = [
                await database.fetchval(f"SELECT count(*) FROM retail_b2c.{name} WHERE user_id = $1", user_id)
                for name in tables
                if not name.endswith(_OUTLIVE)
            ]
            return not any(counts)

        await eventually(gone, what="no row of the merchant is left")

        async def proof() -> str | None:
            query = "SELECT proof FROM retail_b2c.erasures WHERE user_id = $1::uuid AND finished_at IS NOT NULL"
            told: str | None = await database.fetchval(query, user_id)
            return told

        assert await eventually(proof, what="the revocation has ended") == outcome


PROOFS = {
    "facebook": ["already_invalid", "revoked"],  # the person's own token, and one of the Page's
    "x": ["revoked"],
    "instagram": ["not_supported"],
    "linkedin": ["revoked"],
    "youtube": ["revoked"],
    "google": ["revoked"],
    "github": ["revoked"],
}


async def test_a_merchant_of_all_platforms_leaves_whole(world: World) -> None:
    """One delete: every connection is told as erased, every grant has its proof, and no copy of a token is left."""
    user_id, merchant = await world.merchant()
    connections = set()
    for platform in PROOFS:
        made = await world.control("POST", "accounts", {"platform": platform})
        connections.add((await merchant.link(platform, account=made["account_id"]))["id"])

    async with world.database() as database:
        await database.execute("DELETE FROM auth.users WHERE id = $1::uuid", user_id)

        async def proofs() -> dict[str, list[str]] | None:
            rows = await database.fetch(
                "SELECT platform, array_agg(proof::text ORDER BY proof) AS proofs FROM retail_b2c.erasures"
                " WHERE user_id = $1::uuid GROUP BY platform HAVING bool_and(finished_at IS NOT NULL)",
                user_id,
            )
            return {row["platform"]: row["proofs"] for row in rows} if len(rows) == len(PROOFS) else None

        ended = await eventually(proofs, what="every revocation has ended")
        left = await database.fetchval(
            "SELECT count(*) FROM retail_b2c.erasures WHERE user_id = $1::uuid"
            " AND (access_token IS NOT NULL OR refresh_token IS NOT NULL)",
            user_id,
        )
    assert ended == PROOFS
    assert left == 0

    async def told() -> set[str] | None:
        records = await read_topics(
            world.kafka.bootstrap_servers, ["connection.unlinked"], within=timedelta(seconds=10)
        )
        found = {r.data["connection_id"] for r in records if r.data["reason"] == "erased"} & connections
        return found if found == connections else None

    assert await eventually(told, what="all are told as erased")
