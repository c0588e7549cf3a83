"""Outbox, inbox and replay in the database: days, order, what is kept and what is forgotten."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.integration.common_data.conftest import Merchant
from tests.support.postgres import ServiceDatabase

from social_common import inbox
from social_common.db import Database
from social_common.events import CloudEvent, event, new_event_id
from social_common.outbox import EventTooLarge
from social_common.plumbing import keep_house
from social_common.replay import ReplayRequest, accept_cluster, forget_user, replay


async def add(
    database: Database, user_id: UUID, *, topic: str = "note.added", subject: str = "s", body: str = ""
) -> UUID:
    """Commit one event."""
    async with database.write(user_id) as session:
        return await session.emit(
            event(
                topic,
                source_service="notes",
                subject=subject,
                user_id=user_id,
                time=datetime.now(UTC),
                data={"user_id": user_id, "body": body},
            )
        )


async def take(database: Database, limit: int = 100) -> list[UUID]:
    """The ids of the events that wait, in the order in which they are sent."""
    async with database.system() as session:
        return [row["event_id"] for row in await session.all(f"SELECT * FROM retail_b2c.notes_outbox_take({limit})")]


async def mark_all(superuser: asyncpg.Connection) -> None:
    """Pretend that all events were sent."""
    await superuser.execute("UPDATE retail_b2c.notes_outbox SET sent_at = now() WHERE sent_at IS NULL")


async def test_events_wait_in_the_order_of_their_ids(api: Database, worker: Database, a_merchant: Merchant) -> None:
    """What was written first is taken first, over all days' partitions."""
    merchant = await a_merchant()
    written = [await add(api, merchant) for _ in range(5)]

    assert await take(worker) == written
    assert await take(worker, limit=2) == written[:2]


async def test_marks_reach_exactly_the_sent(worker: Database, api: Database, a_merchant: Merchant) -> None:
    """Marking takes the given events out of the queue and no others."""
    merchant = await a_merchant()
    written = [await add(api, merchant) for _ in range(3)]
    async with worker.system() as session:
        rows = await session.all("SELECT id, created_at FROM retail_b2c.notes_outbox_take(2)")
        marked = await session.scalar(
            "SELECT retail_b2c.notes_outbox_mark(:ids, :first, :last)",
            {"ids": [row["id"] for row in rows], "first": rows[0]["created_at"], "last": rows[-1]["created_at"]},
        )

    assert marked == 2
    assert await take(worker) == written[2:]


async def test_the_queue_is_read_by_its_index(
    superuser: asyncpg.Connection, api: Database, a_merchant: Merchant
) -> None:
    """With a long history behind it, taking a batch walks the index of what is unsent."""
    merchant = await a_merchant()
    await superuser.execute(
        """INSERT INTO retail_b2c.notes_outbox
        (event_id, topic, user_id, subject, headers, payload, created_at, sent_at)
        SELECT gen_random_uuid(), 't', $1, 's', '{}', '{}', now() - interval '1 day' * (n % 3), now()
        FROM generate_series(1, 50000) n""",
        merchant,
    )
    await add(api, merchant)
    await superuser.execute("ANALYZE retail_b2c.notes_outbox")

    plan = await superuser.fetch(
        "EXPLAIN SELECT id FROM retail_b2c.notes_outbox o WHERE o.sent_at IS NULL ORDER BY o.id LIMIT 500"
    )

    text = "\n".join(row[0] for row in plan)
    # Days without rows may be read any way; the two partitions that have some are read by their index.
    assert "Seq Scan on notes_outbox_default" not in text
    assert f"Seq Scan on notes_outbox_{datetime.now(UTC):%Y%m%d}" not in text
    assert text.count("_id_idx") >= 2


async def test_a_commit_wakes_the_relay(notes: ServiceDatabase, api: Database, a_merchant: Merchant) -> None:
    """A notification comes with the commit, not before it."""
    merchant = await a_merchant()
    listening = await asyncpg.connect(notes.worker)
    heard = asyncio.Event()
    await listening.add_listener("notes_outbox", lambda *_: heard.set())

    async with api.write(merchant) as session:
        await session.emit(
            event("t", source_service="notes", subject="s", user_id=merchant, time=datetime.now(UTC), data={})
        )
        await listening.execute("SELECT 1")
        before = heard.is_set()

    await asyncio.wait_for(heard.wait(), 5)
    await listening.close()
    assert not before


