"""What a request says about a video: the writable fields of `snippet` and `status`, and YouTube's rules for them.

A part that is written is written whole: what the body leaves out falls back to its default.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from social_sandbox.google_identity.errors import GoogleError
from social_sandbox.youtube.body import VideoBody
from social_sandbox.youtube.errors import invalid_field
from social_sandbox.youtube.switches import YouTubeSwitches

LONGEST_TITLE = 100
LONGEST_DESCRIPTION_BYTES = 5000
LONGEST_TAGS = 500
_DEFAULT_CATEGORY = "22"
# The categories a video can be given; YouTube's list has more, which are not for uploads.
CATEGORIES = frozenset({"1", "2", "10", "15", "17", "19", "20", "22", "23", "24", "25", "26", "27", "28", "29"})
_PRIVACIES = ("public", "unlisted", "private")
_LICENSES = ("youtube", "creativeCommon")


@dataclass(frozen=True, slots=True)
class Snippet:
    """What a video says of itself."""

    title: str
    description: str
    tags: tuple[str, ...]
    category_id: str
    languages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Status:
    """Who may see a video, and what its owner declares."""

    privacy: str
    publish_at: datetime | None
    license: str
    embeddable: bool
    stats_viewable: bool
    for_kids: bool | None
    synthetic: bool | None


def read_snippet(body: VideoBody, switches: YouTubeSwitches) -> Snippet:
    """The snippet of a body; raises what YouTube refuses it with."""
    given = body.snippet
    title = (given.title if given else None) or ""
    if not title.strip() or len(title) > LONGEST_TITLE or _has_angles(title):
        rule = f"must be 1 to {LONGEST_TITLE} characters without < and >"
        raise invalid_field("invalidTitle", "snippet.title", f"The video's title {rule}.")
    description = (given.description if given else None) or ""
    if len(description.encode()) > LONGEST_DESCRIPTION_BYTES or _has_angles(description):
        rule = f"must be at most {LONGEST_DESCRIPTION_BYTES} bytes without < and >"
        raise invalid_field("invalidDescription", "snippet.description", f"The video's description {rule}.")
    tags = tuple((given.tags if given else None) or ())
    if length_of_tags(tags) > LONGEST_TAGS or any(not tag.strip() for tag in tags):
        message = f"The video's tags must not be empty and {LONGEST_TAGS} characters at most, together."
        raise invalid_field("invalidTags", "snippet.tags", message)
    languages = {
        name: value
        for name, value in (
            ("defaultLanguage", given.default_language if given else None),
            ("defaultAudioLanguage", given.default_audio_language if given else None),
        )
        if value
    }
    return Snippet(title, description, tags if switches.keeps_tags else (), _read_category(body, switches), languages)


def length_of_tags(tags: tuple[str, ...]) -> int:
    """The length of tags as YouTube counts it: with the commas between them, and quotes around those with a space."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def read_status(body: VideoBody, switches: YouTubeSwitches, *, now: datetime) -> Status:
    """The status of a body; raises what YouTube refuses it with. A privacy that is not given means public."""
    given = body.status
    privacy = (given.privacy_status if given else None) or "public"
    if privacy not in _PRIVACIES:
        message = f"The privacy status must be one of {', '.join(_PRIVACIES)}."
        raise invalid_field("invalidVideoMetadata", "status.privacyStatus", message)
    license_name = (given.license if given else None) or "youtube"
    if license_name not in _LICENSES:
        message = f"The license must be one of {', '.join(_LICENSES)}."
        raise invalid_field("invalidVideoMetadata", "status.license", message)
    publish_at = _read_publish_at(given.publish_at if given else None)
    if publish_at is not None and privacy != "private":
        raise _invalid_publish_at("A publishing time needs the privacy status private.")
    if switches.forced_private:
        privacy, publish_at = "private", None
    elif publish_at is not None and publish_at <= now:
        privacy, publish_at = "public", None
    return Status(
        privacy=privacy,
        publish_at=publish_at,
        license=license_name,
        embeddable=given is None or given.embeddable is not False,
        stats_viewable=given is None or given.public_stats_viewable is not False,
        for_kids=given.self_declared_made_for_kids if given else None,
        synthetic=given.contains_synthetic_media if given else None,
    )


def as_details(snippet: Snippet | None, status: Status | None) -> dict[str, Any]:
    """Both as plain data, for the post's details."""
    details: dict[str, Any] = {}
    if snippet is not None:
        details |= {
            "title": snippet.title,
            "tags": list(snippet.tags),
            "category_id": snippet.category_id,
            "languages": snippet.languages,
        }
    if status is not None:
        details |= {
            "publish_at": status.publish_at,
            "license": status.license,
            "embeddable": status.embeddable,
            "stats_viewable": status.stats_viewable,
            "for_kids": status.for_kids,
            "synthetic": status.synthetic,
        }
    return details


def _read_category(body: VideoBody, switches: YouTubeSwitches) -> str:
    category = body.snippet.category_id if body.snippet else None
    if not category and not switches.category_required:
        return _DEFAULT_CATEGORY
    if category not in CATEGORIES:
        raise invalid_field("invalidCategoryId", "snippet.categoryId", "The video's category is not one for uploads.")
    return category


def _read_publish_at(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _invalid_publish_at("The publishing time must be a time of RFC 3339.") from error
    if moment.tzinfo is None or "T" not in text.upper():
        raise _invalid_publish_at("The publishing time must be a time of RFC 3339, with its offset.")
    return moment.astimezone(UTC)


def _invalid_publish_at(message: str) -> GoogleError:
    return invalid_field("invalidPublishAt", "status.publishAt", message)


def _has_angles(text: str) -> bool:
    return "<" in text or ">" in text
