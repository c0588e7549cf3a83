"""A fresh sandbox."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.sandbox.harness import Sandbox, a_sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    async with a_sandbox() as found:
        yield found
