"""What follows which error, and what a dead letter says."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, NotLeaderForPartitionError
from faststream.exceptions import NackMessage
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from social_common.db import DatabaseUnreachable, UserGone
from social_common.events import CloudEvent, MalformedEvent, RawRecord
from social_common.kafka.dead_letters import Failure, park, read_letter, retry_letter
from social_common.kafka.errors import InfrastructureDown, RecordError, Verdict, describe, judge
from social_common.kafka.pipeline import RecordPipeline, RetryPolicy
from social_common.kafka.topics import LARGEST_DEAD_LETTER, TopicSpec, dead_letter_spec

Headers = list[tuple[str, bytes | None]]


def a_database_error(cause: Exception) -> DBAPIError:
    """An error as SQLAlchemy wraps it."""
    wrapped = EmulatedDBAPIException("wrapped", cause)
    kind = IntegrityError if isinstance(cause, asyncpg.IntegrityConstraintViolationError) else DBAPIError
    return kind("SELECT 1", {}, wrapped)


def a_validation_error() -> ValidationError:
    """What a reader's model raises."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, int]).validate_python({"a": "planted"})
    return caught.value


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (RecordError("x"), Verdict.PARK),
        (MalformedEvent("x"), Verdict.PARK),
        (a_validation_error(), Verdict.PARK),
        (UserGone(), Verdict.LET_GO),
        (InfrastructureDown(), Verdict.WAIT),
        (ConnectionResetError(), Verdict.WAIT),
        (TimeoutError(), Verdict.WAIT),
        (OSError(), Verdict.WAIT),
        (PoolTimeout(), Verdict.WAIT),
        (KafkaConnectionError(), Verdict.WAIT),
        (NotLeaderForPartitionError(), Verdict.WAIT),
        (OperationalError("x", {}, Exception()), Verdict.WAIT),
        (InterfaceError("x", {}, Exception("connection is closed")), Verdict.WAIT),
        (InterfaceError("x", {}, Exception("the server expects 1 argument")), Verdict.RETRY),
        (asyncpg.CannotConnectNowError(), Verdict.WAIT),
        (asyncpg.TooManyConnectionsError(), Verdict.WAIT),
        (asyncpg.AdminShutdownError(), Verdict.WAIT),
        (asyncpg.InterfaceError("connection is closed"), Verdict.WAIT),
        (asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"), Verdict.WAIT),
        (a_database_error(asyncpg.InternalClientError("cannot switch to state 15")), Verdict.WAIT),
        (a_database_error(asyncpg.AdminShutdownError()), Verdict.WAIT),
        (a_database_error(asyncpg.UniqueViolationError()), Verdict.RETRY),
        (a_database_error(asyncpg.QueryCanceledError()), Verdict.WAIT),
        (a_database_error(asyncpg.DeadlockDetectedError()), Verdict.WAIT),
        (a_database_error(asyncpg.LockNotAvailableError()), Verdict.WAIT),
        (a_database_error(asyncpg.UndefinedTableError()), Verdict.WAIT),
        (a_database_error(asyncpg.ReadOnlySQLTransactionError()), Verdict.WAIT),
        (a_database_error(asyncpg.InsufficientPrivilegeError()), Verdict.RETRY),
        (a_database_error(asyncpg.CharacterNotInRepertoireError()), Verdict.PARK),
        (DatabaseUnreachable(), Verdict.WAIT),
        (MessageSizeTooLargeError(), Verdict.RETRY),
        (KeyError("x"), Verdict.RETRY),
        (ZeroDivisionError(), Verdict.RETRY),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.value,
)
def test_every_error_has_its_verdict(error: Exception, verdict: Verdict) -> None:
    """The record's own errors are parked or tried, the infrastructure's are waited for."""
    assert judge(error) is verdict


def test_a_cause_shows_no_value() -> None:
    """What an outside error said is left out; fields and classes are named."""
    assert describe(a_validation_error()) == "ValidationError: a int_parsing"
    assert describe(ValueError("planted")) == "ValueError"
    assert describe(a_database_error(asyncpg.UniqueViolationError("planted"))) == "IntegrityError 23505"
    assert describe(RecordError("said by us")) == "RecordError: said by us"


@dataclass(frozen=True)
class Record:
    """A record as it comes from a topic."""

    key: bytes | None = b"k"
    value: bytes | None = b"{}"
    headers: Headers = field(default_factory=list)
    topic: str = "t"
    partition: int = 1
    offset: int = 5


class Letters:
    """A producer that keeps what it is given, and refuses what a broker would."""

    def __init__(self) -> None:
        self.sent: list[Record] = []

    async def send_and_wait(
        self, topic: str, value: bytes | None = None, key: bytes | None = None, *, headers: Headers
    ) -> object:
        """Take one record."""
        assert value is not None or key is not None
        if len(value or b"") > LARGEST_DEAD_LETTER:
            raise MessageSizeTooLargeError
        self.sent.append(Record(key, value, headers, topic, 0, len(self.sent)))
        return None


