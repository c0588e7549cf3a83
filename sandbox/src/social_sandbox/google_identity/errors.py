"""Refusals as Google's hosts word them: flat at the identity, an `error` object at the APIs."""

from collections.abc import Mapping
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call

IDENTITY_HOSTS = frozenset({"accounts.google.com", "oauth2.googleapis.com", "openidconnect.googleapis.com"})
DEAD_GRANT = "Token has been expired or revoked."


class GoogleError(Exception):
    """An answer that refuses a request, complete with body and headers."""

    def __init__(self, status: int, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body.get("error_description") or body.get("error") or status))
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        """The refusal as it goes over the wire."""
        return json_answer(self.body, self.status, headers=self.headers)


def oauth_error(code: str, description: str = "", *, status: int = 400) -> GoogleError:
    """The flat shape of the token endpoint; some errors come without a description."""
    body = {"error": code} | ({"error_description": description} if description else {})
    return GoogleError(status, body, headers={"cache-control": "no-store"})


def invalid_grant(description: str = DEAD_GRANT) -> GoogleError:
    """A code or refresh token that is of no use, or no longer."""
    return oauth_error("invalid_grant", description)


def is_identity_call(call: Call) -> bool:
    """Whether the call went to a host of the identity, whose trouble is worded flat."""
    return call.host in IDENTITY_HOSTS


def identity_server_error() -> Answer:
    """The identity's own 500."""
    return oauth_error("internal_failure", "Internal server error.", status=500).answer()


def identity_rate_limited() -> Answer:
    """The identity's "too many requests"; it names no wait."""
    return oauth_error("temporarily_unavailable", "Too many requests.", status=429).answer()
