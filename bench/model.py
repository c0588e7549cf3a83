"""The scale model: from what was measured here (inputs.toml) and what is assumed (plan.toml) to what each stage needs.

    python -m bench.model          prints the tables of docs/scale.md

It reckons with the product's own schedules and the platforms' own limits; nothing of it is known until it was tried.
"""

import math
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from analytics.collecting.schedules import build_schedules
from bench.peak import Hour, Lateness, simulate, workers_for
from social_platforms._core import Platform
from social_platforms.registry import all_facts

_HERE: Final = Path(__file__).parent
_DAY_S: Final = 86_400
_MONTH_DAYS: Final = 30
_YEAR_DAYS: Final = 365
_MB: Final = 1e6
_TB: Final = 1e12
_SPARE_WORKERS: Final = 1
_EVENTS_PER_POST: Final = 2  # post.scheduled and post.published
_FEWEST: Final = 2  # replicas of anything
_PARTITIONS_NOW: Final = 6
_NOTHING: Final = "\u2013"
Table = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Needs:
    """What one stage needs. Rates are per second."""

    name: str
    merchants: int
    posts: int  # a month
    at_full_hour: int
    publishers: int
    lateness: Lateness
    peak_posts: float  # begun in a second of the peak
    measurements: float
    collectors: int
    refreshes: float
    events: float
    postgres_cores: float
    wal_mb: float
    terabytes: float
    shards: int
    kafka_mb: float
    connections: int
    linkers: int
    refreshers: int
    partitions: int


def read_toml(name: str) -> dict[str, Any]:
    """`inputs.toml` or `plan.toml`."""
    return tomllib.loads((_HERE / name).read_text())


def _measured() -> dict[str, Any]:
    return read_toml("inputs.toml") if (_HERE / "inputs.toml").exists() else {}


