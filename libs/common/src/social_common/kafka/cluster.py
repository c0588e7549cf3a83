"""Which cluster is at the other end, and whether it answers."""

import asyncio
from datetime import timedelta
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from social_common.kafka_access import Brokers, client_options
from social_common.logging import get_logger
from social_common.loops import backoff, wait_for

_LIMIT: Final = timedelta(seconds=5)

_log = get_logger()


class ClusterProbe:
    """Asks the brokers who they are, over one connection that is kept."""

    def __init__(self, brokers: Brokers) -> None:
        self._brokers = brokers
        self._admin: AIOKafkaAdminClient | None = None
        self._lock = asyncio.Lock()

    async def cluster_id(self) -> str:
        """The cluster's id; raises a KafkaError, OSError or TimeoutError where none answers."""
        async with self._lock:
            try:
                async with asyncio.timeout(_LIMIT.total_seconds()):
                    if self._admin is None:
                        self._admin = AIOKafkaAdminClient(**client_options(self._brokers), request_timeout_ms=4_000)
                        await self._admin.start()
                    described = await self._admin.describe_cluster()
            except BaseException:
                await self._drop()
                raise
        return str(described["cluster_id"])

    async def is_reachable(self) -> bool:
        """Whether a broker answers now; for readiness."""
        try:
            await self.cluster_id()
        except (KafkaError, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Close the connection."""
        async with self._lock:
            await self._drop()

    async def _drop(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            await admin.close()


async def wait_for_cluster(probe: ClusterProbe, stop: asyncio.Event) -> bool:
    """Whether a broker answered before the stop; waits with back-off as long as it takes."""
    failures = 0
    while not stop.is_set():
        if await probe.is_reachable():
            return True
        failures += 1
        _log.warning("kafka_unreachable", failures=failures)
        await wait_for(stop, seconds=backoff(failures, longest=timedelta(seconds=10)))
    return False
