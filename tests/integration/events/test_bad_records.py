"""Records as nobody should send them, before every consumer of every service: applied once, or parked with a cause."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from tests.integration.events.facts import Place, a_place, a_post
from tests.integration.events.ground import Ground, Record, a_record, producing

from social_cli.services import Consumer, all_consumers

pytestmark = [pytest.mark.needs_kafka, pytest.mark.timeout(300)]
TOPICS: Final = tuple(dict.fromkeys(consumer.topic for consumer in all_consumers()))
# A record's batch may have 1 MiB; what is left of it is for key, headers and framing.
NEARLY_A_MEBIBYTE: Final = 1024 * 1024 - 4096


@dataclass(frozen=True)
class Case:
    """A record made of an event's data, and why it is parked; None where it is applied like any other."""

    make: Callable[[str, Mapping[str, Any]], Record]
    cause: str | None = None
    unread_by: frozenset[str] = frozenset()  # consumers that look at no such field, and so find nothing wrong

    def cause_for(self, consumer: Consumer) -> str | None:
        """Why that consumer parks it."""
        return None if consumer.name in self.unread_by else self.cause


def changed(
    headers: Mapping[str, bytes | None] | None = None, **fields: Any
) -> Callable[[str, Mapping[str, Any]], Record]:
    """An event with other headers or further fields."""
    return lambda topic, data: a_record(topic, {**data, **fields}, **(headers or {}))


def without_header(name: str) -> Callable[[str, Mapping[str, Any]], Record]:
    """An event that lacks a header."""

    def make(topic: str, data: Mapping[str, Any]) -> Record:
        key, value, headers = a_record(topic, data)
        return key, value, [(found, text) for found, text in headers if found != name]

    return make


def replaced(*, key: bytes | None = b"", value: bytes | None = b"") -> Callable[[str, Mapping[str, Any]], Record]:
    """An event with another key or value."""

    def make(topic: str, data: Mapping[str, Any]) -> Record:
        old_key, old_value, headers = a_record(topic, data)
        return old_key if key == b"" else key, old_value if value == b"" else value, headers

    return make


CASES: Final = {
    "unknown type": Case(changed({"ce_type": b"store.seftec.social.post.teleported.v9"}), "RecordError: the type"),
    "null header": Case(changed({"traceparent": None}), "MalformedEvent: header 'traceparent' is null"),
    "null id": Case(changed({"ce_id": None}), "MalformedEvent: header 'ce_id' is null"),
    "no id": Case(without_header("ce_id"), "MalformedEvent: header ce_id is missing"),
    "no type": Case(without_header("ce_type"), "MalformedEvent: header ce_type is missing"),
    "no headers": Case(lambda *given: (*a_record(*given)[:2], []), "MalformedEvent: header ce_specversion is missing"),
    "not UTF-8": Case(changed({"ce_subject": b"\xff\xfe"}), "MalformedEvent: header 'ce_subject' is not UTF-8"),
    "time without offset": Case(changed({"ce_time": b"2026-11-01T00:00:00"}), "MalformedEvent: header ce_time has no"),
    "no key": Case(replaced(key=None), "MalformedEvent: the key is missing"),
    "another merchant's key": Case(replaced(key=str(uuid4()).encode()), "MalformedEvent: the key names another user"),
    "no value": Case(replaced(value=None), "MalformedEvent: the value is missing"),
    "no JSON": Case(replaced(value=b'{"post_id": '), "MalformedEvent: the value is not JSON"),
    "no fields": Case(replaced(value=b"{}"), "ValidationError: "),
    "ids of no kind": Case(changed(connection_id="x", post_id="x"), "ValidationError: "),
    "a revision no column holds": Case(
        changed(revision=2**70), "(ValidationError: |DBAPIError|DataError)", frozenset({"place-doubts"})
    ),
    "too long and no JSON": Case(replaced(value=b"x" * NEARLY_A_MEBIBYTE), "MalformedEvent: the value is not JSON"),
    "from the future": Case(changed({"ce_time": b"2125-01-01T00:00:00Z"})),
    "unknown fields": Case(changed(moons=[1, 2], note={"deep": {"er": None}})),
    "as large as may be": Case(changed(filler="x" * (NEARLY_A_MEBIBYTE - 4096))),
    "foreign headers": Case(changed({"x-trace": b"1", "reply_to": b"somewhere"})),
}
NAMELESS: Final = frozenset({"no headers", "no id", "null id"})


async def send(producer: AIOKafkaProducer, topic: str, record: Record) -> None:
    """Send one record; null keys and values go as such."""
    key, value, headers = record
    await producer.send_and_wait(topic, value, key, headers=headers)


async def seen(ground: Ground, consumer: Consumer) -> dict[str, int]:
    """How often each event stands in the consumer's inbox, by id."""
    rows = await ground.sql(
        f"SELECT event_id, count(*) AS n FROM retail_b2c.{consumer.service.package}_inbox "
        "WHERE consumer = $1 GROUP BY 1",
        consumer.name,
    )
    return {row["event_id"]: row["n"] for row in rows}


def id_of(record: Record) -> str:
    """The event's id."""
    return (dict(record[2])["ce_id"] or b"").decode()


