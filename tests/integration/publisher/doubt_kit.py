"""Posts that nobody can tell about, and what a look, a call or a merchant does to them."""

import asyncio
from typing import Any
from uuid import UUID

from tests.integration.publisher.api_kit import Api
from tests.integration.publisher.kit import World

from publisher.projections.repository import Connection
from social_platforms._core import ErrorCode, Live, OutcomeUnknown, PlatformError, PostRef, Sighting, SightingKind

FOUND = Sighting(SightingKind.LIVE, live=Live("p1-found", "https://example.test/1"))
OUT = Sighting(SightingKind.LIVE, live=Live(None, None))
NOT_THERE = Sighting(SightingKind.ABSENT)


async def lost(_: PostRef) -> Live:
    """The answer never came."""
    raise OutcomeUnknown("reset")


async def a_duplicate(_: PostRef) -> Live:
    """The platform has this text already."""
    raise PlatformError(ErrorCode.DUPLICATE_POST, "It has this text already.", http_status=403)


async def forbidden(_: PostRef) -> Live:
    """Certainly not."""
    raise PlatformError(ErrorCode.PERMISSION_MISSING, "Not this account.", http_status=403)


async def look(world: World, *seen: Sighting) -> None:
    """One look after the other, each with what it shows."""
    for one in seen:
        world.platform.next_looks.append(one)
        await world.let_leases_run_out()
        assert await world.work_looks() == 1


async def an_unknown_post(world: World, **changes: Any) -> tuple[Connection, UUID]:
    """A post whose only attempt ended with nobody able to tell."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection, **changes)
    world.platform.next_publish.append(lost)
    await world.work_due()
    await look(world, NOT_THERE, NOT_THERE, NOT_THERE)
    assert (await world.post(post_id))["status"] == "unknown"
    return connection, post_id


async def retry(api: Api, connection: Connection, post_id: UUID, *, confirmed: bool = True) -> tuple[int, str]:
    """The merchant's retry: its status, and the post's or the problem's code."""
    merchant = api.as_merchant(connection.user_id)
    body = {"confirm_may_duplicate": confirmed}
    answer = await merchant.call("POST", f"/v1/posts/{post_id}/retry", json=body)
    told = answer.json()
    return answer.status, told["code"] if answer.status >= 400 else told["status"]


class LateLook:
    """A look of the worker that has begun before the merchant acts, and ends after."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __aenter__(self) -> None:
        await self.world.let_leases_run_out()
        engine = self.world.engine(name="late")
        [claim] = await engine.claim_looks(10)
        self.settle = self.world.platform.settle
        self.world.platform.settle = self._settle  # type: ignore[method-assign]
        self.task = asyncio.create_task(engine.settler.handle(claim))
        await self.began.wait()

    async def __aexit__(self, *_: object) -> None:
        self.may_end.set()
        await self.task
        self.world.platform.settle = self.settle  # type: ignore[method-assign]

    async def _settle(self, *_: Any, **__: Any) -> Sighting:
        if self.began.is_set():
            return NOT_THERE
        self.began.set()
        await self.may_end.wait()
        return FOUND


async def ends(world: World, post_id: UUID) -> dict[str, Any]:
    """Where the post stands, and what was told last."""
    post, told = await world.post(post_id), (await world.events(post_id))[-1]
    return {"status": post["status"], "id": post["platform_post_id"], "topic": told[0],
            "risky": told[1].get("may_be_duplicate")}  # fmt: skip
