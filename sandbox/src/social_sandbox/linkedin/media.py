"""Opening, finishing and looking at pictures and videos. Whoever will be the author must be the owner."""

from typing import Any

from pydantic import Field

from social_sandbox.answers import Answer, json_answer
from social_sandbox.faults import Operation
from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.assets import IMAGE, VIDEO, WAITING, Asset, Assets, status_of
from social_sandbox.linkedin.bodies import StrictBody, read_body
from social_sandbox.linkedin.errors import invalid_field, invalid_value, not_found
from social_sandbox.linkedin.people import POSTING_ROLES
from social_sandbox.linkedin.resources import Resource
from social_sandbox.linkedin.restli import urn_of
from social_sandbox.linkedin.uploads import PART, WEB

SMALLEST, LARGEST = 75 * 1024, 500 * 1024 * 1024


class ImageRequest(StrictBody):
    """Whose picture."""

    owner: str


class ImageBody(StrictBody):
    """Body of `images?action=initializeUpload`."""

    request: ImageRequest = Field(alias="initializeUploadRequest")


class VideoRequest(StrictBody):
    """Whose video, and how large."""

    owner: str
    size: int = Field(alias="fileSizeBytes")
    captions: bool = Field(default=False, alias="uploadCaptions")
    thumbnail: bool = Field(default=False, alias="uploadThumbnail")


class VideoBody(StrictBody):
    """Body of `videos?action=initializeUpload`."""

    request: VideoRequest = Field(alias="initializeUploadRequest")


class FinalizeRequest(StrictBody):
    """Which video, and the receipts of its parts in order."""

    video: str
    token: str = Field(alias="uploadToken")
    parts: list[str] = Field(alias="uploadedPartIds")


class FinalizeBody(StrictBody):
    """Body of `videos?action=finalizeUpload`."""

    request: FinalizeRequest = Field(alias="finalizeUploadRequest")


class MediaEndpoints:
    """`/rest/images` and `/rest/videos`."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets

    def resources(self) -> list[Resource]:
        """Both, with what each can do."""
        media = Operation.MEDIA
        return [
            Resource(
                "images",
                "images",
                {"ACTION-initializeUpload": (media, self.open_image), "GET": (media, self.show_image)},
            ),
            Resource(
                "videos",
                "videos",
                {
                    "ACTION-initializeUpload": (media, self.open_video),
                    "ACTION-finalizeUpload": (media, self.finalize),
                    "GET": (media, self.show_video),
                },
            ),
        ]

    async def open_image(self, visit: Visit) -> Answer:
        """Give a picture its URN and an address for its bytes."""
        visit.only("action")
        owner = read_body(visit.call, ImageBody).request.owner
        check_author(visit, owner, "/initializeUploadRequest/owner")
        asset = self._assets.open(visit, IMAGE, owner)
        value = {
            "uploadUrlExpiresAt": int(asset["url_expires_at"] * 1000),
            "uploadUrl": self._address(visit, asset, 0),
            "image": asset["urn"],
        }
        return json_answer({"value": value})

    async def open_video(self, visit: Visit) -> Answer:
        """Give a video its URN and an address for each part of 4 MiB."""
        visit.only("action")
        request = read_body(visit.call, VideoBody).request
        path = "/initializeUploadRequest"
        check_author(visit, request.owner, f"{path}/owner")
        if not SMALLEST <= request.size <= LARGEST:
            raise invalid_value(f"{path}/fileSizeBytes", "A video has between 75 KB and 500 MB")
        asset = self._assets.open(visit, VIDEO, request.owner, total=request.size)
        instructions = [
            {
                "uploadUrl": self._address(visit, asset, index),
                "firstByte": first,
                "lastByte": min(first + PART, request.size) - 1,
            }
            for index, first in enumerate(range(0, request.size, PART))
        ]
        asset["etags"] = [""] * len(instructions)
        value = {
            "video": asset["urn"],
            "uploadToken": asset["token"],
            "uploadUrlsExpireAt": int(asset["url_expires_at"] * 1000),
            "uploadInstructions": instructions,
        }
        return json_answer({"value": value})

    async def finalize(self, visit: Visit) -> Answer:
        """Put the parts together; how that went, the status tells later."""
        visit.only("action")
        request = read_body(visit.call, FinalizeBody).request
        path = "/finalizeUploadRequest"
        urn_of(request.video, f"{path}/video", VIDEO)
        asset = self._assets.find(request.video)
        if asset is None:
            raise invalid_field("INVALID_URN_ID", f"{path}/video", f"{request.video} does not exist")
        check_author(visit, asset["owner"], f"{path}/video")
        if request.token != asset["token"]:
            raise invalid_value(f"{path}/uploadToken", "The upload token is not the one of this upload")
        if "" in asset["etags"]:
            raise invalid_field("MEDIA_ASSET_WAITING_UPLOAD", f"{path}/video", "Not all parts have been uploaded")
        if request.parts != asset["etags"]:
            raise invalid_value(f"{path}/uploadedPartIds", "They are not the ETags of all parts in their order")
        if status_of(asset, visit.now) == WAITING:
            content = b"".join(asset["parts"][str(index)] for index in range(len(asset["etags"])))
            asset["parts"] = {}
            self._assets.fill(asset, content, visit.switches, visit.now)
        return Answer(200)

    async def show_image(self, visit: Visit) -> Answer:
        """Tell a picture's status."""
        return self._show(visit, IMAGE)

    async def show_video(self, visit: Visit) -> Answer:
        """Tell a video's status."""
        return self._show(visit, VIDEO)

    def _show(self, visit: Visit, kind: str) -> Answer:
        visit.only()
        members = ("w_member_social",) if visit.switches.member_reads_media else ()
        visit.need("w_organization_social", "r_organization_social", *members)
        urn_of(visit.key, "/key", kind)
        asset = self._assets.find(visit.key)
        if asset is None:
            raise not_found(visit.key)
        _check_owner(visit, asset["owner"])
        shown: dict[str, Any] = {"id": asset["urn"], "owner": asset["owner"], "status": status_of(asset, visit.now)}
        return json_answer(shown)

    def _address(self, visit: Visit, asset: Asset, part: int) -> str:
        return visit.call.url(WEB, f"/dms-uploads/{self._assets.sign(asset, part)}")


def check_author(visit: Visit, urn: str, path: str) -> None:
    """Refuse unless the caller may write as this person or organization."""
    if urn_of(urn, path, "person", "organization").kind == "person":
        visit.need("w_member_social")
    else:
        visit.need("w_organization_social")
    _check_owner(visit, urn)


def _check_owner(visit: Visit, urn: str) -> None:
    if urn.startswith("urn:li:person:"):
        if urn != visit.person:
            raise visit.denied()
    else:
        visit.organization(urn, POSTING_ROLES)
