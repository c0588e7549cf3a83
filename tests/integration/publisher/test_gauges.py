"""What operators are shown of the posts, of how late they go out, and of what limits leave."""

import math

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from tests.integration.publisher.kit import World

from publisher.gauges import Gauges
from social_common.db import Database, DatabaseUnreachable
from social_common.metrics import REGISTRY
from social_common.secrets import Secret
from social_common.telemetry import current_traceparent, span
from social_platforms.registry import all_facts

NAMES = ("publisher_overdue_posts", "publisher_oldest_due_seconds", "publisher_unsettled_attempts")
FACTS = {platform.value: facts for platform, facts in all_facts().items()}


def value(name: str, **labels: str) -> float | None:
    """What a metric shows now."""
    return REGISTRY.get_sample_value(name, labels)


def gauges(world: World) -> Gauges:
    """Those of a worker."""
    return Gauges(world.database, FACTS)


def nowhere() -> Database:
    """A database that is away."""
    return Database(Secret("postgresql://nobody:made-up@127.0.0.1:9/none"), service="publisher", pool_size=1)


async def test_due_posts_are_told_until_the_database_is_away(world: World) -> None:
    """How many, and how late the oldest is; afterwards unknown, and not what it was before."""
    connection = await world.a_connection(await world.a_user())
    for due_in in (-60.0, -5.0, 3600.0):
        await world.a_post(connection, due_in=due_in)
    await gauges(world).read()
    known = [value(name) or 0 for name in NAMES]

    away = nowhere()
    with pytest.raises(DatabaseUnreachable):
        await Gauges(away, FACTS).read()
    await away.close()

    assert (known[0], known[2]) == (2, 0)
    assert 60 <= known[1] < 120
    assert all(math.isnan(value(name) or 0) for name in NAMES)


async def test_posts_are_counted_by_state_over_all_merchants(world: World) -> None:
    """Every state of every platform, 0 where there is none; unknown ones with the age of the oldest."""
    for status, count in (("scheduled", 2), ("published", 3), ("unknown", 2), ("held", 1)):
        for _ in range(count):
            connection = await world.a_connection(await world.a_user())
            await world.a_post(connection, due_in=3600, status=status)
    await world.sql(
        "UPDATE retail_b2c.social_posts SET updated_at = now() - interval '2 h' WHERE id = "
        "(SELECT id FROM retail_b2c.social_posts WHERE status = 'unknown' LIMIT 1)"
    )

    await gauges(world).read_states()
    found = {
        status: value("publisher_posts", platform="x", status=status)
        for status in ("scheduled", "published", "unknown", "held", "failed")
    }
    oldest = [value("publisher_unknown_oldest_seconds", platform=platform) for platform in ("x", "github")]
    away = nowhere()
    with pytest.raises(DatabaseUnreachable):
        await Gauges(away, FACTS).read_states()
    await away.close()

    assert found == {"scheduled": 2, "published": 3, "unknown": 2, "held": 1, "failed": 0}
    assert 7190 < (oldest[0] or 0) < 7300
    assert oldest[1] == 0
    assert value("publisher_posts", platform="x", status="scheduled") is None


async def test_limits_on_the_whole_app_are_told_and_an_accounts_own_only_counted(world: World) -> None:
    """The least share left, as we count it and as the platform says; how many accounts are held back beside."""
    for table, columns, values in (
        ("publisher_rates", "subject, bucket, most, remaining, until", "'', 'a', 100, 40, now() + interval '1 h'"),
        ("publisher_rates", "subject, bucket, most, remaining, until", "'', 'b', 100, 5, now() - interval '1 s'"),
        ("publisher_rates", "subject, bucket, most, remaining, until", "'one', 'a', 100, 0, now() + interval '1 h'"),
        (
            "publisher_holds",
            "subject, operation, bucket, code, until",
            "'one', 'publish', '', 'c', now() + interval '1 h'",
        ),
    ):
        await world.sql(f"INSERT INTO retail_b2c.{table} (platform, {columns}) VALUES ('x', {values})")

    await gauges(world).read_limits()

    assert value("publisher_rate_left_ratio", platform="x", counted_by="platform") == 0.4
    assert value("publisher_limited", platform="x", scope="account") == 1
    assert value("publisher_limited", platform="x", scope="app") == 0
    budgets = [budget for budget in FACTS["x"].budgets if budget.per == "app" and budget.shares.get("publisher")]
    assert value("publisher_rate_left_ratio", platform="x", counted_by="us") == (1.0 if budgets else None)


async def test_lateness_counts_from_the_due_time_and_says_what_was_waited_for(world: World) -> None:
    """A post a minute late counts as such; one that had been held counts apart. Each call is counted by its end."""

    def counted(held: str) -> tuple[float, float]:
        labels = {"platform": "x", "held": held}
        found = [value(f"publisher_lateness_seconds_{part}", **labels) or 0.0 for part in ("count", "sum")]
        return found[0], found[1]

    before, held_before = counted("no"), counted("quota")
    live = value("publisher_calls_total", platform="x", outcome="live") or 0
    connection = await world.a_connection(await world.a_user())
    await world.a_post(connection, due_in=-60)
    await world.a_post(connection, due_in=-3, status="held", held_for="quota")
    await world.work_due()
    after, held_after = counted("no"), counted("quota")

    assert (after[0] - before[0], held_after[0] - held_before[0]) == (1, 1)
    assert 60 <= after[1] - before[1] < 90
    assert 3 <= held_after[1] - held_before[1] < 30
    assert value("publisher_calls_total", platform="x", outcome="live") == live + 2


async def test_a_post_goes_out_in_the_trace_that_it_was_planned_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its attempt carries the trace that stands with it, and its end is told in that trace."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", TracerProvider())
    with span("planned"):
        planned_in = current_traceparent() or ""
    connection = await world.a_connection(await world.a_user())
    post = await world.a_post(connection, traceparent=planned_in)

    await world.work_due()
    told = await world.sql(
        "SELECT headers ->> 'traceparent' AS trace FROM retail_b2c.publisher_outbox WHERE topic = 'post.published'"
    )
    attempts = [row["traceparent"] for row in await world.attempts(post)]

    assert attempts == [planned_in]
    assert [row["trace"].split("-")[1] for row in told] == [planned_in.split("-")[1]]
