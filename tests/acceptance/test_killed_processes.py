"""kill -9 in the three windows that lose or double things elsewhere; then everything is counted."""

import signal
from collections import Counter
from datetime import timedelta

from tests.acceptance.steps import a_linked_merchant, on_platform, publish_now, until_status
from tests.support.eventually import eventually
from tests.support.stack import World

from social_stack.events import read_topics


async def _restart(world: World, service: str) -> None:
    world.stack.start_service(service, "worker")
    await world.stack.wait_for_services()


async def _kill_worker(world: World, service: str) -> None:
    child = world.stack.children[f"{service} worker"]
    child.send(signal.SIGKILL)
    await child.ended(within=timedelta(seconds=5))


async def _events_of(world: World, topic: str, subject: str) -> list[str]:
    records = await read_topics(world.kafka.bootstrap_servers, [topic], within=timedelta(seconds=10))
    return [record.headers["ce_id"] for record in records if record.headers["ce_subject"] == subject]


async def test_a_publisher_killed_between_answer_and_commit_publishes_once(world: World) -> None:
    """The platform answered, the commit never came: the next worker reads the account back and sends nothing."""
    _, merchant, connection = await a_linked_merchant(world)
    text = "killed between the answer and the commit"
    await world.control(
        "POST", "faults", {"platform": "x", "operation": "publish", "kind": "slow", "count": 1, "delay_ms": 1500}
    )
    post = await publish_now(merchant, connection, text)

    async with world.database() as database:

        async def attempt() -> bool:
            query = "SELECT 1 FROM retail_b2c.publisher_attempts WHERE post_id = $1::uuid AND bytes_sent"
            return bool(await database.fetchval(query, post["id"]))

        await eventually(attempt, what="the attempt is recorded before the call")
        async with database.transaction():
            # The commit of the outcome waits for this lock, so the answer arrives and cannot be kept.
            lock = "SELECT 1 FROM retail_b2c.publisher_attempts WHERE post_id = $1::uuid FOR UPDATE"
            await database.execute(lock, post["id"])

            async def answered() -> bool:
                requests = (await world.control("GET", "requests", platform="x"))["requests"]
                return any(r["raw_path"].endswith("/2/tweets") and r["status"] == 201 for r in requests)

            await eventually(answered, what="X answered 201")
            await _kill_worker(world, "publisher")
    await _restart(world, "publisher")

    live = await until_status(merchant, post, "published", within=90)
    assert len(await on_platform(world, "x", text)) == 1
    assert live["platform_post_id"]
    attempts = (await merchant.ask("GET", "publisher", f"/v1/posts/{post['id']}/attempts"))["attempts"]
    assert len(attempts) == 1
    assert attempts[0]["looks"], "the account was read back"


async def test_a_relay_killed_between_send_and_mark_loses_and_doubles_no_effect(world: World) -> None:
    """The records were sent, the mark never came: they are sent again with the same ids, and count once."""
    _, merchant, connection = await a_linked_merchant(world)
    await _kill_worker(world, "publisher")
    text = "killed between send and mark"
    post = await publish_now(merchant, connection, text)

    async with world.database() as database, database.transaction():
        unsent = "SELECT event_id FROM retail_b2c.publisher_outbox WHERE subject = $1 AND sent_at IS NULL FOR UPDATE"
        rows = await database.fetch(unsent, post["id"])
        assert rows, "the event stands in the outbox, committed with the post"
        world.stack.start_service("publisher", "worker")

        async def sent() -> list[str] | None:
            return await _events_of(world, "post.scheduled", post["id"]) or None

        first = await eventually(sent, what="the relay sent the record")
        await _kill_worker(world, "publisher")
    await _restart(world, "publisher")

    async def sent_again() -> list[str] | None:
        now = await _events_of(world, "post.scheduled", post["id"])
        return now if len(now) > len(first) else None

    again = await eventually(sent_again, what="the record was sent again")
    assert set(again) == set(first) == {str(row["event_id"]) for row in rows}
    await until_status(merchant, post, "published")
    assert len(await on_platform(world, "x", text)) == 1

    async def seen() -> int | None:
        async with world.database() as database:
            query = "SELECT count(*) FROM retail_b2c.analytics_inbox WHERE event_id = $1"
            return await database.fetchval(query, first[0]) or None

    assert await eventually(seen, what="analytics took the event") == 1


async def test_a_consumer_killed_between_commit_and_ack_counts_the_event_once(world: World) -> None:
    """The effect was committed, the offset was not: the record comes again and changes nothing."""
    broker = world.kafka.child
    assert broker is not None, "this test stops the broker for a moment and needs one of its own"
    async with world.database() as database:
        async with database.transaction():
            # Only the handler of connection.linked writes this table, so whoever waits for the lock is that handler.
            await database.execute("LOCK TABLE retail_b2c.publisher_connections IN SHARE MODE")
            user_id, merchant, connection = await a_linked_merchant(world)

            async def waiting() -> bool:
                query = (
                    "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
                    "WHERE c.relname = 'publisher_connections' AND NOT l.granted"
                )
                return bool(await database.fetchval(query))

            await eventually(waiting, what="publisher handles connection.linked")
            broker.send(signal.SIGSTOP)
        try:

            async def committed() -> bool:
                query = "SELECT count(*) FROM retail_b2c.publisher_connections WHERE connection_id = $1::uuid"
                return bool(await database.fetchval(query, connection["id"]))

            await eventually(committed, what="the effect is committed")
            await _kill_worker(world, "publisher")
        finally:
            broker.send(signal.SIGCONT)
    await _restart(world, "publisher")

    post = await publish_now(merchant, connection, "after the redelivery")
    await until_status(merchant, post, "published")
    async with world.database() as database:
        rows = await database.fetch(
            "SELECT i.event_id FROM retail_b2c.publisher_inbox i JOIN retail_b2c.auth_linker_outbox o "
            "ON o.event_id::text = i.event_id WHERE o.subject = $1",
            connection["id"],
        )
    assert Counter(row["event_id"] for row in rows).most_common(1)[0][1] == 1
    assert len(await on_platform(world, "x", "after the redelivery")) == 1
    assert user_id
