"""Where the settings of each service come from: the environment its own processes have, or the local stack's.

One command may reach several services whose settings have the same names. A variable with the service's name before
it (`PUBLISHER_WORKER_DATABASE_URL`) is that service's; without it (`WORKER_DATABASE_URL`) it is everyone's, and a
database role tells whose it is.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Self

from social_cli.command import Refused
from social_cli.services import Service

if TYPE_CHECKING:
    from social_common.db import Database
    from social_common.settings import ServiceSettings


class NoSettings(Refused):
    """A service cannot be reached, because nothing says where its database is."""


class Environments:
    """The settings of all services for one command."""

    def __init__(self, *, local: bool) -> None:
        self._local = local

    def settings(self, service: Service) -> "ServiceSettings":
        """The service's settings; a bad value ends the process as it ends the service."""
        from social_common.settings import load_settings

        with self.entered(service):
            return load_settings(service.settings_class)

    @contextmanager
    def entered(self, service: Service) -> Iterator[None]:
        """The process's environment as the service's own processes have it: some of its parts read it themselves."""
        before = dict(os.environ)
        _replace(self._environment(service))
        try:
            yield
        finally:
            _replace(before)

    def database(self, service: Service) -> "Database":
        """A connection to the service's tables, as its worker's role; it connects when it is first used."""
        from datetime import timedelta

        from social_common.db import Database

        url = self.settings(service).worker_database_url
        if url is None or not _is_role(url.reveal(), f"{service.package}_worker"):
            own = f"{service.package.upper()}_WORKER_DATABASE_URL"
            raise NoSettings(
                f"nothing says where {service.name} keeps its tables; set {own} to the URL of its role "
                f"{service.package}_worker, or use --local with a running `make run`"
            )
        return Database(
            url,
            service=service.name,
            pool_size=1,
            application_name="social",
            statement_timeout=timedelta(minutes=5),
        )

    def _environment(self, service: Service) -> Mapping[str, str]:
        if self._local:
            from social_cli.local import local_environment

            return local_environment(service.name)
        prefix = f"{service.package.upper()}_"
        own = {name.removeprefix(prefix): value for name, value in os.environ.items() if name.startswith(prefix)}
        return {**os.environ, **own}


class Databases:
    """One connection per service, for as long as the block lasts."""

    def __init__(self, environments: Environments) -> None:
        self._environments = environments
        self._stack = AsyncExitStack()
        self._opened: dict[Service, Database] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def of(self, service: Service) -> "Database":
        """The service's; raises NoSettings where nothing says which that is."""
        if service not in self._opened:
            database = self._environments.database(service)
            self._opened[service] = await self._stack.enter_async_context(database)
        return self._opened[service]


def _replace(environment: Mapping[str, str]) -> None:
    found = dict(environment)
    os.environ.clear()
    os.environ.update(found)


def _is_role(url: str, role: str) -> bool:
    from sqlalchemy.engine import make_url

    # Supabase's pooler appends the project to the user's name.
    return (make_url(url).username or "").split(".", maxsplit=1)[0] == role
