"""Rows and events that belong together: a merchant's connection, its posts, their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.integration.events.ground import Ground

Data = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A connection as all services name it."""

    user_id: UUID
    connection_id: UUID
    grant_id: UUID

    def _named(self, revision: int) -> Data:
        return {
            "connection_id": self.connection_id,
            "grant_id": self.grant_id,
            "user_id": self.user_id,
            "revision": revision,
            "platform": "x",
            "platform_id": f"place-{self.connection_id.hex[:8]}",
        }

    def linked(self, revision: int, **changes: Any) -> Data:
        """The data of connection.linked."""
        return {
            **self._named(revision),
            "kind": "account",
            "platform_username": "kettleco",
            "scopes": ["tweet.write"],
            "capabilities": ["publish", "analytics"],
            "missing_scopes": [],
            "health": "ok",
            "expires_at": None,
            "renewable": True,
            "relinked": False,
            "linked_at": datetime.now(UTC),
            **changes,
        }

    def unlinked(self, revision: int, reason: str) -> Data:
        """The data of connection.unlinked."""
        return {**self._named(revision), "reason": reason, "unlinked_at": datetime.now(UTC)}

    def post(self, post_id: UUID, revision: int, **more: Any) -> Data:
        """What every event of a post says, and more."""
        return {
            "post_id": post_id,
            "campaign_id": uuid4(),
            "connection_id": self.connection_id,
            "user_id": self.user_id,
            "revision": revision,
            "platform": "x",
            **more,
        }

    def scheduled(self, post_id: UUID, revision: int) -> Data:
        """The data of post.scheduled."""
        at = datetime.now(UTC) + timedelta(hours=3)
        return self.post(post_id, revision, kind="text", product_id="kettle-1", scheduled_at=at)

    def published(self, post_id: UUID, revision: int) -> Data:
        """The data of post.published."""
        return self.post(
            post_id, revision, kind="text", product_id="kettle-1", platform_id=f"place-{self.connection_id.hex[:8]}",
            platform_post_id=str(post_id.int)[:18], permalink=None, scheduled_at=None, posted_at=datetime.now(UTC),
            attempts=1, settled_by="answer", may_be_duplicate=False,
        )  # fmt: skip

    def failed(self, post_id: UUID, revision: int) -> Data:
        """The data of post.failed."""
        error = {"code": "destination_gone", "detail": "no such place", "action": "reconnect"}
        return self.post(
            post_id, revision, product_id=None, status="failed", error=error, attempts=1, failed_at=datetime.now(UTC)
        )

    def measured(self, post_id: UUID, revision: int, likes: int) -> Data:
        """The data of post.measured."""
        names = ("comments", "shares", "saves", "clicks", "views", "reach", "impressions")
        metrics: Mapping[str, int | None] = {"likes": likes, **dict.fromkeys(names)}
        known = self.post(post_id, revision, metrics=metrics, collected_at=datetime.now(UTC))
        return {name: value for name, value in known.items() if name != "campaign_id"}

    def of(self, topic: str, post_id: UUID, revision: int) -> Data:
        """The data of any consumed topic."""
        match topic:
            case "connection.linked" | "connection.updated":
                return self.linked(revision)
            case "connection.unlinked":
                return self.unlinked(revision, "reconnect_required")
            case "post.scheduled":
                return self.scheduled(post_id, revision)
            case "post.published":
                return self.published(post_id, revision)
            case "post.failed":
                return self.failed(post_id, revision)
            case _:
                return self.measured(post_id, revision, likes=revision)


async def a_place(ground: Ground, user_id: UUID | None = None) -> Place:
    """A connection that auth-linker has in its tables."""
    place = Place(user_id or await ground.merchant(), uuid4(), uuid4())
    family = f"x:{place.grant_id.hex}"
    await ground.sql(
        "INSERT INTO retail_b2c.grants (id, user_id, platform, app, family, platform_user_id, obtained_at) "
        "VALUES ($1, $2, 'x', 'x', $3, $4, now())",
        place.grant_id, place.user_id, family, place.grant_id.hex,
    )  # fmt: skip
    await ground.sql(
        "INSERT INTO retail_b2c.social_connections (id, user_id, platform, platform_id, grant_id, app, family, "
        "platform_user_id) VALUES ($1, $2, 'x', $3, $4, 'x', $5, $6)",
        place.connection_id, place.user_id, f"place-{place.connection_id.hex[:8]}", place.grant_id, family,
        place.grant_id.hex,
    )  # fmt: skip
    return place


async def a_post(ground: Ground, place: Place, *, status: str = "scheduled", connection_revision: int = 1) -> UUID:
    """A post that publisher has in its tables."""
    post_id = uuid4()
    await ground.sql(
        "INSERT INTO retail_b2c.social_posts (id, user_id, platform, platform_id, content, status, campaign_id, "
        "connection_id, grant_id, connection_revision, kind, revision, scheduled_at, due_at) VALUES ($1, $2, 'x', $3, "
        "'Hello', $4::text, $5, $6, $7, $8, 'text', 1, now() + interval '3 hours', "
        "CASE WHEN $4::text = 'scheduled' THEN now() + interval '3 hours' END)",
        post_id, place.user_id, f"place-{place.connection_id.hex[:8]}", status, uuid4(), place.connection_id,
        place.grant_id, connection_revision,
    )  # fmt: skip
    return post_id
