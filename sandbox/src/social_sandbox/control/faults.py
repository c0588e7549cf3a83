"""Planned faults and switched behaviour."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response
from pydantic import ValidationError

from social_sandbox.control.schemas import NewFault, Switches
from social_sandbox.control.things import simulator_of
from social_sandbox.faults import Fault
from social_sandbox.platform import RefusedByControl
from social_sandbox.simulation import Simulation


def fault_json(fault: Fault) -> dict[str, Any]:
    """A fault as the control interface shows it; `count` is what is left of it."""
    return {
        "id": fault.fault_id,
        "platform": fault.platform,
        "operation": fault.operation.value,
        "kind": fault.kind.value,
        "count": fault.count,
        "delay_ms": None if fault.delay is None else int(fault.delay / timedelta(milliseconds=1)),
        "retry_after_s": None if fault.retry_after is None else int(fault.retry_after.total_seconds()),
        "hits": fault.hits,
    }


def router(simulation: Simulation) -> APIRouter:
    """Routes for faults and switches."""
    routes = APIRouter()

    @routes.post("/faults", status_code=201)
    async def plan_fault(body: NewFault) -> dict[str, Any]:
        simulator_of(simulation, body.platform)
        fault = simulation.faults.add(
            body.platform,
            body.operation,
            kind=body.kind,
            count=body.count,
            delay=None if body.delay_ms is None else timedelta(milliseconds=body.delay_ms),
            retry_after=None if body.retry_after_s is None else timedelta(seconds=body.retry_after_s),
        )
        return fault_json(fault)

    @routes.get("/faults")
    async def list_faults(platform: str | None = None) -> dict[str, Any]:
        if platform is not None:
            simulator_of(simulation, platform)
        return {"faults": [fault_json(f) for f in simulation.faults.waiting if platform in {None, f.platform}]}

    @routes.delete("/faults", status_code=204)
    async def forget_faults(platform: str | None = None) -> Response:
        if platform is not None:
            simulator_of(simulation, platform)
        simulation.faults.clear(platform)
        return Response(status_code=204)

    @routes.get("/switches")
    async def read_switches(platform: str) -> Any:
        return simulator_of(simulation, platform).switches.model_dump(mode="json")

    @routes.post("/switches")
    async def set_switches(body: Switches) -> Any:
        simulator = simulator_of(simulation, body.platform)
        wished = {**simulation.store.switches.get(body.platform, {}), **body.switches}
        try:
            simulator.switches_model.model_validate(wished)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(["switches", *(str(part) for part in first["loc"])])
            raise RefusedByControl(name, first["msg"]) from error
        simulation.store.switches[body.platform] = wished
        return simulator.switches.model_dump(mode="json")

    return routes
