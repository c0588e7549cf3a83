"""How Supabase Auth says no. The shape depends on the API version a client names in `X-Supabase-Api-Version`."""

from starlette.requests import Request
from starlette.responses import JSONResponse

VERSION_HEADER = "X-Supabase-Api-Version"
NAMED_CODES_SINCE = "2024-01-01"


class AuthError(Exception):
    """A refusal: HTTP status, machine-readable code, sentence."""

    def __init__(self, status: int, code: str, message: str, **extra: object) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra


async def auth_error_answer(request: Request, error: Exception) -> JSONResponse:
    """The answer to an `AuthError`, in the shape of the version the client speaks."""
    if not isinstance(error, AuthError):
        raise error
    if request.headers.get(VERSION_HEADER, "") >= NAMED_CODES_SINCE:
        body = {"code": error.code, "message": error.message, **error.extra}
        return JSONResponse(body, error.status, {VERSION_HEADER: NAMED_CODES_SINCE})
    return JSONResponse(
        {"code": error.status, "error_code": error.code, "msg": error.message, **error.extra}, error.status
    )
