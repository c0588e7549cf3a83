"""An API as a process of its own, for tests that send it signals; prints `ready` once it answers."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from social_common.app import create_app, serve_app
from social_common.logging import configure_logging
from social_common.settings import ServiceSettings

router = APIRouter()


def say(word: str) -> None:
    """Tells the test how far this process is."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


@router.get("/slow")
async def slow() -> str:
    """Takes long enough for a signal to come in between; says so before it waits."""
    say("working")
    await asyncio.sleep(1)
    return "done"


@router.get("/v1/oauth/x/callback")
async def callback() -> str:
    """Is called with a code in its query."""
    return "ok"


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Says when it begins and ends."""
    say("ready")
    yield
    say("closed")


if __name__ == "__main__":
    port, metrics_port = int(sys.argv[1]), int(sys.argv[2])
    configure_logging(service="example", role="api", level="info", fmt="json")
    app = create_app(ServiceSettings(), title="Example", lifespan=lifespan, routers=[router])
    asyncio.run(serve_app(app, host="127.0.0.1", port=port, metrics_port=metrics_port))
