"""What analytics' integration tests build with: merchants, events, a platform and a token source of our own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from tests.support.postgres import ServiceDatabase

from analytics.collecting.collector import Collector
from analytics.collecting.domain import Schedule, Schedules, Step
from analytics.collecting.rounds import Sources
from analytics.collecting.tokens import Granted
from analytics.projections.consumers import subscriptions
from social_common.db import Database
from social_common.events import CloudEvent, event_type
from social_common.secrets import Secret
from social_platforms._core import (
    Access,
    AccountMetrics,
    AccountReading,
    ErrorCode,
    PlaceKind,
    Platform,
    PlatformError,
    PlatformFacts,
    PostMetrics,
    PostsReading,
    PublishedPost,
    RawAnswer,
)
from social_platforms.registry import all_facts

SCHEDULE = Schedule(
    timedelta(hours=6),
    (Step(timedelta(hours=1), timedelta(minutes=10)), Step(timedelta(days=30), timedelta(hours=1))),
)
SCHEDULES = Schedules({}, SCHEDULE)


@dataclass
class FakeTokens:
    """A broker that gives what it is told to; every question is noted."""

    asked: list[tuple[UUID, int | None]] = field(default_factory=list)
    failure: Exception | None = None
    version: int = 1
    given: list[Access] = field(default_factory=list)

    async def token_for(self, connection_id: UUID, *, user_id: UUID, refused_version: int | None = None) -> Granted:
        """A token, or the failure."""
        assert user_id
        self.asked.append((connection_id, refused_version))
        if self.failure is not None:
            raise self.failure
        version = self.version if refused_version is None else refused_version + 1
        access = Access(Secret(f"token-{version}"), str(connection_id), PlaceKind.ACCOUNT)
        self.given.append(access)
        return Granted(access, version)


@dataclass
class FakeMetrics:
    """A platform whose numbers and failures are set by the test; every call is noted."""

    platform: Platform = Platform.X
    posts_per_call: int = 100
    account: AccountMetrics = field(default_factory=lambda: AccountMetrics(followers=100, following=5, posts=3))
    posts: dict[str, PostMetrics] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    failures: list[Exception] = field(default_factory=list)
    account_calls: list[str] = field(default_factory=list)
    post_calls: list[list[str]] = field(default_factory=list)

    async def read_account(self, access: Access) -> AccountReading:
        """The account's numbers."""
        self.account_calls.append(access.token.reveal())
        if self.failures:
            raise self.failures.pop(0)
        return AccountReading(self.account, (RawAnswer("account", {"id": access.platform_id}),))

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """The posts' numbers; a poisoned one spoils the whole call."""
        assert access.token
        ids = [post.platform_post_id for post in posts]
        self.post_calls.append(ids)
        if self.failures:
            raise self.failures.pop(0)
        if self.poison & set(ids):
            raise PlatformError(ErrorCode.PLATFORM_DOWN, "the platform stumbled")
        return PostsReading(
            {post_id: self.posts.get(post_id, PostMetrics(likes=1, impressions=10)) for post_id in ids},
            frozenset(self.gone & set(ids)),
            (RawAnswer("posts", {"ids": ids, "odd": "a\x00b"}),),
        )


