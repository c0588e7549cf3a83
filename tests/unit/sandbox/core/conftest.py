"""A fresh sandbox, in process and behind a real server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.support.eventually import eventually
from tests.support.postgres import free_port
from tests.unit.sandbox.harness import Sandbox, a_sandbox

from social_sandbox.app import create_app
from social_sandbox.config import SandboxConfig
from social_sandbox.server import build_server


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    async with a_sandbox() as found:
        yield found


@pytest.fixture
async def server_port() -> AsyncIterator[int]:
    """A sandbox behind its real HTTP server; the port it listens on."""
    port = free_port()
    app = create_app(SandboxConfig(public_url=f"http://127.0.0.1:{port}"))
    server = build_server(app, host="127.0.0.1", port=port)
    running = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started, what="the server")
    yield port
    server.should_exit = True
    await running
