"""What every acceptance test promises to the ones after it: the stack that all of them share goes on."""

from collections.abc import AsyncIterator

import pytest
from tests.support.stack import World


@pytest.fixture(autouse=True)
async def nothing_has_died(world: World) -> AsyncIterator[None]:
    """Says which part of the stack ended, by which signal and with which last words, at the test that it died in."""
    yield
    for name, child in world.stack.children.items():
        assert child.is_running, (
            f"{name} ended with {child.process and child.process.returncode}; its last words:\n{child.tail()}"
        )
