"""publisher's tables, declared for queries and for `alembic check`; the migrations say how they came to be."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from social_common.db import NAMING, SCHEMA, auth_users
from social_common.plumbing import plumbing_tables

metadata = MetaData(schema=SCHEMA, naming_convention=NAMING)
auth_users(metadata)

_TIME = DateTime(timezone=True)


def _user_id() -> Column[object]:
    return Column("user_id", UUID(as_uuid=True), ForeignKey("auth.users.id", ondelete="CASCADE"), nullable=False)


social_posts = Table(
    "social_posts",
    metadata,
    # The eleven columns every reader of the store already knows; nothing about them may change.
    Column("id", UUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()")),
    Column("user_id", UUID(as_uuid=True), nullable=False),
    Column("platform", String(50), nullable=False),
    Column("content", Text, nullable=False),
    Column("media_url", Text),
    Column("scheduled_at", _TIME),
    Column("posted_at", _TIME),
    Column("status", String(20), server_default=text("'draft'")),
    Column("engagement", JSONB),
    Column("created_at", _TIME, server_default=text("now()")),
    Column("updated_at", _TIME, server_default=text("now()")),
    # What publisher needs beside them.
    Column("campaign_id", UUID(as_uuid=True), nullable=False),
    Column("connection_id", UUID(as_uuid=True), nullable=False),
    Column("grant_id", UUID(as_uuid=True)),
    Column("connection_revision", BigInteger, nullable=False, server_default=text("0")),
    Column("platform_id", String(255), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("media", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("options", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("content_revision", Integer, nullable=False, server_default=text("1")),
    Column("product_id", String(255)),
    Column("step", String(20)),
    Column("held_for", String(20)),
    Column("platform_post_id", String(255)),
    Column("permalink", Text),
    Column("error", JSONB),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("revision", BigInteger, nullable=False),
    Column("settled_by", String(20)),
    Column("may_be_duplicate", Boolean, nullable=False, server_default=text("false")),
    Column("hidden", Boolean, nullable=False, server_default=text("false")),
    Column("engagement_revision", BigInteger),
    # When a worker looks next (product time), who has it now and until when (real time).
    Column("due_at", _TIME),
    Column("prepare_at", _TIME),
    Column("claimed_by", Text),
    Column("lease_until", _TIME),
    Column("refused_token_version", BigInteger),
    # The trace of the request that planned it, which its publishing goes on with.
    Column("traceparent", String(55)),
    ForeignKeyConstraint(["user_id"], ["auth.users.id"], ondelete="CASCADE"),
    CheckConstraint(
        "status IS NOT NULL AND status IN ('draft', 'scheduled', 'held', 'publishing', 'published', 'failed', "
        "'unknown', 'missed', 'canceled')",
        name="status",
    ),
    CheckConstraint(
        "status NOT IN ('scheduled', 'held') OR (scheduled_at IS NOT NULL AND due_at IS NOT NULL)", name="due"
    ),
    CheckConstraint("held_for IS NULL OR held_for IN ('connection', 'quota', 'retry')", name="held_for"),
    Index("ix_social_posts_due_at", "due_at", postgresql_where=text("status IN ('scheduled', 'held')")),
    Index("ix_social_posts_prepare_at", "prepare_at", postgresql_where=text("prepare_at IS NOT NULL")),
    Index("ix_social_posts_leased", "connection_id", postgresql_where=text("lease_until IS NOT NULL")),
    Index("ix_social_posts_user_created", "user_id", text("created_at DESC"), text("id DESC")),
    Index("ix_social_posts_user_campaign", "user_id", "campaign_id"),
    Index(
        "ix_social_posts_waiting_connection", "connection_id", postgresql_where=text("status IN ('scheduled', 'held')")
    ),
    Index("ix_social_posts_connection", "connection_id", "user_id"),
    Index(
        "ix_social_posts_stuck",
        "status",
        "platform",
        "updated_at",
        postgresql_where=text("status IN ('held', 'unknown')"),
    ),
    Index(
        "uq_social_posts_platform_post",
        "platform",
        "platform_id",
        "platform_post_id",
        unique=True,
        postgresql_where=text("platform_post_id IS NOT NULL"),
    ),
)

# The ledger. No foreign key to users or posts: a call in flight when its post goes is finished here.
publisher_attempts = Table(
    "publisher_attempts",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("user_id", UUID(as_uuid=True), nullable=False),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("connection_id", UUID(as_uuid=True), nullable=False),
    Column("grant_id", UUID(as_uuid=True)),
    Column("platform", String(50), nullable=False),
    Column("platform_id", String(255), nullable=False),
    Column("number", Integer, nullable=False),
    Column("step", String(20), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("snapshot", JSONB, nullable=False),
    Column("handle", Text),
    Column("started_at", _TIME, nullable=False),
    Column("deadline", _TIME, nullable=False),
    Column("bytes_sent", Boolean, nullable=False),
    Column("owner", Text),
    Column("lease_until", _TIME),
    Column("finished_at", _TIME),
    Column("outcome", String(20)),
    Column("http_status", SmallInteger),
    Column("error", JSONB),
    Column("settled_by", String(20)),
    Column("platform_post_id", String(255)),
    Column("may_be_duplicate", Boolean, nullable=False, server_default=text("false")),
    Column("looks", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("looks_done", Integer, nullable=False, server_default=text("0")),
    Column("next_look_at", _TIME),
    # Product time, as the platforms count: when it was sent, and when what it sends was begun to be prepared.
    Column("sent_at", _TIME),
    Column("prepared_at", _TIME),
    Column("traceparent", String(55)),
    # It was open or in doubt when the database was restored to an earlier point, or was made for what happened since.
    Column("restored", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint(
        "outcome IS NULL OR outcome IN ('live', 'accepted', 'refused', 'nothing_sent', 'doubtful', 'unknown', "
        "'resolved')",
        name="outcome",
    ),
    Index("uq_publisher_attempts_post_number", "post_id", "number", unique=True),
    Index(
        "uq_publisher_attempts_unsettled",
        "connection_id",
        "fingerprint",
        unique=True,
        postgresql_where=text("finished_at IS NULL"),
    ),
    Index("ix_publisher_attempts_equal", "connection_id", "fingerprint", "started_at"),
    Index("ix_publisher_attempts_next_look_at", "next_look_at", postgresql_where=text("next_look_at IS NOT NULL")),
    Index("ix_publisher_attempts_leased", "user_id", postgresql_where=text("lease_until IS NOT NULL")),
    Index("ix_publisher_attempts_user", "user_id"),
)

# What lies prepared on a platform for one version of a post's content.
publisher_preparations = Table(
    "publisher_preparations",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("user_id", UUID(as_uuid=True), nullable=False),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("content_revision", Integer, nullable=False),
    Column("connection_id", UUID(as_uuid=True), nullable=False),
    Column("platform", String(50), nullable=False),
    Column("handle", Text, nullable=False),
    Column("ready", Boolean, nullable=False),
    Column("made_at", _TIME, nullable=False),
    Column("discard_at", _TIME),
    Column("discard_tries", Integer, nullable=False, server_default=text("0")),
    Index("uq_publisher_preparations_version", "post_id", "content_revision", unique=True),
    Index("ix_publisher_preparations_discard_at", "discard_at", postgresql_where=text("discard_at IS NOT NULL")),
    Index("ix_publisher_preparations_user", "user_id"),
)

# Connections as events (or auth-linker's internal read) told them.
publisher_connections = Table(
    "publisher_connections",
    metadata,
    Column("connection_id", UUID(as_uuid=True), primary_key=True),
    _user_id(),
    Column("grant_id", UUID(as_uuid=True)),
    Column("platform", String(50), nullable=False),
    Column("platform_id", String(255), nullable=False),
    Column("kind", String(50)),
    Column("platform_username", String(255)),
    Column("scopes", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("capabilities", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("health", String(50), nullable=False),
    Column("expires_at", _TIME),
    Column("renewable", Boolean),
    Column("is_usable", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Index("ix_publisher_connections_user", "user_id"),
)

publisher_settings = Table(
    "publisher_settings",
    metadata,
    Column("user_id", UUID(as_uuid=True), ForeignKey("auth.users.id", ondelete="CASCADE"), primary_key=True),
    Column("catch_up_hours", SmallInteger),
    Column("on_doubt", String(20), nullable=False, server_default=text("'ask'")),
    Column("updated_at", _TIME, nullable=False, server_default=text("now()")),
    CheckConstraint("catch_up_hours BETWEEN 1 AND 168", name="catch_up_hours"),
    CheckConstraint("on_doubt IN ('ask', 'resend')", name="on_doubt"),
)

# What platforms said must wait. No merchant in it: a subject is a grant, or empty for the whole app.
publisher_holds = Table(
    "publisher_holds",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("operation", String(20), primary_key=True),
    Column("bucket", String(100), primary_key=True),
    Column("code", String(50), nullable=False),
    Column("until", _TIME, nullable=False),
    Index("ix_publisher_holds_until", "until"),
)

# What the platforms' own headers said is left. No merchant in it either.
publisher_rates = Table(
    "publisher_rates",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("bucket", String(100), primary_key=True),
    Column("most", Integer),
    Column("remaining", Integer, nullable=False),
    Column("until", _TIME, nullable=False),
)

# One count per app, subject and endpoint that all replicas draw on.
publisher_budgets = Table(
    "publisher_budgets",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("endpoint", String(100), primary_key=True),
    Column("window_s", Integer, primary_key=True),
    Column("window_start", _TIME, nullable=False),
    Column("used", Integer, nullable=False),
)

# Merchants and connections whose traces are purged once their open attempts are settled.
publisher_erasures = Table(
    "publisher_erasures",
    metadata,
    Column("user_id", UUID(as_uuid=True), primary_key=True),
    Column("connection_id", UUID(as_uuid=True), primary_key=True),
    Column("asked_at", _TIME, nullable=False, server_default=text("now()")),
    Column("purged_at", _TIME),
    Index("ix_publisher_erasures_open", "asked_at", postgresql_where=text("purged_at IS NULL")),
)

plumbing_tables(metadata, "publisher")
