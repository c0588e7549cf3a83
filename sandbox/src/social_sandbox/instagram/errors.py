"""The error bodies of Instagram: the Graph shape, and the flat one of the token endpoint.

The type is `IGApiException` on graph.instagram.com and `OAuthException` on graph.facebook.com and for tokens.
"""

from dataclasses import dataclass
from functools import partial

from social_sandbox.meta.errors import GraphError
from social_sandbox.meta.errors import graph_error as meta_graph_error

graph_error = partial(meta_graph_error, kind="IGApiException")


@dataclass(frozen=True, slots=True)
class Fault:
    """A documented code with its subcode and words, for an answer or for the status of a container."""

    code: int
    subcode: int | None
    message: str
    title: str = ""
    explanation: str = ""

    def answer(self, *, status: int = 400, transient: bool = False) -> GraphError:
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


def token_error(message: str) -> GraphError:
    """A refusal of the code exchange: flat, unlike everything else."""
    return GraphError(400, {"error_type": "OAuthException", "code": 400, "error_message": message})


def invalid_token(subcode: int | None, message: str) -> GraphError:
    """The access token is expired, revoked or unknown."""
    return graph_error(190, message, subcode=subcode, kind="OAuthException")


def invalid_parameter(message: str) -> GraphError:
    """A bad parameter, field or metric."""
    return graph_error(100, f"(#100) {message}")


def missing_permission(name: str) -> GraphError:
    """The token was not granted a permission."""
    message = f"(#10) Application does not have permission for this action: {name}"
    return graph_error(10, message, kind="OAuthException", status=403)


def no_such_object(object_id: str, method: str = "get") -> GraphError:
    """The object does not exist, or the caller may not see it, or the method is not for it."""
    message = (
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to"
        " missing permissions, or does not support this operation"
    )
    return graph_error(100, message, subcode=33)


def unsupported_method(method: str) -> GraphError:
    """What every call answers while the account's role or approval is missing, and `POST /me` always."""
    return graph_error(100, f"Unsupported request - method type: {method.lower()}")


def unknown_path() -> GraphError:
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
