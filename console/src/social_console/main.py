"""The composition root: the console's server as one application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel

from social_common.app import create_app
from social_common.auth import create_token_verifier
from social_common.http import HttpClient
from social_common.rate_limit import RateLimiter
from social_console.clock import LocalStackClock, SystemClock, told_time
from social_console.files import WebFolder, web_router
from social_console.headers import SecureHeaders, secure_headers
from social_console.identity import IdentityClient
from social_console.operator import Watch
from social_console.operator import router as operator_router
from social_console.proxy import proxy_router
from social_console.sessions import Refreshes, SessionCookie
from social_console.sessions import router as session_router
from social_console.settings import ConsoleSettings

_LIMIT: Final = timedelta(seconds=10)

config_router = APIRouter(tags=["session"])


class ConfigOut(BaseModel):
    """What the page must know of this installation, none of it secret."""

    sign_up: bool
    public_url: str


@config_router.get("/config.json", operation_id="get_config")
async def show_config(request: Request, response: Response) -> ConfigOut:
    """What differs between installations."""
    settings: ConsoleSettings = request.app.state.settings
    response.headers.update(await told_time(request))
    return ConfigOut(sign_up=settings.console_sign_up, public_url=settings.public_url)


def create_console(settings: ConsoleSettings) -> FastAPI:
    """The console; it is ready at once, for it says itself what is away and serves the screens without it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with HttpClient(user_agent="social-console/0.1", timeout=_LIMIT) as http:
            clock = LocalStackClock(http, settings.console_clock_url) if settings.console_clock_url else SystemClock()
            app.state.http = http
            app.state.clock = clock
            app.state.token_verifier = create_token_verifier(settings, http=http, clock=clock)
            app.state.identity = IdentityClient(settings, http)
            app.state.refreshes = Refreshes(app.state.identity)
            app.state.watch = Watch(http, settings.console_parts)
            yield

    app = create_app(
        settings,
        title="Social Connections: console",
        lifespan=lifespan,
        routers=[
            config_router,
            session_router,
            operator_router,
            proxy_router(settings),
            # The last one: it takes every address that is left.
            web_router(WebFolder(settings.console_web_dir)),
        ],
    )
    app.state.session_cookie = SessionCookie(settings)
    app.state.sign_ins = RateLimiter(per_minute=settings.console_sign_ins_per_minute)
    app.add_middleware(SecureHeaders, headers=secure_headers(settings))
    return app
