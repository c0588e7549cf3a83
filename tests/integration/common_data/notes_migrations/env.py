"""Alembic environment of a small service that only these tests have."""

from social_common.migrations import run_migrations_env
from tests.integration.common_data.notes_tables import metadata

run_migrations_env("notes", metadata)
