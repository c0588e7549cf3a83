"""The clock, and back to the beginning."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response

from social_sandbox.control.schemas import ClockStep
from social_sandbox.database import DatabaseLink, DatabaseUnavailable
from social_sandbox.platform import RefusedByControl
from social_sandbox.simulation import Simulation

# Far beyond it dates cannot be written any more, and every call would fail.
_FURTHEST = timedelta(days=36_525)


def router(simulation: Simulation, database: DatabaseLink | None) -> APIRouter:
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
        step = timedelta(seconds=body.advance_s)
        if abs(simulation.clock.offset + step) > _FURTHEST:
            raise RefusedByControl("advance_s", "would lead more than a hundred years away")
        if database is None:
            simulation.clock.advance(step)
            return clock_json()
        try:
            await database.advance(step)
        except DatabaseUnavailable as error:
            raise RefusedByControl("advance_s", str(error), status=503) from error
        return clock_json()

    @routes.post("/reset", status_code=204)
    async def reset() -> Response:
        simulation.reset()
        return Response(status_code=204)

    return routes
