"""The error bodies of Google's APIs, and the field errors of the old generation (v4)."""

from collections.abc import Sequence
from typing import Any

from social_sandbox.google_identity.errors import GoogleError

_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_VALIDATION = "type.googleapis.com/google.mybusiness.v4.ValidationError"
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
FETCHING_FAILED = "Fetching image failed."
_FETCHING_CODE = 1000
# The contract names no code but the one for media; any other number says "not that one".
_FIELD_CODE = 1001
_INVALID = "Request contains an invalid argument."
_UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
    " authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


def api_error(status: int, message: str, *, details: Sequence[dict[str, Any]] = ()) -> GoogleError:
    """The general shape."""
    error: dict[str, Any] = {"code": status, "message": message, "status": _STATUS[status]}
    return GoogleError(status, {"error": error | ({"details": list(details)} if details else {})})


class BusinessRefusals:
    """What any call to a Business Profile API can be refused for."""

    def unauthenticated(self) -> GoogleError:
        """The token is missing, unknown, expired or revoked."""
        error = api_error(401, _UNAUTHENTICATED)
        error.headers["www-authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        return error

    def missing_scope(self) -> GoogleError:
        """The token lacks the scope."""
        info = {"@type": _ERROR_INFO, "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domain": "googleapis.com"}
        return api_error(403, "Request had insufficient authentication scopes.", details=[info])

    def unreadable(self, detail: str) -> GoogleError:
        """The body is no JSON."""
        return invalid_payload(f"Invalid JSON payload received. {detail}", field="")


def permission_denied() -> GoogleError:
    """The person has no role at this account or location."""
    return api_error(403, "The caller does not have permission")


def not_found() -> GoogleError:
    """What the path names does not exist (any more)."""
    return api_error(404, "Requested entity was not found.")


def service_disabled(service: str, client_id: str) -> GoogleError:
    """The API is not switched on in the project."""
    metadata = {"service": service, "consumer": f"projects/{client_id}"}
    info = {"@type": _ERROR_INFO, "reason": "SERVICE_DISABLED", "domain": "googleapis.com", "metadata": metadata}
    message = f"{service} has not been used in project {client_id} before or it is disabled."
    return api_error(403, message, details=[info])


def quota_exceeded(service: str, client_id: str, *, name: str, limit: int) -> GoogleError:
    """A quota per minute is used up; a limit of zero says that the project was never approved."""
    metadata = {"service": service, "consumer": f"projects/{client_id}", "quota_limit": name}
    info = {
        "@type": _ERROR_INFO,
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {**metadata, "quota_limit_value": str(limit)},
    }
    message = (
        f"Quota exceeded for quota metric 'Requests' and limit '{name}' of service '{service}' for consumer"
        f" 'project_number:{client_id}'."
    )
    return api_error(429, message, details=[info])


def invalid_payload(message: str, *, field: str) -> GoogleError:
    """A body or query that does not parse into the API's messages."""
    violation = {"description": message} | ({"field": field} if field else {})
    return api_error(400, message, details=[{"@type": _BAD_REQUEST, "fieldViolations": [violation]}])


def invalid_argument(field: str, description: str) -> GoogleError:
    """A value that parses and cannot be."""
    violation = {"field": field, "description": description}
    return api_error(400, _INVALID, details=[{"@type": _BAD_REQUEST, "fieldViolations": [violation]}])


def invalid_field(field: str, message: str) -> GoogleError:
    """A field of a local post that v4 refuses."""
    return _validation(_FIELD_CODE, field, message)


def fetching_failed() -> GoogleError:
    """The photo could not be taken from its address, whatever was wrong with it."""
    return _validation(_FETCHING_CODE, "media", FETCHING_FAILED)


def _validation(code: int, field: str, message: str) -> GoogleError:
    detail = {"code": code, "field": field, "message": message}
    return api_error(400, _INVALID, details=[{"@type": _VALIDATION, "errorDetails": [detail]}])
