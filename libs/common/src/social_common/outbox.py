"""The transactional outbox: an event is a row of the transaction that made it true.

Rows are numbered by a sequence after the aggregate's row was locked, so that within an aggregate numbers follow
commits; the relay sends them in that order. A trigger wakes the relay at the commit.
"""

from typing import Final
from uuid import UUID

from social_common.checkpoints import Plumbing
from social_common.db import SCHEMA, WriteSession
from social_common.events import NewEvent, encode_data, new_event_id
from social_common.telemetry import current_traceparent

# Topics take 1 MiB per record batch; what is left of it is for key, headers and framing.
LARGEST_EVENT: Final = 1024 * 1024 - 32 * 1024


class EventTooLarge(ValueError):
    """The event would not fit a record: it is refused before it can stop the relay."""


async def append(session: WriteSession, event: NewEvent) -> UUID:
    """Write an event into the service's outbox and return its id."""
    payload = encode_data(event.data)
    if len(payload.encode()) > LARGEST_EVENT:
        raise EventTooLarge(f"an event of {event.topic} has {len(payload)} characters of data")
    session.marks(Plumbing.EVENT, event.topic)
    event_id = new_event_id()
    await session.execute(
        f"INSERT INTO {SCHEMA}.{session.service}_outbox (event_id, topic, user_id, subject, headers, payload) "
        "VALUES (:event_id, :topic, :user_id, :subject, cast(:headers AS jsonb), :payload)",
        {
            "event_id": event_id,
            "topic": event.topic,
            "user_id": event.user_id,
            "subject": event.subject,
            "headers": encode_data(event.headers(traceparent=current_traceparent())),
            "payload": payload,
        },
    )
    return event_id
