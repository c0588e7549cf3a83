"""Uploading media to X: in one shot, or initialize, append, finalize and wait.

An upload that succeeds says nothing about whether it may be posted: that is looked at again by `attachments`.
"""

import base64
import binascii
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Upload as FilePart
from social_sandbox.calls import read_number
from social_sandbox.probe import probe
from social_sandbox.x.access import Visit
from social_sandbox.x.bodies import StrictBody, read_body, read_values
from social_sandbox.x.errors import invalid_body, invalid_request
from social_sandbox.x.uploads import Upload, Uploads

MediaType = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/bmp",
    "image/tiff",
    "image/pjpeg",
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/mp2t",
    "text/srt",
    "text/vtt",
    "model/gltf-binary",
    "model/vnd.usdz+zip",
]
Category = Literal[
    "tweet_image", "tweet_gif", "tweet_video", "amplify_video", "dm_image", "dm_gif", "dm_video", "subtitles"
]
OneShotCategory = Literal["tweet_image", "tweet_gif", "tweet_video", "dm_image", "dm_gif", "dm_video", "subtitles"]

_MEBIBYTE = 1024 * 1024
_LARGEST_IMAGE = 5 * _MEBIBYTE
_LARGEST_GIF = 15 * _MEBIBYTE
_LARGEST_VIDEO = 8 * 1024 * _MEBIBYTE
_LARGEST_PREMIUM_VIDEO = 16 * 1024 * _MEBIBYTE
_LARGEST_SEGMENT = 8 * _MEBIBYTE
_HIGHEST_INDEX = 999
_LONGEST_ALT_TEXT = 1000


class Initialize(StrictBody):
    """The body of the first step."""

    media_type: MediaType
    total_bytes: int = Field(gt=0)
    media_category: Category = "tweet_image"
    shared: bool = False
    additional_owners: list[str] | None = None


class Segment(StrictBody):
    """The JSON body of an append."""

    media: str
    segment_index: int = Field(ge=0, le=_HIGHEST_INDEX)


class OneShot(StrictBody):
    """The body of an upload in one request."""

    media: str
    media_category: OneShotCategory
    media_type: MediaType | None = None
    shared: bool | None = None
    additional_owners: list[str] | str | None = None


class AltText(StrictBody):
    """What a picture shows, for those who cannot see it."""

    text: Annotated[str, Field(max_length=_LONGEST_ALT_TEXT)]


class Metadata(StrictBody):
    """The part of the metadata that the simulator keeps."""

    alt_text: AltText


class Describe(StrictBody):
    """The body that gives a picture its alternative text."""

    id: str
    metadata: Metadata


