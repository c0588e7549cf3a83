"""Alembic environment of a small service that only these tests have."""

from tests.integration.common_data.notes_tables import metadata

from social_common.migrations import run_migrations_env

run_migrations_env("notes", metadata)
