"""A fresh sandbox and people linked on its GitHub."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.sandbox.github.visitors import Visitor, a_visitor
from tests.unit.sandbox.harness import Sandbox, a_sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    async with a_sandbox() as found:
        yield found


@pytest.fixture
async def ada(sandbox: Sandbox) -> Visitor:
    """Ada's shop, linked through the default GitHub App."""
    return await a_visitor(sandbox)
