"""The clock, and back to the beginning."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response

from social_sandbox.control.schemas import ClockStep
from social_sandbox.simulation import Simulation


def router(simulation: Simulation) -> APIRouter:
    """Routes for time and reset."""
    routes = APIRouter()

    def clock_json() -> dict[str, Any]:
        clock = simulation.clock
        return {"now": clock.now().isoformat(), "offset_s": clock.offset.total_seconds()}

    @routes.get("/clock")
    async def read_clock() -> dict[str, Any]:
        return clock_json()

    @routes.post("/clock")
    async def move_clock(body: ClockStep) -> dict[str, Any]:
        simulation.clock.advance(timedelta(seconds=body.advance_s))
        return clock_json()

    @routes.post("/reset", status_code=204)
    async def reset() -> Response:
        simulation.reset()
        return Response(status_code=204)

    return routes
