"""What events make of the projection, whatever order and number they come in."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from tests.integration.analytics.support import Bench, a_connection, a_post, an_event

from analytics.projections.departures import Departures
from social_common.db import UserGone
from social_common.events import CloudEvent
from social_common.kafka.errors import Verdict, judge
from social_platforms._core import Access, AccountReading

CONNECTION = "SELECT * FROM retail_b2c.analytics_connections WHERE connection_id = $1"
POST = "SELECT * FROM retail_b2c.analytics_posts WHERE post_id = $1"
TABLES = (
    "analytics_connections", "social_analytics", "analytics_posts",
    "analytics_account_history", "analytics_post_history", "analytics_raw_answers",
)  # fmt: skip
GOLDEN = Path(__file__).parents[3] / "contracts" / "golden"


async def counts(bench: Bench, user_id: UUID) -> dict[str, int]:
    """How many rows of the merchant each table holds."""
    return {
        table: (await bench.row(f"SELECT count(*) AS n FROM retail_b2c.{table} WHERE user_id = $1", user_id))["n"]
        for table in TABLES
    }


async def test_duplicate_changes_nothing(bench: Bench) -> None:
    """The same event again, and another event of the same revision, leave the row as it is."""
    connection = await bench.linked(await bench.merchant())
    event = an_event("connection.updated", connection | {"revision": 11, "platform_username": "new"})

    await bench.consume_event(event)
    before = await bench.row(CONNECTION, connection["connection_id"])
    await bench.consume_event(event)
    await bench.consume("connection.updated", connection | {"revision": 11, "platform_username": "other"})

    assert await bench.row(CONNECTION, connection["connection_id"]) == before
    assert before["platform_username"] == "new"


async def test_out_of_order_across_topics(bench: Bench) -> None:
    """An older state that arrives late does not undo a newer one."""
    connection = a_connection(await bench.merchant())
    unlinked = connection | {"revision": 12, "reason": "revoked"}

    await bench.consume("connection.unlinked", unlinked)
    await bench.consume("connection.updated", connection | {"revision": 11})
    await bench.consume("connection.linked", connection)

    row = await bench.row(CONNECTION, connection["connection_id"])
    assert (row["state"], row["down_reason"], row["revision"]) == ("down", "revoked", 12)
    assert (row["next_due_at"], row["next_retry_at"]) == (None, None)


async def test_post_before_its_connection(bench: Bench) -> None:
    """A post whose connection is not known yet is collected as soon as auth-linker gives a token for it."""
    connection = a_connection(await bench.merchant())
    post = await bench.published(connection, posted_at=datetime.now(UTC) - timedelta(minutes=30))

    await bench.collect()
    await bench.consume("connection.linked", connection)

    assert (await bench.row(POST, post["post_id"]))["likes"] == 1
    row = await bench.row(CONNECTION, connection["connection_id"])
    assert (row["state"], row["platform_username"]) == ("usable", "kettleco")


async def test_down_pauses_and_linked_resumes(bench: Bench) -> None:
    """A connection that went down is not asked about; relinked, it is read at once with what became due."""
    connection = await bench.linked(await bench.merchant())
    await bench.published(connection)
    await bench.collect()
    await bench.consume("connection.unlinked", connection | {"revision": 11, "reason": "reconnect_required"})
    await bench.move_clock(timedelta(minutes=30))
    await bench.collect()
    while_down = len(bench.metrics.account_calls), len(bench.metrics.post_calls)

    await bench.consume("connection.linked", connection | {"revision": 12, "relinked": True})
    await bench.collect()

    assert while_down == (1, 0)
    assert (len(bench.metrics.account_calls), len(bench.metrics.post_calls)) == (2, 1)


async def test_without_the_capability_nothing_is_asked(bench: Bench) -> None:
    """A connection without the analytics capability is known, but no token is asked for."""
    await bench.linked(await bench.merchant(), capabilities=["publish"])

    await bench.collect()

    assert bench.tokens.asked == []


async def test_published_late_with_its_id(bench: Bench) -> None:
    """A post that went live without an id is read once a later event names it."""
    connection = await bench.linked(await bench.merchant())
    post = await bench.published(connection, platform_post_id=None, permalink=None)
    await bench.collect()
    unread = await bench.row(POST, post["post_id"])

    found = post | {"revision": 20, "platform_post_id": "77", "posted_at": datetime.now(UTC) - timedelta(hours=1)}
    await bench.consume("post.published", found)
    await bench.collect()

    assert unread["due_at"] is None
    assert bench.metrics.post_calls == [["77"]]


async def test_scheduled_after_published_is_ignored(bench: Bench) -> None:
    """post.scheduled that arrives after post.published changes nothing; post.failed with a newer revision does."""
    connection = await bench.linked(await bench.merchant())
    post = await bench.published(connection)

    await bench.consume("post.scheduled", post | {"revision": 9, "scheduled_at": datetime.now(UTC)})
    published = await bench.row(POST, post["post_id"])
    await bench.consume("post.failed", post | {"revision": 11, "status": "unknown", "error": {"code": "x"}})

    failed = await bench.row(POST, post["post_id"])
    assert (published["status"], published["due_at"] is None) == ("published", False)
    assert (failed["status"], failed["due_at"], failed["product_id"]) == ("unknown", None, "kettle-1")


async def test_unknown_words_survive(bench: Bench) -> None:
    """Unknown fields, kinds, capabilities, reasons, states and platforms are kept, not refused."""
    user_id = await bench.merchant()
    connection = await bench.linked(
        user_id, platform="myspace", kind="shrine", capabilities=["analytics", "levitate"], health="glowing", moon=1
    )
    post = await bench.published(connection, kind="hologram")
    other = await bench.linked(user_id)
    await bench.consume("connection.unlinked", other | {"revision": 11, "reason": "eclipse"})
    await bench.consume("post.failed", post | {"revision": 11, "status": "evaporated"})

    await bench.collect()

    assert (await bench.row(CONNECTION, other["connection_id"]))["down_reason"] == "eclipse"
    assert (await bench.row(POST, post["post_id"]))["status"] == "evaporated"


async def test_event_from_the_future(bench: Bench) -> None:
    """A post said to be live next century is stored, and measured now rather than never."""
    connection = await bench.linked(await bench.merchant())
    post = await bench.published(connection, posted_at=datetime(2125, 1, 1, tzinfo=UTC))

    await bench.move_clock(timedelta(minutes=10))
    await bench.collect()

    assert bench.metrics.post_calls == [[post["platform_post_id"]]]


@pytest.mark.parametrize(
    "change",
    [
        {"connection_id": "no-uuid"},
        {"revision": "newest"},
        {"revision": 2**70},
        {"platform": None},
        {"posted_at": "2026-11-01T00:00:00"},
        {"platform_post_id": ["1"]},
    ],
)
async def test_malformed_record_is_parked(bench: Bench, change: Mapping[str, Any]) -> None:
    """A record that lacks what is needed is refused as the record's own error, and nothing of it is stored."""
    data = a_post(a_connection(await bench.merchant()))

    with pytest.raises(ValidationError) as caught:
        await bench.consume("post.published", data | dict(change))

    assert judge(caught.value) is Verdict.PARK
    assert await bench.rows("SELECT * FROM retail_b2c.analytics_inbox") == []