async def test_an_event_too_large_for_its_topic_is_refused(api: Database, a_merchant: Merchant) -> None:
    """It fails in the transaction that wanted it, where it can still be helped, and never stops the relay."""
    with pytest.raises(EventTooLarge):
        await add(api, await a_merchant(), body="x" * 1024 * 1024)


async def test_days_are_made_ahead_and_dropped_when_sent(
    worker: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Housekeeping drops a day past retention only when all its rows are sent."""
    merchant = await a_merchant()
    for days in (20, 21):
        day = (datetime.now(UTC) - timedelta(days=days)).date()
        name = f"notes_outbox_{day:%Y%m%d}"
        await superuser.execute(
            f"CREATE TABLE retail_b2c.{name} PARTITION OF retail_b2c.notes_outbox "
            f"FOR VALUES FROM ('{day}T00:00:00Z') TO ('{day + timedelta(days=1)}T00:00:00Z')"
        )
        await superuser.execute(f"ALTER TABLE retail_b2c.{name} OWNER TO notes_owner")
        await superuser.execute(
            """INSERT INTO retail_b2c.notes_outbox
            (event_id, topic, user_id, subject, headers, payload, created_at, sent_at)
            VALUES (gen_random_uuid(), 't', $1, 's', '{}', '{}', $2, $3)""",
            merchant,
            datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            datetime.now(UTC) if days == 20 else None,
        )

    await keep_house(worker)

    kept = await superuser.fetch(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'retail_b2c.notes_outbox'::regclass"
    )
    names = {row[0] for row in kept}
    today = datetime.now(UTC).date()
    assert f"notes_outbox_{today - timedelta(days=20):%Y%m%d}" not in names
    assert f"notes_outbox_{today - timedelta(days=21):%Y%m%d}" in names
    assert {f"notes_outbox_{today + timedelta(days=ahead):%Y%m%d}" for ahead in range(8)} <= names


async def test_a_day_already_in_the_default_partition_is_no_failure(
    worker: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Rows that came before their day's partition stay where they are, are sent from there, and trimmed with age."""
    merchant = await a_merchant()
    ahead = datetime.now(UTC) + timedelta(days=9)
    insert = """INSERT INTO retail_b2c.notes_outbox
        (event_id, topic, user_id, subject, headers, payload, created_at, sent_at)
        VALUES ($1, 't', $2, 's', '{}', '{}', $3, $4)"""
    early, old = new_event_id(), new_event_id()
    await superuser.execute(insert, early, merchant, ahead, None)
    await superuser.execute(insert, old, merchant, datetime.now(UTC) - timedelta(days=30), datetime.now(UTC))

    async with worker.system() as session:
        await session.execute("SELECT retail_b2c.notes_outbox_make_days(10)")
    await keep_house(worker)

    assert await take(worker) == [early]
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox WHERE event_id = $1", old) == 0


async def test_an_event_counts_once_per_consumer(worker: Database, a_merchant: Merchant) -> None:
    """The second time is told apart, per consumer, and a rolled-back first time does not count."""
    seen = CloudEvent(
        id="1", source="/s", type="t", subject="s", time=datetime.now(UTC), dataschema=None, traceparent=None,
        user_id=await a_merchant(), data={},
    )  # fmt: skip
    with pytest.raises(RuntimeError):  # noqa: PT012 - the error must come after the insert
        async with worker.write(seen.user_id) as session:
            assert await inbox.first_time(session, consumer="c", event=seen)
            raise RuntimeError

    results = []
    for consumer in ("c", "c", "other"):
        async with worker.write(seen.user_id) as session:
            results.append(await inbox.first_time(session, consumer=consumer, event=seen))

    assert results == [True, False, True]
    async with worker.system() as session:
        assert await inbox.forget(session, consumer="c") == 1


async def test_two_handlers_at_once_apply_an_event_once(worker: Database, a_merchant: Merchant) -> None:
    """The second transaction waits for the first and then knows."""
    seen = CloudEvent(
        id="2", source="/s", type="t", subject="s", time=datetime.now(UTC), dataschema=None, traceparent=None,
        user_id=await a_merchant(), data={},
    )  # fmt: skip

    async def handle() -> bool:
        async with worker.write(seen.user_id) as session:
            first = await inbox.first_time(session, consumer="c", event=seen)
            await session.execute("SELECT pg_sleep(0.05)")
            return first

    assert sorted(await asyncio.gather(*(handle() for _ in range(5)))) == [False, False, False, False, True]


async def test_replay_sends_the_same_events_again(
    api: Database, worker: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """By topic, merchant, aggregate or time: the same ids, in their order, nothing else."""
    one, other = await a_merchant(), await a_merchant()
    first = await add(api, one, subject="a")
    second = await add(api, one, subject="b")
    third = await add(api, other, subject="a")
    await add(api, one, topic="note.changed")
    await mark_all(superuser)

    async def replayed(**chosen: Any) -> list[UUID]:
        await mark_all(superuser)
        count = await replay(worker, ReplayRequest(topic="note.added", **chosen))
        found = await take(worker)
        assert count == len(found)
        return found

    assert await replayed() == [first, second, third]
    assert await replayed(user_id=one) == [first, second]
    assert await replayed(subject="a") == [first, third]
    assert await replayed(user_id=one, subject="a") == [first]
    assert await replayed(since=datetime.now(UTC) + timedelta(hours=1)) == []
    assert await replayed(until=datetime.now(UTC) - timedelta(hours=1)) == []
    assert len(await replayed(since=datetime.now(UTC) - timedelta(hours=1))) == 3


async def test_replay_with_new_ids_makes_new_events(
    api: Database, worker: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Copies in the old order, with ids no consumer has seen."""
    merchant = await a_merchant()
    old = [await add(api, merchant, body=str(number)) for number in range(3)]
    await mark_all(superuser)

    await replay(worker, ReplayRequest(topic="note.added", new_ids=True))

    rows = await superuser.fetch(
        "SELECT event_id, payload FROM retail_b2c.notes_outbox WHERE sent_at IS NULL ORDER BY id"
    )
    assert not {row["event_id"] for row in rows} & set(old)
    assert all(row["event_id"].version == 7 for row in rows)
    assert [json.loads(row["payload"])["body"] for row in rows] == ["0", "1", "2"]

    await mark_all(superuser)
    assert await replay(worker, ReplayRequest(topic="note.added", new_ids=True)) == 3


async def test_replay_skips_merchants_who_are_gone(
    api: Database, worker: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """Neither a deleted nor a soft-deleted merchant's events come back."""
    staying, leaving, soft = await a_merchant(), await a_merchant(), await a_merchant()
    kept = await add(api, staying)
    await add(api, leaving)
    await add(api, soft)
    await mark_all(superuser)
    await superuser.execute("DELETE FROM auth.users WHERE id = $1", leaving)
    await superuser.execute("UPDATE auth.users SET deleted_at = now() WHERE id = $1", soft)

    assert await replay(worker, ReplayRequest(topic="note.added")) == 1
    assert await take(worker) == [kept]


async def test_forgetting_a_merchant_keeps_what_is_not_sent(
    api: Database, worker: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """The purge of an erased merchant takes sent events; the one that tells of the erasure still goes out."""
    leaving, staying = await a_merchant(), await a_merchant()
    await add(api, leaving)
    await add(api, staying)
    await mark_all(superuser)
    last = await add(api, leaving, topic="note.erased")

    assert await forget_user(worker, leaving) == 1
    assert await take(worker) == [last]
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox") == 2


async def test_accepting_a_cluster_resends_only_when_it_is_another(
    api: Database, worker: Database, superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """The same cluster again resends nothing; another one gets all that is kept, in one step."""
    written = [await add(api, await a_merchant()) for _ in range(2)]
    await mark_all(superuser)

    assert await accept_cluster(worker, cluster="one", resend=False) == 0
    assert await accept_cluster(worker, cluster="one", resend=True) == 0
    assert await take(worker) == []
    assert await accept_cluster(worker, cluster="two", resend=True) == 2
    assert await take(worker) == written
