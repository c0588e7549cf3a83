"""A fresh sandbox and a merchant linked on its YouTube."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.sandbox.harness import Sandbox, a_sandbox
from tests.unit.sandbox.youtube.visitors import Merchant, a_merchant


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    async with a_sandbox() as found:
        yield found


@pytest.fixture
async def merchant(sandbox: Sandbox) -> Merchant:
    """A merchant linked with every scope there is."""
    return await a_merchant(sandbox)
