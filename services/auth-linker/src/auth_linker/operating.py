"""What an operator's command does to one connection, with the parts that the worker has."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from auth_linker.main import open_shared
from auth_linker.settings import AuthLinkerSettings
from auth_linker.tokens.checking import Checker
from social_common.db import Database
from social_common.http import HttpClient
from social_common.settings import required


@asynccontextmanager
async def open_checker(settings: AuthLinkerSettings) -> AsyncIterator[Checker]:
    """A look at a connection as its merchant's own: fresh tokens, and the places as they are today."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    async with (
        HttpClient() as http,
        Database(url, service=settings.service, pool_size=2) as database,
        open_shared(settings, database, http, os.environ) as shared,
    ):
        yield Checker(database, refresher=shared.refresher, looker=shared.looker)