def read_inputs(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What was measured, and the plan's guesses where nothing was."""
    return {**plan["until_measured"], **_measured()}


def provenance(plan: Mapping[str, Any]) -> str:
    """One sentence: which of the figures that the model begins with are guesses."""
    measured = _measured()
    guessed = [f"`{name}`" for name in plan["until_measured"] if name not in measured]
    if not guessed:
        return "All inputs were measured."
    return f"**Guessed, not measured** ({len(guessed)} of {len(plan['until_measured'])} inputs): {', '.join(guessed)}."


def readings_of_a_post(platform: str) -> int:
    """How often the product's own schedule reads one post until it leaves it alone."""
    facts = all_facts()
    schedule = build_schedules(facts.values(), {}).of(platform)
    if not schedule.reads_posts:
        return 0
    posted = datetime(2026, 1, 1, tzinfo=UTC)
    due: datetime | None = schedule.first_post_due(kind=None, posted_at=posted, now=posted)
    count = 0
    while due is not None:
        count += 1
        due = schedule.next_post_due(kind=None, posted_at=posted, now=due)
    return count


def refreshes_a_day(platforms: Mapping[str, Mapping[str, float]], merchants: int) -> float:
    """Every grant that can be renewed is, by the clock, whether its merchant posts or not."""
    return sum(
        merchants * one["accounts"] * 24 / (one["token_life_h"] - one["lead_h"])
        for one in platforms.values()
        if one["token_life_h"]
    )


def needs_of(name: str, *, merchants: int, posts: int, inputs: Mapping[str, Any], plan: Mapping[str, Any]) -> Needs:
    """The arithmetic of one stage."""
    peak, platforms = plan["peak"], plan["platforms"]
    postgres, kafka = plan["postgres"], plan["kafka"]
    posts_a_day = posts / _MONTH_DAYS
    hour = Hour(
        round(posts_a_day * peak["busiest_day"] * peak["busiest_hour"]), peak["at_full_hour"], peak["at_quarters"]
    )
    rate = inputs["posts_per_worker_per_s"]
    workers = workers_for(hour, posts_per_s=rate, late_after_s=peak["late_after_s"], late_share=peak["late_share"])
    publishers = max(workers + _SPARE_WORKERS, _FEWEST)
    lateness = simulate(hour, workers=publishers, posts_per_s=rate, late_after_s=peak["late_after_s"])
    at_full_hour = next((count for second, count in hour.arrivals() if second == 0), 0)
    peak_posts = min(publishers * rate, float(at_full_hour))
    measured_a_day = posts_a_day * sum(one["posts"] * readings_of_a_post(p) for p, one in platforms.items())
    measurements = measured_a_day / _DAY_S
    collecting, refreshing = plan["collecting"], plan["refreshing"]
    young = collecting["above_average"] * measurements
    collectors = max(math.ceil(young / inputs["measurements_per_worker_per_s"]), _FEWEST)
    refreshes = refreshes_a_day(platforms, merchants) / _DAY_S
    refreshers = max(math.ceil(refreshes * refreshing["call_s"] / refreshing["at_once"]), _FEWEST)
    tokens = peak_posts + young / collecting["posts_per_read"]
    linkers = max(math.ceil(tokens / inputs["tokens_per_s"]), _FEWEST)
    told = young * (1 - collecting["unchanged"])
    events = posts_a_day * _EVENTS_PER_POST / _DAY_S + told
    cores = postgres["cpu_factor"] * (
        peak_posts * inputs["post_postgres_cpu_s"] + young * inputs["measurement_postgres_cpu_s"]
    )
    wal = peak_posts * inputs["post_wal_bytes"] + young * inputs["measurement_wal_bytes"]
    kept = (posts_a_day * inputs["post_bytes"] + measured_a_day * inputs["measurement_kept_bytes"]) * _YEAR_DAYS
    passing = measured_a_day * inputs["measurement_passing_bytes"] * collecting["passing_days"]
    stored = kept * collecting["kept_years"] + passing
    shards = max(
        math.ceil(cores / (postgres["cores"] * postgres["busy_at_most"])),
        math.ceil(wal / _MB / postgres["wal_mb_per_s"]),
        math.ceil(stored / _TB / postgres["size_tb"]),
        math.ceil(max(told, peak_posts) / inputs["events_per_relay_per_s"]),  # one relay of a service at a time
    )
    kafka_mb = (events + _EVENTS_PER_POST * peak_posts) * inputs["event_kafka_bytes"] / _MB
    readers = math.ceil(2 * max(told, peak_posts) / inputs["consumed_per_worker_per_s"])
    partitions = max(_PARTITIONS_NOW, readers, math.ceil(kafka_mb / kafka["partition_mb_per_s"]))
    return Needs(
        name=name,
        merchants=merchants,
        posts=posts,
        at_full_hour=at_full_hour,
        publishers=publishers,
        lateness=lateness,
        peak_posts=peak_posts,
        measurements=measurements,
        collectors=collectors,
        refreshes=refreshes,
        events=events,
        postgres_cores=cores,
        wal_mb=wal / _MB,
        terabytes=stored / _TB,
        shards=shards,
        kafka_mb=kafka_mb,
        connections=round(publishers * inputs["worker_connections"]),
        linkers=linkers,
        refreshers=refreshers,
        partitions=partitions,
    )


def reckon(inputs: Mapping[str, Any], plan: Mapping[str, Any]) -> list[Needs]:
    """Every stage of the plan."""
    return [
        needs_of(name, merchants=merchants, posts=posts, inputs=inputs, plan=plan)
        for name, (merchants, posts) in plan["stages"].items()
    ]


def stage_table(stages: list[Needs]) -> Table:
    """What each stage needs, a stage a column."""
    rows: list[tuple[str, Callable[[Needs], str]]] = [
        ("posts a month", lambda one: f"{one.posts:,}"),
        ("due at the busiest :00", lambda one: f"{one.at_full_hour:,}"),
        ("workers of publisher", lambda one: f"{one.publishers:,}"),
        ("their connections to PostgreSQL", lambda one: f"{one.connections:,}"),
        ("lateness p99 of that hour", lambda one: f"{one.lateness.p99_s:.1f} s"),
        ("measurements of posts", lambda one: f"{_short(one.measurements)}/s"),
        ("workers of analytics", lambda one: f"{one.collectors:,}"),
        ("replicas of auth-linker's API", lambda one: f"{one.linkers:,}"),
        ("refreshes of tokens", lambda one: f"{_short(one.refreshes)}/s"),
        ("workers of auth-linker", lambda one: f"{one.refreshers:,}"),
        ("events", lambda one: f"{_short(one.events)}/s"),
        ("PostgreSQL, cores busy at :00", lambda one: _short(one.postgres_cores)),
        ("WAL at :00", lambda one: f"{_short(one.wal_mb)} MB/s"),
        ("stored by the services", lambda one: f"{_short(one.terabytes)} TB"),
        ("Kafka in at :00, before replication", lambda one: f"{_short(one.kafka_mb)} MB/s"),
        ("partitions of the busiest topic", lambda one: f"{one.partitions}"),
        ("shards of PostgreSQL", lambda one: f"{one.shards}"),
    ]
    head = ("merchants", *(one.name for one in stages))
    return [head, *((name, *(tell(one) for one in stages)) for name, tell in rows)]


def limit_table(largest: Needs, plan: Mapping[str, Any]) -> Table:
    """What the platforms give one app a day, beside what the last stage would ask."""
    rows: Table = [("platform", "asked of the app", "given a day", "wanted a day", "times too little")]
    for platform, one in plan["platforms"].items():
        wanted = largest.posts / _MONTH_DAYS * one["posts"]
        if "drawn_on" not in one:
            rows.append((platform, "only each account has a limit", _NOTHING, f"{wanted:,.0f}", _NOTHING))
            continue
        given = _given_a_day(platform, one["drawn_on"])
        times = f"{wanted / given:,.0f}" if wanted > given else _NOTHING
        rows.append((platform, f"`{one['drawn_on']}`", f"{given:,.0f}", f"{wanted:,.0f}", times))
    return rows


def _given_a_day(platform: str, endpoint: str) -> float:
    """Publisher's share of the app's tightest window on that endpoint."""
    return min(
        budget.count * budget.shares["publisher"] * (timedelta(days=1) / budget.window)
        for budget in all_facts()[Platform(platform)].budgets
        if (budget.endpoint, budget.per) == (endpoint, "app")
    )


def as_markdown(table: Table) -> str:
    """A table as it stands in docs/scale.md."""
    head, *rows = table
    return "\n".join(
        ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows)]
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004


def tables() -> list[str]:
    """What is guessed, and all tables, from the files beside this one."""
    plan = read_toml("plan.toml")
    stages = reckon(read_inputs(plan), plan)
    return [provenance(plan), as_markdown(stage_table(stages)), as_markdown(limit_table(stages[-1], plan))]


def main() -> int:
    """Prints the tables."""
    print("\n\n".join(tables()))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
