"""An API put together the one way all services use, and run until it is told to stop."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any, Final, Protocol

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from social_common.edge import REQUEST_ID_HEADER, BodyLimit, RequestContext
from social_common.health import HealthChecks, health_routes
from social_common.leaving import Leaving, SendElsewhere
from social_common.metrics import AsgiApp, metrics_app
from social_common.openapi import PROBLEM_RESPONSES, describe
from social_common.problems import install_problem_handlers
from social_common.rate_limit import AddressRateLimit, RateLimiter
from social_common.settings import ServiceSettings

MAX_BODY: Final = 1024 * 1024
DRAIN: Final = timedelta(seconds=20)
# Above what callers keep (our own client 15 s, proxies mostly 60 s): whoever ends an idle connection first must be the
# caller, else its next request meets a connection that is being closed and is in doubt.
IDLE_S: Final = 65

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


class Stop(Protocol):
    """Set when the process is to end; an asyncio.Event is one."""

    async def wait(self) -> Any:
        """Returns once it is set."""


def create_app(
    settings: ServiceSettings,
    *,
    title: str,
    lifespan: Lifespan | None = None,
    routers: Sequence[APIRouter] = (),
    checks: HealthChecks | None = None,
    max_body: int = MAX_BODY,
    version: str = "1",
) -> FastAPI:
    """The app with problem documents, limits, CORS, request ids, access log, probes and `/openapi.json`.

    The lifespan puts a TokenVerifier at `app.state.token_verifier` for endpoints that ask for `CurrentMerchant`.
    """
    app = _Api(
        title=title,
        version=version,
        lifespan=lifespan,
        docs_url=None,  # the page would load its scripts from other people's servers
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
        # Logs would carry exceptions' texts past our redaction.
        telemetry={"logs": False, "metrics": False, "operation_spans": False, "exclude": _is_probe},
    )
    app.state.settings = settings
    app.state.rate_limiter = RateLimiter(per_minute=settings.rate_limit_per_minute)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, max_bytes=max_body)
    app.add_middleware(AddressRateLimit, limiter=app.state.rate_limiter)
    install_problem_handlers(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.cors_allow_origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", REQUEST_ID_HEADER],
        # `Date`: a page whose machine's clock is off goes by ours.
        expose_headers=["Date", "ETag", "Location", "Retry-After", REQUEST_ID_HEADER],
    )
    app.add_middleware(RequestContext)
    app.state.leaving = Leaving(settings.stop_notice)
    app.add_middleware(SendElsewhere, leaving=app.state.leaving)
    app.include_router(health_routes(checks or HealthChecks()))
    for router in routers:
        app.include_router(router)
    return app


async def serve_app(
    app: AsgiApp,
    *,
    host: str,
    port: int,
    metrics_port: int | None = None,
    stop: Stop | None = None,
    leaving: Leaving | None = None,
    drain: timedelta = DRAIN,
) -> None:
    """Serves until `stop` (or SIGTERM and SIGINT where none is given), then finishes what is under way within `drain`.

    `leaving` gives notice before the listeners close. Metrics answer on a port of their own, without the app's
    lifespan. A busy port ends the process with one sentence; what the lifespan raises is raised, before anybody is
    listened to.
    """
    servers = [_Server(server_config(app, drain=drain), _listen(host, port))]
    if metrics_port is not None:
        servers.append(_Server(server_config(metrics_app(), drain=drain), _listen(host, metrics_port)))
    async with _lifespan(app):
        await _serve(servers, stop=stop, leaving=leaving)


def _lifespan(app: AsgiApp) -> AbstractAsyncContextManager[Any]:
    # Not left to the server, which would log a trace where a sentence is wanted.
    return app.router.lifespan_context(app) if isinstance(app, FastAPI) else nullcontext()


async def _serve(servers: Sequence["_Server"], *, stop: Stop | None, leaving: Leaving | None) -> None:
    with _stop_signal(stop) as stopped:
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(_end_together(servers, stopped, leaving))
            serving = [group.create_task(server.run_until_told()) for server in servers]
            # Where one ends by itself the others must not stay behind.
            await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
            for server in servers:
                server.should_exit = True
            watcher.cancel()
    if not servers[0].started:
        raise SystemExit(3)


class _Api(FastAPI):
    """FastAPI whose OpenAPI document knows our problem documents."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = describe(super().openapi())
        return self.openapi_schema


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, which ends the process by the signal instead of cleanly."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config)
        self._listener = listener

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def run_until_told(self) -> None:
        try:
            await self.serve(sockets=[self._listener])
        finally:
            self._listener.close()


def server_config(app: AsgiApp, *, drain: timedelta) -> uvicorn.Config:
    """How every API's server runs."""
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,  # it would print queries; RequestContext logs requests
        server_header=False,
        timeout_graceful_shutdown=int(drain.total_seconds()),
        timeout_keep_alive=IDLE_S,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SystemExit(f"cannot listen on {host}:{port}: {error.strerror}") from None
    listener.setblocking(False)
    return listener


@contextmanager
def _stop_signal(stop: Stop | None) -> Iterator[Stop]:
    if stop is not None:
        yield stop
        return
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, event.set)
    try:
        yield event
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


async def _end_together(servers: Sequence[_Server], stopped: Stop, leaving: Leaving | None) -> None:
    await stopped.wait()
    logging.getLogger(__name__).info("stopping")
    if leaving is not None:
        await leaving.give_notice()
    for server in servers:
        server.should_exit = True


def _is_probe(scope: Any) -> bool:
    return scope.get("path") in {"/livez", "/readyz", "/startupz"}
