"""Every error of an API as an RFC 9457 problem document: ours, FastAPI's, Starlette's, and what nobody foresaw."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from social_common.db import DatabaseUnreachable, UserGone, is_down, sqlstate
from social_common.errors import (
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PayloadTooLarge,
    ServiceError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from social_common.logging import get_logger

MEDIA_TYPE: Final = "application/problem+json"
_BAD_REQUEST: Final = 400
_SERVER_ERROR: Final = 500
_MOST_ERRORS: Final = 20
_ASK_AGAIN: Final = timedelta(seconds=5)
# What Postgres says to a text with a NUL in it, which is a correct JSON string.
_UNSTORABLE: Final = frozenset({"22021", "22P05"})

_BY_STATUS: Final[Mapping[int, type[ServiceError]]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    413: PayloadTooLarge,
    422: Invalid,
    429: TooManyRequests,
    503: Unavailable,
}
_PLAIN: Final[Mapping[int, tuple[str, str]]] = {
    404: ("Not found", "There is nothing at this address."),
    405: ("Method not allowed", "This address does not take that method."),
    406: ("Not acceptable", "This address cannot answer in that form."),
    415: ("Unsupported media type", "This address does not read that type of body."),
}


def problem_body(error: ServiceError, *, instance: str | None = None) -> dict[str, Any]:
    """The document of an error; `instance` is the path it happened at."""
    body: dict[str, Any] = {
        "type": error.type_uri,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    if instance:
        body["instance"] = instance
    if error.action:
        body["action"] = error.action
    if error.errors:
        body["errors"] = [{"field": item.field, "detail": item.detail} for item in error.errors]
    return {**error.extra, **body}


def problem_response(error: ServiceError, *, instance: str | None = None) -> Response:
    """The HTTP answer of an error, `Retry-After` in whole seconds included."""
    return JSONResponse(
        problem_body(error, instance=instance),
        status_code=error.status,
        headers=problem_headers(error),
        media_type=MEDIA_TYPE,
    )


def problem_headers(error: ServiceError) -> dict[str, str]:
    """The headers that go with an error."""
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    return headers


def install_problem_handlers(app: FastAPI) -> None:
    """Makes every error of this app a problem document, and documents them as such."""
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(UserGone, _on_user_gone)
    app.add_exception_handler(DBAPIError, _on_database_error)
    app.add_exception_handler(DatabaseUnreachable, _on_database_error)
    app.add_middleware(UnforeseenErrors)


class UnforeseenErrors:
    """Answers `internal` where code raised something nobody handles; the trace goes to the log and nowhere else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except Exception as error:
            if started:
                raise  # the answer is under way: only breaking the connection tells the caller
            answer = await _answer_for(error, instance=scope["path"])
            await answer(scope, receive, send)


async def _answer_for(error: Exception, *, instance: str) -> Response:
    # Middlewares of ours, and units of work at their commit, raise outside of the handlers' reach.
    if isinstance(error, ServiceError):
        return problem_response(error, instance=instance)
    if isinstance(error, HTTPException):
        return problem_response(from_http_exception(error), instance=instance)
    if is_down(error):
        get_logger().error("database_down", error=type(error).__name__, sqlstate=sqlstate(error))
        return problem_response(_database_down(), instance=instance)
    get_logger().error("request_crashed", exc_info=error)
    return problem_response(ServiceError("This is our fault and has been noted."), instance=instance)


async def _on_service_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, ServiceError):
        raise error
    if error.status == _SERVER_ERROR:
        get_logger().error("request_failed", error_code=error.code, exc_info=error)
    return problem_response(error, instance=request.url.path)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return problem_response(from_validation_errors(error.errors()), instance=request.url.path)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return problem_response(from_http_exception(error), instance=request.url.path)


async def _on_user_gone(request: Request, _error: Exception) -> Response:
    gone = Unauthenticated("This account no longer exists.", reason="invalid_token")
    return problem_response(gone, instance=request.url.path)


async def _on_database_error(request: Request, error: Exception) -> Response:
    if is_down(error):
        get_logger().error("database_down", error=type(error).__name__, sqlstate=sqlstate(error))
        return problem_response(_database_down(), instance=request.url.path)
    if sqlstate(error) not in _UNSTORABLE:
        raise error
    refusal = Invalid("The request has a character in it that cannot be stored, such as NUL.")
    return problem_response(refusal, instance=request.url.path)


def _database_down() -> Unavailable:
    return Unavailable("Our database does not answer at the moment.", retry_after=_ASK_AGAIN)


def from_http_exception(error: HTTPException) -> ServiceError:
    """A framework's exception as one of ours; its own text is not passed on."""
    headers = dict(error.headers or {})
    if error.status_code == _BAD_REQUEST:  # the frameworks raise it for bodies only, such as absurdly deep JSON
        return Malformed("The body cannot be read.", field="body", headers=headers)
    kind = _BY_STATUS.get(error.status_code)
    title, detail = _PLAIN.get(error.status_code, (None, ""))
    if kind is not None:
        return kind(detail, headers=headers)
    code = "internal" if error.status_code >= _SERVER_ERROR else "invalid_request"
    return ServiceError(
        detail or "The request was refused.",
        code=code,
        status=error.status_code,
        title=title or "The request was refused",
        headers=headers,
    )


def from_validation_errors(found: Sequence[Any]) -> ServiceError:
    """Pydantic's findings as one error that names each field; the values themselves are never repeated."""
    if any(item["type"] == "json_invalid" for item in found):
        return Malformed("The body is not valid JSON.", field="body")
    errors = tuple(FieldError(_path(item["loc"]), _sentence(item)) for item in found[:_MOST_ERRORS])
    first = errors[0]
    return Invalid(f"{first.field}: {first.detail}", errors=errors)


def _path(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location) or "body"


def _sentence(item: Mapping[str, Any]) -> str:
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return message if message.endswith(".") else f"{message}."
