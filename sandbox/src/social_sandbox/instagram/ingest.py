"""Taking in the media of a container: the address is fetched for real, and what comes is looked at."""

from typing import Any

from social_sandbox.fetch import Fetched, Unreachable
from social_sandbox.instagram.access import Visit
from social_sandbox.instagram.errors import DOWNLOAD_TIMEOUT, NOT_FETCHABLE, Fault, invalid_parameter
from social_sandbox.instagram.media_rules import LARGEST_IMAGE, LARGEST_REEL, image_fault, video_fault
from social_sandbox.meta.fetching import fetch_media
from social_sandbox.meta.params import text_of
from social_sandbox.probe import probe


class Ingest:
    """Fetches and judges."""

    async def take(self, visit: Visit, kind: str) -> tuple[dict[str, Any], Fault | None]:
        """Return the media item and what is wrong with it; a picture's fault is raised where the switch says so."""
        url, is_video = _address(visit, kind)
        fault: Fault | None = None
        content = b""
        try:
            fetched = await _fetch(url, visit, largest=LARGEST_REEL if is_video else LARGEST_IMAGE)
            judge = video_fault if is_video else image_fault
            fault = judge(fetched.content, fetched.content_type, is_story=kind == "story")
            content = fetched.content
        except Unreachable as error:
            fault = DOWNLOAD_TIMEOUT if error.timed_out else NOT_FETCHABLE
        if fault is not None and not is_video and visit.switches.media_faults_at == "create":
            raise fault.answer()
        found = probe(content)
        item = {
            "kind": "video" if is_video else "image",
            "url": url,
            "alt_text": text_of(visit.params, "alt_text") or None,
            "mime": found.mime if found else None,
            "width": found.width if found else 0,
            "height": found.height if found else 0,
        }
        return item, fault


async def _fetch(url: str, visit: Visit, *, largest: int) -> Fetched:
    """Addresses of US-ASCII only."""
    if not url.isascii():
        raise Unreachable("the address is not allowed")
    return await fetch_media(url, largest=largest, time_limit=visit.switches.fetch_time_limit)


def _address(visit: Visit, kind: str) -> tuple[str, bool]:
    image_url, video_url = text_of(visit.params, "image_url"), text_of(visit.params, "video_url")
    if kind == "story":
        if not image_url and not video_url:
            raise invalid_parameter("The parameter image_url or video_url is required.")
        return (video_url, True) if video_url else (image_url, False)
    if kind == "image":
        if not image_url:
            raise invalid_parameter("The parameter image_url is required.")
        return image_url, False
    if not video_url:
        raise invalid_parameter("The parameter video_url is required.")
    return video_url, True
