"""What stands around every API: request ids, the access log, response headers, the limit of bodies.

Plain ASGI middlewares: they see each message as it passes, so chunked bodies are counted and nothing is buffered.
"""

import re
import time
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from social_common.errors import Malformed, PayloadTooLarge
from social_common.logging import bind_log_context, clear_log_context, get_logger
from social_common.metrics import counter, histogram
from social_common.problems import problem_response

REQUEST_ID_HEADER: Final = "X-Request-Id"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_PROBES: Final = frozenset({"/livez", "/readyz", "/startupz"})
_TOO_LARGE: Final = 413

_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_requests = counter("http_requests_total", "Requests answered.", ("method", "route", "status"))
_seconds = histogram(
    "http_request_duration_seconds", "Time from a request's first byte to its answer's last.", ("method", "route")
)


class RequestContext:
    """Gives each request an id, binds it to the logs, adds the headers every answer carries, and logs the request.

    The log names path and status, never the query: an OAuth callback's holds a code.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        clear_log_context()
        bind_log_context(request_id=request_id)
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers[REQUEST_ID_HEADER] = request_id
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            _note(scope, status=status, seconds=time.perf_counter() - started)
            clear_log_context()


class BodyLimit:
    """Refuses bodies longer than the limit with 413, whether they say their length or come in chunks."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not (declared.isascii() and declared.isdecimal()):
            await problem_response(Malformed("Content-Length is no number."))(scope, receive, send)
            return
        if int(declared) > self._max:
            await problem_response(self._refusal(), instance=scope["path"])(scope, receive, send)
            return
        seen = 0

        async def counting_receive() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max:
                # An HTTPException is the one error that FastAPI's reading of bodies lets through as it is.
                raise HTTPException(_TOO_LARGE, self._refusal().detail)
            return message

        await self._app(scope, counting_receive, send)

    def _refusal(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"The body may have at most {self._max} bytes.")


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


def _note(scope: Scope, *, status: int, seconds: float) -> None:
    # The route's template, not the path: ids must not become labels.
    route = getattr(scope.get("route"), "path", None) or "unmatched"
    method = scope["method"] if scope["method"] in _METHODS else "other"
    _requests.labels(method, route, str(status)).inc()
    _seconds.labels(method, route).observe(seconds)
    log = get_logger()
    say = log.debug if scope["path"] in _PROBES else log.info
    say("request_served", method=method, path=scope["path"], status=status, duration_ms=round(seconds * 1000, 1))


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
