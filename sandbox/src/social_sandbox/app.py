"""How the parts are put together. `create_app` is all that anybody outside needs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from social_sandbox.assets.app import assets_app, make_assets
from social_sandbox.clock import SandboxClock
from social_sandbox.config import SandboxConfig
from social_sandbox.control.app import control_app
from social_sandbox.database import DatabaseLink
from social_sandbox.gateway import Gateway
from social_sandbox.identity.app import identity_app
from social_sandbox.identity.people import People
from social_sandbox.identity.service import Identity
from social_sandbox.registry import SIMULATORS
from social_sandbox.simulation import Simulation
from social_sandbox.snapshot import Snapshots
from social_sandbox.store import Store

_log = logging.getLogger(__name__)


def create_app(config: SandboxConfig | None = None, *, clock: SandboxClock | None = None) -> Starlette:
    """The whole sandbox as one ASGI application; `app.state.simulation` gives tests the inside.

    It answers without its lifespan, too: only following the database's clock and keeping state across restarts need it.
    """
    config = config or SandboxConfig()
    clock = clock or SandboxClock()
    snapshots = Snapshots(config.state_dir) if config.state_dir else None
    store = snapshots.load() if snapshots else Store()
    simulation = Simulation(config, SIMULATORS, clock=clock, store=store)
    people = People(config.state_dir)
    database = DatabaseLink(config.database_url, clock=clock, people=people) if config.database_url else None
    identity = Identity(people, clock, issuer=f"{config.public_url}/auth/v1", mirror=database)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            async with asyncio.TaskGroup() as group:
                running = [group.create_task(make_assets_ahead())]
                if database is not None:
                    running.append(group.create_task(database.run()))
                if snapshots is not None:
                    running.append(group.create_task(snapshots.run(store)))
                yield
                for task in running:
                    task.cancel()
        finally:
            if snapshots is not None:
                snapshots.save(store)
            people.close()

    async def index(_: Request) -> Response:
        return JSONResponse(_front(config, simulation))

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/readyz", index),
            Mount("/_control", control_app(simulation, identity, database)),
            Mount("/auth/v1", identity_app(identity)),
            Mount("/assets", assets_app(config.assets_url)),
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.router.default = Gateway(
        simulation.world, simulation.simulators, faults=simulation.faults, requests=simulation.requests
    )
    app.state.simulation = simulation
    app.state.identity = identity
    return app


async def make_assets_ahead() -> None:
    """Make the assets before they are asked for; what fails here is tried again, and told, when they are."""
    try:
        await make_assets()
    except (OSError, ValueError) as error:
        _log.warning("the assets could not be made ahead: %s", error)


def _front(config: SandboxConfig, simulation: Simulation) -> dict[str, object]:
    return {
        "service": "sandbox",
        "platforms": {name: f"{config.public_url}/{name}" for name in simulation.simulators},
        "control": f"{config.public_url}/_control/docs",
        "auth": f"{config.public_url}/auth/v1",
        "assets": f"{config.assets_url}/assets/",
        "now": simulation.clock.now().isoformat(),
    }
