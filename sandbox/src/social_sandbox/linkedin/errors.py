"""LinkedIn's words for trouble: the envelope of the versioned API, and the two fields of the OAuth endpoints.

Any field of the envelope but `status` may be missing; `code` is what newer answers are recognised by.
"""

import secrets
from typing import Any

from social_sandbox.answers import Answer, json_answer

BAD_REQUEST = "com.linkedin.common.error.BadRequest"


class Refusal(Exception):
    """An answer that refuses a call."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body.get("message") or body.get("error_description") or status))
        self.status = status
        self.body = body
        self.headers = headers or {}

    def answer(self) -> Answer:
        """The refusal as it goes over the wire."""
        return json_answer(self.body, self.status, headers=self.headers)


def request_id() -> dict[str, str]:
    """The header that LinkedIn's support asks for."""
    return {"x-li-uuid": secrets.token_urlsafe(16)}


def refused(status: int, code: str | None, message: str, *, service: int | None = None) -> Refusal:
    """The common envelope."""
    body: dict[str, Any] = {"status": status}
    if service is not None:
        body["serviceErrorCode"] = service
    if code is not None:
        body["code"] = code
    return Refusal(status, {**body, "message": message})


def invalid_field(code: str, path: str, message: str) -> Refusal:
    """A body whose field breaks a rule; `path` names it as `/content/media/id`."""
    wrong = {"description": message, "input": {"inputPath": {"fieldPath": path}}, "code": code}
    body = {
        "errorDetailType": BAD_REQUEST,
        "message": message,
        "code": code,
        "errorDetails": {"inputErrors": [wrong]},
        "status": 400,
    }
    return Refusal(400, body)


def invalid_value(path: str, message: str) -> Refusal:
    """A field with a value that is none of its own."""
    return invalid_field("INVALID_VALUE_FOR_FIELD", path, message)


def invalid_parameter(name: str, message: str) -> Refusal:
    """A query parameter that is missing, unknown or unreadable."""
    return refused(400, "INVALID_VALUE_FOR_FIELD", f"Invalid query parameter {name}: {message}")


def bad_syntax(message: str) -> Refusal:
    """A path or query that breaks the protocol's syntax."""
    return refused(400, None, message)


def not_permitted(endpoint: str, version: str) -> Refusal:
    """The product, the scope or the role is missing; the token is as good as before."""
    message = f"Not enough permissions to access: {endpoint}.{version}"
    return refused(403, "ACCESS_DENIED", message, service=100)


def not_found(what: str) -> Refusal:
    """Deleted, never there, or not for this reader."""
    return refused(404, "NOT_FOUND", f"{what} could not be found")


def oauth_error(error: str, description: str, *, status: int = 400) -> Refusal:
    """A refusal of the OAuth endpoints."""
    return Refusal(status, {"error": error, "error_description": description})