class MediaEndpoints:
    """Every step of an upload."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def initialize(self, visit: Visit) -> Answer:
        """Open an upload."""
        visit.query()
        body = read_body(visit.call, Initialize)
        largest = _largest(body.media_type, visit)
        if body.total_bytes > largest:
            raise invalid_body(f"$.total_bytes: must not be greater than {largest} for this media")
        upload = self._uploads.open(
            visit, media_type=body.media_type, category=body.media_category, total=body.total_bytes
        )
        return json_answer({"data": self._uploads.describe(upload, visit)})

    async def append(self, visit: Visit) -> Answer:
        """Take one segment; the same one may come again."""
        visit.query()
        upload = self._own(visit, visit.call.params["id"])
        if visit.call.media_type == "multipart/form-data":
            fields, files = await visit.call.multipart()
            content = _part(fields, files)
            values = {**_others(fields, files), "media": "", "segment_index": _number(fields.get("segment_index"))}
            index = read_values(values, Segment).segment_index
        else:
            body = read_body(visit.call, Segment)
            content, index = _decoded(body.media), body.segment_index
        if not 0 < len(content) <= _LARGEST_SEGMENT:
            raise invalid_request("media", len(content), "The segment is empty or too large.")
        if upload["finished"]:
            raise invalid_request("id", upload["media_id"], "The upload is already finalized.")
        self._uploads.keep_segment(upload, index, content)
        if visit.switches.append_answer == "empty":
            return Answer(204)
        expires = visit.now + timedelta(seconds=visit.switches.media_life_s)
        return json_answer({"data": {"expires_at": int(expires.timestamp())}})

    async def finalize(self, visit: Visit) -> Answer:
        """Close an upload: every segment must be there and add up. Closing twice changes nothing."""
        visit.query()
        upload = self._own(visit, visit.call.params["id"])
        if not upload["finished"]:
            content = self._uploads.assemble(upload)
            if content is None:
                message = "Segments do not add up to provided total file size, or one of them is missing."
                raise invalid_request("id", upload["media_id"], message)
            self._finish(upload, content, visit)
        return json_answer({"data": self._uploads.describe(upload, visit)})

    async def status(self, visit: Visit) -> Answer:
        """Tell how far processing is."""
        query = visit.query("command", "media_id")
        command = query.get("command", "STATUS")
        if command != "STATUS":
            raise invalid_request("command", command, "The `command` query parameter value must be STATUS")
        upload = self._own(visit, query.get("media_id", ""))
        self._uploads.look(upload, visit)
        return json_answer({"data": self._uploads.describe(upload, visit)})

    async def one_shot(self, visit: Visit) -> Answer:
        """Upload a picture in one request; the command form of older days is refused."""
        visit.query()
        if visit.call.media_type == "multipart/form-data":
            fields, files = await visit.call.multipart()
            content = _part(fields, files)
            body = read_values({**_others(fields, files), **fields, "media": ""}, OneShot)
        else:
            body = read_body(visit.call, OneShot)
            content = _decoded(body.media)
        found = probe(content)
        if found is None or not found.mime.startswith("image/"):
            raise invalid_request("media", "", "The media type is unrecognized.")
        if len(content) > _largest(found.mime, visit):
            raise invalid_request("media", len(content), "The media is too large.")
        upload = self._uploads.open(visit, media_type=found.mime, category=body.media_category, total=len(content))
        self._finish(upload, content, visit)
        return json_answer({"data": self._uploads.describe(upload, visit)})

    async def annotate(self, visit: Visit) -> Answer:
        """Give a picture its alternative text."""
        visit.query()
        body = read_body(visit.call, Describe)
        upload = self._own(visit, body.id)
        upload["alt_text"] = body.metadata.alt_text.text
        associated = {"alt_text": {"text": upload["alt_text"]}}
        return json_answer({"data": {"id": upload["media_id"], "associated_metadata": associated}})

    def _own(self, visit: Visit, media_id: str) -> Upload:
        upload = self._uploads.find(media_id)
        if upload is None or upload["owner"] != visit.account.account_id:
            raise invalid_request("media_id", media_id, "Your media IDs are invalid.")
        return upload

    def _finish(self, upload: Upload, content: bytes, visit: Visit) -> None:
        if not self._uploads.finish(upload, content, visit):
            raise invalid_request("media", upload["media_type"], "The media type is unrecognized.")


def _largest(media_type: str, visit: Visit) -> int:
    if media_type == "image/gif":
        return _LARGEST_GIF
    if not media_type.startswith("video/"):
        return _LARGEST_IMAGE
    premium = visit.account.details.get("subscription_type", "None") in {"Premium", "PremiumPlus"}
    return _LARGEST_PREMIUM_VIDEO if premium else _LARGEST_VIDEO


def _part(fields: dict[str, str], files: dict[str, FilePart]) -> bytes:
    if "media" in files:
        return files["media"].content
    if "media" not in fields:
        raise invalid_body("$.media: is missing but it is required")
    return fields["media"].encode()


def _others(fields: dict[str, str], files: dict[str, FilePart]) -> dict[str, object]:
    """Every name of a multipart body, so that the model refuses those it does not know."""
    return dict.fromkeys([*fields, *files], "")


def _number(text: str | None) -> object:
    number = read_number(text)
    return text if number is None else number


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise invalid_body("$.media: is not base64") from error
