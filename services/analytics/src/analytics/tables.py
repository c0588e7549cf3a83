"""The tables analytics owns, as `alembic check` compares them with the migrations.

`social_analytics` keeps exactly the fixed columns; what a platform truly reported stands beside them in the
`true_*` columns, which hold any count. The history and the raw answers are partitioned by time. Everything that
belongs to a connection goes with its row, and that row goes with the merchant's row in `auth.users`.
"""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from social_common.db import NAMING, SCHEMA, auth_users
from social_common.plumbing import plumbing_tables

metadata = MetaData(schema=SCHEMA, naming_convention=NAMING)

_users = auth_users(metadata)
plumbing_tables(metadata, "analytics")


def _moment(name: str, **kwargs: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **kwargs)


def _now(name: str) -> Column[Any]:
    return _moment(name, nullable=False, server_default=text("now()"))


def _counts(*names: str) -> list[Column[Any]]:
    return [Column(name, BigInteger) for name in names]


def _user_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["user_id"], [_users.c.id], ondelete="CASCADE")


def _connection_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["connection_id", "user_id"],
        [f"{SCHEMA}.analytics_connections.connection_id", f"{SCHEMA}.analytics_connections.user_id"],
        ondelete="CASCADE",
    )


ENGAGEMENT: Final = ("likes", "comments", "shares", "saves", "clicks", "views", "reach", "impressions")
STANDING: Final = ("followers", "following", "posts", "reach", "impressions")

social_analytics = Table(
    "social_analytics",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("user_id", Uuid, nullable=False),
    Column("platform", String(50), nullable=False),
    Column("followers", Integer, server_default=text("0")),
    Column("following", Integer, server_default=text("0")),
    Column("posts", Integer, server_default=text("0")),
    Column("engagement_rate", Numeric(5, 2), server_default=text("0.00")),
    Column("reach", Integer, server_default=text("0")),
    Column("impressions", Integer, server_default=text("0")),
    _moment("last_updated", server_default=text("now()")),
    Column("connection_id", Uuid),
    *_counts("true_followers", "true_following", "true_posts", "true_reach", "true_impressions"),
    Column("true_engagement_rate", Numeric),
    _moment("collected_at"),
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    _user_key(),
    _connection_key(),
    UniqueConstraint("connection_id"),
    Index(None, "user_id"),
)

connections = Table(
    "analytics_connections",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("grant_id", Uuid),
    Column("platform", String(50), nullable=False),
    Column("platform_id", String(255)),
    Column("kind", String(50)),
    Column("platform_username", String(255)),
    Column("capabilities", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("state", String(20), nullable=False),
    Column("down_reason", String(50)),
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    Column("is_collected", Boolean, nullable=False),
    Column("pause", String(20)),
    _moment("account_due_at"),
    _moment("account_retry_at"),
    Column("account_failures", Integer, nullable=False, server_default=text("0")),
    Column("account_error", String(50)),
    _moment("next_due_at"),
    _moment("next_retry_at"),
    Column("lease_id", Uuid),
    _moment("leased_until"),
    _now("created_at"),
    _now("updated_at"),
    _user_key(),
    UniqueConstraint("connection_id", "user_id"),
    Index(None, "user_id"),
    Index(
        "analytics_connections_due_idx",
        "platform",
        "next_due_at",
        postgresql_where=text("next_due_at IS NOT NULL"),
    ),
    Index(
        "analytics_connections_retry_idx",
        "platform",
        "next_retry_at",
        postgresql_where=text("next_retry_at IS NOT NULL"),
    ),
)

posts = Table(
    "analytics_posts",
    metadata,
    Column("post_id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("campaign_id", Uuid),
    Column("platform", String(50), nullable=False),
    Column("kind", String(50)),
    Column("product_id", String(255)),
    Column("status", String(50), nullable=False),
    Column("revision", BigInteger, nullable=False),
    _moment("scheduled_at"),
    _moment("posted_at"),
    Column("platform_post_id", String(255)),
    Column("permalink", Text),
    Column("may_be_duplicate", Boolean, nullable=False, server_default=text("false")),
    _moment("due_at"),
    _moment("retry_at"),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("error", String(50)),
    _moment("gone_at"),
    *_counts(*ENGAGEMENT),
    Column("engagement_rate", Numeric),
    _moment("collected_at"),
    Column("measured_revision", BigInteger, nullable=False, server_default=text("0")),
    # The trace of the newest event about it, which its measurements go on with.
    Column("traceparent", String(55)),
    _now("created_at"),
    _now("updated_at"),
    _connection_key(),
    UniqueConstraint("post_id", "user_id"),
    Index("analytics_posts_user_id_idx", "user_id", "posted_at", "post_id"),
    Index("analytics_posts_connection_id_idx", "connection_id", "posted_at"),
    Index(
        "analytics_posts_due_idx",
        "connection_id",
        "due_at",
        postgresql_where=text("due_at IS NOT NULL"),
    ),
)

account_history = Table(
    "analytics_account_history",
    metadata,
    Column("connection_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    _moment("collected_at", nullable=False),
    *_counts(*STANDING),
    Column("engagement_rate", Numeric),
    PrimaryKeyConstraint("connection_id", "collected_at"),
    _connection_key(),
    postgresql_partition_by="RANGE (collected_at)",
)

post_history = Table(
    "analytics_post_history",
    metadata,
    Column("post_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    _moment("collected_at", nullable=False),
    *_counts(*ENGAGEMENT),
    Column("engagement_rate", Numeric),
    PrimaryKeyConstraint("post_id", "collected_at"),
    ForeignKeyConstraint(
        ["post_id", "user_id"],
        [f"{SCHEMA}.analytics_posts.post_id", f"{SCHEMA}.analytics_posts.user_id"],
        ondelete="CASCADE",
    ),
    postgresql_partition_by="RANGE (collected_at)",
)

raw_answers = Table(
    "analytics_raw_answers",
    metadata,
    Column("id", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    Column("connection_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("platform", String(50), nullable=False),
    Column("operation", String(100), nullable=False),
    Column("body", JSONB, nullable=False),
    _moment("collected_at", nullable=False),
    _moment("keep_until", nullable=False),
    PrimaryKeyConstraint("id", "keep_until"),
    _connection_key(),
    Index("analytics_raw_answers_connection_id_idx", "connection_id", "collected_at"),
    postgresql_partition_by="RANGE (keep_until)",
)

# Connections whose end was `erased`: no foreign key, so that a late event cannot bring them back.
erasures = Table(
    "analytics_erasures",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    _now("erased_at"),
    Index(None, "erased_at"),
)

# What platforms asked us to wait for, and what is left of the shares of their budgets: for all replicas at once.
holds = Table(
    "analytics_holds",
    metadata,
    Column("platform", String(50), nullable=False),
    Column("scope", String(20), nullable=False),
    Column("scope_id", Uuid, nullable=False),
    Column("operation", String(20), nullable=False),
    _moment("held_until", nullable=False),
    Column("reason", String(50), nullable=False),
    PrimaryKeyConstraint("platform", "scope", "scope_id", "operation"),
)

budgets = Table(
    "analytics_budgets",
    metadata,
    Column("platform", String(50), nullable=False),
    Column("scope_id", Uuid, nullable=False),
    Column("endpoint", String(100), nullable=False),
    _moment("spent_until", nullable=False),
    PrimaryKeyConstraint("platform", "scope_id", "endpoint"),
)