async def test_another_merchants_key(bench: Bench) -> None:
    """A record whose key and data name different merchants is parked."""
    mine, theirs = await bench.merchant(), await bench.merchant()
    event = replace(an_event("connection.linked", a_connection(mine)), user_id=theirs)

    with pytest.raises(Exception, match="different merchants") as caught:
        await bench.consume_event(event)

    assert judge(caught.value) is Verdict.PARK


async def test_connection_of_another_merchant(bench: Bench) -> None:
    """An event that claims another merchant's connection cannot touch it."""
    connection = await bench.linked(await bench.merchant())
    thief = await bench.merchant()

    with pytest.raises(Exception):  # noqa: B017, PT011 - what it is called is the database's business
        await bench.consume("connection.updated", connection | {"user_id": thief, "revision": 99})

    row = await bench.row(CONNECTION, connection["connection_id"])
    assert (row["user_id"], row["revision"]) == (connection["user_id"], 10)


async def test_erased_deletes_everything(bench: Bench) -> None:
    """`erased` takes every row of the connection, whatever its revision, and a late event brings none back."""
    user_id = await bench.merchant()
    connection, kept = await bench.linked(user_id), await bench.linked(user_id)
    post = await bench.published(connection, posted_at=datetime.now(UTC) - timedelta(minutes=30))
    await bench.collect()
    before = await counts(bench, user_id)

    await bench.consume("connection.unlinked", connection | {"revision": 1, "reason": "erased"})
    await bench.consume("post.published", post | {"revision": 50})
    await bench.consume("connection.linked", connection | {"revision": 51})

    assert min(before.values()) >= 1
    assert await counts(bench, user_id) == {
        "analytics_connections": 1, "social_analytics": 1, "analytics_posts": 0,
        "analytics_account_history": 1, "analytics_post_history": 0, "analytics_raw_answers": 1,
    }  # fmt: skip
    assert await bench.rows(CONNECTION, kept["connection_id"])