FAILURE = Failure(cause="c", consumer="reader", attempts=3, first_failure=datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "record",
    [
        Record(),
        Record(key=None),
        Record(value=None),
        Record(key=None, value=None),
        Record(headers=[("a", None), ("a", b"\xff"), ("dlt_cause", b"spoofed")]),
        Record(value=b"x" * 1024 * 1024, headers=[("h", b"y" * 64_000)]),
    ],
    ids=["plain", "no key", "no value", "neither", "odd headers", "as large as a topic allows"],
)
async def test_a_letter_gives_the_record_back(record: Record) -> None:
    """Key, value and headers are as they were, and the notes are read from the end."""
    letters = Letters()

    await park(letters, record, FAILURE)
    letter = read_letter(letters.sent[0])

    assert (letter.key, letter.value, letter.headers) == (record.key, record.value, record.headers)
    assert (letter.topic, letter.partition, letter.offset, letter.failure) == ("t", 1, 5, FAILURE)
    assert letters.sent[0].topic == "t.reader.dlt"
    assert not letter.value_left_out


async def test_what_does_not_fit_leaves_its_value_behind() -> None:
    """A letter that would be too large keeps key, small headers, size and hash."""
    letters = Letters()

    await park(letters, Record(value=b"x" * 3_000_000, headers=[("a", b"b"), ("c", b"d" * 5000)]), FAILURE)

    letter = read_letter(letters.sent[0])
    assert letter.value_left_out
    assert (letter.key, letter.value, letter.headers) == (b"k", None, [("a", b"b")])
    assert ("dlt_value_size", b"3000000") in letters.sent[0].headers


async def test_a_letter_of_a_foreign_type_is_not_retried() -> None:
    """What was parked because it is no event of its topic is refused again, before any handler sees it."""
    letters = Letters()
    headers: list[tuple[str, bytes | None]] = [
        ("ce_specversion", b"1.0"), ("ce_id", b"i"), ("ce_source", b"/s"), ("ce_subject", b"a"),
        ("ce_type", b"store.seftec.social.t.v2"), ("ce_time", b"2026-11-01T00:00:00Z"),
    ]  # fmt: skip
    await park(letters, Record(key=str(uuid4()).encode(), value=b"{}", headers=headers), FAILURE)
    seen: list[object] = []

    async def handler(event: CloudEvent) -> None:
        seen.append(event)

    with pytest.raises(RecordError, match="does not belong"):
        await retry_letter(read_letter(letters.sent[0]), handler)
    assert seen == []


@pytest.mark.parametrize(
    "headers",
    [[], [("dlt_cause", b"x")], [("dlt_cause", b"x"), ("dlt_topic", b"\xff")]],
    ids=["none", "too few", "no text"],
)
def test_what_is_no_letter_says_so(headers: Headers) -> None:
    """Listing goes on behind what somebody else wrote to a dead letter topic."""
    with pytest.raises(ValueError, match=r"notes|utf-8"):
        read_letter(Record(headers=headers))


async def test_the_first_failure_is_remembered_while_waiting() -> None:
    """A record that is parked after an outage tells when its trouble began, and is counted anew for the next one."""
    parked: list[Failure] = []
    broken = True

    async def park_it(record: RawRecord, failure: Failure) -> None:
        if broken:
            raise ConnectionError
        parked.append(failure)

    pipeline = RecordPipeline(
        lambda _: asyncio.sleep(0),
        topic="t",
        consumer="reader",
        park=park_it,
        draining=asyncio.Event(),
        retry=RetryPolicy(longest_wait=timedelta(milliseconds=1)),
    )
    before = datetime.now(UTC)
    for _ in range(3):
        with pytest.raises(NackMessage):
            await pipeline(Record())
    after = datetime.now(UTC)
    broken = False
    await pipeline(Record())
    await pipeline(Record(offset=6))

    assert before <= parked[0].first_failure <= after
    assert parked[1].first_failure >= after


async def test_a_drain_ends_a_wait_at_once() -> None:
    """A consumer that waits for the infrastructure does not hold up the shutdown."""
    draining = asyncio.Event()

    async def park_it(record: RawRecord, failure: Failure) -> None:
        raise ConnectionError

    pipeline = RecordPipeline(
        lambda _: asyncio.sleep(0),
        topic="t",
        consumer="reader",
        park=park_it,
        draining=draining,
        retry=RetryPolicy(longest_wait=timedelta(hours=1)),
    )
    draining.set()

    with pytest.raises(NackMessage):
        await asyncio.wait_for(pipeline(Record()), 5)


def test_retries_stay_far_below_the_poll_interval() -> None:
    """All tries together are over long before the group takes the consumer for dead."""
    policy = RetryPolicy()

    assert sum(policy.pause(attempt) for attempt in range(1, policy.tries)) < 30
    assert len({policy.pause(1) for _ in range(20)}) > 1


def test_topics_are_declared_with_room_for_parking() -> None:
    """A dead letter topic takes twice what its topic does; both keep a month."""
    assert TopicSpec("t").config() == {
        "retention.ms": str(30 * 24 * 3600 * 1000),
        "max.message.bytes": "1048576",
        "cleanup.policy": "delete",
    }
    assert dead_letter_spec("t", "c").name == "t.c.dlt"
    assert dead_letter_spec("t", "c").config()["max.message.bytes"] == "2097152"
