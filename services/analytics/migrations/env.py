"""Alembic's environment of analytics; everything it does is in `social_common.migrations`."""

from analytics.tables import metadata
from social_common.migrations import run_migrations_env

run_migrations_env("analytics", metadata)
