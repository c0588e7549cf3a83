"""Product time without a database: this machine's, or the one that the local stack moves."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import Request

from social_common.http import HttpClient, HttpError

_LIMIT: Final = timedelta(seconds=2)
_TOLD: Final = "X-Product-Time"


class SystemClock:
    """The machine's clock, as everywhere in production."""

    async def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


class LocalStackClock:
    """The local stack's clock, asked where the sandbox tells it; the machine's while the sandbox is away."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = url

    async def now(self) -> datetime:
        """The present moment, in UTC."""
        try:
            answer = await self._http.request("GET", self._url, timeout=_LIMIT)
            return datetime.fromisoformat(answer.json()["now"]).astimezone(UTC)
        except (HttpError, KeyError, TypeError, ValueError):
            return datetime.now(UTC)


async def told_time(request: Request) -> Mapping[str, str]:
    """The header that tells a page the local stack's time; none elsewhere, where every answer's `Date` is the time."""
    clock: SystemClock | LocalStackClock = request.app.state.clock
    if isinstance(clock, SystemClock):
        return {}
    return {_TOLD: (await clock.now()).isoformat(timespec="milliseconds")}
