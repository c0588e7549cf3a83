"""The routes of the control interface."""

from fastapi import FastAPI

from social_sandbox.control import faults, people, records, things, time
from social_sandbox.control.errors import install_refusals
from social_sandbox.database import DatabaseLink
from social_sandbox.identity.service import Identity
from social_sandbox.simulation import Simulation


def control_app(simulation: Simulation, identity: Identity, database: DatabaseLink | None = None) -> FastAPI:
    """The control interface as an application to mount under `/_control`."""
    app = FastAPI(title="Sandbox control", docs_url="/docs", redoc_url=None)
    install_refusals(app)
    for router in (
        things.router(simulation),
        records.router(simulation),
        faults.router(simulation),
        time.router(simulation, database),
        people.router(identity),
    ):
        app.include_router(router)
    return app
