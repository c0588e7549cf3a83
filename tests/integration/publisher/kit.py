"""What publisher's tests work with: a platform and a broker of our own, an engine that is turned by hand, builders."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from tests.support.postgres import ServiceDatabase

from publisher.brokerage import Brokered, ConnectionFacts
from publisher.engine import Engine, Outside
from publisher.projections.repository import Connection
from publisher.projections.repository import store as store_connection
from publisher.sealing import Seals
from publisher.settings import PublisherSettings
from social_common.crypto import KeyRing
from social_common.db import Database
from social_common.secrets import Secret
from social_platforms._core import (
    Accepted,
    Access,
    Finding,
    JsonObject,
    Live,
    MediaItem,
    MediaReader,
    PlaceKind,
    Platform,
    PostContent,
    PostKind,
    PostRef,
    Prepared,
    RateReading,
    Sighting,
    SightingKind,
    TextLength,
)
from social_platforms.registry import all_facts

RING = KeyRing(active="k1", keys={"k1": b"0123456789abcdef0123456789abcdef"})
Behaviour = Callable[[PostRef], Awaitable[Live | Accepted]]


@dataclass
class FakePlatform:
    """A platform in memory: what is public there, and how the next calls behave."""

    platform: Platform = Platform.X
    public: list[tuple[str, str]] = field(default_factory=list)  # (place, text)
    calls: list[str] = field(default_factory=list)
    next_publish: list[Behaviour] = field(default_factory=list)
    next_prepare: list[Exception | Prepared] = field(default_factory=list)
    next_looks: list[Sighting | Exception] = field(default_factory=list)
    discarded: list[JsonObject] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    handles: list[JsonObject] = field(default_factory=list)
    next_rates: list[RateReading] = field(default_factory=list)

    def put(self, access: Access, text: str) -> Live:
        """Makes a text public."""
        self.public.append((access.platform_id, text))
        number = len(self.public)
        return Live(f"p{number}-{access.platform_id}", f"https://example.test/{number}")

    def kind_of(self, content: PostContent) -> PostKind:
        """The form by what is attached."""
        return PostKind.IMAGE if content.media else PostKind.TEXT

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Refuses long texts."""
        del facts
        if len(content.text) > 280:
            return (Finding("problem", "content_rejected", "content", "The text is too long."),)
        return ()

    def text_length(self, content: PostContent, facts: Mapping[str, Any]) -> TextLength:
        """Plain characters."""
        del facts
        return TextLength(len(content.text), 280)

    def costs(self, content: PostContent, kind: PlaceKind) -> Mapping[str, int]:
        """One creation, and one upload per file."""
        del kind
        return {"POST /2/tweets": 1, "POST /2/media/upload": len(content.media)}

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """Ready at once unless told otherwise."""
        del content, media
        self.calls.append("prepare")
        if self.next_prepare:
            step = self.next_prepare.pop(0)
            if isinstance(step, Exception):
                raise step
            return step
        return Prepared({"container": f"c-{ref.post_id}-{access.platform_id}", "was": handle}, ready=True)

    async def publish(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject
    ) -> Live | Accepted:
        """Makes it public unless told otherwise."""
        self.calls.append("publish")
        self.tokens.append(access.token.reveal())
        self.handles.append(handle)
        access.rates.extend(self.next_rates)
        self.next_rates.clear()
        if self.next_publish:
            return await self.next_publish.pop(0)(ref)
        return self.put(access, content.text)

    async def settle(
        self,
        access: Access,
        content: PostContent,
        ref: PostRef,
        *,
        handle: JsonObject,
        sent_at: datetime,
        until: datetime | None = None,
    ) -> Sighting:
        """What is public there unless told otherwise."""
        del ref, handle, sent_at, until
        self.calls.append("settle")
        if self.next_looks:
            step = self.next_looks.pop(0)
            if isinstance(step, Exception):
                raise step
            return step
        for number, (place, text) in enumerate(self.public, start=1):
            if place == access.platform_id and text == content.text:
                live = Live(f"p{number}-{place}", f"https://example.test/{number}")
                return Sighting(SightingKind.LIVE, live=live)
        return Sighting(SightingKind.ABSENT)

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Remembers what was thrown away."""
        del access
        self.discarded.append(handle)


@dataclass
class FakeBroker:
    """auth-linker as publisher sees it."""

    places: dict[UUID, str] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    known: dict[UUID, ConnectionFacts] = field(default_factory=dict)
    refused: list[int | None] = field(default_factory=list)
    version: int = 1

    async def access(
        self, connection_id: UUID, user_id: UUID, *, min_valid: timedelta, refused: int | None = None
    ) -> Brokered:
        """A token, or the next failure."""
        del user_id, min_valid
        self.refused.append(refused)
        if self.failures:
            raise self.failures.pop(0)
        if refused is not None and refused >= self.version:
            self.version = refused + 1
        access = Access(
            token=Secret(f"token-{self.version}"),
            platform_id=self.places.get(connection_id, "place"),
            kind=PlaceKind.ACCOUNT,
        )
        return Brokered(access, self.version)

    async def connection(self, connection_id: UUID, user_id: UUID) -> ConnectionFacts | None:
        """What auth-linker would say."""
        del user_id
        return self.known.get(connection_id)


class NoMedia:
    """Media that is always a small picture."""

    async def describe(self, item: MediaItem) -> MediaItem:
        """A picture."""
        return replace(item, mime="image/jpeg", size_bytes=1000, width=100, height=100)

    async def read(self, item: MediaItem, *, chunk_size: int) -> AsyncIterator[bytes]:
        """One byte."""
        del item, chunk_size
        yield b"x"


def quick_settings(**changes: Any) -> PublisherSettings:
    """PublisherSettings with short waits; nothing in them waits for luck."""
    known: dict[str, Any] = {
        "environment": "development",
        "look_delays": {"x": [0.0, 0.0, 0.0]},
        "late_look_delays": [3600.0],
        # A machine that stands still for a moment must not look like a sender that is too late.
        "publish_hard_limit": timedelta(seconds=8),
        "publish_lease": timedelta(seconds=17),
    }
    return PublisherSettings(**(known | changes))


@dataclass
class World:
    """One database with an engine, a platform and a broker."""

    urls: ServiceDatabase
    database: Database
    platform: FakePlatform
    broker: FakeBroker
    settings: PublisherSettings
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    superusers: asyncpg.Pool | None = None

    def engine(self, *, name: str | None = None, **changes: Any) -> Engine:
        """An engine of its own, as another process would be."""
        settings = self.settings.model_copy(update=changes) if changes else self.settings
        outside = Outside(
            broker=self.broker,
            adapters={self.platform.platform.value: self.platform},
            facts={platform.value: facts for platform, facts in all_facts().items()},
            media=NoMedia(),
            seals=Seals(RING),
        )
        return Engine(settings, self.database, outside, stop=self.stop, name=name)

    async def sql(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Anything, as the superuser."""
        if self.superusers is None:
            self.superusers = await asyncpg.create_pool(self.urls.superuser, min_size=1, max_size=8)
        return list(await self.superusers.fetch(statement, *values))

    async def close(self) -> None:
        """Closes what was opened."""
        if self.superusers is not None:
            await self.superusers.close()
        await self.database.close()

    async def a_user(self) -> UUID:
        """A merchant."""
        user_id = uuid4()
        await self.sql("INSERT INTO auth.users (id, email) VALUES ($1, $2)", user_id, f"{user_id}@example.test")
        return user_id

    async def a_connection(self, user_id: UUID, **changes: Any) -> Connection:
        """A usable place."""
        connection_id = uuid4()
        known: dict[str, Any] = {
            "connection_id": connection_id,
            "user_id": user_id,
            "grant_id": uuid4(),
            "platform": "x",
            "platform_id": f"place-{connection_id.hex[:8]}",
            "health": "ok",
            "is_usable": True,
            "revision": 10,
            "kind": "account",
            "platform_username": "shop",
            "capabilities": ("publish", "analytics"),
        }
        connection = Connection(**(known | changes))
        async with self.database.write(user_id) as session:
            await store_connection(session, connection)
        self.broker.places[connection_id] = connection.platform_id
        return connection

    async def a_post(self, connection: Connection, *, due_in: float = -1, **changes: Any) -> UUID:
        """A scheduled post, due a second ago unless said otherwise."""
        post_id = uuid4()
        known: dict[str, Any] = {
            "id": post_id,
            "user_id": connection.user_id,
            "platform": connection.platform,
            "platform_id": connection.platform_id,
            "content": f"Hello {post_id}",
            "status": "scheduled",
            "campaign_id": uuid4(),
            "connection_id": connection.connection_id,
            "grant_id": connection.grant_id,
            "connection_revision": connection.revision,
            "kind": "text",
            "revision": 1,
        }
        values = known | changes
        columns = [*values, "scheduled_at", "due_at"]
        places = [f"${number}" for number in range(1, len(values) + 1)]
        due = f"retail_b2c.social_now() + make_interval(secs => ${len(values) + 1})"
        await self.sql(
            f"INSERT INTO retail_b2c.social_posts ({', '.join(columns)}) VALUES ({', '.join(places)}, {due}, {due})",
            *values.values(),
            float(due_in),
        )
        return post_id

    async def post(self, post_id: UUID) -> asyncpg.Record:
        """A post as it stands."""
        return (await self.sql("SELECT * FROM retail_b2c.social_posts WHERE id = $1", post_id))[0]

    async def attempts(self, post_id: UUID) -> list[asyncpg.Record]:
        """A post's attempts, oldest first."""
        return await self.sql("SELECT * FROM retail_b2c.publisher_attempts WHERE post_id = $1 ORDER BY number", post_id)

    async def events(self, post_id: UUID) -> list[tuple[str, dict[str, Any]]]:
        """What was told of a post: topics and data, oldest first."""
        rows = await self.sql(
            "SELECT topic, payload FROM retail_b2c.publisher_outbox WHERE subject = $1 ORDER BY id", str(post_id)
        )
        return [(row["topic"], json.loads(row["payload"])) for row in rows]

    async def work_due(self, engine: Engine | None = None) -> int:
        """Claims once and brings every claimed post to its end."""
        engine = engine or self.engine()
        claims = await engine.claim_due(100)
        for claim in claims:
            await engine.due.handle(claim)
        return len(claims)

    async def work_looks(self, engine: Engine | None = None, *, rounds: int = 1) -> int:
        """Claims looks and makes them, so many rounds."""
        engine, done = engine or self.engine(), 0
        for _ in range(rounds):
            for claim in await engine.claim_looks(100):
                await engine.settler.handle(claim)
                done += 1
        return done

    async def let_leases_run_out(self) -> None:
        """As if the time of every lease had passed, and that of every look."""
        await self.sql(
            "UPDATE retail_b2c.publisher_attempts SET lease_until = now() - interval '1 s', "
            "next_look_at = now() - interval '1 s' WHERE lease_until IS NOT NULL OR next_look_at IS NOT NULL"
        )
        await self.sql(
            "UPDATE retail_b2c.social_posts SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL"
        )

    async def advance(self, by: timedelta) -> None:
        """Moves product time."""
        await self.sql("UPDATE retail_b2c.social_clock SET offset_seconds = offset_seconds + $1", by.total_seconds())


def soon(seconds: float) -> datetime:
    """A moment from now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
