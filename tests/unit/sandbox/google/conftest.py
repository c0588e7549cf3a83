"""A fresh sandbox, a server with photos, and a merchant linked on the sandbox's Google."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from tests.unit.sandbox.google.visitors import Merchant, a_merchant
from tests.unit.sandbox.harness import MediaServer, Sandbox, a_media_server, a_sandbox

from social_sandbox.server import build_server


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    async with a_sandbox() as found:
        yield found


@pytest.fixture
async def merchant(sandbox: Sandbox) -> Merchant:
    """A merchant linked with every scope the product asks for."""
    return await a_merchant(sandbox)


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    """A real HTTP server on loopback that the simulator fetches from."""
    async with a_media_server() as server:
        yield server


@pytest.fixture
async def address(sandbox: Sandbox) -> AsyncIterator[str]:
    """Where the sandbox listens on a real socket."""
    # A socket that listens already lets clients connect before the server has begun to accept.
    listening = socket.create_server(("127.0.0.1", 0))
    server = build_server(sandbox.app, host="127.0.0.1", port=0)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await running
