"""The sandbox as a process of its own, reached over real HTTP, and a clean stage on it for every test."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.contract.platforms.stage import Stage

from social_common.http import HttpClient, HttpError

_STARTS_WITHIN_S = 30.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sandbox_url() -> AsyncIterator[str]:
    """The address of a running sandbox."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "social_sandbox", "--port", str(port), "--public-url", url]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        await _until_ready(url)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def _until_ready(url: str) -> None:
    async with asyncio.timeout(_STARTS_WITHIN_S), HttpClient() as http:
        while True:
            try:
                if (await http.request("GET", f"{url}/readyz")).status == 200:
                    return
            except HttpError:
                await asyncio.sleep(0.1)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(sandbox_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A freshly reset sandbox with one account on the test class's platform."""
    async with HttpClient() as http:
        told = {name: getattr(request.cls, name) for name in ("second_app", "person") if hasattr(request.cls, name)}
        stage = Stage(sandbox_url, http, platform=request.cls.platform, **told)
        await stage.control("POST", "/reset")
        yield stage
        # Some platforms retire what is current: a year that one test walked must not end another's.
        await stage.advance(-stage.moved_s)
