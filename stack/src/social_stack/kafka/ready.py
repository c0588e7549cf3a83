"""Waiting for a broker."""

import asyncio
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from social_stack.processes import Child, wait_until


async def wait_for_kafka(bootstrap_servers: str, *, child: Child | None, within: timedelta) -> None:
    """Waits until the broker answers an admin client."""
    host, _, port = bootstrap_servers.split(",", maxsplit=1)[0].rpartition(":")

    async def answers() -> bool:
        # Kafka's client logs every refused connection as an error, so a bare one is tried first.
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return False
        writer.close()
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=2000)
        try:
            async with asyncio.timeout(3):
                await admin.start()
                await admin.list_topics()
        except (KafkaError, OSError, TimeoutError):
            return False
        finally:
            await admin.close()
        return True

    await wait_until(answers, child=child, within=within, what=f"Kafka at {bootstrap_servers}")
