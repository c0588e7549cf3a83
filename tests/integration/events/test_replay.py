"""`social events replay`: what is sent again changes nothing of ours, and nobody who is gone comes back."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.events.facts import a_place, a_post
from tests.integration.events.ground import Ground

from social_cli.services import SERVICES, Service, owner_of

pytestmark = [pytest.mark.needs_kafka, pytest.mark.timeout(300)]
TOPICS = tuple(topic for service in SERVICES for topic in service.topics)
LINKER, PUBLISHER, ANALYTICS = (Service("auth-linker"), Service("publisher"), Service("analytics"))


async def a_history(ground: Ground) -> None:
    """Merchants whose connections come, go and come back, with posts that are planned, sent, refused and measured."""
    for number in range(3):
        place = await a_place(ground)
        waiting, live = await a_post(ground, place), await a_post(ground, place, status="published")
        await ground.emit(LINKER, "connection.linked", place.linked(1))
        await ground.emit(PUBLISHER, "post.scheduled", place.scheduled(waiting, 1))
        await ground.emit(PUBLISHER, "post.published", place.published(live, 2))
        await ground.emit(LINKER, "connection.unlinked", place.unlinked(2, "reconnect_required"))
        await ground.emit(LINKER, "connection.linked", place.linked(3, relinked=True))
        await ground.emit(LINKER, "connection.updated", place.linked(4, platform_username="renamed", cause="profile"))
        await ground.emit(PUBLISHER, "post.failed", place.failed(live, 3))
        await ground.emit(ANALYTICS, "post.measured", place.measured(live, 1, likes=3))
        await ground.emit(ANALYTICS, "post.measured", place.measured(live, 2, likes=5))
        if number == 0:
            await ground.emit(LINKER, "connection.unlinked", place.unlinked(5, "user"))


async def at_rest(ground: Ground) -> None:
    """Everything sent, everything consumed, what that caused too."""
    for _ in range(2):
        await ground.all_sent()
        await ground.caught_up()


async def everything(ground: Ground, *options: str) -> int:
    """Replay all topics from their beginning; how many events were sent."""
    topics = [word for topic in TOPICS for word in ("--topic", topic)]
    done = await ground.social("events", "replay", *topics, "--since", "2000-01-01T00:00:00Z", "--json", *options)
    assert done.code == 0, done.err
    return sum(topic["sent"] for topic in done.json["topics"])


async def test_everything_replayed_twice_changes_no_table(ground: Ground) -> None:
    """All topics of all services, sent again twice with the same ids and once with new ones, leave every row alone."""
    async with ground.consuming(relays=True):
        await a_history(ground)
        await at_rest(ground)
        before, ends = await ground.tables(), await ground.ends()

        sent = [await everything(ground) for _ in range(2)]
        await at_rest(ground)
        after, grown = await ground.tables(), await ground.ends()

        await everything(ground, "--new-ids")
        await at_rest(ground)

    # The history did something in every service, and the replays went the whole way.
    assert all(before[name] for name in ("token_needs", "publisher_connections", "analytics_posts", "social_posts"))
    assert sent == [sum(len(before[f"{service.package}_outbox"]) for service in SERVICES)] * 2
    assert sum(grown.values()) > sum(ends.values())
    assert after == before
    apart = ("_outbox", "_inbox")
    again = await ground.tables(without=apart)
    assert again.keys() == {name for name in before if not name.endswith(apart)}
    # Told anew that a place was refused, auth-linker looks at it once more; that time is all that may move.
    assert without_looks(again.pop("grants")) == without_looks(before["grants"])
    assert again == {name: before[name] for name in again}


def without_looks(grants: list[str]) -> list[dict[str, object]]:
    """The grants but for when their places are looked at."""
    rows = [json.loads(row) for row in grants]
    return [{name: value for name, value in row.items() if name != "places_seen_at"} for row in rows]


async def test_a_dry_run_counts_by_day_and_changes_nothing(ground: Ground) -> None:
    """Counts, the first and the last, what waits anyway and whose merchants are gone; nothing is marked."""
    place, leaving = await a_place(ground), await a_place(ground)
    for revision in (1, 2, 3):
        await ground.emit(LINKER, "connection.linked", place.linked(revision))
    await ground.emit(LINKER, "connection.linked", leaving.linked(1))
    await ground.sql("UPDATE retail_b2c.auth_linker_outbox SET sent_at = now()")
    await ground.sql("UPDATE retail_b2c.auth_linker_outbox SET created_at = now() - interval '1 day' WHERE id = "
                     "(SELECT min(id) FROM retail_b2c.auth_linker_outbox)")  # fmt: skip
    await ground.emit(LINKER, "connection.linked", place.linked(4))
    await ground.sql("UPDATE auth.users SET deleted_at = now() WHERE id = $1", leaving.user_id)
    before = await ground.tables()
    chosen = ("events", "replay", "--topic", "connection.linked", "--since", "2000-01-01T00:00:00Z", "--dry-run")

    told, table = await ground.social(*chosen, "--json"), await ground.social(*chosen)

    assert (told.code, told.json["events"], told.json["waiting"], told.json["gone"]) == (0, 3, 1, 1)
    days = told.json["days"]
    assert [(day["events"], day["waiting"]) for day in days] == [(1, 0), (2, 1)]
    assert days[0]["first"] == days[0]["last"] < days[1]["first"] < days[1]["last"]
    assert "3 events would be sent again; 1 wait to be sent anyway; 1 of merchants who are gone" in table.out
    assert await ground.tables() == before


async def test_a_replay_reaches_what_was_chosen_and_skips_who_is_gone(ground: Ground) -> None:
    """One merchant, one aggregate, a time range; a soft-deleted merchant's events stay unsent."""
    one, other, gone = [await a_place(ground) for _ in range(3)]
    for place in (one, other, gone):
        await ground.emit(LINKER, "connection.linked", place.linked(1))
        await ground.emit(LINKER, "connection.linked", place.linked(2))
    await ground.sql("UPDATE auth.users SET deleted_at = now() WHERE id = $1", gone.user_id)

    async def replayed(*chosen: str) -> tuple[int, int]:
        await ground.sql("UPDATE retail_b2c.auth_linker_outbox SET sent_at = now()")
        done = await ground.social("events", "replay", "--topic", "connection.linked", *chosen, "--no-wait", "--json")
        assert done.code == 0, done.err
        rows = await ground.sql("SELECT count(*) AS n FROM retail_b2c.auth_linker_outbox WHERE sent_at IS NULL")
        (topic,) = done.json["topics"]
        assert rows[0]["n"] == topic["sent"]
        return topic["sent"], topic["gone"]

    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert await replayed("--merchant", str(one.user_id)) == (2, 0)
    assert await replayed("--aggregate", str(other.connection_id)) == (2, 0)
    assert await replayed("--merchant", str(gone.user_id)) == (0, 2)
    assert await replayed("--until", later) == (4, 2)
    assert await replayed("--since", later) == (0, 0)


