"""The tables of a small service that only these tests have: notes of merchants, and the plumbing."""

from sqlalchemy import Column, DateTime, ForeignKey, MetaData, PrimaryKeyConstraint, Table, Text, Uuid, text

from social_common.db import NAMING, auth_users
from social_common.plumbing import plumbing_tables

metadata = MetaData(schema="retail_b2c", naming_convention=NAMING)
auth_users(metadata)
notes = Table(
    "notes",
    metadata,
    Column("id", Uuid, server_default=text("gen_random_uuid()"), nullable=False),
    Column("user_id", Uuid, ForeignKey("auth.users.id", ondelete="CASCADE"), nullable=False),
    Column("body", Text, nullable=False),
    Column("hidden", Text),
    Column("due_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("id", name="notes_pkey"),
)
plumbing_tables(metadata, "notes")
