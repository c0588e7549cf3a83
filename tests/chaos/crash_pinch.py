"""`python -m tests.chaos.crash_pinch NAME …`: a few moments of the walk on a stack of its own, each with its judge.

Every pinch sets one trap: what must not happen does happen there as soon as one guard is missing. The mutations are
caught by them; on the code as it is they find nothing.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from tests.chaos.crash_matrix import running_world, say, troubles_of
from tests.chaos.crash_run import Walked, walk_lanes
from tests.chaos.crash_walk import Walk, meet_a_crash
from tests.chaos.shops import Json
from tests.chaos.workload import Order as Request
from tests.support.eventually import eventually
from tests.support.kafka import Kafka, running_kafka

from social_stack.crash_orders import Order

Pinch = Callable[[Walk], Awaitable[None]]
_CONSUMED_WITHIN_S = 60.0
_AGAIN_S = 3.0
_MOVES = 4
_REFUSES_S = 4.0
# A merchant's records are read one after the other: whoever commits a later one is past the one that came again.
_READ_ON = Order("offset.commit.after", "post.scheduled")


async def answer_lost(walk: Walk) -> None:
    """The platform published; the sender is gone before it could say so. GitHub takes an equal discussion twice."""
    await walk.step("publisher", Order("post.publish.after", "github"), lambda: walk.publish("github"))


async def event_lost(walk: Walk) -> None:
    """The worker that writes a result is gone right before its commit."""
    await walk.step("publisher", Order("event.commit.before", "post.published"), lambda: walk.publish("x"))


async def record_again(walk: Walk) -> None:
    """A record was handled, its offset is not committed: it comes again."""
    await _posts_until(walk, Order("offset.commit.before", "post.scheduled"))
    await _posts_until(walk, _READ_ON)


async def record_unfinished(walk: Walk) -> None:
    """A record is being handled when the consumer is gone: nothing of it is committed."""
    await _posts_until(walk, Order("inbox.commit.before", "post.scheduled"))
    await _posts_until(walk, _READ_ON)


async def late_refresher(walk: Walk) -> None:
    """A refresher stands still until another has refreshed; a spent token ends everything at this platform."""
    place = await walk.shop.link("x")
    await _switch(walk, "x", family_revocation=True)
    order = Order("lease.commit.after", "x", pause=26.0)

    async def refresh() -> None:
        path = f"/v1/connections/{place.connection_id}/refresh"
        await meet_a_crash(walk.merchant_at("auth-linker").call("POST", "auth-linker", path))

    await walk.step("auth-linker", order, refresh, role="api")
    await walk.crew.api_is_back("auth-linker")


async def many_events(walk: Walk) -> None:
    """The relay stands still while one post changes again and again: its events wait side by side."""
    post = await _waiting_post(walk)
    await walk.step("publisher", Order("outbox.mark.before", pause=5.0), lambda: walk.publish("x"))
    for number in range(1, _MOVES + 1):
        moved = {"scheduled_at": (datetime.now(UTC) + timedelta(minutes=10 + number)).isoformat()}
        post = await _change(walk, "PATCH", post, moved)
    await _change(walk, "DELETE", post)


async def same_key(walk: Walk) -> None:
    """The API is gone after its commit, before its answer: the same key asks the other replica."""
    request = await walk.request("x")

    async def create() -> None:
        headers = {"Idempotency-Key": request.key}
        await meet_a_crash(
            walk.merchant_at("publisher").call("POST", "publisher", "/v1/posts", request.body, headers=headers)
        )

    await walk.step("publisher", Order("event.commit.after", "post.scheduled"), create, role="api")
    await walk.send(request)
    await walk.crew.api_is_back("publisher")


async def broker_refuses(walk: Walk) -> None:
    """The broker takes no record of a topic for a while, and the relay is gone as soon as it has marked one."""
    assert not walk.world.kafka.embedded, "the embedded broker takes records whatever is asked of it"
    order = Order("outbox.mark.after")
    await _all_told(walk, await walk.publish("x"))
    await _configure(walk, "post.scheduled", {"max.message.bytes": "1"})
    try:
        walk.crew.give("publisher", "worker", order)
        await walk.publish("x")
        # As long as nothing is confirmed, nothing is marked.
        await asyncio.sleep(_REFUSES_S)
    finally:
        await _configure(walk, "post.scheduled", {})
    await walk.obeyed("publisher", "worker", order, within=_CONSUMED_WITHIN_S)


PINCHES: Final[dict[str, Pinch]] = {
    pinch.__name__: pinch
    for pinch in (
        answer_lost,
        event_lost,
        record_again,
        record_unfinished,
        late_refresher,
        many_events,
        same_key,
        broker_refuses,
    )
}


async def _posts_until(walk: Walk, order: Order) -> None:
    walk.crew.give("auth-linker", "worker", order)
    waiting = asyncio.create_task(walk.obeyed("auth-linker", "worker", order, within=_CONSUMED_WITHIN_S))
    while not waiting.done():
        await walk.publish("x", plain=True)
        await asyncio.wait([waiting], timeout=_AGAIN_S)
    await waiting


async def _all_told(walk: Walk, request: Request) -> None:
    """Waits until that post is out and nothing of publisher's is left to send."""
    query = """
        SELECT EXISTS (SELECT FROM retail_b2c.social_posts WHERE id = ANY ($1::uuid[]) AND status = 'published')
        AND NOT EXISTS (SELECT FROM retail_b2c.publisher_outbox WHERE sent_at IS NULL)"""
    async with walk.world.database() as database:

        async def is_told() -> bool:
            return bool(await database.fetchval(query, list(request.posts.values())))

        await eventually(is_told, within=_CONSUMED_WITHIN_S, what="a post is out, and told")


