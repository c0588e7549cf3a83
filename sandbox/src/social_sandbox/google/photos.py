"""Taking photos from their addresses. Google fetches them before the post exists, and says little when it cannot."""

from typing import Any
from urllib.parse import urlsplit

from social_sandbox.fetch import Unreachable, fetch, is_here
from social_sandbox.google.bodies import MediaItem
from social_sandbox.google.errors import fetching_failed
from social_sandbox.google.switches import GoogleSwitches
from social_sandbox.probe import probe

_KINDS = frozenset({"image/jpeg", "image/png"})
_SMALLEST_BYTES, _LARGEST_BYTES = 10 * 1024, 5 * 1024 * 1024
_SMALLEST_SIDE = 250


async def take(item: MediaItem, switches: GoogleSwitches) -> dict[str, Any]:
    """Fetch a photo and look at it; anything wrong with address or file is one and the same error."""
    if not _is_public(item.source_url):
        raise fetching_failed()
    try:
        fetched = await fetch(item.source_url, max_bytes=_LARGEST_BYTES, time_limit=switches.photo_time_limit)
    except Unreachable as error:
        raise fetching_failed() from error
    found = probe(fetched.content)
    if found is None or found.mime not in _KINDS or min(found.width, found.height) < _SMALLEST_SIDE:
        raise fetching_failed()
    if not _SMALLEST_BYTES <= len(fetched.content) <= _LARGEST_BYTES:
        raise fetching_failed()
    size = {"width": found.width, "height": found.height}
    return {"kind": "image", "url": item.source_url, "mime": found.mime, **size}


def _is_public(url: str) -> bool:
    """Addresses without a login; plain http on loopback is the sandbox's leniency."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_plain_here = parts.scheme == "http" and is_here(parts.hostname)
    return (parts.scheme == "https" or is_plain_here) and parts.username is None
