"""`social events dlt`: an operator finds what could not be handled, has it handled, or gives it up; for good."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from tests.integration.events.facts import Place, a_place, a_post
from tests.integration.events.ground import Ground, Headers, a_record, producing

from social_cli.services import SERVICES
from social_common.kafka.dead_letters import Failure, park

pytestmark = [pytest.mark.needs_kafka, pytest.mark.timeout(300)]
LETTERS = "post.measured.engagement.dlt"
# Looks like a token of a platform, as somebody's mistake could bring one into an event.
PLANTED = "gho_PLANTEDplantedPLANTED0123456789"


@dataclass(frozen=True)
class Parked:
    """A record as the pipeline parks it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int = 0
    offset: int = 0


async def put_away(
    producer: AIOKafkaProducer,
    record: Parked,
    *,
    consumer: str,
    cause: str = "RuntimeError",
    first: datetime | None = None,
) -> None:
    """Park a record as the consumer would have."""
    failure = Failure(cause=cause, consumer=consumer, attempts=4, first_failure=first or datetime.now(UTC))
    await park(producer, record, failure)


def measured(place: Place, post_id: UUID, *, offset: int, **changes: Any) -> Parked:
    """A measurement that could not be handled."""
    data = place.measured(post_id, 1, likes=7) | changes
    key, value, headers = a_record("post.measured", data)
    return Parked("post.measured", key, value, headers, offset=offset)


async def listed(ground: Ground, *filters: str) -> Any:
    """What `list` finds of this test's letters."""
    done = await ground.social("events", "dlt", "list", "--since", ground.began.isoformat(), "--json", *filters)
    assert done.code == 0, done.err
    return done.json


async def likes(ground: Ground, post_id: UUID) -> int | None:
    """What publisher knows of a post."""
    (row,) = await ground.sql("SELECT engagement FROM retail_b2c.social_posts WHERE id = $1", post_id)
    return None if row["engagement"] is None else json.loads(row["engagement"])["likes"]


async def test_letters_are_listed_by_consumer_and_cause(ground: Ground) -> None:
    """Counted with the oldest first failure, listed singly, filtered by each filter; other records hide nothing."""
    place, old = await a_place(ground), ground.began + timedelta(milliseconds=1)
    linked = Parked("connection.linked", *a_record("connection.linked", place.linked(1)))
    async with producing(ground.kafka) as producer:
        await put_away(producer, linked, consumer="connections", cause="RecordError: odd", first=old)
        await put_away(producer, linked, consumer="analytics-connections", cause="RecordError: odd")
        await producer.send_and_wait("connection.linked.connections.dlt", b"planted", headers=[("dlt_cause", b"\xff")])
        await put_away(producer, linked, consumer="connections", cause="RecordError: odd")

    everything = await listed(ground)
    table = await ground.social("events", "dlt", "list", "--since", ground.began.isoformat(), "--limit", "1")

    groups = {(g["topic"], g["consumer"], g["cause"]): g for g in everything["groups"]}
    mine = groups["connection.linked", "connections", "RecordError: odd"]
    assert (mine["count"], mine["oldest"]) == (2, old.isoformat().replace("+00:00", "Z"))
    assert groups["connection.linked", "analytics-connections", "RecordError: odd"]["count"] == 1
    assert (everything["total"], len(everything["letters"])) == (3, 3)
    assert everything["other_records"] >= 1
    assert "3 dead letters, of which 1 are listed" in table.out
    assert (await listed(ground, "--consumer", "analytics-connections"))["total"] == 1
    assert (await listed(ground, "--cause", "ODD"))["total"] == 3
    assert (await listed(ground, "--topic", "post.measured"))["total"] == 0
    assert (await listed(ground, "--since", (datetime.now(UTC) + timedelta(hours=1)).isoformat()))["total"] == 0


