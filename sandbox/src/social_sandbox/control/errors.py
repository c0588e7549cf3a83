"""How the control interface refuses: a 4xx that names the field."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from social_sandbox.platform import RefusedByControl

BAD_REQUEST = 400


def refusal(status: int, *errors: tuple[str, str]) -> JSONResponse:
    """A problem document listing the fields at fault."""
    body = {
        "type": "about:blank",
        "title": "The control interface refused this",
        "status": status,
        "detail": "; ".join(f"{field}: {detail}" for field, detail in errors),
        "errors": [{"field": field, "detail": detail} for field, detail in errors],
    }
    return JSONResponse(body, status, media_type="application/problem+json")


def install_refusals(app: FastAPI) -> None:
    """Make validation errors and the simulators' refusals answer in that shape."""

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RequestValidationError):
            raise error
        found = [_named(item) for item in error.errors()]
        return refusal(400 if any(item["type"] == "json_invalid" for item in error.errors()) else 422, *found)

    async def refused(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RefusedByControl):
            raise error
        return refusal(error.status, (error.field, error.detail))

    async def unreadable(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            raise error
        return refusal(error.status_code, ("body" if error.status_code == BAD_REQUEST else "path", str(error.detail)))

    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, unreadable)
    app.add_exception_handler(RefusedByControl, refused)


def _named(item: dict[str, Any]) -> tuple[str, str]:
    where, *path = item["loc"]
    name = ".".join(str(part) for part in path if item["type"] != "json_invalid") or str(where)
    return name, item["msg"]
