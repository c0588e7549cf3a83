"""A fresh sandbox, a server with photos, and a merchant linked on the sandbox's Google."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from tests.unit.sandbox.google.visitors import Merchant, a_merchant
from tests.unit.sandbox.harness import MediaServer, Sandbox, a_sandbox

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
    found = MediaServer("")
    ended = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            path = request.split(b" ")[1].decode()
            if path in found.silent:
                await ended.wait()
            status, content_type, content = found.pages.get(path, (404, "text/plain", b"nothing here"))
            head = f"HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {len(content)}\r\n"
            writer.write(f"{head}connection: close\r\n\r\n".encode() + content)
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    found.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    ended.set()
    server.close()


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
