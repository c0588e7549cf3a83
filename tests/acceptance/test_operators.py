"""The operators' command line beside the running product: real workers, real relays."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.acceptance.steps import a_linked_merchant, on_platform, publish_now, until_status
from tests.support.eventually import eventually
from tests.support.stack import World

from social_stack.events import Record, read_topics


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


async def social(world: World, *arguments: str) -> Any:
    """Run `social … --local --json` against the stack, and return what it answers."""
    ended = await run_social(world, *arguments)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


async def run_social(world: World, *arguments: str) -> Ended:
    """Run `social … --local --json` against the stack, however it ends."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "social_cli", *arguments, "--local", "--json"),
        env={
            **kept,
            "SOCIAL_DATA_DIR": str(world.stack.config.data_dir),
            "SOCIAL_PORT_BASE": str(world.stack.config.ports.base),
            "KAFKA_BOOTSTRAP_SERVERS": world.kafka.bootstrap_servers,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(90):
        out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def test_a_replay_reaches_kafka_with_the_same_ids_and_publishes_nothing(world: World) -> None:
    """The relay sends a post's events once more as they were; the post, its platform and its story stay as they are."""
    _, merchant, connection = await a_linked_merchant(world)
    post = await until_status(merchant, await publish_now(merchant, connection, "told twice"), "published")
    chosen = ("--topic", "post.scheduled", "--topic", "post.published", "--aggregate", post["id"])

    async def told() -> list[Record]:
        topics = ["post.scheduled", "post.published"]
        records = await read_topics(world.kafka.bootstrap_servers, topics, within=timedelta(seconds=20))
        return [record for record in records if record.headers["ce_subject"] == post["id"]]

    before = await told()
    planned = await social(world, "events", "replay", *chosen, "--dry-run")
    done = await social(world, "events", "replay", *chosen)

    async def all_again() -> list[Record] | None:
        records = await told()
        return records if len(records) == 2 * len(before) else None

    after = await eventually(all_again, what="the events once more")
    assert planned["events"] == len(before) == sum(topic["sent"] for topic in done["topics"])
    assert sorted(r.headers["ce_id"] for r in after) == sorted(2 * [r.headers["ce_id"] for r in before])
    assert len(await on_platform(world, "x", "told twice")) == 1
    assert (await until_status(merchant, post, "published"))["revision"] == post["revision"]


async def test_the_local_stack_is_found_by_its_data(world: World) -> None:
    """With --local no other setting is needed; nothing of a healthy stack is parked in the time to come."""
    since = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    listed = await social(world, "events", "dlt", "list", "--since", since)

    assert (listed["total"], listed["left_out"]) == (0, [])
