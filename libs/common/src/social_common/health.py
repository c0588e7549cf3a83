"""The three probes: alive (this process), ready (what a request needs), started (migrations and the like).

A dependency that is down makes a process unready, never dead: restarting it would not bring the database back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from starlette.responses import JSONResponse

Check = Callable[[], Awaitable[bool]]
"""Answers whether something works; False, an exception and taking too long all mean that it does not."""

_LIMIT: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class HealthChecks:
    """Checks by name, per probe; an empty probe is always fine."""

    live: Mapping[str, Check] = field(default_factory=dict)
    ready: Mapping[str, Check] = field(default_factory=dict)
    startup: Mapping[str, Check] = field(default_factory=dict)


def health_routes(checks: HealthChecks) -> APIRouter:
    """`/livez`, `/readyz` and `/startupz`: 200 when all checks of the probe pass, else 503, with each one's result."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> JSONResponse:
        return await _answer(checks.live)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        return await _answer(checks.ready)

    @router.get("/startupz")
    async def startupz() -> JSONResponse:
        return await _answer(checks.startup)

    return router


async def _answer(checks: Mapping[str, Check]) -> JSONResponse:
    results = dict(zip(checks, await asyncio.gather(*(_passes(check) for check in checks.values())), strict=True))
    well = all(results.values())
    return JSONResponse(
        {
            "status": "ok" if well else "failing",
            "checks": {name: "ok" if passed else "failing" for name, passed in results.items()},
        },
        status_code=200 if well else 503,
        headers={"Cache-Control": "no-store"},
    )


async def _passes(check: Check) -> bool:
    try:
        async with asyncio.timeout(_LIMIT.total_seconds()):
            return await check()
    except Exception:  # noqa: BLE001 - whatever goes wrong in a check means that it failed
        return False
