"""CloudEvents: written as the SDK reads them, read tolerantly, refused with a cause."""

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from social_common.events import (
    CloudEvent,
    MalformedEvent,
    encode_data,
    event,
    event_type,
    new_event_id,
    utc_text,
)

USER = uuid4()


@dataclass(frozen=True)
class Record:
    """A record as the consumer hands it over."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)
    topic: str = "note.added"
    partition: int = 2
    offset: int = 7


def a_record(**changed: bytes | None) -> Record:
    """A good record; keywords change or add headers, None removes one."""
    made = event(
        "note.added",
        source_service="my_notes",
        subject="note-1",
        user_id=USER,
        time=datetime(2026, 11, 1, 12, 30, tzinfo=timezone(timedelta(hours=2))),
        data={"user_id": USER, "n": 1},
    )
    headers: dict[str, bytes | None] = {"ce_id": b"id-1"}
    headers |= {name: text.encode() for name, text in made.headers(traceparent="00-ab-cd-01").items()}
    headers |= changed
    kept: list[tuple[str, bytes | None]] = [(name, value) for name, value in headers.items() if value is not None]
    return Record(key=str(USER).encode(), value=encode_data(made.data).encode(), headers=kept)


def test_what_is_written_is_read_back() -> None:
    """All attributes survive the wire; the time is in UTC."""
    found = CloudEvent.from_record(a_record())

    assert (found.id, found.source, found.type) == ("id-1", "/seftec/social/my-notes", event_type("note.added"))
    assert (found.subject, found.user_id, found.key) == ("note-1", USER, USER)
    assert found.time == datetime(2026, 11, 1, 10, 30, tzinfo=UTC)
    assert found.dataschema == "https://seftec.store/schemas/note.added.v1.json"
    assert found.traceparent == "00-ab-cd-01"
    assert (found.topic, found.partition, found.offset) == ("note.added", 2, 7)
    assert found.data == {"user_id": str(USER), "n": 1}


def test_the_sdk_reads_our_records() -> None:
    """The CloudEvents SDK takes them as binary mode, with the same attributes."""
    record = a_record()

    found = from_binary_event(
        KafkaMessage(
            headers={name: value or b"" for name, value in record.headers}, key=record.key, value=record.value or b""
        ),
        JSONFormat(),
    )

    assert found.get_id() == "id-1"
    assert found.get_type() == "store.seftec.social.note.added.v1"
    assert found.get_subject() == "note-1"
    assert found.get_time() == datetime(2026, 11, 1, 10, 30, tzinfo=UTC)


def test_headers_round_trip() -> None:
    """An event that was read can be written again with the same headers."""
    found = CloudEvent.from_record(a_record())

    again = CloudEvent.from_record(replace(a_record(), headers=list(found.to_kafka_headers())))

    assert again == found


def test_unknown_fields_and_headers_are_ignored() -> None:
    """What a later release adds does not disturb today's reader."""
    record = a_record(ce_future=b"x", other=b"y")

    assert CloudEvent.from_record(replace(record, value=b'{"new": {"deep": []}}')).data == {"new": {"deep": []}}


@pytest.mark.parametrize(
    ("record", "cause"),
    [
        (a_record(ce_id=b""), "header ce_id is missing"),
        (a_record(ce_specversion=b"0.3"), "header ce_specversion is not 1.0"),
        (a_record(ce_time=b"2026-11-01T00:00:00"), "header ce_time has no offset"),
        (a_record(ce_subject=b"x" * 2000), "header 'ce_subject' is too long"),
        (a_record(ce_subject=b"x\x00"), "header 'ce_subject' holds a NUL"),
        (a_record(**{"content-type": b"application/xml"}), "header content-type is not application/json"),
        (replace(a_record(), headers=[("ce_id", None)]), "header 'ce_id' is null"),
        (replace(a_record(), headers=[("ce_id", b"\xc3\x28")]), "header 'ce_id' is not UTF-8"),
        (replace(a_record(), key=None), "the key is missing"),
        (replace(a_record(), key=b"me"), "the key is no user id"),
        (replace(a_record(), value=None), "the value is missing"),
        (replace(a_record(), value=b"{"), "the value is not JSON"),
        (replace(a_record(), value=b'{"n": Infinity}'), "the value is not JSON"),
        (replace(a_record(), value=b'{"n": ' + b"9" * 5000 + b"}"), "the value is not JSON"),
        (replace(a_record(), value=b"[" * 100_000), "the value is not JSON"),
        (replace(a_record(), value=b"\xff"), "the value is not JSON"),
        (replace(a_record(), value=b"null"), "the value is no JSON object"),
        (replace(a_record(), value=json.dumps({"user_id": str(uuid4())}).encode()), "the key names another user"),
    ],
)
def test_a_malformed_record_says_what_is_wrong(record: Record, cause: str) -> None:
    """Each way of being malformed has its cause, and none of them shows the record's content."""
    with pytest.raises(MalformedEvent, match=cause):
        CloudEvent.from_record(record)


@given(
    key=st.none() | st.binary(max_size=60),
    value=st.none() | st.binary(max_size=200),
    headers=st.lists(st.tuples(st.text(max_size=20), st.none() | st.binary(max_size=40)), max_size=12),
)
def test_no_record_breaks_the_reader(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    """Whatever bytes come, the reader answers with an event or with MalformedEvent."""
    with suppress(MalformedEvent):
        found = CloudEvent.from_record(Record(key=key, value=value, headers=[*a_record().headers, *headers]))
        assert found.user_id


class Kind(StrEnum):
    NOTE = "note"


def test_data_takes_ids_times_and_enums() -> None:
    """What domain values are made of becomes plain JSON; a float that is no number does not."""
    text = encode_data({"id": USER, "at": datetime(2026, 1, 1, tzinfo=UTC), "kind": Kind.NOTE, "tags": ("a",)})

    assert json.loads(text) == {"id": str(USER), "at": "2026-01-01T00:00:00Z", "kind": "note", "tags": ["a"]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_data({"n": float("nan")})
    with pytest.raises(TypeError, match="object has no place"):
        encode_data({"x": object()})


def test_a_time_without_an_offset_is_refused() -> None:
    """Nobody can say which moment it is."""
    with pytest.raises(ValueError, match="offset"):
        utc_text(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_event_ids_are_sorted_by_their_making() -> None:
    """UUIDv7: version, variant and time order are right, and no two are equal."""
    made = [new_event_id() for _ in range(2000)]

    assert len(set(made)) == 2000
    assert all(found.version == 7 and found.variant == "specified in RFC 4122" for found in made)
    times = [found.int >> 80 for found in made]
    assert times == sorted(times)
    assert abs(times[0] / 1000 - datetime.now(UTC).timestamp()) < 60
    assert isinstance(made[0], UUID)
