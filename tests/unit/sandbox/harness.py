"""What the tests of the simulated platforms share: a sandbox with a clock that stands still, and its visitors."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx  # noqa: TID251  (tests speak to the sandbox as an outsider does)
from PIL import Image
from starlette.applications import Starlette

from social_sandbox.app import create_app
from social_sandbox.clock import SandboxClock
from social_sandbox.config import SandboxConfig
from social_sandbox.platform import PlatformSimulator
from social_sandbox.simulation import Simulation

Response = httpx.Response
BASE = "http://localhost:8110"
CALLBACK = "http://localhost:8101"


@dataclass
class Sandbox:
    """A sandbox reached in process; `clock` only moves when told to."""

    app: Starlette
    client: httpx.AsyncClient
    clock: SandboxClock

    @property
    def simulation(self) -> Simulation:
        """The inside, for what only a test may touch."""
        found: Simulation = self.app.state.simulation
        return found

    def simulator(self, platform: str) -> PlatformSimulator:
        """One platform's simulator."""
        return self.simulation.simulators[platform]

    def pass_time(self, **step: float) -> None:
        """Let time pass for the whole simulated world."""
        self.clock.advance(timedelta(**step))

    def switch(self, platform: str, **switches: Any) -> None:
        """Change a platform's behaviour."""
        self.simulation.store.switches.setdefault(platform, {}).update(switches)

    async def control(self, method: str, path: str, **kwargs: Any) -> Any:
        """Use the control interface."""
        answer = await self.client.request(method, f"/_control{path}", **kwargs)
        assert answer.is_success, answer.text
        return answer.json()

    async def published(self, platform: str) -> list[dict[str, Any]]:
        """The ground truth."""
        answer = await self.control("GET", "/posts", params={"platform": platform})
        posts: list[dict[str, Any]] = answer["posts"] if isinstance(answer, dict) else answer
        return posts

    async def fault(self, platform: str, operation: str, kind: str, **more: Any) -> None:
        """Plan a fault."""
        await self.control("POST", "/faults", json={"platform": platform, "operation": operation, "kind": kind, **more})

    async def consent(
        self, platform: str, page: str, query: Mapping[str, str], *, account: str, **form: Any
    ) -> Response:
        """Fill in the consent form; answers with the redirect."""
        data = {"account": account, "decision": "approve", **form}
        return await self.client.post(f"/{platform}/{page}", params=query, data=data)


@asynccontextmanager
async def a_sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox."""
    began = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
    clock = SandboxClock(lambda: began)
    app = create_app(SandboxConfig(public_url=BASE, callback_bases=(CALLBACK,)), clock=clock)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield Sandbox(app, client, clock)


def params_of(answer: httpx.Response) -> dict[str, str]:
    """The parameters of a redirect's address."""
    assert answer.status_code in {302, 303}, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def a_picture(width: int = 400, height: int = 400, *, form: str = "JPEG", colour: str = "orange") -> bytes:
    """A picture of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(content, form)
    return content.getvalue()


def a_movie(seconds: float = 4, *, width: int = 320, height: int = 320) -> bytes:
    """The boxes of an MP4 that claims this length and size; there are no frames in it."""

    def box(kind: bytes, body: bytes) -> bytes:
        return (len(body) + 8).to_bytes(4) + kind + body

    header = bytes(12) + (1000).to_bytes(4) + int(seconds * 1000).to_bytes(4) + bytes(80)
    track = bytes(76) + (width << 16).to_bytes(4) + (height << 16).to_bytes(4)
    moov = box(b"moov", box(b"mvhd", header) + box(b"trak", box(b"tkhd", track)))
    return box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2") + moov + box(b"mdat", bytes(64))


@dataclass
class MediaServer:
    """Addresses that a platform fetches: what each answers with, and how slowly."""

    base: str
    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def serve(self, name: str, content: bytes, content_type: str, *, status: int = 200) -> str:
        """Put something at an address; returns the address."""
        self.pages[f"/{name}"] = (status, content_type, content)
        return f"{self.base}/{name}"

    def keep_silent(self, name: str) -> str:
        """An address that accepts connections and never answers."""
        self.silent.add(f"/{name}")
        return f"{self.base}/{name}"


@asynccontextmanager
async def a_media_server() -> AsyncIterator[MediaServer]:
    """A real HTTP server on loopback that a simulator fetches from."""
    found = MediaServer("")
    ended = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            path = request.split(b" ")[1].decode()
            if path in found.silent:
                await ended.wait()
            status, content_type, content = found.pages.get(path, (404, "text/plain", b"nothing here"))
            head = f"HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {len(content)}\r\n"
            writer.write(f"{head}connection: close\r\n\r\n".encode() + content)
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    found.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    ended.set()
    server.close()
