"""Real services on a real database for a machine that has no event loop of its own: one call at a time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from tests.integration.publisher.kit import RING, FakeBroker, FakePlatform, NoMedia, World, quick_settings
from tests.integration.publisher.post_model import Answer
from tests.support.postgres import ServiceDatabase

from publisher.brokerage import Brokered, ConnectionDownError
from publisher.engine import Outside
from publisher.main import create_board
from publisher.planning.board import Board
from publisher.projections.consumers import ConnectionConsumer
from publisher.publishing.due import DueClaim
from publisher.sealing import Seals
from social_common.db import Database
from social_common.errors import Conflict, Invalid, NotFound, PreconditionFailed
from social_platforms._core import Access, JsonObject, MediaReader, PostContent, PostRef, Prepared
from social_platforms.registry import all_facts

_T = TypeVar("_T")
Hook = Callable[[], Awaitable[None]]


class VanishedError(BaseException):
    """The process is gone: no handler of ours runs after this line."""


@dataclass
class HookedPlatform(FakePlatform):
    """A platform in whose calls something else may happen."""

    while_preparing: Hook | None = None

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """As the platform in memory does, after what happens meanwhile."""
        if self.while_preparing is not None:
            hook, self.while_preparing = self.while_preparing, None
            await hook()
        return await super().prepare(access, content, ref, handle=handle, media=media)


@dataclass
class SteadyBroker(FakeBroker):
    """auth-linker, which knows which connections are down."""

    down: dict[UUID, int] = field(default_factory=dict)

    async def access(
        self, connection_id: UUID, user_id: UUID, *, min_valid: timedelta, refused: int | None = None
    ) -> Brokered:
        """A token, unless the merchant has to connect again."""
        if connection_id in self.down:
            raise ConnectionDownError(self.down[connection_id])
        return await super().access(connection_id, user_id, min_valid=min_valid, refused=refused)


class Theatre:
    """The world, an API's use cases and two engines, driven from outside of any event loop."""

    def __init__(self, urls: ServiceDatabase) -> None:
        self._runner = asyncio.Runner()
        self._urls = urls
        self.platform = HookedPlatform()
        self.broker = SteadyBroker()
        self.run(self._open())

    async def _open(self) -> None:
        self._superuser = await asyncpg.connect(self._urls.superuser)
        worker = Database(self._urls.secret("worker"), service="publisher", pool_size=4)
        self._api = Database(self._urls.secret("api"), service="publisher", pool_size=4)
        self.world = World(self._urls, worker, self.platform, self.broker, quick_settings())
        self.engines = [self.world.engine(name="one"), self.world.engine(name="two")]
        outside = Outside(
            broker=self.broker,
            adapters={"x": self.platform},
            facts={platform.value: facts for platform, facts in all_facts().items()},
            media=NoMedia(),
            seals=Seals(RING),
        )
        self.board: Board = create_board(self.world.settings, self._api, outside, ring=RING)
        self.consumer = ConnectionConsumer(worker, probe_after=timedelta(minutes=10))

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Runs it to its end."""
        return self._runner.run(work)

    def close(self) -> None:
        """Closes what was opened."""

        async def close() -> None:
            await self._superuser.close()
            await self.world.close()
            await self._api.close()

        self.run(close())
        self._runner.close()

    async def sql(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Anything, as the superuser, on one connection that stays."""
        return list(await self._superuser.fetch(statement, *values))

    async def clear(self) -> None:
        """Nothing is left of the play before."""
        for table in ("social_posts", "publisher_attempts", "publisher_preparations", "publisher_connections",
                      "publisher_settings", "publisher_holds", "publisher_budgets", "publisher_outbox"):  # fmt: skip
            await self.sql(f"DELETE FROM retail_b2c.{table}")
        await self.sql("DELETE FROM auth.users")
        await self.sql("UPDATE retail_b2c.social_clock SET offset_seconds = 0")
        self.platform.__init__()  # type: ignore[misc]
        self.broker.__init__()  # type: ignore[misc]

    async def handle(self, claim: DueClaim, *, engine: int) -> None:
        """One claimed post, whose worker may vanish in the middle."""
        with suppress(VanishedError):
            await self.engines[engine].due.handle(claim)

    async def forget_limits(self) -> None:
        """What the platform said must wait is over."""
        await self.sql("DELETE FROM retail_b2c.publisher_holds")
        self.platform.next_publish.clear()
        self.platform.next_prepare.clear()
        self.platform.next_looks.clear()
        self.platform.while_preparing = None

    async def let_leases_run_out(self) -> None:
        """As if the time of every lease had passed, and that of every look."""
        over = "now() - interval '1 s'"
        for table, column in (("publisher_attempts", "lease_until"), ("publisher_attempts", "next_look_at"),
                              ("social_posts", "lease_until")):  # fmt: skip
            await self.sql(f"UPDATE retail_b2c.{table} SET {column} = {over} WHERE {column} IS NOT NULL")

    async def revision_of(self, post_id: UUID) -> int:
        """The present one; 1 for a post that is gone."""
        rows = await self.sql("SELECT revision FROM retail_b2c.social_posts WHERE id = $1", post_id)
        return int(rows[0]["revision"]) if rows else 1

    async def told_of(self, post_id: UUID) -> list[tuple[str, str, int]]:
        """The events of a post in the order of the outbox: topic, what is particular, revision."""
        rows = await self.sql(
            "SELECT topic, payload FROM retail_b2c.publisher_outbox WHERE subject = $1 ORDER BY id", str(post_id)
        )
        told = [(row["topic"], json.loads(row["payload"])) for row in rows]
        return [(topic, _particular(topic, data), int(data["revision"])) for topic, data in told]


def _particular(topic: str, data: Mapping[str, Any]) -> str:
    match topic:
        case "post.canceled":
            return str(data["reason"])
        case "post.failed":
            return str(data["status"])
        case "post.published":
            return f"{data['settled_by']}{' may be duplicate' if data['may_be_duplicate'] else ''}"
        case _:
            return ""


async def answer_of(work: Awaitable[object]) -> Answer:
    """How a use case ended, in the model's words."""
    try:
        await work
    except Conflict:
        return "conflict"
    except PreconditionFailed:
        return "stale"
    except NotFound:
        return "missing"
    except Invalid:
        return "invalid"
    return "ok"
