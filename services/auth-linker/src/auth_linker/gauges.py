"""What operators watch of all connections together: how many there are on each platform, by their health."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from auth_linker.grants.domain import Health
from social_common.db import Database
from social_common.metrics import gauge

# As their health, and those that their merchants gave up.
STATES: Final = (*(health.value for health in Health), "disconnected")

_connections = gauge(
    "auth_linker_connections", "Connections by health; an estimate where there are very many", ("platform", "health")
)


class Gauges:
    """Reads the gauge now and then; where nobody knows, there is none."""

    def __init__(self, database: Database, platforms: Sequence[str]) -> None:
        self._database = database
        self._platforms = tuple(platforms)

    async def read(self) -> timedelta | None:
        """Sets it once: a look at a part of the table, so it is done rarely."""
        try:
            async with self._database.system() as session:
                rows = await session.all(
                    "SELECT platform, health, connections FROM retail_b2c.auth_linker_connections_by_health()"
                )
        except BaseException:
            _connections.clear()
            raise
        found = {(row["platform"], row["health"]): row["connections"] for row in rows}
        for platform in self._platforms:
            for state in STATES:
                _connections.labels(platform, state).set(found.get((platform, state), 0))
        return None
