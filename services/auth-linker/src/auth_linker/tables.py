"""The tables auth-linker owns, as the migrations make them; queries are plain SQL beside what they serve."""

import json
from collections.abc import Mapping
from typing import Any, Final

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
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from social_common.db import NAMING, SCHEMA, auth_users
from social_common.plumbing import plumbing_tables

SERVICE: Final = "auth_linker"

metadata = MetaData(schema=SCHEMA, naming_convention=NAMING)
users = auth_users(metadata)

_NEW_ID: Final = text("gen_random_uuid()")
_PRODUCT_NOW: Final = text("retail_b2c.social_now()")
_REAL_NOW: Final = text("now()")
_NO_WORDS: Final = text("'{}'::text[]")


def as_json(value: object) -> dict[str, Any]:
    """A JSONB object as read from a row: text where no column type decoded it."""
    found = json.loads(value) if isinstance(value, str) else value
    return dict(found) if isinstance(found, dict) else {}


def to_json(value: object) -> str:
    """A value as bound for `CAST(:name AS jsonb)`."""
    plain = dict(value) if isinstance(value, Mapping) else value
    return json.dumps(plain, separators=(",", ":"))


def _time(name: str, *, required: bool = False, default: Any = None) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=not required, server_default=default)


def _id() -> Column[Any]:
    return Column("id", UUID(), primary_key=True, server_default=_NEW_ID)


def _user() -> Column[Any]:
    return Column("user_id", UUID(), ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False)


def _words(name: str, *, required: bool = True) -> Column[Any]:
    return Column(name, ARRAY(Text()), nullable=not required, server_default=_NO_WORDS if required else None)


grants = Table(
    "grants",
    metadata,
    _id(),
    _user(),
    Column("platform", String(50), nullable=False),
    Column("app", String(255), nullable=False),
    Column("family", String(100), nullable=False),
    Column("platform_user_id", String(255), nullable=False),
    Column("person_id", String(255)),
    Column("username", String(255)),
    _words("asked_scopes"),
    _words("asked_capabilities"),
    _words("scopes", required=False),
    Column("token_version", BigInteger, nullable=False, server_default=text("0")),
    Column("access_token", Text),
    Column("refresh_token", Text),
    _time("obtained_at", required=True),
    _time("expires_at"),
    _time("refresh_expires_at"),
    Column("has_refresh_token", Boolean, nullable=False, server_default=text("false")),
    Column("renewable", Boolean, nullable=False, server_default=text("false")),
    _time("act_by"),
    Column("health", String(20), nullable=False, server_default=text("'ok'")),
    Column("is_live", Boolean, nullable=False, server_default=text("true")),
    _time("due_at"),
    _time("retry_at"),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("last_error", String(50)),
    Column("in_doubt", Boolean, nullable=False, server_default=text("false")),
    Column("lease_owner", UUID()),
    _time("lease_until"),
    _time("last_refreshed_at"),
    _time("places_seen_at", required=True, default=_PRODUCT_NOW),
    _time("created_at", required=True, default=_PRODUCT_NOW),
    _time("updated_at", required=True, default=_PRODUCT_NOW),
    UniqueConstraint("user_id", "platform", "app", "platform_user_id"),
    Index("grants_due_at_idx", "due_at", postgresql_where=text("is_live AND due_at IS NOT NULL")),
    Index("grants_places_seen_at_idx", "places_seen_at", postgresql_where=text("is_live")),
    Index("grants_resting_idx", "family", "app", "platform_user_id", postgresql_where=text("is_live")),
    Index("grants_family_idx", "family", "platform_user_id", postgresql_where=text("is_live")),
    Index("grants_person_idx", "family", "person_id", postgresql_where=text("is_live")),
)

social_connections = Table(
    "social_connections",
    metadata,
    _id(),
    _user(),
    Column("platform", String(50), nullable=False),
    Column("platform_id", String(255), nullable=False),
    Column("platform_username", String(255)),
    Column("access_token", Text),
    Column("refresh_token", Text),
    _time("expires_at"),
    Column("is_connected", Boolean, server_default=text("true")),
    _time("created_at", default=_REAL_NOW),
    _time("updated_at", default=_REAL_NOW),
    Column("grant_id", UUID(), ForeignKey(grants.c.id, ondelete="CASCADE"), nullable=False),
    Column("app", String(255), nullable=False),
    Column("family", String(100), nullable=False),
    Column("platform_user_id", String(255), nullable=False),
    Column("person_id", String(255)),
    Column("kind", String(20), nullable=False, server_default=text("'account'")),
    Column("display_name", String(255)),
    Column("avatar_url", Text),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _words("capabilities"),
    Column("health", String(20), nullable=False, server_default=text("'ok'")),
    Column("unlinked_reason", String(20)),
    Column("problem_code", String(50)),
    Column("problem_detail", Text),
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    _time("linked_at", required=True, default=_PRODUCT_NOW),
    UniqueConstraint("user_id", "platform", "platform_id"),
    CheckConstraint("is_connected IS NOT NULL", name="is_connected"),
    CheckConstraint(
        "is_connected OR (access_token IS NULL AND refresh_token IS NULL)", name="tokens_only_while_connected"
    ),
    Index("social_connections_grant_id_idx", "grant_id"),
    Index("social_connections_user_id_created_at_id_idx", "user_id", "created_at", "id"),
)

