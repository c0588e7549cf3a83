"""A fresh sandbox, a server with media, and a merchant linked on the sandbox's Facebook."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.sandbox.facebook.visitors import Merchant, a_merchant
from tests.unit.sandbox.harness import MediaServer, Sandbox, a_media_server, a_sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    async with a_sandbox() as found:
        yield found


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    """A real HTTP server on loopback that the simulator fetches from."""
    async with a_media_server() as found:
        yield found


@pytest.fixture
async def merchant(sandbox: Sandbox, media: MediaServer) -> Merchant:
    """A merchant whose one Page is linked, with every scope the product asks for."""
    return await a_merchant(sandbox, media)
