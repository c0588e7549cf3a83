"""How the parts are put together. `create_app` is all that anybody outside needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Mount

from social_sandbox.clock import SandboxClock
from social_sandbox.config import SandboxConfig
from social_sandbox.control.app import control_app
from social_sandbox.gateway import Gateway
from social_sandbox.registry import SIMULATORS
from social_sandbox.simulation import Simulation


def create_app(config: SandboxConfig | None = None, *, clock: SandboxClock | None = None) -> Starlette:
    """The whole sandbox as one ASGI application; `app.state.simulation` gives tests the inside.

    It works without its lifespan, too: only the database link and the keeping of state across restarts need it.
    """
    simulation = Simulation(config or SandboxConfig(), SIMULATORS, clock=clock)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield

    app = Starlette(routes=[Mount("/_control", control_app(simulation))], lifespan=lifespan)
    app.router.redirect_slashes = False
    app.router.default = Gateway(
        simulation.world, simulation.simulators, faults=simulation.faults, requests=simulation.requests
    )
    app.state.simulation = simulation
    return app
