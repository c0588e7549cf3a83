"""The things every platform has: apps, accounts, places to publish, posts.

What only one platform knows about a thing goes into its `details` (or `options`), in that platform's own words. All of
these are plain data, so that the store can be kept in a file and put back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DEMO_CLIENT_ID = "sandbox-client"
DEMO_CLIENT_SECRET = "sandbox-secret"  # noqa: S105  (the documented default, worth nothing outside)


@dataclass(slots=True)
class App:
    """A client registered at a platform. `options` hold what the platform's own settings page would (flavour, …)."""

    platform: str
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    name: str = "Sandbox app"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Place:
    """Somewhere to publish: the account itself, a page, a repository; `platform_id` never changes."""

    platform_id: str
    kind: str
    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Account:
    """Somebody who can sign in at a platform's consent page."""

    platform: str
    account_id: str
    username: str
    display_name: str
    followers: int
    created_at: datetime
    places: list[Place] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def place(self, platform_id: str) -> Place | None:
        """The place with this id, if it is one of the account's."""
        return next((place for place in self.places if place.platform_id == platform_id), None)


@dataclass(slots=True)
class Post:
    """Something that exists on a platform: the ground truth.

    `platform_id` is the place it stands at. `media` entries are free-form but have at least `kind`; `visibility` is the
    platform's own word for public, draft, and so on. A deleted post keeps its row with `deleted_at`.
    """

    platform: str
    account_id: str
    platform_id: str
    platform_post_id: str
    text: str
    created_at: datetime
    kind: str = "text"
    media: list[dict[str, Any]] = field(default_factory=list)
    visibility: str = "public"
    details: dict[str, Any] = field(default_factory=dict)
    deleted_at: datetime | None = None

    def as_control_json(self) -> Mapping[str, Any]:
        """The shape `GET /_control/posts` promises."""
        return {
            "platform": self.platform,
            "account_id": self.account_id,
            "platform_id": self.platform_id,
            "platform_post_id": self.platform_post_id,
            "kind": self.kind,
            "text": self.text,
            "media": self.media,
            "visibility": self.visibility,
            "created_at": self.created_at.isoformat(),
        }