async def test_every_consumer_applies_or_parks_and_goes_on(ground: Ground) -> None:
    """Each case on each topic: what is wrong is parked with its cause by each consumer, the rest applied once."""
    sent: dict[str, dict[str, Record]] = {}
    async with producing(ground.kafka) as producer, ground.consuming():
        for topic in TOPICS:
            place = await a_place(ground)
            post_id = await a_post(ground, place)
            revisions = {name: number for number, name in enumerate(CASES, start=2)}
            sent[topic] = {
                name: case.make(topic, place.of(topic, post_id, revisions[name])) for name, case in CASES.items()
            }
            sent[topic]["good"] = a_record(topic, place.of(topic, post_id, 1000))
            for record in sent[topic].values():
                await send(producer, topic, record)
        await ground.caught_up()

    letters = await ground.letters(since=ground.began)
    for consumer in all_consumers():
        parked = [(one.letter.value, one.letter.failure.cause) for one in letters[consumer.dead_letters]]
        records = sent[consumer.topic]
        causes = {name: case.cause_for(consumer) for name, case in CASES.items()}
        wrong = {name: cause for name, cause in causes.items() if cause is not None}
        told = f"{consumer.name} of {consumer.topic}"
        assert [value for value, _ in parked] == [records[name][1] for name in wrong], told
        for (_, cause), (name, expected) in zip(parked, wrong.items(), strict=True):
            assert re.match(expected, cause), f"{told}: {name} was parked for {cause}"
        inbox = await seen(ground, consumer)
        applied = [id_of(record) for name, record in records.items() if name not in wrong]
        assert [inbox.get(event_id) for event_id in applied] == [1] * len(applied), told
        assert not {id_of(records[name]) for name in wrong if name not in NAMELESS} & set(inbox), told


@dataclass(frozen=True)
class Known:
    """What a merchant's place has become in the services' tables."""

    publisher: int
    analytics: int
    analytics_post: int
    likes: int
    needed: int


async def known(ground: Ground, place: Place, post_id: UUID) -> Known:
    """Read it from each service's tables."""
    (publisher,) = await ground.sql(
        "SELECT revision FROM retail_b2c.publisher_connections WHERE connection_id = $1", place.connection_id
    )
    (analytics,) = await ground.sql(
        "SELECT revision FROM retail_b2c.analytics_connections WHERE connection_id = $1", place.connection_id
    )
    (post,) = await ground.sql("SELECT revision FROM retail_b2c.analytics_posts WHERE post_id = $1", post_id)
    (own,) = await ground.sql("SELECT engagement FROM retail_b2c.social_posts WHERE id = $1", post_id)
    (need,) = await ground.sql("SELECT revision FROM retail_b2c.token_needs WHERE post_id = $1", post_id)
    likes = json.loads(own["engagement"])["likes"]
    return Known(publisher["revision"], analytics["revision"], post["revision"], likes, need["revision"])


async def test_disorder_across_merchants_ends_in_each_ones_newest_state(ground: Ground) -> None:
    """Interleaved, one merchant's backwards and one's forwards: each is at the newest revision of every topic."""
    forwards, backwards = await a_place(ground), await a_place(ground)
    posts = {place: await a_post(ground, place) for place in (forwards, backwards)}
    topics = ("connection.linked", "connection.updated", "post.scheduled", "post.measured")
    async with producing(ground.kafka) as producer, ground.consuming():
        for up, down in zip(range(1, 8), range(7, 0, -1), strict=True):
            for topic in topics:
                for place, revision in ((forwards, up), (backwards, down)):
                    await send(producer, topic, a_record(topic, place.of(topic, posts[place], revision)))
        await ground.caught_up()

    for place, post_id in posts.items():
        assert await known(ground, place, post_id) == Known(7, 7, 7, likes=7, needed=7)
    letters = await ground.letters(since=ground.began)
    assert [name for name, parked in letters.items() if parked] == []


@pytest.mark.parametrize("times", [50, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
async def test_duplicates_are_applied_once(ground: Ground, times: int) -> None:
    """The same record again and again, before each consumer: one row in the inbox, and no table moves."""
    place = await a_place(ground)
    post_id = await a_post(ground, place)
    topics = ("connection.linked", "post.scheduled", "post.failed", "post.measured")
    records = {topic: a_record(topic, place.of(topic, post_id, number)) for number, topic in enumerate(topics, start=1)}
    assert {c.name for c in all_consumers() if c.topic in topics} == {c.name for c in all_consumers()}
    async with producing(ground.kafka) as producer, ground.consuming():
        for topic, record in records.items():
            await send(producer, topic, record)
        await ground.caught_up()
        before = await ground.tables()

        for _ in range(times):
            for topic, (key, value, headers) in records.items():
                await producer.send(topic, value, key, headers=headers)
        await producer.flush()
        await ground.caught_up(within=60 + times / 2)

    assert await ground.tables() == before
    for consumer in (one for one in all_consumers() if one.topic in topics):
        assert (await seen(ground, consumer))[id_of(records[consumer.topic])] == 1
    letters = await ground.letters(since=ground.began)
    assert [name for name, parked in letters.items() if parked] == []