async def test_a_replay_goes_on_where_it_broke_off(ground: Ground) -> None:
    """`--after` leaves out what was sent; without it all is sent once more, which is harmless."""
    place = await a_place(ground)
    for revision in range(1, 6):
        await ground.emit(LINKER, "connection.linked", place.linked(revision))
    ids = [row["id"] for row in await ground.sql("SELECT id FROM retail_b2c.auth_linker_outbox ORDER BY id")]
    chosen = (
        "events",
        "replay",
        "--topic",
        "connection.linked",
        "--merchant",
        str(place.user_id),
        "--no-wait",
        "--json",
    )

    await ground.sql("UPDATE retail_b2c.auth_linker_outbox SET sent_at = now()")
    rest = await ground.social(*chosen, "--after", str(ids[2]))
    await ground.sql("UPDATE retail_b2c.auth_linker_outbox SET sent_at = now()")
    whole = await ground.social(*chosen)

    (some,), (all_of_it,) = rest.json["topics"], whole.json["topics"]
    assert (some["sent"], all_of_it["sent"]) == (2, 5)
    assert some["after"] == all_of_it["after"] == ids[-1]


async def test_what_is_away_is_told_in_one_sentence(ground: Ground) -> None:
    """A database or a broker that does not answer is exit code 3, without a password; no settings at all are 1."""
    nowhere = "postgresql://publisher_worker:planted@127.0.0.1:1/nowhere"
    database = await ground.social(
        *("events", "replay", "--topic", "post.published", "--since", "2026-11-01T00:00:00Z"),
        PUBLISHER_WORKER_DATABASE_URL=nowhere,
    )
    broker = await ground.social("events", "dlt", "list", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    settings = await ground.social(
        *("events", "replay", "--topic", "post.published", "--since", "2026-11-01T00:00:00Z"),
        PUBLISHER_WORKER_DATABASE_URL=ground.urls(ANALYTICS).worker,
    )

    assert (database.code, broker.code, settings.code) == (3, 3, 1)
    assert database.err.startswith("social events replay: the database does not answer")
    assert broker.err.startswith("social events dlt list: Kafka does not answer")
    assert "set PUBLISHER_WORKER_DATABASE_URL to the URL of its role publisher_worker" in settings.err
    for done in (database, broker, settings):
        assert done.err.count("\n") == 1
        assert "planted" not in done.err


def test_every_topic_has_one_owner() -> None:
    """The command finds the service of each of the nine topics by itself."""
    owners = {topic: owner_of(topic).name for topic in TOPICS}

    assert len(owners) == len(TOPICS) == 9
    assert (owners["connection.linked"], owners["post.published"], owners["account.measured"]) == (
        "auth-linker", "publisher", "analytics",
    )  # fmt: skip
