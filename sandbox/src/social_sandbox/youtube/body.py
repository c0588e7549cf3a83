"""The body of a video, read as strictly as the API description is written: unknown fields and types are refused.

Fields that only YouTube writes are taken and not looked at, as a client that sends back what it has read needs it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from social_sandbox.calls import MalformedBody, read_json
from social_sandbox.youtube.errors import bad_request, refusal

_WRITABLE = ("snippet", "status", "localizations", "paid_product_placement_details", "recording_details")
Written = Mapping[str, Any] | None


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, validate_by_name=False
    )


class SnippetBody(_Part):
    """`snippet`."""

    title: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    category_id: str | None = None
    default_language: str | None = None
    default_audio_language: str | None = None
    channel_id: str | None = None
    channel_title: str | None = None
    live_broadcast_content: str | None = None
    localized: Written = None
    published_at: str | None = None
    thumbnails: Written = None


class StatusBody(_Part):
    """`status`."""

    privacy_status: str | None = None
    publish_at: str | None = None
    self_declared_made_for_kids: bool | None = None
    contains_synthetic_media: bool | None = None
    embeddable: bool | None = None
    license: str | None = None
    public_stats_viewable: bool | None = None
    made_for_kids: bool | None = None
    upload_status: str | None = None
    failure_reason: str | None = None
    rejection_reason: str | None = None


class VideoBody(_Part):
    """A video resource as a request carries it."""

    kind: str | None = None
    etag: str | None = None
    id: str | None = None
    snippet: SnippetBody | None = None
    status: StatusBody | None = None
    age_gating: Written = None
    brand_partner: Written = None
    content_details: Written = None
    file_details: Written = None
    live_streaming_details: Written = None
    localizations: Written = None
    monetization_details: Written = None
    paid_product_placement_details: Written = None
    player: Written = None
    processing_details: Written = None
    project_details: Written = None
    recording_details: Written = None
    statistics: Written = None
    suggestions: Written = None
    topic_details: Written = None

    def check_parts(self, parts: Sequence[str]) -> None:
        """Refuse a body that writes a section which `part` does not name."""
        for name in _WRITABLE:
            if getattr(self, name) is not None and to_camel(name) not in parts:
                raise refusal(
                    400, "unexpectedPart", to_camel(name), domain="youtube.part", location=("parameter", "part")
                )


def read_video(content: bytes) -> VideoBody:
    """Bytes as a video resource; no bytes are an empty one. Raises the refusal of anything else."""
    if not content.strip():
        return VideoBody()
    try:
        return VideoBody.model_validate(read_json(content))
    except MalformedBody as error:
        raise bad_request(f"Invalid JSON payload received. {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(["video", *(str(part) for part in first["loc"])])
        if first["type"] == "extra_forbidden":
            parent, _, name = place.rpartition(".")
            message = f"Invalid JSON payload received. Unknown name \"{name}\" at '{parent}': Cannot find field."
        else:
            message = f"Invalid value at '{place}': {first['msg']}"
        raise bad_request(message) from error
