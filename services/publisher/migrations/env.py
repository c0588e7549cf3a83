"""Alembic's environment of publisher."""

from publisher.tables import metadata
from social_common.migrations import run_migrations_env

run_migrations_env("publisher", metadata)
