"""How often a caller may ask: per merchant, or per address where nobody is signed in, in a moving window.

Counted in this process's memory; behind several replicas a merchant has that many times the rate.
"""

import time
from datetime import timedelta
from typing import Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from social_common.errors import TooManyRequests
from social_common.problems import problem_response

_FREE_PATHS: Final = frozenset({"/livez", "/readyz", "/startupz"})


class RateLimiter:
    """Counts requests and refuses with 429 and `Retry-After` when there were too many in the last minute."""

    def __init__(self, *, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    async def hit_merchant(self, user_id: str) -> None:
        """Counts one request of a merchant; raises TooManyRequests."""
        await self._hit("merchant", user_id)

    async def hit_address(self, scope: Scope) -> None:
        """Counts one request of an address that showed no valid token; raises TooManyRequests."""
        client = scope.get("client")
        await self._hit("address", client[0] if client else "unknown")

    async def _hit(self, kind: str, who: str) -> None:
        if await self._window.hit(self._limit, kind, who):
            return
        stats = await self._window.get_window_stats(self._limit, kind, who)
        raise TooManyRequests(
            "Too many requests in the last minute.",
            retry_after=timedelta(seconds=max(1.0, stats.reset_time - time.time())),
            action="Wait as long as Retry-After says.",
        )


class AddressRateLimit:
    """Counts requests without a token per address; those with one are counted once it is known whose it is."""

    def __init__(self, app: ASGIApp, *, limiter: RateLimiter) -> None:
        self._app = app
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection."""
        if scope["type"] == "http" and scope["path"] not in _FREE_PATHS and not _has_token(scope):
            try:
                await self._limiter.hit_address(scope)
            except TooManyRequests as error:
                await problem_response(error, instance=scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _has_token(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"])