async def test_a_letter_is_shown_whole_but_for_secrets(ground: Ground) -> None:
    """Cause, place, times, headers and value as they were; what looks like a secret is not shown."""
    place, post_id = await a_place(ground), uuid4()
    offset = uuid4().int % 1_000_000_000
    record = measured(place, post_id, offset=offset, access_token="planted-value", note=f"see {PLANTED}")
    record = Parked(
        record.topic, record.key, record.value, [*record.headers, ("authorization", b"Bearer planted"), ("n", None)],
        offset=offset,
    )  # fmt: skip
    async with producing(ground.kafka) as producer:
        await put_away(producer, record, consumer="engagement", cause="ValidationError: metrics missing")
    (letter,) = (await listed(ground))["letters"]

    shown = await ground.social("events", "dlt", "show", letter["id"], "--json")
    by_origin = await ground.social("events", "dlt", "show", f"post.measured:0:{offset}")
    missing = await ground.social("events", "dlt", "show", f"{LETTERS}:0:999999")

    found = shown.json
    assert (found["topic"], found["partition"], found["offset"]) == ("post.measured", 0, offset)
    assert (found["cause"], found["attempts"]) == ("ValidationError: metrics missing", 4)
    assert (found["service"], found["state"], found["retries"]) == ("publisher", "open", 0)
    assert found["key"] == str(place.user_id)
    assert found["value"]["post_id"] == str(post_id)
    assert found["value"]["metrics"]["likes"] == 7
    assert ["ce_type", "store.seftec.social.post.measured.v1"] in found["headers"]
    assert ["n", None] in found["headers"]
    assert "ValidationError: metrics missing" in by_origin.out
    for text in (shown.out, by_origin.out):
        assert "planted" not in text.casefold()
        assert "[redacted]" in text
    assert (missing.code, missing.out) == (1, "")
    assert "there is no dead letter" in missing.err


async def test_a_retry_is_done_once_and_for_all(ground: Ground) -> None:
    """The one handler runs; the letter is no longer listed, and a second retry does nothing."""
    place = await a_place(ground)
    post_id = await a_post(ground, place, status="published")
    async with producing(ground.kafka) as producer:
        await put_away(producer, measured(place, post_id, offset=1), consumer="engagement")
    (letter,) = (await listed(ground))["letters"]
    ends = await ground.ends()

    first = await ground.social("events", "dlt", "retry", letter["id"], "--by", "ada", "--json")
    await ground.sql("UPDATE retail_b2c.social_posts SET engagement = NULL, engagement_revision = NULL")
    await ground.sql("DELETE FROM retail_b2c.publisher_inbox")
    second = await ground.social("events", "dlt", "retry", letter["id"], "--json")
    every = await ground.social("events", "dlt", "retry", "--all", "--since", ground.began.isoformat(), "--json")

    assert (first.code, first.json["outcomes"]) == (0, {"handled": 1})
    assert (second.code, second.json["outcomes"]) == (0, {"already_handled": 1})
    assert (every.code, every.json["outcomes"]) == (0, {})
    assert await likes(ground, post_id) is None
    assert (await listed(ground))["total"] == 0
    assert await ground.ends() == ends
    shown = (await ground.social("events", "dlt", "show", letter["id"], "--json")).json
    assert (shown["state"], shown["actor"], shown["retries"]) == ("handled", "ada", 1)


async def test_all_of_a_choice_are_retried_and_failures_stay_with_their_new_cause(ground: Ground) -> None:
    """What can be handled is; the rest is listed with why it failed this time, and how often."""
    place = await a_place(ground)
    post_id = await a_post(ground, place, status="published")
    gone = Place(uuid4(), uuid4(), uuid4())
    async with producing(ground.kafka) as producer:
        await put_away(producer, measured(place, post_id, offset=1), consumer="engagement")
        await put_away(producer, measured(place, post_id, offset=2, metrics="none"), consumer="engagement")
        await put_away(producer, measured(place, post_id, offset=3, revision=None), consumer="engagement")
        of_gone = Parked("connection.linked", *a_record("connection.linked", gone.linked(1)))
        await put_away(producer, of_gone, consumer="connections")
        await put_away(producer, of_gone, consumer="analytics-connections")
    chosen = ("events", "dlt", "retry", "--all", "--since", ground.began.isoformat())

    narrow = await ground.social(*chosen, "--topic", "post.measured", "--json")
    wide = await ground.social(*chosen, "--json")

    assert (narrow.code, narrow.json["outcomes"]) == (1, {"handled": 1, "failed": 2})
    assert (wide.code, wide.json["outcomes"]) == (1, {"let_go": 2, "failed": 2})
    assert await likes(ground, post_id) == 7
    left = {letter["offset"]: letter for letter in (await listed(ground))["letters"]}
    assert sorted(left) == [2, 3]
    assert left[2]["cause"].startswith("ValidationError: metrics")
    assert left[3]["cause"].startswith("ValidationError: revision")
    assert [letter["retries"] for letter in left.values()] == [2, 2]
    assert (await listed(ground, "--cause", "RuntimeError"))["total"] == 0


