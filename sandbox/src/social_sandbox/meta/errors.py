"""The one shape in which the Graph refuses; its codes are the platforms' own."""

import secrets
from collections.abc import Mapping
from typing import Any

from social_sandbox.answers import Answer, json_answer


class GraphError(Exception):
    """An answer that refuses a request."""

    def __init__(self, status: int, body: dict[str, Any], *, headers: Mapping[str, str] | None = None) -> None:
        error = body.get("error")
        message = error.get("message") if isinstance(error, dict) else body.get("error_message")
        super().__init__(str(message))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class InvalidParameter(Exception):
    """A parameter that cannot be read; the platform says so with its own code 100."""


def graph_error(
    code: int,
    message: str,
    *,
    subcode: int | None = None,
    kind: str = "OAuthException",
    status: int = 400,
    transient: bool = False,
    title: str | None = None,
    explanation: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> GraphError:
    """An error in the Graph shape; members that do not apply are left out, as the original does."""
    error: dict[str, Any] = {"message": message, "type": kind, "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    error["is_transient"] = transient
    if title is not None:
        error["error_user_title"] = title
    if explanation is not None:
        error["error_user_msg"] = explanation
    error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
    return GraphError(status, {"error": error}, headers=headers)


def error_answer(error: GraphError) -> Answer:
    """A refusal as it goes over the wire."""
    return json_answer(error.body, error.status, headers=error.headers)
