"""The console's server as it runs, beside a real sandbox identity and an API that tells what reached it."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.support.postgres import free_port

from social_common.http import HttpClient, HttpResponse
from social_console.main import create_console
from social_console.settings import ConsoleSettings
from social_sandbox.app import create_app as create_sandbox
from social_sandbox.config import SandboxConfig
from social_sandbox.server import build_server

Json = dict[str, Any]
PASSWORD = "a made-up passphrase"


@dataclass
class Api:
    """Stands where an API of ours would: answers with what it was asked, and says its metrics."""

    url: str = ""
    metrics: str = ""
    asked: list[Json] = field(default_factory=list)
    ready: bool = True

    def app(self) -> Starlette:
        """It as an application."""
        return Starlette(
            routes=[
                Route("/readyz", self._readyz),
                Route("/metrics", self._metrics),
                Route("/{path:path}", self._echo, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            ]
        )

    async def _readyz(self, _: Request) -> Response:
        checks = {"database": "ok" if self.ready else "failing"}
        return JSONResponse({"checks": checks}, status_code=200 if self.ready else 503)

    async def _metrics(self, _: Request) -> Response:
        return Response(self.metrics, media_type="text/plain")

    async def _echo(self, request: Request) -> Response:
        asked = {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "headers": dict(request.headers),
            "body": (await request.body()).decode(),
        }
        self.asked.append(asked)
        match request.query_params.get("answer"):
            case "problem":
                body = {"type": "about:blank", "title": "Taken", "status": 409, "code": "conflict"}
                headers = {"Retry-After": "7", "Set-Cookie": "sly=1", "X-Inner": "1"}
                return JSONResponse(body, 409, headers, media_type="application/problem+json")
            case "moved":
                return Response(status_code=303, headers={"Location": "https://elsewhere.example/", "ETag": '"4"'})
            case "huge":
                return Response(b"x" * (9 * 1024 * 1024))
            case _:
                return JSONResponse(asked)


class Browser:
    """A browser on the console's own page: keeps the one cookie, and says where its requests come from."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = url
        self.cookie: str | None = None
        self.set_cookie = ""

    async def fetch(self, method: str, path: str, body: Json | None = None, **headers: str) -> HttpResponse:
        """One request of the page's script; `Sec_Fetch_Site` and the like replace what it would say."""
        sent = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Origin": self._url}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie is not None and path.startswith("/session"):
            sent["Cookie"] = self.cookie
        answer = await self._http.request(
            method,
            self._url + path,
            content=None if body is None else json.dumps(body).encode(),
            headers={name: value for name, value in sent.items() if value},
        )
        if "set-cookie" in answer.headers:
            self.set_cookie = answer.headers["set-cookie"]
            pair = self.set_cookie.partition(";")[0]
            self.cookie = None if pair.endswith(("=", '=""')) else pair
        return answer

    async def sign_up(self, email: str | None = None) -> Json:
        """A new account with its session."""
        answer = await self.fetch(
            "POST", "/session", {"email": email or an_email(), "password": PASSWORD, "sign_up": True}
        )
        assert answer.status == 200, answer.text
        session: Json = answer.json()
        return session


@dataclass
class Ground:
    """What a test has at hand."""

    console: str
    sandbox: str
    http: HttpClient
    api: Api
    web: Path
    identity: "Server"

    def browser(self) -> Browser:
        """A browser of its own."""
        return Browser(self.http, self.console)

    async def control(self, path: str, body: Json) -> Json:
        """A call of the sandbox's control interface."""
        answer = await self.http.request("POST", f"{self.sandbox}/_control{path}", json=body)
        assert answer.status // 100 == 2, answer.text
        made: Json = answer.json()
        return made


class Server:
    """An application on a port of its own; it can be stopped before the test ends."""

    def __init__(self, server: uvicorn.Server) -> None:
        self._server = server
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns once it listens."""
        self._running = asyncio.create_task(self._server.serve())
        while not self._server.started:
            assert not self._running.done(), "the server did not start"
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Returns once nobody listens any more."""
        self._server.should_exit = True
        if self._running is not None:
            await self._running


def an_email() -> str:
    """An address nobody has yet."""
    return f"{secrets.token_hex(5)}@example.com"


@asynccontextmanager
async def a_ground(web: Path, **changes: Any) -> AsyncIterator[Ground]:
    """Everything running; `changes` are settings of the console that differ."""
    api_port, sandbox_port, console_port = free_port(), free_port(), free_port()
    api = Api(url=f"http://127.0.0.1:{api_port}")
    sandbox_url, console_url = f"http://localhost:{sandbox_port}", f"http://localhost:{console_port}"
    settings = ConsoleSettings(
        **{
            "environment": "development",
            "public_url": console_url,
            "supabase_url": sandbox_url,
            "auth_linker_url": api.url,
            "publisher_url": api.url,
            "analytics_url": f"http://127.0.0.1:{free_port()}",
            "console_web_dir": web,
            "console_sign_up": True,
            "console_sign_ins_per_minute": 100,
            "console_parts": _parts(api.url),
            **changes,
        }
    )
    identity = Server(
        build_server(create_sandbox(SandboxConfig(public_url=sandbox_url)), host="127.0.0.1", port=sandbox_port)
    )
    servers = (
        _server(api.app(), api_port),
        identity,
        _server(create_console(settings), console_port),
    )
    async with AsyncExitStack() as stack:
        for server in servers:
            await server.start()
            stack.push_async_callback(server.stop)
        http = await stack.enter_async_context(HttpClient(max_keepalive=0))
        yield Ground(console_url, sandbox_url, http, api, web, identity)


def _server(app: Any, port: int) -> Server:
    return Server(uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on")))


def _parts(url: str) -> list[Json]:
    away = f"http://127.0.0.1:{free_port()}"
    return [
        {"name": "publisher", "role": "api", "url": url, "metrics_url": url},
        {"name": "publisher", "role": "api", "url": away, "metrics_url": away},
        {"name": "publisher", "role": "worker", "url": url},
        {"name": "analytics", "role": "worker", "url": away},
    ]