async def test_a_dropped_letter_is_gone_for_good_and_told(ground: Ground) -> None:
    """With a reason, after a yes; it is not listed, a retry is refused, and an audit event says who and why."""
    place = await a_place(ground)
    async with producing(ground.kafka) as producer:
        for offset in range(3):
            await put_away(producer, measured(place, uuid4(), offset=offset), consumer="engagement")
    one, *others = (await listed(ground))["letters"]
    drop = ("events", "dlt", "drop")
    rest = ("--all", "--since", ground.began.isoformat(), "--reason", "made by a test")

    nobody = await ground.social(*drop, one["id"], "--reason", "made by a test")
    unexplained = await ground.social(*drop, one["id"], "--yes")
    dropped = await ground.social(*drop, one["id"], "--reason", "made by a test", "--yes", "--by", "ada", "--json")
    retried = await ground.social("events", "dlt", "retry", one["id"])
    still = (await listed(ground))["total"]
    everything = await ground.social(*drop, *rest, "--yes", "--json")

    assert (nobody.code, unexplained.code) == (2, 2)
    assert "--yes drops without asking" in nobody.err
    assert (dropped.code, dropped.json["outcomes"]) == (0, {"dropped": 1})
    audit = json.loads(dropped.err.splitlines()[0])
    assert {name: audit[name] for name in ("event", "operator", "reason", "letter", "consumer")} == {
        "event": "dead_letter_dropped", "operator": "ada", "reason": "made by a test", "letter": one["id"],
        "consumer": "engagement",
    }  # fmt: skip
    assert (retried.code, still) == (1, len(others))
    assert "ada gave it up" in retried.out
    assert (everything.code, everything.json["outcomes"]) == (0, {"dropped": 2})
    assert (await listed(ground))["total"] == 0


async def test_a_letter_in_other_hands_is_left_alone(ground: Ground) -> None:
    """Two operators at once: the second is told so, and nothing is run twice."""
    place = await a_place(ground)
    post_id = await a_post(ground, place, status="published")
    async with producing(ground.kafka) as producer:
        await put_away(producer, measured(place, post_id, offset=1), consumer="engagement")
    (letter,) = (await listed(ground))["letters"]

    async with ground.session() as other, other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"publisher:{letter['id']}")
        done = await ground.social("events", "dlt", "retry", letter["id"], "--json")

    assert (done.code, done.json["outcomes"]) == (1, {"busy": 1})
    assert await likes(ground, post_id) is None
    assert (await listed(ground))["total"] == 1


async def test_a_service_without_settings_is_left_out_and_named(ground: Ground) -> None:
    """What can be listed is; the remark says which variable is missing, and the exit code that something is."""
    done = await ground.social("events", "dlt", "list", "--json", ANALYTICS_WORKER_DATABASE_URL="")
    nothing = await ground.social(
        *("events", "dlt", "list", "--json"),
        **{f"{service.package.upper()}_WORKER_DATABASE_URL": "" for service in SERVICES},
    )

    assert (done.code, done.json["left_out"]) == (1, ["analytics"])
    assert "set ANALYTICS_WORKER_DATABASE_URL" in done.err
    assert (nothing.code, nothing.out) == (1, "")


async def test_nobody_retries_without_saying_what(ground: Ground) -> None:
    """Neither an id nor --all, both, an id of no kind, an unknown consumer: wrong usage."""
    for arguments in (
        (),
        (f"{LETTERS}:0:1", "--all"),
        ("letter 17",),
        ("--all", "--consumer", "nobody"),
    ):
        done = await ground.social("events", "dlt", "retry", *arguments)

        assert (done.code, done.out) == (2, ""), arguments
        assert done.err.startswith("social events dlt retry: ")