async def test_last_erasure_takes_the_sent_events(bench: Bench) -> None:
    """With the merchant's last connection go the sent events that could still be replayed."""
    connection = await bench.linked(await bench.merchant())
    await bench.collect()
    await bench.admin.execute("UPDATE retail_b2c.analytics_outbox SET sent_at = now()")

    await bench.consume("connection.unlinked", connection | {"revision": 11, "reason": "erased"})

    assert await bench.rows("SELECT * FROM retail_b2c.analytics_outbox") == []


async def test_deleted_user_cascades(bench: Bench) -> None:
    """Deleting the merchant in auth.users takes every row, and later events of theirs end quietly."""
    user_id = await bench.merchant()
    connection = await bench.linked(user_id)
    await bench.published(connection, posted_at=datetime.now(UTC) - timedelta(minutes=30))
    await bench.collect()

    await bench.admin.execute("DELETE FROM auth.users WHERE id = $1", user_id)

    assert set((await counts(bench, user_id)).values()) == {0}
    with pytest.raises(UserGone) as caught:
        await bench.consume("connection.updated", connection | {"revision": 11})
    assert judge(caught.value) is Verdict.LET_GO


async def test_deleted_while_a_platform_answers(bench: Bench) -> None:
    """A merchant deleted while their numbers are on the way leaves nothing behind, and the worker goes on."""
    connection = await bench.linked(await bench.merchant())
    read = bench.metrics.read_account

    async def delete_first(access: Access) -> AccountReading:
        await bench.admin.execute("DELETE FROM auth.users")
        return await read(access)

    bench.metrics.read_account = delete_first  # type: ignore[method-assign]
    await bench.collect()

    assert set((await counts(bench, connection["user_id"])).values()) == {0}
    assert await bench.rows("SELECT * FROM retail_b2c.analytics_outbox") == []


async def test_soft_deleted_user_is_found(bench: Bench) -> None:
    """A soft delete, which cascades nothing, is found by the scan and ends as the cascade would."""
    gone, stays = await bench.merchant(), await bench.merchant()
    for user_id in (gone, stays):
        await bench.linked(user_id)
    await bench.collect()
    await bench.admin.execute("UPDATE auth.users SET deleted_at = now() WHERE id = $1", gone)

    await Departures(bench.worker).forget_departed()

    assert set((await counts(bench, gone)).values()) == {0}
    assert (await counts(bench, stays))["social_analytics"] == 1


@pytest.mark.parametrize(
    "name",
    [
        "connection.linked",
        "connection.updated",
        "connection.unlinked",
        "post.scheduled",
        "post.published",
        "post.failed",
    ],
)
async def test_golden_records_are_read(bench: Bench, name: str) -> None:
    """Every golden record of a topic consumed here is handled."""
    golden = json.loads((GOLDEN / f"{name}.v1.json").read_text())
    await bench.admin.execute("INSERT INTO auth.users (id) VALUES ($1)", UUID(golden["key"]))

    class Record:
        topic, partition, offset = name, 0, 0
        key, value = golden["key"].encode(), json.dumps(golden["value"]).encode()
        headers = tuple((header, text.encode()) for header, text in golden["headers"].items())

    await bench.consume_event(CloudEvent.from_record(Record()))

    assert len(await bench.rows("SELECT * FROM retail_b2c.analytics_connections")) == 1


async def test_erasure_of_an_unknown_connection(bench: Bench) -> None:
    """`erased` that overtakes everything else of its connection keeps it from ever being stored."""
    connection = a_connection(await bench.merchant(), connection_id=uuid4())

    await bench.consume("connection.unlinked", connection | {"revision": 11, "reason": "erased"})
    await bench.consume("connection.linked", connection)

    assert await bench.rows("SELECT * FROM retail_b2c.analytics_connections") == []
