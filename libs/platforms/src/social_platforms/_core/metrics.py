"""analytics' facet: numbers of a place and of its posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from social_platforms._core.access import Access
from social_platforms._core.kinds import JsonObject, Platform, PostKind


@dataclass(frozen=True, slots=True)
class AccountMetrics:
    """A snapshot of one place; None means the platform does not report it."""

    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    reach: int | None = None
    impressions: int | None = None


@dataclass(frozen=True, slots=True)
class PostMetrics:
    """Engagement of one post since it went live; None means not reported, never 0."""

    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None
    clicks: int | None = None
    views: int | None = None
    reach: int | None = None
    impressions: int | None = None


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer as the platform gave it, kept for recomputing as long as its terms allow."""

    operation: str
    body: JsonObject


@dataclass(frozen=True, slots=True)
class PublishedPost:
    """A post to be measured."""

    platform_post_id: str
    kind: PostKind
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class AccountReading:
    """An account's numbers and where they came from."""

    metrics: AccountMetrics
    raw: tuple[RawAnswer, ...]


@dataclass(frozen=True, slots=True)
class PostsReading:
    """Numbers per platform_post_id; `gone` are posts the platform no longer has."""

    metrics: Mapping[str, PostMetrics]
    gone: frozenset[str]
    raw: tuple[RawAnswer, ...]


class MetricsAdapter(Protocol):
    """analytics' facet."""

    platform: Platform
    posts_per_call: int

    async def read_account(self, access: Access) -> AccountReading:
        """The place's numbers now."""

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """Numbers of at most `posts_per_call` posts."""
