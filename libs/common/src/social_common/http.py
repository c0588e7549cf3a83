"""The one HTTP client for calls to others, and the only module that imports httpx.

Every call has a hard limit of total time and of bytes read. Errors tell what a sender must know: `HttpNothingSent` is
raised only when not one byte of the request can have left this machine (httpcore reports the moment it starts to
write); whatever fails after that is in doubt. Nothing here logs URLs, headers or bodies, cookies are not kept, proxies
of the environment are not used, and redirects are not followed unless asked for.
"""

import asyncio
import base64
import logging
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, Self

import httpx  # noqa: TID251 - the one place

from social_common.http_answers import (
    FilePart,
    HttpDropped,
    HttpError,
    HttpGarbage,
    HttpNothingSent,
    HttpResponse,
    HttpStream,
    HttpTimeout,
    HttpTooLarge,
    bounded_body,
    host_of,
)
from social_common.secrets import Secret
from social_common.telemetry import SpanKind, current_traceparent, span

__all__ = [
    "FilePart",
    "HttpClient",
    "HttpDropped",
    "HttpError",
    "HttpGarbage",
    "HttpNothingSent",
    "HttpResponse",
    "HttpStream",
    "HttpTimeout",
    "HttpTooLarge",
]

Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]]

DEFAULT_TIMEOUT: Final = timedelta(seconds=10)
DEFAULT_MAX_BYTES: Final = 10 * 1024 * 1024
_CONNECT_SHARE: Final = 0.8
KEEPALIVE_S: Final = 15  # below the usual idle limits of servers, so that a reused connection is rarely a dead one

