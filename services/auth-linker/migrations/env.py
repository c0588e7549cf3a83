"""Alembic's environment of auth-linker."""

from auth_linker.tables import SERVICE, metadata
from social_common.migrations import run_migrations_env

run_migrations_env(SERVICE, metadata)
