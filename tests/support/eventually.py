"""Waiting for something that other processes bring about."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
# Slow enough for the rate limit of a merchant who asks an API all the time.
_PAUSE = 0.25


async def eventually(read: Callable[[], Awaitable[T | None]], *, within: float = 30, what: str) -> T:
    """The first answer of `read` that is neither None nor False; fails naming `what` when the time (s) is up."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        found = await read()
        if found is not None and found is not False:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"{what}: not within {within} s"
        await asyncio.sleep(_PAUSE)
