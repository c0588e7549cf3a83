"""Channels: what a person publishes at. Somebody has one, several (Brand Accounts) or none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from social_sandbox.model import Account, Place
from social_sandbox.platform import PlaceSpec, RefusedByControl, check_options
from social_sandbox.store import Store
from social_sandbox.youtube.ids import is_channel_id, new_channel_id, uploads_playlist

PLATFORM = "youtube"
KIND = "channel"
STANDINGS = ("active", "suspended", "closed")
LONG_UPLOADS = ("allowed", "eligible", "disallowed")
_LONGEST_TITLE = 100
_HANDLE = re.compile(r"[A-Za-z0-9._-]{3,30}")
OPTIONS: Mapping[str, type] = {
    "handle": str,
    "description": str,
    "subscribers": int,
    "hidden_subscribers": bool,
    "videos": int,
    "views": int,
    "long_uploads": str,
    "phone_verified": bool,
    "standing": str,
    "upload_limit": int,
    "hides_likes": bool,
    "comments_off": bool,
    "made_for_kids": bool,
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A place as YouTube sees it, and the person who owns it."""

    account: Account
    place: Place

    @property
    def channel_id(self) -> str:
        """`UC…`; it never changes."""
        return self.place.platform_id

    @property
    def title(self) -> str:
        """Its name."""
        return self.place.name

    @property
    def uploads(self) -> str:
        """The id of the playlist of its uploads."""
        return uploads_playlist(self.channel_id)

    @property
    def standing(self) -> str:
        """One of `STANDINGS`."""
        return str(self.option("standing", "active"))

    def option(self, name: str, default: Any = None) -> Any:
        """One of its settings."""
        return self.place.options.get(name, default)


def find_channel(store: Store, channel_id: str) -> Channel | None:
    """A channel by its id."""
    found = store.find_place(PLATFORM, channel_id)
    return Channel(*found) if found else None


def make_channel(store: Store, spec: PlaceSpec, *, where: str) -> Place:
    """A checked place for an account; `where` names it in a refusal."""
    if spec.kind != KIND:
        raise RefusedByControl(f"{where}.kind", f"must be {KIND} on YouTube")
    check_title(spec.name, f"{where}.name")
    if spec.platform_id is not None and not is_channel_id(spec.platform_id):
        raise RefusedByControl(f"{where}.platform_id", "must be UC and twenty-two letters, digits, - or _")
    options = dict(spec.options)
    check_channel_options(options, f"{where}.options")
    channel_id = spec.platform_id or new_channel_id(store)
    options.setdefault("handle", _handle_of(spec.name, channel_id))
    return Place(channel_id, KIND, spec.name, options)


def check_title(title: str, field: str) -> None:
    """Refuse a channel name that YouTube would not take."""
    if not title.strip() or len(title) > _LONGEST_TITLE:
        raise RefusedByControl(field, f"must be one to {_LONGEST_TITLE} characters")


def check_channel_options(options: Mapping[str, Any], field: str) -> None:
    """Refuse options that no channel has."""
    check_options(options, OPTIONS, where=field, label="YouTube")
    if options.get("standing", STANDINGS[0]) not in STANDINGS:
        raise RefusedByControl(f"{field}.standing", f"must be one of {', '.join(STANDINGS)}")
    if options.get("long_uploads", LONG_UPLOADS[0]) not in LONG_UPLOADS:
        raise RefusedByControl(f"{field}.long_uploads", f"must be one of {', '.join(LONG_UPLOADS)}")
    handle = options.get("handle")
    # Without a handle a channel has no customUrl.
    if handle and _HANDLE.fullmatch(handle) is None:
        raise RefusedByControl(f"{field}.handle", "must be three to thirty letters, digits, points, - or _")


def _handle_of(title: str, channel_id: str) -> str:
    plain = re.sub(r"[^a-z0-9]", "", title.lower())[:20]
    return f"{plain}{channel_id[2:6].lower().replace('_', '0').replace('-', '0')}"
