"""Fetching media that a merchant named by URL, without being led anywhere private.

A name is resolved once, every address it has must be public, and the connection goes to the very address that was
checked, so that a name cannot change its mind in between. Redirects are followed by hand and checked the same way.
Bytes and time are capped. Only `allow_hosts` (`host` or `host:port`) may be private: the local stack's own.
"""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

from social_common.addresses import is_public
from social_common.http import HttpClient, HttpError, HttpStream, HttpTooLarge
from social_common.media_kinds import FetchedMedia, UnreadableMedia, describe_file

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives all IP addresses of a host name; raises OSError when there are none."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_SERVER_ERROR: Final = 500
_SPOOL_BYTES: Final = 8 * 1024 * 1024
_DECODED_AT_ONCE: Final = 2  # a picture of the most pixels takes a quarter of a gigabyte while it is decoded
_READ_LIMIT: Final = timedelta(minutes=30)
# Nobody compresses a picture or video once more, except to make much of little.
_HEADERS: Final = {"Accept-Encoding": "identity"}
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class MediaRefused(Exception):
    """This media will not be fetched or used, however often one asks; `reason` is fit for the merchant."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MediaUnreachable(Exception):
    """The media could not be fetched just now; it may work later. `reason` is fit for the merchant."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MediaFetcher:
    """Describes and reads media at URLs. Use as an async context manager, one per process."""

    def __init__(
        self,
        *,
        allow_hosts: frozenset[str] = frozenset(),
        max_bytes: int = 512 * 1024 * 1024,
        timeout: timedelta = timedelta(seconds=60),
        max_redirects: int = 3,
        user_agent: str = "seftec-social-media/0.1",
        resolve: Resolver | None = None,
    ) -> None:
        self._allow_hosts = frozenset(host.lower() for host in allow_hosts)
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._max_redirects = max_redirects
        self._resolve = resolve or resolve_addresses
        self._decoding = asyncio.Semaphore(_DECODED_AT_ONCE)
        # No connection is kept: a kept one would be found by its address, whatever name it was checked for.
        self._http = HttpClient(user_agent=user_agent, max_keepalive=0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all connections."""
        await self._http.close()

    async def describe(self, url: str) -> FetchedMedia:
        """What the file at that URL truly is; raises MediaRefused or MediaUnreachable."""
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as file:
            async with self._open(url, limit=self._timeout) as answer:
                async for chunk in answer.chunks:
                    await asyncio.to_thread(file.write, chunk)
            try:
                async with self._decoding:
                    return await asyncio.to_thread(describe_file, file)
            except UnreadableMedia as error:
                raise MediaRefused(str(error)) from None

    async def read(self, url: str, chunk_size: int) -> AsyncIterator[bytes]:
        """The file in chunks of exactly that size, the last one shorter; raises as `describe`.

        The time limit is that of the file's server: what the caller does between two chunks does not count.
        """
        pending = bytearray()
        async with self._open(url, limit=_READ_LIMIT) as answer:
            async for piece in _timed(answer.chunks, self._timeout):
                pending += piece
                while len(pending) >= chunk_size:
                    yield bytes(pending[:chunk_size])
                    del pending[:chunk_size]
        if pending:
            yield bytes(pending)

    @asynccontextmanager
    async def _open(self, url: str, *, limit: timedelta) -> AsyncIterator[HttpStream]:
        """The answer with the file, after redirects: it begins within the time of a look, and is open for `limit`."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            for _ in range(self._max_redirects + 1):
                left = timedelta(seconds=max(0.001, begun + self._timeout.total_seconds() - loop.time()))
                address = await self._checked_address(url, left)
                call = self._http.stream(
                    "GET", url, headers=_HEADERS, address=address, timeout=limit, max_response_bytes=self._max_bytes
                )
                async with AsyncExitStack() as opened:
                    async with asyncio.timeout(left.total_seconds()):
                        answer = await opened.enter_async_context(call)
                    if answer.status not in _REDIRECTS:
                        _refuse_unless_plain(answer)
                        yield answer
                        return
                    url = urljoin(url, answer.headers.get("Location", ""))
        except HttpTooLarge:
            raise MediaRefused(f"The file is larger than {self._max_bytes} bytes.") from None
        except (HttpError, TimeoutError):
            raise MediaUnreachable("The file's server did not deliver it.") from None
        raise MediaRefused("The address redirects too often.")

    async def _checked_address(self, url: str, left: timedelta) -> str:
        """The address to connect to, after all that the name has were checked."""
        host, port = _host_and_port(url)
        try:
            async with asyncio.timeout(left.total_seconds()):
                addresses = await self._resolve(host, port)
        except UnicodeError:
            # The resolver cannot even write such a name down: a label that is empty or too long.
            raise MediaRefused("The address is no URL.") from None
        except (OSError, TimeoutError):
            raise MediaUnreachable("The file's server has no address.") from None
        if not addresses:
            raise MediaUnreachable("The file's server has no address.")
        allowed = not self._allow_hosts.isdisjoint({host, f"{host}:{port}"})
        # All of them, not the first: a name with one public and one private address is a trick.
        if not allowed and not all(is_public(ip_address(address)) for address in addresses):
            raise MediaRefused("The address is not a public one.")
        return addresses[0]


async def resolve_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses that this machine's resolver knows for a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def _host_and_port(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise MediaRefused("The address is no URL.") from None
    if parts.scheme not in _PORTS or not host:
        raise MediaRefused("The address must begin with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise MediaRefused("The address must not carry a name or password.")
    return host.lower(), port or _PORTS[parts.scheme]


async def _timed(chunks: AsyncIterator[bytes], limit: timedelta) -> AsyncIterator[bytes]:
    """The same chunks; TimeoutError when the waits for them come to more than the limit together."""
    loop, left = asyncio.get_running_loop(), limit.total_seconds()
    while True:
        begun = loop.time()
        async with asyncio.timeout(left):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        left -= loop.time() - begun
        yield chunk


def _refuse_unless_plain(answer: HttpStream) -> None:
    if answer.status >= _SERVER_ERROR or answer.status == 429:  # noqa: PLR2004
        raise MediaUnreachable(f"The file's server answered with an error ({answer.status}).")
    if answer.status != _OK:
        raise MediaRefused(f"There is no file at this address (the server answered {answer.status}).")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise MediaRefused("The file's server sends it compressed once more, which pictures and videos never need.")
