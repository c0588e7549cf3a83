"""An API that is about to end: it goes on serving until balancers have learnt it."""

import asyncio
import socket
from datetime import timedelta

import pytest

from social_common.app import create_app, serve_app
from social_common.http import HttpClient, HttpNothingSent
from social_common.settings import ServiceSettings


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until_it_answers(http: HttpClient, url: str) -> None:
    """Returns once it does."""
    async with asyncio.timeout(10):
        while True:
            try:
                await http.request("GET", url)
            except HttpNothingSent:
                await asyncio.sleep(0.02)
            else:
                return


async def test_it_gives_notice_before_it_closes() -> None:
    """Told to stop, it is not ready and asks clients to connect anew, takes calls meanwhile, and then ends."""
    stop, url = asyncio.Event(), f"http://127.0.0.1:{(port := free_port())}"
    app = create_app(ServiceSettings(stop_notice=timedelta(seconds=1)), title="Example")
    serving = asyncio.create_task(serve_app(app, host="127.0.0.1", port=port, stop=stop, leaving=app.state.leaving))
    async with HttpClient() as http:
        await until_it_answers(http, f"{url}/readyz")
        before = await http.request("GET", f"{url}/readyz")
        stop.set()
        ready = await http.request("GET", f"{url}/readyz")
        other = await http.request("GET", f"{url}/livez")
        await asyncio.wait_for(serving, 10)

        with pytest.raises(HttpNothingSent):
            await http.request("GET", f"{url}/livez")

    assert (before.status, ready.status, other.status) == (200, 503, 200)
    assert ready.json()["status"] == "stopping"
    assert "connection" not in before.headers
    assert other.headers["connection"] == "close"