@dataclass
class Bench:
    """A migrated database with everything that works on it."""

    urls: ServiceDatabase
    worker: Database
    admin: "asyncpg.Connection[asyncpg.Record]"
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    facts: dict[str, PlatformFacts] = field(
        default_factory=lambda: {str(name): facts for name, facts in all_facts().items()}
    )

    async def merchant(self) -> UUID:
        """A new user."""
        user_id = uuid4()
        await self.admin.execute("INSERT INTO auth.users (id) VALUES ($1)", user_id)
        return user_id

    async def consume(self, topic: str, data: Mapping[str, Any], *, event_id: str | None = None) -> CloudEvent:
        """Has the consumer handle an event, as the pipeline would."""
        event = an_event(topic, data, event_id=event_id)
        await self.consume_event(event)
        return event

    async def consume_event(self, event: CloudEvent) -> None:
        """Has the consumer handle exactly this event."""
        for item in subscriptions(self.worker, SCHEDULES):
            if item.topic == event.topic:
                await item.handler(event)
                return
        raise AssertionError(f"nobody consumes {event.topic}")

    async def linked(self, user_id: UUID, **changes: Any) -> dict[str, Any]:
        """A connection that may be measured, known from its event."""
        data = a_connection(user_id, **changes)
        await self.consume("connection.linked", data)
        return data

    async def published(self, connection: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """A live post of that connection, known from its event."""
        data = a_post(connection, **changes)
        await self.consume("post.published", data)
        return data

    def collector(self, *, at_once: int = 8, lease_for: timedelta = timedelta(minutes=3)) -> Collector:
        """A worker's collector over the fake platform."""
        sources = Sources({"x": self.metrics}, self.facts, self.tokens, SCHEDULES, jitter=lambda: 0.0)
        return Collector(self.worker, sources, at_once, lease_for)

    async def collect(self) -> None:
        """Collects until nothing is due."""
        collector = self.collector()
        for _ in range(50):
            if await collector.collect_due() is None:
                return
        raise AssertionError("collecting does not come to an end")

    async def move_clock(self, by: timedelta) -> None:
        """Moves the product's time on."""
        await self.admin.execute(
            "UPDATE retail_b2c.social_clock SET offset_seconds = offset_seconds + $1", by.total_seconds()
        )

    async def end_waits(self) -> None:
        """Lets the real time of every wait and hold be over."""
        await self.admin.execute(
            "UPDATE retail_b2c.analytics_connections SET account_retry_at = now(), next_retry_at = now()"
            " WHERE next_retry_at IS NOT NULL"
        )
        await self.admin.execute("UPDATE retail_b2c.analytics_posts SET retry_at = now() WHERE retry_at IS NOT NULL")
        await self.admin.execute("UPDATE retail_b2c.analytics_holds SET held_until = now()")

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows as the superuser sees them."""
        return [dict(row) for row in await self.admin.fetch(query, *values)]

    async def row(self, query: str, *values: Any) -> dict[str, Any]:
        """The only row as the superuser sees it."""
        (row,) = await self.rows(query, *values)
        return row

    async def told(self, topic: str, subject: UUID) -> list[dict[str, Any]]:
        """The data of the events that wait in the outbox, oldest first."""
        rows = await self.rows(
            "SELECT payload FROM retail_b2c.analytics_outbox WHERE topic = $1 AND subject = $2 ORDER BY id",
            topic,
            str(subject),
        )
        return [json.loads(row["payload"]) for row in rows]


def an_event(topic: str, data: Mapping[str, Any], *, event_id: str | None = None) -> CloudEvent:
    """An event as it is read from its topic."""
    as_json = json.loads(json.dumps(dict(data), default=_plain))
    return CloudEvent(
        id=event_id or str(uuid4()),
        source="/seftec/social/test",
        type=event_type(topic),
        subject=str(as_json.get("post_id") or as_json.get("connection_id")),
        time=datetime.now(UTC),
        dataschema=None,
        traceparent=None,
        user_id=UUID(str(data["user_id"])),
        data=as_json,
        topic=topic,
    )


def a_connection(user_id: UUID, **changes: Any) -> dict[str, Any]:
    """The data of connection.linked."""
    connection_id = uuid4()
    return {
        "connection_id": connection_id,
        "grant_id": uuid4(),
        "user_id": user_id,
        "revision": 10,
        "platform": "x",
        "platform_id": str(connection_id.int)[:18],
        "kind": "account",
        "platform_username": "kettleco",
        "scopes": ["tweet.read"],
        "capabilities": ["publish", "analytics"],
        "missing_scopes": [],
        "health": "ok",
        "expires_at": None,
        "renewable": True,
        "relinked": False,
        "linked_at": datetime.now(UTC),
        **changes,
    }


def a_post(connection: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The data of post.published."""
    post_id = uuid4()
    return {
        "post_id": post_id,
        "campaign_id": uuid4(),
        "connection_id": connection["connection_id"],
        "user_id": connection["user_id"],
        "revision": 10,
        "platform": connection["platform"],
        "platform_id": connection["platform_id"],
        "kind": "text",
        "product_id": "kettle-1",
        "platform_post_id": str(post_id.int)[:18],
        "permalink": "https://x.com/kettleco/status/1",
        "scheduled_at": None,
        "posted_at": datetime.now(UTC),
        "attempts": 1,
        "settled_by": "answer",
        "may_be_duplicate": False,
        **changes,
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
