"""Events on the wire: CloudEvents 1.0 in Kafka's binary mode, made strictly and read tolerantly."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Protocol
from uuid import UUID

TYPE_PREFIX: Final = "store.seftec.social"
SOURCE_PREFIX: Final = "/seftec/social"
SCHEMA_PREFIX: Final = "https://seftec.store/schemas"

_REQUIRED: Final = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time")
_LONGEST_ATTRIBUTE: Final = 1024

type_headers = list[tuple[str, bytes]]


class MalformedEvent(Exception):
    """The record is no event of ours; the message says what is wrong, without its content."""


class RawRecord(Protocol):
    """What is read from a Kafka record; aiokafka's `ConsumerRecord` is one."""

    @property
    def topic(self) -> str:
        """The topic it stands on."""

    @property
    def partition(self) -> int:
        """The partition of the topic."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def key(self) -> bytes | None:
        """The key, if it has one."""

    @property
    def value(self) -> bytes | None:
        """The value, if it has one."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """The headers in their order; a name may come twice."""


def new_event_id() -> UUID:
    """A UUIDv7: unique, and sorted by the time it was made."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10)) & ((1 << 74) - 1)
    bits = (milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62
    return UUID(int=bits | (random & ((1 << 62) - 1)))


def event_type(topic: str) -> str:
    """The type of the events on a topic."""
    return f"{TYPE_PREFIX}.{topic}.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event before it is in the outbox, where it gets its id."""

    topic: str
    type: str
    source: str
    subject: str
    user_id: UUID
    time: datetime
    dataschema: str
    data: Mapping[str, Any]

    def headers(self, *, traceparent: str | None) -> dict[str, str]:
        """The record's headers as text, all but the id."""
        found = {
            "ce_specversion": "1.0",
            "ce_source": self.source,
            "ce_type": self.type,
            "ce_subject": self.subject,
            "ce_time": utc_text(self.time),
            "ce_dataschema": self.dataschema,
            "content-type": "application/json",
        }
        return found if traceparent is None else {**found, "traceparent": traceparent}


def event(
    topic: str, *, source_service: str, subject: str, user_id: UUID, time: datetime, data: Mapping[str, Any]
) -> NewEvent:
    """An event of a topic, with type, source and schema as the contract names them."""
    return NewEvent(
        topic=topic,
        type=event_type(topic),
        source=f"{SOURCE_PREFIX}/{source_service.replace('_', '-')}",
        subject=subject,
        user_id=user_id,
        time=time,
        dataschema=f"{SCHEMA_PREFIX}/{topic}.v1.json",
        data=data,
    )


def utc_text(moment: datetime) -> str:
    """RFC 3339 in UTC; a time without an offset is refused."""
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def encode_data(data: Mapping[str, Any]) -> str:
    """The data as JSON; ids and times become text, anything else unknown is an error."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: object) -> object:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return utc_text(value)
        case Enum():
            return value.value
        case set() | frozenset() | tuple():
            return list(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no place in an event")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """One event as read from a topic; `user_id` is the record's key."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str | None
    traceparent: str | None
    user_id: UUID
    data: dict[str, Any]
    topic: str = ""
    partition: int = -1
    offset: int = -1

    @classmethod
    def from_record(cls, record: RawRecord) -> "CloudEvent":
        """Read a record; raises `MalformedEvent` with what is wrong."""
        headers = _decoded_headers(record.headers)
        for name in _REQUIRED:
            if not headers.get(name):
                raise MalformedEvent(f"header {name} is missing")
        if headers["ce_specversion"] != "1.0":
            raise MalformedEvent("header ce_specversion is not 1.0")
        if not headers.get("content-type", "application/json").startswith("application/json"):
            raise MalformedEvent("header content-type is not application/json")
        user_id = _user_of(record.key)
        data = _data_of(record.value)
        if data.get("user_id", str(user_id)) != str(user_id):
            raise MalformedEvent("the key names another user than the data")
        return cls(
            id=headers["ce_id"],
            source=headers["ce_source"],
            type=headers["ce_type"],
            subject=headers["ce_subject"],
            time=_time_of(headers["ce_time"]),
            dataschema=headers.get("ce_dataschema"),
            traceparent=headers.get("traceparent"),
            user_id=user_id,
            data=data,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )

    @property
    def key(self) -> UUID:
        """The record's key."""
        return self.user_id

    def to_kafka_headers(self) -> type_headers:
        """The headers this event travels with."""
        found = {
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_source": self.source,
            "ce_type": self.type,
            "ce_subject": self.subject,
            "ce_time": utc_text(self.time),
            "ce_dataschema": self.dataschema,
            "traceparent": self.traceparent,
            "content-type": "application/json",
        }
        return [(name, value.encode()) for name, value in found.items() if value is not None]

    def at(self, *, topic: str, partition: int, offset: int) -> "CloudEvent":
        """The same event, read from another place (a dead letter's origin)."""
        return replace(self, topic=topic, partition=partition, offset=offset)


def _decoded_headers(raw: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        if value is None:
            raise MalformedEvent(f"header {name[:64]!r} is null")
        try:
            headers[name] = value.decode()
        except UnicodeDecodeError as exc:
            raise MalformedEvent(f"header {name[:64]!r} is not UTF-8") from exc
        if name.startswith("ce_") and len(value) > _LONGEST_ATTRIBUTE:
            raise MalformedEvent(f"header {name[:64]!r} is too long")
        if name.startswith("ce_") and "\x00" in headers[name]:
            raise MalformedEvent(f"header {name[:64]!r} holds a NUL")
    return headers


def _user_of(key: bytes | None) -> UUID:
    if key is None:
        raise MalformedEvent("the key is missing")
    try:
        return UUID(key.decode())
    except ValueError as exc:
        raise MalformedEvent("the key is no user id") from exc


def _time_of(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise MalformedEvent("header ce_time is no time") from exc
    if moment.tzinfo is None:
        raise MalformedEvent("header ce_time has no offset")
    return moment


def _data_of(value: bytes | None) -> dict[str, Any]:
    if value is None:
        raise MalformedEvent("the value is missing")
    try:
        data = json.loads(value, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        raise MalformedEvent("the value is not JSON") from exc
    if not isinstance(data, dict):
        raise MalformedEvent("the value is no JSON object")
    return data


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
