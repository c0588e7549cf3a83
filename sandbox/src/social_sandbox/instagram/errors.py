"""The error bodies of Instagram: the Graph shape, and the flat one of the token endpoint.

The type is `IGApiException` on graph.instagram.com and `OAuthException` on graph.facebook.com and for tokens.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class InstagramError(Exception):
    """An answer that refuses a request."""

    def __init__(self, status: int, body: dict[str, Any], *, headers: Mapping[str, str] | None = None) -> None:
        error = body.get("error")
        message = error.get("message") if isinstance(error, dict) else body.get("error_message")
        super().__init__(str(message))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Fault:
    """A documented code with its subcode and words, for an answer or for the status of a container."""

    code: int
    subcode: int | None
    message: str
    title: str = ""
    explanation: str = ""

    def answer(self, *, status: int = 400, transient: bool = False) -> InstagramError:
        """The answer that carries it."""
        return graph_error(
            self.code,
            self.message,
            subcode=self.subcode,
            status=status,
            transient=transient,
            title=self.title or None,
            explanation=self.explanation or None,
        )


def graph_error(
    code: int,
    message: str,
    *,
    subcode: int | None = None,
    kind: str = "IGApiException",
    status: int = 400,
    transient: bool = False,
    title: str | None = None,
    explanation: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> InstagramError:
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
    return InstagramError(status, {"error": error}, headers=headers)


def token_error(message: str) -> InstagramError:
    """A refusal of the code exchange: flat, unlike everything else."""
    return InstagramError(400, {"error_type": "OAuthException", "code": 400, "error_message": message})


def invalid_token(subcode: int | None, message: str) -> InstagramError:
    """The access token is expired, revoked or unknown."""
    return graph_error(190, message, subcode=subcode, kind="OAuthException")


def invalid_parameter(message: str) -> InstagramError:
    """A bad parameter, field or metric."""
    return graph_error(100, f"(#100) {message}")


def missing_permission(name: str) -> InstagramError:
    """The token was not granted a permission."""
    message = f"(#10) Application does not have permission for this action: {name}"
    return graph_error(10, message, kind="OAuthException", status=403)


def no_such_object(object_id: str, method: str = "get") -> InstagramError:
    """The object does not exist, or the caller may not see it, or the method is not for it."""
    message = (
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to"
        " missing permissions, or does not support this operation"
    )
    return graph_error(100, message, subcode=33)


def unsupported_method(method: str) -> InstagramError:
    """What every call answers while the account's role or approval is missing, and `POST /me` always."""
    return graph_error(100, f"Unsupported request - method type: {method.lower()}")


def unknown_path() -> InstagramError:
    """A path that names no edge."""
    return graph_error(2500, "Unknown path components")


NOT_READY = Fault(
    9007, 2207027, "Media ID is not available", "Media not ready", "The media is not ready for publishing, please wait."
)
QUOTA_REACHED = Fault(
    9,
    2207042,
    "Application request limit reached",
    "Posting limit reached",
    "You reached the maximum number of posts that is allowed to be published by the content publishing API.",
)
SPAM = Fault(4, 2207051, "Application request limit reached", "Action blocked", "We restrict certain activity.")
RESTRICTED = Fault(25, 2207050, "The Instagram account is restricted.", "Account restricted", "Log in to the app.")
NOT_FETCHABLE = Fault(
    9004,
    2207052,
    "Only photo or video can be accepted as media type.",
    "Media download failed",
    "The media could not be fetched from this URI.",
)
DOWNLOAD_TIMEOUT = Fault(-2, 2207003, "It takes too long to download the media.", "Timeout", "Download timed out.")
IMAGE_TOO_LARGE = Fault(
    36000,
    2207004,
    "The image size is too large.",
    "Image size too large",
    "The image is too large to download. It should be less than 8 MiB.",
)
IMAGE_FORMAT = Fault(36001, 2207005, "The image format is not supported.", "Image format", "Use JPEG.")
IMAGE_RATIO = Fault(
    36003,
    2207009,
    "The aspect ratio is not supported.",
    "Aspect ratio",
    "The submitted image's ratio must be within 4:5 to 1.91:1.",
)
VIDEO_FORMAT = Fault(352, 2207026, "The video format is not supported.", "Unsupported video", "Use MOV or MP4.")
CAPTION_TOO_LONG = Fault(36004, 2207010, "The submitted image/video caption is too long.", "Caption too long")
TOO_MANY_MENTIONS = Fault(100, 2207040, "Cannot use more than 20 tags in the caption.", "Too many tags")
UNKNOWN_MEDIA_TYPE = Fault(100, 2207023, "The media type is unknown.", "Unknown media type")
CAROUSEL_SIZE = Fault(100, 2207028, "Carousel validation failed.", "Carousel", "A carousel needs two to ten items.")
BUILDER_NOT_FOUND = Fault(24, 2207008, "The media builder does not exist.", "Media builder not found")
MEDIA_NOT_FOUND = Fault(24, 2207006, "The media does not exist.", "Media not found")
CONTAINER_EXPIRED = Fault(-2, 2207020, "The media you are trying to access has expired.", "Media expired")
CONTAINERS_USED_UP = Fault(
    9, 2207042, "Application request limit reached", "Container limit", "Too many media containers in 24 hours."
)
