"""The error bodies of YouTube: an `error` object whose list of `errors` names a domain and a reason."""

from collections.abc import Mapping
from typing import Any

from social_sandbox.google_identity.errors import GoogleError

GLOBAL = "global"
VIDEO = "youtube.video"
_QUOTA_MESSAGE = (
    'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">'
    "quota</a>."
)


def refusal(
    status: int,
    reason: str,
    message: str,
    *,
    domain: str = GLOBAL,
    location: tuple[str, str] | None = None,
    rpc_status: str = "",
    headers: Mapping[str, str] | None = None,
) -> GoogleError:
    """A refusal; `location` is the kind of place and the place (`parameter`, `part`)."""
    entry: dict[str, Any] = {"message": message, "domain": domain, "reason": reason}
    if location is not None:
        entry |= {"locationType": location[0], "location": location[1]}
    error: dict[str, Any] = {"code": status, "message": message, "errors": [entry]}
    if rpc_status:
        error["status"] = rpc_status
    return GoogleError(status, {"error": error}, headers=headers)


def bad_request(message: str) -> GoogleError:
    """A request that cannot be read: not JSON, an unknown field, a value of the wrong type."""
    return refusal(400, "badRequest", message, rpc_status="INVALID_ARGUMENT")


def invalid_parameter(name: str, message: str) -> GoogleError:
    """A query parameter with a value it cannot have."""
    return refusal(400, "invalidParameter", message, location=("parameter", name))


def required(name: str) -> GoogleError:
    """A query parameter is missing."""
    return refusal(400, "required", f"Required parameter: {name}", location=("parameter", name))


def invalid_field(reason: str, place: str, message: str) -> GoogleError:
    """A field of a video's metadata that YouTube does not take; `place` is its path in the body."""
    return refusal(400, reason, message, domain=VIDEO, location=("other", f"body.{place}"))


def signup_required() -> GoogleError:
    """The person has no channel."""
    return refusal(
        401, "youtubeSignupRequired", "Unauthorized", domain="youtube.header", location=("header", "Authorization")
    )


def account_closed_to_api(standing: str) -> GoogleError:
    """The channel's account is suspended or closed."""
    reason = f"authenticatedUserAccount{standing.capitalize()}"
    message = f"The YouTube account of the authenticated user is {standing}."
    return refusal(403, reason, message, domain="youtube.common", location=("header", "Authorization"))


def api_disabled(project: str) -> GoogleError:
    """The Cloud project has not switched the API on."""
    message = (
        f"Access Not Configured. YouTube Data API has not been used in project {project} before or it is disabled."
    )
    return refusal(403, "accessNotConfigured", message, domain="usageLimits", rpc_status="PERMISSION_DENIED")


def forbidden(message: str = "Forbidden", *, domain: str = GLOBAL) -> GoogleError:
    """Not allowed to this person, whatever the scopes."""
    return refusal(403, "forbidden", message, domain=domain)


def video_not_found() -> GoogleError:
    """The one video a call is about does not exist."""
    message = "The video that you are trying to reach cannot be found."
    return refusal(404, "videoNotFound", message, domain=VIDEO, location=("parameter", "id"))


def quota_exceeded() -> GoogleError:
    """The units that most calls share are spent."""
    return refusal(403, "quotaExceeded", _QUOTA_MESSAGE, domain="youtube.quota")


def bucket_exceeded(metric: str, project: str) -> GoogleError:
    """A bucket of its own is spent; it looks like a passing limit and lasts until midnight."""
    message = (
        f"Quota exceeded for quota metric '{metric}' and limit '{metric} per day' of service"
        f" 'youtube.googleapis.com' for consumer 'project_number:{project}'."
    )
    return refusal(429, "rateLimitExceeded", message, rpc_status="RESOURCE_EXHAUSTED")


def upload_limit_exceeded() -> GoogleError:
    """The channel's own cap is reached; other channels go on."""
    return refusal(
        400, "uploadLimitExceeded", "The user has exceeded the number of videos they may upload.", domain=VIDEO
    )


def media_body_required() -> GoogleError:
    """An upload without bytes or without a way to send them."""
    return refusal(400, "mediaBodyRequired", "The request does not include the media content.", domain=VIDEO)


def wrong_media_type(given: str, accepted: tuple[str, ...]) -> GoogleError:
    """A content type that the endpoint does not take."""
    valid = ", ".join(accepted)
    return refusal(400, "badContent", f"Media type '{given}' is not supported. Valid media types: [{valid}]")


def too_large(limit: int) -> GoogleError:
    """More bytes than the endpoint takes."""
    return refusal(413, "uploadTooLarge", f"Media is too large. The limit is {limit} bytes.")


def session_gone(status: int) -> GoogleError:
    """An upload session that expired, was canceled or never was."""
    return refusal(status, "notFound" if status == 404 else "gone", "The upload session does not exist (any more).")  # noqa: PLR2004


def too_many_calls(headers: Mapping[str, str]) -> GoogleError:
    """A passing limit: calls come too fast."""
    message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'."
    return refusal(
        403, "userRateLimitExceeded", message, domain="usageLimits", rpc_status="RESOURCE_EXHAUSTED", headers=headers
    )


def backend_error() -> GoogleError:
    """YouTube's own trouble."""
    return refusal(500, "backendError", "Backend Error")
