"""What stands around every API: limits, CORS, request ids, probes, the access log, metrics, and how it ends."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from tests.unit.common_http.servers import read_request

from social_common.app import create_app, serve_app, server_config
from social_common.health import HealthChecks
from social_common.http import KEEPALIVE_S, HttpClient, HttpNothingSent
from social_common.settings import ServiceSettings

ORIGIN = "https://shop.example"
router = APIRouter()


@router.post("/echo/{name}")
async def echo(request: Request, name: str) -> int:
    """Reads the whole body."""
    return len(await request.body()) + len(name)


@router.post("/json")
async def parsed(body: dict[str, str]) -> int:
    """Has FastAPI read the body."""
    return len(body)


def an_app(**changes: Any) -> FastAPI:
    """An app with those endpoints."""
    settings = ServiceSettings(cors_allow_origins=(ORIGIN,), **changes)
    return create_app(settings, title="Example", routers=[router], max_body=1000)


@pytest.fixture
async def api() -> AsyncIterator[HttpClient]:
    """That app, in this process."""
    async with HttpClient(asgi_app=an_app()) as http:
        yield http


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def chunks(size: int) -> AsyncIterator[bytes]:
    """A body without a length."""
    for _ in range(size // 100):
        yield b"x" * 100


class TestBodyLimit:
    async def test_below(self, api: HttpClient) -> None:
        """A body of exactly the limit is read."""
        assert (await api.request("POST", "http://api/echo/n", content=b"x" * 1000)).json() == 1001

    async def test_declared(self, api: HttpClient) -> None:
        """A declared length above the limit is refused."""
        answer = await api.request("POST", "http://api/echo/n", content=b"x" * 1001)

        assert (answer.status, answer.json()["code"]) == (413, "payload_too_large")

    @pytest.mark.parametrize("path", ["/echo/n", "/json"])
    async def test_chunked(self, api: HttpClient, path: str) -> None:
        """A body in chunks is refused once it passes the limit, whoever reads it."""
        headers = {"Content-Type": "application/json"}
        answer = await api.request("POST", f"http://api{path}", content=chunks(5000), headers=headers)

        assert (answer.status, answer.json()["code"]) == (413, "payload_too_large")

    async def test_no_number(self, api: HttpClient) -> None:
        """A length that is no number is a 400, not a crash."""
        answer = await api.request("POST", "http://api/echo/n", content=b"", headers={"Content-Length": "many"})

        assert answer.status == 400


class TestCors:
    async def test_allowed(self, api: HttpClient) -> None:
        """A page of an allowed origin may send our headers and see Date, ETag and Retry-After."""
        headers = {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,if-match,idempotency-key",
        }
        preflight = await api.request("OPTIONS", "http://api/echo/n", headers=headers)
        answer = await api.request("POST", "http://api/echo/n", headers={"Origin": ORIGIN})

        assert preflight.status == 200
        assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"Date", "ETag", "Retry-After"} <= set(exposed)
        assert "Access-Control-Allow-Credentials" not in answer.headers

    async def test_other_origin(self, api: HttpClient) -> None:
        """Any other origin is told nothing, in errors neither."""
        for path in ("/echo/n", "/nowhere"):
            answer = await api.request("POST", f"http://api{path}", headers={"Origin": "https://evil.example"})
            assert "Access-Control-Allow-Origin" not in answer.headers

    async def test_errors_too(self, api: HttpClient) -> None:
        """An allowed page can read errors: 404, 413 and 429 carry the header as well."""
        answer = await api.request("POST", "http://api/echo/n", content=b"x" * 2000, headers={"Origin": ORIGIN})

        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (413, ORIGIN)


class TestHeaders:
    async def test_request_id_is_kept(self, api: HttpClient) -> None:
        """A request id that the caller gave comes back."""
        answer = await api.request("GET", "http://api/livez", headers={"X-Request-Id": "from-the-gateway-1"})

        assert answer.headers["X-Request-Id"] == "from-the-gateway-1"

    @pytest.mark.parametrize("given", ["", "short", "x" * 100, "with space in it", '"quoted-and-long"'])
    async def test_request_id_is_made(self, api: HttpClient, given: str) -> None:
        """Without one, or with one that is none, a new one is made."""
        answer = await api.request("GET", "http://api/livez", headers={"X-Request-Id": given})

        assert len(answer.headers["X-Request-Id"]) == 32

    async def test_every_answer(self, api: HttpClient) -> None:
        """Every answer forbids guessing types, framing, caching and referrers."""
        answer = await api.request("GET", "http://api/nowhere")

        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_rate_limit_without_token() -> None:
    """Requests without a token are limited per address; probes never are."""
    async with HttpClient(asgi_app=an_app(rate_limit_per_minute=3)) as api:
        statuses = [(await api.request("POST", "http://api/echo/n")).status for _ in range(5)]
        probes = {(await api.request("GET", "http://api/livez")).status for _ in range(10)}
        refused = await api.request("POST", "http://api/echo/n")

    assert statuses == [200, 200, 200, 429, 429]
    assert probes == {200}
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["X-Request-Id"]


class TestHealth:
    async def test_each_probe_has_its_own_checks(self) -> None:
        """A database that is down makes the process unready, not dead; a check that hangs or raises has failed."""

        async def fine() -> bool:
            return True

        async def broken() -> bool:
            raise OSError

        async def hanging() -> bool:
            await asyncio.sleep(60)
            return True

        checks = HealthChecks(
            live={"loop": fine},
            ready={"database": broken, "kafka": hanging, "other": fine},
            startup={"migrations": fine},
        )
        app = create_app(ServiceSettings(), title="Example", checks=checks)

        async with HttpClient(asgi_app=app) as api:
            live, ready, started = [
                await api.request("GET", f"http://api/{probe}") for probe in ("livez", "readyz", "startupz")
            ]

        assert (live.status, ready.status, started.status) == (200, 503, 200)
        assert ready.json() == {
            "status": "failing",
            "checks": {"database": "failing", "kafka": "failing", "other": "ok"},
        }


class TestServing:
    async def test_busy_port(self) -> None:
        """A busy port ends the process with one sentence that names it."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            with pytest.raises(SystemExit, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
                await serve_app(an_app(), host="127.0.0.1", port=port, stop=asyncio.Event())

    async def test_stop_event(self) -> None:
        """Setting the stop event ends serving, and both ports are free again."""
        stop, port, metrics_port = asyncio.Event(), free_port(), free_port()
        serving = asyncio.create_task(
            serve_app(an_app(), host="127.0.0.1", port=port, metrics_port=metrics_port, stop=stop)
        )
        async with HttpClient() as http:
            await until_it_answers(http, port)
            await http.request("POST", f"http://127.0.0.1:{port}/echo/counted", content=b"1")
            metrics = await http.request("GET", f"http://127.0.0.1:{metrics_port}/metrics")
            hidden = await http.request("GET", f"http://127.0.0.1:{port}/metrics")
            stop.set()
            await asyncio.wait_for(serving, 10)

            for closed in (port, metrics_port):
                with pytest.raises(HttpNothingSent):
                    await http.request("GET", f"http://127.0.0.1:{closed}/livez")

        assert 'http_requests_total{method="POST",route="/echo/{name}",status="200"}' in metrics.text
        assert "counted" not in metrics.text
        assert hidden.status == 404

    async def test_sigterm(self) -> None:
        """SIGTERM finishes the request that is under way, refuses new ones, closes the lifespan and exits with 0."""
        port = free_port()
        async with a_process(port, free_port()) as process:
            assert process.stdout is not None
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /slow HTTP/1.1\r\nHost: api\r\n\r\n")
            await line_with(process.stdout, "working")

            process.send_signal(signal.SIGTERM)
            head = await read_request(reader)
            rest = (await asyncio.wait_for(process.communicate(), 10))[0].decode()
            writer.close()

        assert head.startswith(b"HTTP/1.1 200")
        assert "closed" in rest.splitlines()
        assert process.returncode == 0

    async def test_access_log(self) -> None:
        """The access log has method, path, status and request id, never the query; the server adds no line."""
        port = free_port()
        async with a_process(port, free_port()) as process, HttpClient() as http:
            url = f"http://127.0.0.1:{port}/v1/oauth/x/callback?code=planted&state=planted"
            await http.request("GET", url, headers={"X-Request-Id": "request-0001"})

            process.send_signal(signal.SIGTERM)
            out, err = await asyncio.wait_for(process.communicate(), 10)

        lines = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
        served = [line for line in lines if line["event"] == "request_served"]
        assert "planted" not in out.decode() + err.decode()
        assert [(line["path"], line["status"], line["request_id"]) for line in served] == [
            ("/v1/oauth/x/callback", 200, "request-0001")
        ]


def test_an_idle_connection_is_ended_by_its_caller_first() -> None:
    """A request sent while the server ends the connection would be in doubt."""
    usual_idle_limit_of_proxies = 60

    kept = server_config(an_app(), drain=timedelta(seconds=1)).timeout_keep_alive

    assert kept > usual_idle_limit_of_proxies > KEEPALIVE_S


async def until_it_answers(http: HttpClient, port: int) -> None:
    """Returns once the port answers."""
    async with asyncio.timeout(10):
        while True:
            try:
                await http.request("GET", f"http://127.0.0.1:{port}/livez")
            except HttpNothingSent:
                await asyncio.sleep(0.02)
            else:
                return


async def line_with(stream: asyncio.StreamReader, text: str) -> None:
    """Reads lines until one is that text."""
    async with asyncio.timeout(20):
        async for line in stream:
            if line.decode().strip() == text:
                return
    raise AssertionError(text)


@asynccontextmanager
async def a_process(port: int, metrics_port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The example API as a process of its own, once it answers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("app_process.py")),
        str(port),
        str(metrics_port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        await line_with(process.stdout, "ready")
        async with HttpClient() as http:
            await until_it_answers(http, port)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
