"""Ids in YouTube's alphabet: letters, digits, hyphen and underscore, also at the front."""

import base64
import hashlib
import re
import secrets

from social_sandbox.store import Store

_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_VIDEO_LENGTH = 11
_CHANNEL_LENGTH = 22


def new_video_id(store: Store) -> str:
    """Eleven characters that never come again."""
    return _spread(f"video-{store.next_number('youtube.video')}", _VIDEO_LENGTH)


def new_channel_id(store: Store) -> str:
    """`UC` and twenty-two characters."""
    number = store.next_number("youtube.channel")
    return f"UC{_spread(f'channel-{number}', _CHANNEL_LENGTH)}"


def new_upload_id() -> str:
    """The secret part of a session's address."""
    return f"ABg5{secrets.token_urlsafe(60)}"


def is_channel_id(text: str) -> bool:
    """Whether a text has the form of a channel's id."""
    return _CHANNEL.fullmatch(text) is not None


def uploads_playlist(channel_id: str) -> str:
    """The playlist that holds a channel's uploads."""
    return f"UU{channel_id[2:]}"


def etag(*parts: object) -> str:
    """A version mark: the same for the same content."""
    return _spread(repr(parts), 27)


def _spread(text: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:length]
