"""Whether the tables that the migrations make are those that the code declares."""

import io
from pathlib import Path

from alembic import command
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from social_common.db import engine_url
from social_common.migrations import alembic_config
from social_common.secrets import Secret


class MigrationsDrifted(Exception):
    """The tables that the migrations make are not those that the code declares; the text lists the differences."""


async def check_drift(url: Secret, *, script_location: Path) -> None:
    """Compare migrated tables with the declared ones; raises `MigrationsDrifted`."""
    engine = create_async_engine(engine_url(url), poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_compare, script_location)
    finally:
        await engine.dispose()


def _compare(connection: Connection, script_location: Path) -> None:
    config = alembic_config(script_location)
    config.attributes["connection"] = connection
    config.stdout = io.StringIO()
    try:
        command.check(config)
    except CommandError as error:
        raise MigrationsDrifted(str(error)) from error
