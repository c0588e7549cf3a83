"""The closed sets: platforms, places, capabilities, kinds of media and posts."""

from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]


class Platform(StrEnum):
    """The platforms a merchant can link."""

    FACEBOOK = "facebook"
    X = "x"
    INSTAGRAM = "instagram"
    LINKEDIN = "linkedin"
    YOUTUBE = "youtube"
    GOOGLE = "google"
    GITHUB = "github"


class PlaceKind(StrEnum):
    """What a connection points at."""

    ACCOUNT = "account"
    PAGE = "page"
    MEMBER = "member"
    ORGANIZATION = "organization"
    CHANNEL = "channel"
    LOCATION = "location"
    REPOSITORY = "repository"


class Capability(StrEnum):
    """What a connection may be used for."""

    PUBLISH = "publish"
    ANALYTICS = "analytics"


class MediaKind(StrEnum):
    """What a piece of media is."""

    IMAGE = "image"
    GIF = "gif"
    VIDEO = "video"


class PostKind(StrEnum):
    """The form a post takes on its platform."""

    TEXT = "text"
    IMAGE = "image"
    CAROUSEL = "carousel"
    VIDEO = "video"
    REEL = "reel"
    STORY = "story"
    UPDATE = "update"
    RELEASE = "release"
    DISCUSSION = "discussion"
