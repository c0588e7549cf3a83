"""The three APIs under the console's own origin: `/linker/v1/…`, `/publisher/v1/…`, `/analytics/v1/…`, nothing else."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import unquote

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from social_common.edge import REQUEST_ID_HEADER
from social_common.errors import NotFound, ServiceError, Unavailable
from social_common.http import HttpClient, HttpDropped, HttpError, HttpNothingSent, HttpResponse
from social_common.telemetry import current_traceparent
from social_console.clock import told_time
from social_console.settings import ConsoleSettings

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_TAKEN: Final = (
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "traceparent",
    "tracestate",
    REQUEST_ID_HEADER.lower(),
)
_GIVEN: Final = (
    "cache-control",
    "content-language",
    "content-type",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
)
_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+")
_HIDDEN: Final = re.compile(r"[/\\\x00-\x1f\x7f]")
_LARGEST_ANSWER: Final = 8 * 1024 * 1024
_ASK_AGAIN: Final = timedelta(seconds=5)
_BAD_GATEWAY: Final = 502


def proxy_router(settings: ConsoleSettings) -> APIRouter:
    """The routes of the three APIs. No cookie passes either way, and redirects are the browser's to follow."""
    router = APIRouter(include_in_schema=False)
    apis = {
        "linker": ("auth-linker", settings.auth_linker_url),
        "publisher": ("publisher", settings.publisher_url),
        "analytics": ("analytics", settings.analytics_url),
    }
    for prefix, (name, base) in apis.items():
        _add(router, prefix, name=name, base=base, limit=settings.api_timeout)
    return router


def _add(router: APIRouter, prefix: str, *, name: str, base: str, limit: timedelta) -> None:
    @router.api_route(f"/{prefix}/v1/{{path:path}}", methods=list(_METHODS), name=f"proxy_{prefix}")
    async def pass_on(request: Request) -> Response:
        target = base + api_path(request.scope["raw_path"], prefix=prefix)
        if query := request.scope["query_string"].decode("ascii", errors="strict"):
            target = f"{target}?{query}"
        body = await request.body()
        answer, time = await asyncio.gather(
            _ask(request, target, body=body, name=name, limit=limit), told_time(request)
        )
        headers = {header: answer.headers[header] for header in _GIVEN if header in answer.headers}
        return Response(answer.content, status_code=answer.status, headers={**headers, **time})


def api_path(raw_path: bytes, *, prefix: str) -> str:
    """The path to ask the API for, exactly as it was written; raises NotFound for one that could be read two ways.

    A segment that hides a slash, a backslash or dots in an escape might lead the API out of `/v1`.
    """
    path = raw_path.decode("latin-1")
    found = path.removeprefix(f"/{prefix}")
    segments = found.split("/")
    if path == found or segments[:2] != ["", "v1"] or not all(_is_plain(segment) for segment in segments[2:]):
        raise NotFound("There is nothing at this address.")
    return found


def _is_plain(segment: str) -> bool:
    decoded = unquote(segment)
    return bool(_SEGMENT.fullmatch(segment)) and decoded not in {".", ".."} and not _HIDDEN.search(decoded)


async def _ask(request: Request, target: str, *, body: bytes, name: str, limit: timedelta) -> HttpResponse:
    http: HttpClient = request.app.state.http

    async def once() -> HttpResponse:
        return await http.request(
            request.method,
            target,
            headers=_headers(request),
            content=body or None,
            timeout=limit,
            max_response_bytes=_LARGEST_ANSWER,
        )

    try:
        try:
            return await once()
        except HttpDropped:
            # A kept connection may be closed by the other side just as it is used; reading twice changes nothing.
            if request.method != "GET":
                raise
            return await once()
    except HttpNothingSent:
        raise Unavailable(
            f"{name} cannot be reached at the moment. Nothing was changed.", retry_after=_ASK_AGAIN
        ) from None
    except HttpError:
        raise _unanswered(name, changes=request.method != "GET") from None


def _unanswered(name: str, *, changes: bool) -> ServiceError:
    return ServiceError(
        f"{name} gave no answer that could be passed on.",
        status=_BAD_GATEWAY,
        title="No answer from the service",
        action="Look whether it was done before you repeat it." if changes else "Ask again in a moment.",
    )


def _headers(request: Request) -> Mapping[str, str]:
    headers = {name: request.headers[name] for name in _TAKEN if name in request.headers}
    # The id that stands in this process's log, so that one search finds both halves.
    if known := structlog.contextvars.get_contextvars().get("request_id"):
        headers[REQUEST_ID_HEADER.lower()] = str(known)
    if trace := current_traceparent():
        headers["traceparent"] = trace
    # The APIs count callers without a token by address; all of them would else share the console's.
    if request.client is not None:
        headers["x-forwarded-for"] = request.client.host
    return headers