link_attempts = Table(
    "link_attempts",
    metadata,
    _id(),
    _user(),
    Column("platform", String(50), nullable=False),
    Column("app", String(255), nullable=False),
    Column("family", String(100), nullable=False),
    Column("state_hash", String(64), nullable=False),
    Column("verifier", Text),
    Column("return_to", Text, nullable=False),
    _words("asked_capabilities"),
    _words("asked_scopes"),
    _words("kinds"),
    Column("connection_id", UUID()),
    _time("created_at", required=True, default=_PRODUCT_NOW),
    _time("expires_at", required=True),
    _time("used_at"),
    Column("link_code_hash", String(64)),
    Column("access_token", Text),
    Column("refresh_token", Text),
    _time("obtained_at"),
    _time("token_expires_at"),
    _time("refresh_expires_at"),
    _words("granted_scopes", required=False),
    Column("platform_user_id", String(255)),
    Column("person_id", String(255)),
    Column("platform_user", JSONB),
    Column("places", JSONB),
    Column("place_tokens", Text),
    UniqueConstraint("state_hash"),
    UniqueConstraint("link_code_hash"),
    Index("link_attempts_expires_at_idx", "expires_at"),
    Index("link_attempts_user_id_idx", "user_id"),
    Index(
        "link_attempts_resting_idx",
        "family",
        "app",
        "platform_user_id",
        postgresql_where=text("platform_user_id IS NOT NULL"),
    ),
    Index(
        "link_attempts_family_idx", "family", "platform_user_id", postgresql_where=text("platform_user_id IS NOT NULL")
    ),
    Index("link_attempts_person_idx", "family", "person_id", postgresql_where=text("platform_user_id IS NOT NULL")),
)

token_needs = Table(
    "token_needs",
    metadata,
    Column("post_id", UUID(), primary_key=True),
    _user(),
    Column("grant_id", UUID(), ForeignKey(grants.c.id, ondelete="CASCADE"), nullable=False),
    _time("due_at", required=True),
    Column("revision", BigInteger, nullable=False),
    Index("token_needs_grant_id_due_at_idx", "grant_id", "due_at"),
    Index("token_needs_user_id_idx", "user_id"),
)

# No foreign key to users: what is owed to a platform user outlives the merchant.
erasures = Table(
    "erasures",
    metadata,
    _id(),
    Column("user_id", UUID(), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("platform", String(50), nullable=False),
    Column("app", String(255), nullable=False),
    Column("family", String(100), nullable=False),
    Column("platform_user_id", String(255), nullable=False),
    Column("person_id", String(255)),
    Column("grant_id", UUID()),
    Column("connection_id", UUID()),
    Column("platform_id", String(255)),
    Column("source_table", String(63), nullable=False),
    Column("source_row", String(64), nullable=False),
    Column("access_token", Text),
    Column("refresh_token", Text),
    _time("created_at", required=True, default=_REAL_NOW),
    _time("next_try_at", required=True, default=_REAL_NOW),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("last_error", String(50)),
    _time("finished_at"),
    Column("proof", String(20)),
    CheckConstraint(
        "finished_at IS NULL OR (access_token IS NULL AND refresh_token IS NULL AND proof IS NOT NULL)",
        name="shredded_when_finished",
    ),
    Index("erasures_next_try_at_idx", "next_try_at", postgresql_where=text("finished_at IS NULL")),
    Index("erasures_user_id_idx", "user_id"),
    Index("erasures_grant_id_idx", "grant_id"),
)

# Merchants who left: what still stands of them in the outbox goes once it was sent.
erased_merchants = Table(
    "erased_merchants",
    metadata,
    Column("user_id", UUID(), primary_key=True),
    _time("erased_at", required=True, default=_REAL_NOW),
    _time("purged_at"),
    Index("erased_merchants_erased_at_idx", "erased_at", postgresql_where=text("purged_at IS NULL")),
)

# No merchant in it: one row per person (`person_id`) while somebody links or revokes for them. Functions only.
platform_user_leases = Table(
    "platform_user_leases",
    metadata,
    Column("family", String(100), primary_key=True),
    Column("platform_user_id", String(255), primary_key=True),
    Column("owner", UUID()),
    _time("lease_until"),
    _time("revoked_at"),
    _time("updated_at", required=True, default=_REAL_NOW),
    Index("platform_user_leases_updated_at_idx", "updated_at"),
)

plumbing = plumbing_tables(metadata, SERVICE)
