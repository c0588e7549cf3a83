"""The tables every service has beside its own: outbox, inbox, idempotency keys, and what the relay remembers.

Here they are declared for `alembic check`, with the housekeeping that the worker does; their SQL is in `_plumbing_sql`.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from social_common.db import SCHEMA, Database, auth_users
from social_common.logging import get_logger

OUTBOX_RETENTION: Final = timedelta(days=14)
DAYS_AHEAD: Final = 7
# Longer than topics (30 days) and outbox together: an event that can still come back is still known.
INBOX_RETENTION: Final = timedelta(days=60)
# A segment of a dead letter topic may be kept a week beyond its retention; a letter that was dealt with stays so.
LETTERS_RETENTION: Final = timedelta(days=60)
IDEMPOTENCY_RETENTION: Final = timedelta(hours=24)

_log = get_logger()


def plumbing_definers(service: str) -> tuple[str, ...]:
    """The NOLOGIN roles that own a service's plumbing functions; bootstrap creates them."""
    return tuple(f"{service}_fn_{job}" for job in ("relay", "replay", "outbox_put", "sweep", "restore", "rotate"))


def plumbing_tables(metadata: MetaData, service: str) -> tuple[Table, ...]:
    """Declare a service's plumbing in its metadata, as `create_plumbing` makes it."""
    if "auth.users" not in metadata.tables:
        auth_users(metadata)
    return (_outbox(metadata, service), *_others(metadata, service))


def _outbox(metadata: MetaData, service: str) -> Table:
    name = f"{service}_outbox"
    sequence = Sequence(f"{name}_id_seq", schema=SCHEMA, metadata=metadata)
    return Table(
        name,
        metadata,
        Column("id", BigInteger, nullable=False, server_default=sequence.next_value(), autoincrement=False),
        Column("event_id", Uuid, nullable=False),
        Column("topic", Text, nullable=False),
        Column("user_id", Uuid, nullable=False),
        Column("subject", Text, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("payload", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        Column("sent_at", DateTime(timezone=True)),
        PrimaryKeyConstraint("id", "created_at", name=f"{name}_pkey"),
        Index(f"{name}_unsent_idx", "id", postgresql_where=text("sent_at IS NULL")),
        Index(f"{name}_user_id_idx", "user_id"),
        schema=SCHEMA,
        postgresql_partition_by="RANGE (created_at)",
    )


def _others(metadata: MetaData, service: str) -> tuple[Table, ...]:
    now = text("now()")
    inbox = Table(
        f"{service}_inbox",
        metadata,
        Column("consumer", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("seen_at", DateTime(timezone=True), nullable=False, server_default=now),
        PrimaryKeyConstraint("consumer", "source", "event_id", name=f"{service}_inbox_pkey"),
        Index(f"{service}_inbox_seen_at_idx", "seen_at"),
        schema=SCHEMA,
    )
    idempotency = Table(
        f"{service}_idempotency",
        metadata,
        Column("user_id", Uuid, ForeignKey("auth.users.id", ondelete="CASCADE"), nullable=False),
        Column("key", Text, nullable=False),
        Column("request_hash", Text, nullable=False),
        Column("status", Integer),
        Column("answer", Text),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=now),
        PrimaryKeyConstraint("user_id", "key", name=f"{service}_idempotency_pkey"),
        Index(f"{service}_idempotency_created_at_idx", "created_at"),
        schema=SCHEMA,
    )
    relay_state = Table(
        f"{service}_relay_state",
        metadata,
        Column("only_row", Boolean, server_default=text("true"), nullable=False),
        Column("cluster_id", Text, nullable=False),
        Column("accepted_at", DateTime(timezone=True), nullable=False, server_default=now),
        PrimaryKeyConstraint("only_row", name=f"{service}_relay_state_pkey"),
        CheckConstraint("only_row", name="only_row"),
        schema=SCHEMA,
    )
    return inbox, idempotency, relay_state, _letters(metadata, service)


def _letters(metadata: MetaData, service: str) -> Table:
    name = f"{service}_letters"
    return Table(
        name,
        metadata,
        Column("topic", Text, nullable=False),
        Column("letter_partition", Integer, nullable=False),
        Column("letter_offset", BigInteger, nullable=False),
        Column("parked_at", DateTime(timezone=True), nullable=False),
        Column("state", Text, nullable=False),
        Column("tries", Integer, nullable=False, server_default=text("0")),
        Column("cause", Text),
        Column("reason", Text),
        Column("actor", Text, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        PrimaryKeyConstraint("topic", "letter_partition", "letter_offset", "parked_at", name=f"{name}_pkey"),
        CheckConstraint("state IN ('open', 'handled', 'let_go', 'dropped')", name="state"),
        Index(f"{name}_changed_at_idx", "changed_at"),
        schema=SCHEMA,
    )


async def keep_house(database: Database) -> None:
    """Make the outbox's days ahead, drop those past retention whose rows are all sent, and sweep what has aged."""
    prefix = f"{SCHEMA}.{database.service}"
    # One transaction each: what one of them cannot do now must not undo the others.
    async with database.system() as session:
        await session.execute(f"SELECT {prefix}_outbox_make_days(:days)", {"days": DAYS_AHEAD})
    async with database.system() as session:
        dropped = await session.scalar(f"SELECT {prefix}_outbox_drop_days(:keep)", {"keep": OUTBOX_RETENTION})
    async with database.system() as session:
        await session.execute(f"SELECT {prefix}_idempotency_sweep(:keep)", {"keep": IDEMPOTENCY_RETENTION})
    async with database.system() as session:
        await session.execute(
            f"DELETE FROM {prefix}_inbox WHERE seen_at < now() - cast(:keep AS interval)", {"keep": INBOX_RETENTION}
        )
    async with database.system() as session:
        await session.execute(
            f"DELETE FROM {prefix}_letters WHERE changed_at < now() - cast(:keep AS interval)",
            {"keep": LETTERS_RETENTION},
        )
    if dropped:
        _log.info("outbox_days_dropped", days=dropped)
