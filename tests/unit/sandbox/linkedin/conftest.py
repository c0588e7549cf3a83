"""A fresh sandbox, and a member linked through each of the two apps."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.sandbox.harness import Sandbox, a_sandbox
from tests.unit.sandbox.linkedin.visitors import Merchant, a_member, a_page_manager


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox where what was posted can be read at once."""
    async with a_sandbox() as found:
        found.switch("linkedin", read_lag_s=0, video_processing_s=0)
        yield found


@pytest.fixture
async def member(sandbox: Sandbox) -> Merchant:
    """A member linked through the self-serve app."""
    return await a_member(sandbox)


@pytest.fixture
async def manager(sandbox: Sandbox) -> Merchant:
    """The same member, linked through the app with the Community Management API."""
    return await a_page_manager(sandbox)