async def _waiting_post(walk: Walk) -> Json:
    request = await walk.send(await walk.request("x", due_in=timedelta(minutes=10), plain=True))
    (post_id,) = request.posts.values()
    found: Json = (await walk.shop.insist("GET", "publisher", f"/v1/posts/{post_id}")).json()
    return found


async def _change(walk: Walk, method: str, post: Json, body: Json | None = None) -> Json:
    headers = {"If-Match": f'"{post["revision"]}"'}
    path = f"/v1/posts/{post['id']}"
    answer = await walk.shop.merchant.call(method, "publisher", path, body, headers=headers)
    assert answer.status // 100 == 2, answer.text
    changed: Json = answer.json() if answer.content else post
    return changed


async def _configure(walk: Walk, topic: str, configs: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=walk.world.kafka.bootstrap_servers)
    await admin.start()
    try:
        (answer,) = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])
        assert not answer.resources[0][0], answer
    finally:
        await admin.close()


async def _switch(walk: Walk, platform: str, **switches: object) -> None:
    await walk.world.control("POST", "switches", {"platform": platform, "switches": switches})


async def _run(folder: Path, kafka: Kafka, names: list[str]) -> Walked:
    async def lanes(walk: Walk) -> None:
        for name in names:
            say(name.replace("_", " "))
            await PINCHES[name](walk)

    platforms = ("x", "github") if "answer_lost" in names else ("x",)
    async with running_world(folder, kafka) as world:
        return await walk_lanes(world, folder / "orders", lanes, platforms=platforms, is_whole=False, say=say)


def main() -> int:
    """Pinches; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.crash_pinch", description="Walk a few moments.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PINCHES))
    names = parser.parse_args().names or list(PINCHES)
    if unknown := set(names) - PINCHES.keys():
        parser.error(f"there is no pinch {', '.join(sorted(unknown))}")
    folder = Path(tempfile.mkdtemp(prefix="social-pinches-"))
    folder.chmod(0o755)
    with running_kafka() as kafka:
        troubles = troubles_of(asyncio.run(_run(folder, kafka, names)))
    shutil.rmtree(folder, ignore_errors=True)
    for line in troubles[:20]:
        print(line)  # noqa: T201
    print(f"pinches: FAILED, {len(troubles)} findings" if troubles else f"pinches: ok, {len(names)}")  # noqa: T201
    return int(bool(troubles))


if __name__ == "__main__":
    sys.exit(main())
