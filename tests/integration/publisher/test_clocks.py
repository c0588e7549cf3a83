"""Where the clocks of the database and of a process differ, the database's decides."""

import ast
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.integration.publisher.api_kit import Api
from tests.integration.publisher.kit import World

import publisher
from publisher import posts
from social_platforms._core import ErrorCode, Live, OutcomeUnknown, PlatformError, PostRef, Sighting, SightingKind

MINUTES = [-17, -3, 3, 17]
READS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
OF_CLOCKS = {"datetime", "date", "time"}


def test_nothing_of_publishers_reads_its_processs_clock() -> None:
    """Due times, leases, deadlines, ages and revisions are the database's; a process only measures durations."""
    read = [
        f"{path.name}:{node.lineno}"
        for path in Path(publisher.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in OF_CLOCKS
    ]

    assert read == []


@pytest.mark.parametrize("minutes", MINUTES)
async def test_now_is_the_databases_now(world: World, api: Api, minutes: int) -> None:
    """A post to go out now goes out now, and not minutes later because this process's clock is ahead."""
    await world.advance(timedelta(minutes=minutes))
    user_id = await world.a_user()
    connection = await world.a_connection(user_id)
    body = {"content": "Now", "targets": [{"connection_id": str(connection.connection_id)}], "mode": "now"}

    created = await api.as_merchant(user_id).call("POST", "/v1/posts", json=body)
    await world.work_due()

    [post] = created.json()["posts"]
    stored = await world.post(post["id"])
    away = stored["scheduled_at"] - datetime.now(UTC) - timedelta(minutes=minutes)
    assert stored["status"] == "published"
    assert abs(away) < timedelta(seconds=60)
    assert stored["posted_at"] >= stored["scheduled_at"]


@pytest.mark.parametrize("minutes", MINUTES)
async def test_what_is_past_is_said_by_the_database(world: World, api: Api, minutes: int) -> None:
    """A minute ago by the database's clock is refused, a minute from now is taken, whatever this process thinks."""
    await world.advance(timedelta(minutes=minutes))
    user_id = await world.a_user()
    connection = await world.a_connection(user_id)
    there = datetime.now(UTC) + timedelta(minutes=minutes)
    statuses = []
    for away in (-60, 60):
        body = {
            "content": f"At {away}",
            "targets": [{"connection_id": str(connection.connection_id)}],
            "mode": "schedule",
            "scheduled_at": (there + timedelta(seconds=away)).isoformat(),
        }
        statuses.append((await api.as_merchant(user_id).call("POST", "/v1/posts", json=body)).status)

    assert statuses == [422, 201]


@pytest.mark.parametrize("hours", [-2, 2])
async def test_revisions_are_the_databases_milliseconds(
    world: World, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """A process whose clock is off neither counts behind what was sent nor jumps ahead of it."""
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + hours * 3600 * 1_000_000_000)
    monkeypatch.setattr(time, "time", lambda: time.time_ns() / 1e9)
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection, revision=1)

    await world.work_due()

    [(written,)] = await world.sql("SELECT extract(epoch FROM clock_timestamp()) * 1000 FROM pg_database LIMIT 1")
    stored = await world.post(post_id)
    assert abs(float(written) - stored["revision"]) < 60_000


async def test_a_revision_grows_although_the_databases_clock_went_back(world: World) -> None:
    """After a failover to a server that is behind, the next revision is still a higher one."""
    connection = await world.a_connection(await world.a_user())
    ahead = int(datetime.now(UTC).timestamp() * 1000) + 900_000
    post_id = await world.a_post(connection, revision=ahead)

    await world.work_due()

    [(_, told)] = await world.events(post_id)
    assert (await world.post(post_id))["revision"] == told["revision"]
    assert ahead < told["revision"] < ahead + 10


@pytest.mark.parametrize("minutes", MINUTES)
async def test_leases_and_deadlines_are_the_databases(
    world: World, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """A process that is minutes off holds its claim and its attempt as long as the database says, and no longer."""
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + minutes * 60_000_000_000)
    monkeypatch.setattr(time, "time", lambda: time.time_ns() / 1e9)
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    seen: list[tuple[float, float]] = []

    async def looked_at(_: PostRef) -> Live:
        [row] = await world.sql(
            "SELECT extract(epoch FROM deadline - clock_timestamp())::float8 AS deadline, "
            "extract(epoch FROM lease_until - clock_timestamp())::float8 AS lease FROM retail_b2c.publisher_attempts"
        )
        seen.append((row["deadline"], row["lease"]))
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(looked_at)
    [claim] = await world.engine(name="one").claim_due(5)
    assert await world.engine(name="two").claim_due(5) == []
    await world.engine(name="one").due.handle(claim)
    await world.work_looks(rounds=3)

    [(deadline, lease)] = seen
    assert -1 < deadline <= world.settings.publish_hard_limit.total_seconds()
    assert deadline < lease <= world.settings.publish_lease.total_seconds()
    assert (await world.post(post_id))["status"] == "unknown"


async def test_how_long_a_platform_may_process_is_counted_by_the_database(world: World) -> None:
    """Accepted 27 hours ago by the clock that wrote it down: nobody can tell any more."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(lost)
    await world.work_due()
    world.platform.next_looks += [Sighting(SightingKind.PROCESSING)] * 2
    await world.work_looks()
    before = await world.post(post_id)
    await world.sql(
        "UPDATE retail_b2c.publisher_attempts SET started_at = now() - interval '27 h', next_look_at = now()"
    )
    await world.work_looks()

    assert before["status"] == "publishing"
    assert (await world.post(post_id))["status"] == "unknown"


async def test_a_hold_is_counted_by_the_database(world: World) -> None:
    """What the platform said must wait ends by the database's clock, and is told in its product time."""
    connection = await world.a_connection(await world.a_user())
    await world.advance(timedelta(minutes=-17))
    post_id = await world.a_post(connection)

    async def too_often(_: PostRef) -> Live:
        raise PlatformError(ErrorCode.RATE_LIMITED, "Too often.", retry_after=timedelta(minutes=5))

    world.platform.next_publish.append(too_often)
    await world.work_due()
    second = await world.a_post(connection)
    await world.work_due()

    async with world.database.read(connection.user_id) as session:
        now = await posts.product_now(session)
        held = [
            await session.scalar(text("SELECT due_at FROM retail_b2c.social_posts WHERE id = :id"), {"id": one})
            for one in (post_id, second)
        ]
    assert all(timedelta(minutes=4) < one - now < timedelta(minutes=6) for one in held)


async def test_attempts_are_told_in_product_time(world: World, api: Api) -> None:
    """Merchants read one time everywhere: an attempt begins and ends when its post went out, by a moved clock too."""
    await world.advance(timedelta(minutes=MINUTES[-1]))
    user_id = await world.a_user()
    post_id = await world.a_post(await world.a_connection(user_id))

    await world.work_due()

    answer = await api.as_merchant(user_id).call("GET", f"/v1/posts/{post_id}/attempts")
    [attempt] = answer.json()["attempts"]
    for name in ("started_at", "deadline", "finished_at"):
        ahead = datetime.fromisoformat(attempt[name]) - datetime.now(UTC)
        assert abs(ahead - timedelta(minutes=MINUTES[-1])) < timedelta(minutes=3), name
