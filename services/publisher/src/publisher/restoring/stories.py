"""What Kafka tells of each post since the backup: its newest event, and what older ones said of it beside that."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from publisher.domain import CancelReason, SettledBy, Status
from publisher.events import POST_CANCELED, POST_FAILED, POST_PUBLISHED, POST_SCHEDULED
from social_common.events import CloudEvent

T = TypeVar("T")


class Told(BaseModel):
    """One of our own events as it is read back, whatever release wrote it: what its topic does not say is null."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    post_id: UUID
    campaign_id: UUID
    connection_id: UUID
    user_id: UUID
    revision: int
    platform: str
    kind: str | None = None
    product_id: str | None = None
    scheduled_at: AwareDatetime | None = None
    platform_id: str | None = None
    platform_post_id: str | None = None
    permalink: str | None = None
    posted_at: AwareDatetime | None = None
    attempts: int = 0
    settled_by: SettledBy | None = None
    may_be_duplicate: bool = False
    reason: CancelReason | None = None
    status: Status | None = None
    error: dict[str, Any] | None = None

    def standing(self, topic: str) -> Status:
        """The status that an event of this topic leaves its post in."""
        match topic:
            case "post.published":
                return Status.PUBLISHED
            case "post.canceled":
                return Status.DRAFT if self.reason is CancelReason.UNSCHEDULED else Status.CANCELED
            case "post.failed" if self.status is not None:
                return self.status
            case _:
                return Status.SCHEDULED


@dataclass(frozen=True, slots=True)
class Story:
    """One post's: where its newest event leaves it, and the time, kind and product that were told last."""

    newest: Told
    status: Status
    kind: str | None
    product_id: str | None
    scheduled_at: datetime | None

    @property
    def post_id(self) -> UUID:
        """The post."""
        return self.newest.post_id

    @property
    def user_id(self) -> UUID:
        """Its merchant."""
        return self.newest.user_id


@dataclass(slots=True)
class Stories:
    """The stories of all posts, put together event by event in any order."""

    _by_post: dict[UUID, Story] = field(default_factory=dict)
    unreadable: int = 0

    def hear(self, event: CloudEvent) -> None:
        """One more event; what cannot be read is counted."""
        if event.topic not in {POST_SCHEDULED, POST_CANCELED, POST_PUBLISHED, POST_FAILED}:
            return
        try:
            told = Told.model_validate(event.data)
        except ValidationError:
            self.unreadable += 1
            return
        known = self._by_post.get(told.post_id)
        is_newest = known is None or told.revision > known.newest.revision
        newest = told if known is None or is_newest else known.newest
        status = told.standing(event.topic) if known is None or is_newest else known.status
        self._by_post[told.post_id] = Story(
            newest=newest,
            status=status,
            kind=_latest(told.kind, known.kind if known else None, is_newest=is_newest),
            product_id=_latest(told.product_id, known.product_id if known else None, is_newest=is_newest),
            scheduled_at=_latest(told.scheduled_at, known.scheduled_at if known else None, is_newest=is_newest),
        )

    def __iter__(self) -> Iterator[Story]:
        return iter(self._by_post.values())

    def __len__(self) -> int:
        return len(self._by_post)


def _latest(told: T | None, known: T | None, *, is_newest: bool) -> T | None:
    if told is None or (known is not None and not is_newest):
        return known
    return told