# Both log whole URLs, the one at INFO, the other at DEBUG; a query may hold a code.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class HttpClient:
    """A pool of connections; use it as an async context manager, one per process.

    `tls` is for servers whose certificates come from an authority of one's own. `asgi_app` calls that app in this
    process instead of anything on the network, for tests.
    """

    def __init__(
        self,
        *,
        user_agent: str = "seftec-social/0.1",
        timeout: timedelta = DEFAULT_TIMEOUT,
        max_response_bytes: int = DEFAULT_MAX_BYTES,
        max_connections: int = 100,
        max_keepalive: int = 20,
        tls: ssl.SSLContext | None = None,
        asgi_app: Any = None,
    ) -> None:
        self._timeout = timeout
        self._max_bytes = max_response_bytes
        limits = httpx.Limits(
            max_connections=max_connections, max_keepalive_connections=max_keepalive, keepalive_expiry=KEEPALIVE_S
        )
        transport: httpx.AsyncBaseTransport = (
            httpx.AsyncHTTPTransport(verify=tls or True, limits=limits, trust_env=False)
            if asgi_app is None
            else httpx.ASGITransport(asgi_app, raise_app_exceptions=False)
        )
        self._in_process = asgi_app is not None
        self._client = httpx.AsyncClient(
            transport=transport,
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            # One merchant's cookies must never ride along with another's call.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
            max_redirects=5,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the pool."""
        await self._client.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        multipart: Mapping[str, FilePart | str] | None = None,
        basic: tuple[str, Secret] | None = None,
        bearer: Secret | None = None,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - it is a limit of the call as a whole, told apart by its errors
        max_response_bytes: int | None = None,
        follow_redirects: bool = False,
        tell_trace: bool = False,
    ) -> HttpResponse:
        """One call with its whole answer, whatever its status; raises HttpError only.

        At most one of `json`, `form`, `content`, `multipart` is the body. `tell_trace` lets the callee go on with the
        trace that runs: for our own services, never for others.
        """
        call = _Call(url=url, sent=self._in_process)
        limit = timeout or self._timeout
        told = {"http.request.method": method, "server.address": host_of(url)}
        with span("http.call", kind=SpanKind.CLIENT, **told) as current:
            if tell_trace and (trace := current_traceparent()):
                headers = {**(headers or {}), "traceparent": trace}
            async with call.guarded(limit):
                request = self._build(
                    call,
                    method,
                    params=params,
                    headers=headers,
                    json=json,
                    form=form,
                    content=content,
                    files=multipart,
                    basic=basic,
                    bearer=bearer,
                    limit=limit,
                )
                response = await self._client.send(request, stream=True, follow_redirects=follow_redirects)
                try:
                    body = b"".join([chunk async for chunk in self._body(response, max_response_bytes, call=call)])
                finally:
                    await response.aclose()
            current.set_attribute("http.response.status_code", response.status_code)
        return HttpResponse(response.status_code, response.headers, body, str(response.url))

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        address: str | None = None,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - as above
        max_response_bytes: int | None = None,
    ) -> AsyncIterator[HttpStream]:
        """One call whose body is read in pieces; the time limit covers reading too. Redirects are not followed.

        With `address` the connection goes to that IP address, while Host, SNI and certificate stay those of the URL.
        """
        call = _Call(url=url, sent=self._in_process)
        limit = timeout or self._timeout
        async with call.guarded(limit):
            request = self._build(call, method, headers=headers, limit=limit, address=address)
            response = await self._client.send(request, stream=True, follow_redirects=False)
            try:
                chunks = self._body(response, max_response_bytes, call=call)
                yield HttpStream(response.status_code, response.headers, chunks)
            finally:
                await response.aclose()

    def _body(self, response: httpx.Response, limit: int | None, *, call: "_Call") -> AsyncIterator[bytes]:
        # Raw, because httpx would inflate a piece whole, however large it becomes.
        raw = response.aiter_raw()
        return bounded_body(raw, headers=response.headers, limit=limit or self._max_bytes, host=call.host)

    def _build(
        self,
        call: "_Call",
        method: str,
        *,
        limit: timedelta,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        files: Mapping[str, FilePart | str] | None = None,
        basic: tuple[str, Secret] | None = None,
        bearer: Secret | None = None,
        address: str | None = None,
    ) -> httpx.Request:
        all_headers = dict(headers or {})
        extensions: dict[str, Any] = {"trace": call.trace}
        url = httpx.URL(call.url)
        if bearer is not None:
            all_headers["Authorization"] = f"Bearer {bearer.reveal()}"
        if basic is not None:
            all_headers["Authorization"] = _basic(basic[0], basic[1].reveal())
        if address is not None:
            all_headers["Host"] = url.netloc.decode()
            extensions["sni_hostname"] = url.host
            url = url.copy_with(host=address)
        return self._client.build_request(
            method,
            url,
            params=_params(params),
            headers=all_headers,
            json=json,
            data=form,
            content=content,
            files={name: _part(part) for name, part in files.items()} if files else None,
            # A little less for connecting: httpcore closes a handshake it gave up itself, not one that was cancelled.
            timeout=httpx.Timeout(limit.total_seconds(), connect=_CONNECT_SHARE * limit.total_seconds()),
            extensions=extensions,
        )


class _Call:
    """What is known of one call: whether it began to write, and how its errors are to be named."""

    def __init__(self, *, url: str, sent: bool) -> None:
        self.url = url
        self.sent = sent

    @property
    def host(self) -> str:
        return host_of(self.url)

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """Hears from httpcore; it is told before the first byte is written, so False means that none was."""
        if event.endswith("send_request_headers.started"):
            self.sent = True

    @asynccontextmanager
    async def guarded(self, limit: timedelta) -> AsyncIterator[None]:
        """Holds the call to its time and turns what goes wrong into our errors.

        The causes are cut off (`from None`): h11 quotes an illegal header, which may be a token, in its message.
        """
        timer = asyncio.timeout(limit.total_seconds())
        try:
            async with timer:
                yield
        except TimeoutError:
            if not timer.expired():
                raise  # it is the caller's own, from inside a stream
            raise self._named(HttpTimeout, f"{self.host} did not answer in time") from None
        except httpx.TimeoutException:
            raise self._named(HttpTimeout, f"{self.host} did not answer in time") from None
        except (httpx.InvalidURL, UnicodeEncodeError):
            raise HttpNothingSent("the call has an address or header that cannot be sent") from None
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            raise self._named(HttpDropped, f"the call to {self.host} broke off ({type(error).__name__})") from None

    def _named(self, kind: type[HttpError], detail: str) -> HttpError:
        return kind(detail) if self.sent else HttpNothingSent(f"no connection to {self.host}")


def _params(params: Params | None) -> list[tuple[str, str | int | float | bool | None]] | None:
    # An empty mapping would cut off the query that the URL itself has.
    if not params:
        return None
    return list(params.items() if isinstance(params, Mapping) else params)


def _part(part: FilePart | str) -> tuple[str | None, bytes | str, str | None] | tuple[None, str]:
    return (None, part) if isinstance(part, str) else (part.filename, part.content, part.content_type)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
