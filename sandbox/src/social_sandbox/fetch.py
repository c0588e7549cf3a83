"""Fetching media and calling apps back, as a platform does. The only place of the sandbox with an HTTP client."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

import httpx  # noqa: TID251  (the sandbox shares no code with the product, its HTTP client included)

# Reading the trusted certificates takes twenty milliseconds: once, not for every picture.
_TLS = httpx.create_ssl_context()
USER_AGENT = "facebookexternalhit/1.1 (sandbox)"
_CHUNK = 64 * 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# Media addresses may be signed; the client would log each of them.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Unreachable(Exception):
    """The address gave no usable answer; `timed_out` tells slowness from everything else."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered with; cut where it exceeds the limit, with a byte to spare to show it."""

    content: bytes
    content_type: str


def is_here(host: str | None) -> bool:
    """Whether a host is this machine by its name: loopback, where plain http is the sandbox's leniency."""
    return host in _LOOPBACK or (host or "").endswith(".localhost")


async def fetch(url: str, *, max_bytes: int, time_limit: timedelta) -> Fetched:
    """Return what stands at a URL; raises `Unreachable`. At most `max_bytes` + 1 bytes are kept."""
    try:
        async with (
            httpx.AsyncClient(
                timeout=time_limit.total_seconds(), follow_redirects=True, max_redirects=3, trust_env=False, verify=_TLS
            ) as client,
            asyncio.timeout(time_limit.total_seconds()),
            client.stream("GET", url, headers={"user-agent": USER_AGENT}) as answer,
        ):
            if not answer.is_success:
                raise Unreachable(f"the address answered {answer.status_code}")
            content = bytearray()
            async for chunk in answer.aiter_bytes(_CHUNK):
                content += chunk[: max_bytes + 1 - len(content)]
                if len(content) > max_bytes:
                    break
            return Fetched(bytes(content), answer.headers.get("content-type", ""))
    except (TimeoutError, httpx.TimeoutException) as error:
        raise Unreachable("the download took too long", timed_out=True) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(type(error).__name__) from error


async def send(method: str, url: str, *, content: bytes, headers: dict[str, str], time_limit: timedelta) -> Fetched:
    """Call an app back; raises `Unreachable` unless it answers with success."""
    try:
        async with httpx.AsyncClient(timeout=time_limit.total_seconds(), trust_env=False, verify=_TLS) as client:
            answer = await client.request(method, url, content=content, headers={"user-agent": USER_AGENT, **headers})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(type(error).__name__) from error
    if not answer.is_success:
        raise Unreachable(f"the app answered {answer.status_code}")
    return Fetched(answer.content, answer.headers.get("content-type", ""))
