"""Fetching media as Meta's servers do: from public addresses, in time."""

from datetime import timedelta
from urllib.parse import urlsplit

from social_sandbox.fetch import Fetched, Unreachable, fetch, is_here


async def fetch_media(url: str, *, largest: int, time_limit: timedelta) -> Fetched:
    """Fetch an https address; plain http only on loopback, which is the sandbox's leniency. Raises `Unreachable`."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Unreachable("the address cannot be read") from error
    is_allowed = parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname))
    if not is_allowed or parts.username is not None:
        raise Unreachable("the address is not allowed")
    return await fetch(url, max_bytes=largest, time_limit=time_limit)
