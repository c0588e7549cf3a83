"""auth-linker as publisher calls it, when its replicas come and go."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.unit.common_http.servers import abort, plain, read_request, serving

from publisher.brokerage import BrokerUnavailableError, LinkerBroker
from social_common.http import HttpClient
from social_common.keyfiles import ServiceKey, generate_service_key, read_service_key

CONNECTION, USER = UUID(int=1), UUID(int=2)
TOKEN = json.dumps({"access_token": "planted", "token_version": 3, "platform_id": "42"}).encode()


@pytest.fixture
def key(tmp_path: Path) -> ServiceKey:
    """Publisher's own."""
    generate_service_key(tmp_path / "key.json")
    return read_service_key(tmp_path / "key.json")


class Replicas:
    """Resets the first `dropped` calls, and answers those after them."""

    def __init__(self, dropped: int) -> None:
        self.calls = 0
        self._dropped = dropped

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One call."""
        await read_request(reader)
        self.calls += 1
        if self.calls <= self._dropped:
            abort(writer)
        else:
            writer.write(plain(TOKEN, headers="Content-Type: application/json\r\n"))
            await writer.drain()


async def test_a_dropped_call_is_asked_again_at_once(key: ServiceKey) -> None:
    """A replica that is replaced costs no post its moment: the next one answers."""
    replicas = Replicas(dropped=1)
    async with serving(replicas) as port, HttpClient() as http:
        broker = LinkerBroker(http, url=f"http://127.0.0.1:{port}", key=key, caller="publisher")

        brokered = await broker.access(CONNECTION, USER, min_valid=timedelta(minutes=2))

    assert brokered.token_version == 3
    assert replicas.calls == 2


async def test_two_dropped_calls_are_an_outage(key: ServiceKey) -> None:
    """Then the post waits a few seconds instead of asking on and on."""
    replicas = Replicas(dropped=2)
    async with serving(replicas) as port, HttpClient() as http:
        broker = LinkerBroker(http, url=f"http://127.0.0.1:{port}", key=key, caller="publisher")

        with pytest.raises(BrokerUnavailableError):
            await broker.access(CONNECTION, USER, min_valid=timedelta(minutes=2))

    assert replicas.calls == 2
