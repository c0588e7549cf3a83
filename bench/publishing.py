"""Due posts: how many one worker brings out a second, how late they leave, and what each of them costs."""

import asyncio
import json
import time
from typing import Any, Final
from uuid import UUID, uuid4

import httpx  # noqa: TID251 - the bare loop that the product is compared with

from bench.figures import Figure, Findings, middle_pair, share_of, spread
from bench.gauges import Used, read_used
from bench.ground import PLATFORM, Ground, say

ROUNDS: Final = 3
CONCURRENCY: Final = 32  # the default of PUBLISH_CONCURRENCY
TABLES: Final = ("social_posts", "publisher_attempts", "publisher_preparations", "publisher_outbox")
_CONNECTIONS: Final = "SELECT count(*)::float8 FROM pg_stat_activity WHERE usename = 'publisher_worker'"
_LEAD_S: Final = 4.0
_WARM: Final = 64
_LATE_EVERY_S: Final = 0.02
_LATE_POSTS: Final = 750


async def measure_drain(ground: Ground, findings: Findings, *, posts: int) -> None:
    """All fall due at one moment, as at a full hour; beside it the same calls from a bare loop."""
    await _drain(ground, _WARM)
    pairs, used = [], []
    for number in range(ROUNDS):
        say(f"due posts, round {number + 1} of {ROUNDS}")
        before = await _used(ground)
        rate = await _drain(ground, posts)
        used.append((await _used(ground)).since(before))
        pairs.append((rate, await _bare_loop(ground, posts)))
    rate, bare = middle_pair(pairs)
    findings.figures.append(
        Figure("due posts drained", rate, "/s", bare, 0.5, note=spread([pair[0] for pair in pairs])),
    )
    made = ROUNDS * posts
    findings.inputs |= {
        "posts_per_worker_per_s": rate,
        "post_worker_cpu_s": sum(one.worker_cpu for one in used) / made,
        "post_postgres_cpu_s": sum(one.postgres_cpu for one in used) / made,
        "post_wal_bytes": sum(one.wal_bytes for one in used) / made,
        "post_transactions": sum(one.transactions for one in used) / made,
        "post_bytes": sum(one.table_bytes for one in used) / made,
        "worker_connections": await ground.sql.fetchval(_CONNECTIONS),
        "post_statements": await _statements(ground, posts // 2),
    }


async def measure_lateness(ground: Ground, findings: Findings) -> None:
    """Fifty posts fall due each second: from the due time to the moment before the first byte leaves."""
    say("lateness at 50 posts a second")
    ids = await ground.plan_posts(_LATE_POSTS, in_s=_LEAD_S, every_s=_LATE_EVERY_S)
    await ground.ended(ids, within_s=60)
    rows = await ground.sql.fetch(
        "SELECT extract(epoch FROM a.sent_at - p.scheduled_at)::float8 AS late FROM retail_b2c.social_posts p "
        "JOIN retail_b2c.publisher_attempts a ON a.post_id = p.id AND a.number = 1 WHERE p.id = ANY($1)",
        ids,
    )
    late = [row["late"] * 1000 for row in rows]
    note = f"of {len(late)} posts; half of them within {share_of(late, 0.5):.0f} ms, the last {max(late):.0f} ms late"
    findings.figures.append(
        Figure("lateness at 50/s, p99", share_of(late, 0.99), "ms", target=250, better="less", note=note)
    )


async def _used(ground: Ground) -> Used:
    postgres, worker = ground.child("PostgreSQL"), ground.child("publisher worker")
    return await read_used(ground.sql, postgres=postgres, worker=worker, tables=TABLES)


async def _drain(ground: Ground, posts: int) -> float:
    """Posts a second from the moment they are due to the end of the last."""
    ids = await ground.plan_posts(posts, in_s=_LEAD_S)
    await ground.ended(ids, within_s=90)
    return await _rate(ground, ids)


async def _rate(ground: Ground, ids: list[UUID]) -> float:
    [row] = await ground.sql.fetch(
        "SELECT count(*) AS n, extract(epoch FROM max(a.finished_at) - min(p.scheduled_at))::float8 AS s "
        "FROM retail_b2c.social_posts p JOIN retail_b2c.publisher_attempts a ON a.post_id = p.id WHERE p.id = ANY($1)",
        ids,
    )
    return float(row["n"] / row["s"])


async def _bare_loop(ground: Ground, posts: int) -> float:
    """The call that the worker made last, made again with other texts by as many tasks as it has."""
    calls = (await ground.control("GET", "requests", platform=PLATFORM))["requests"]
    seen = next(call for call in reversed(calls) if call["method"] == "POST" and call["raw_path"].endswith("/2/tweets"))
    url = f"{ground.sandbox}/{PLATFORM}/{seen['host']}{seen['raw_path']}"
    headers = {
        name: text
        for name, text in _pairs(seen["headers"])
        if name.lower() in {"authorization", "content-type", "accept", "accept-encoding"}
    }
    body = json.loads(seen["body"])
    left = iter(range(posts))
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:

        async def work() -> None:
            for _ in left:
                answer = await client.post(url, headers=headers, json={**body, "text": f"Sale of the day {uuid4()}"})
                answer.raise_for_status()

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        return posts / (time.perf_counter() - began)


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return list(headers.items()) if isinstance(headers, dict) else [(name, text) for name, text in headers]


async def _statements(ground: Ground, posts: int) -> float:
    """Statements of publisher's worker for each post, counted apart because counting costs time."""
    count = (
        "SELECT coalesce(sum(s.calls), 0)::float8 FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid "
        "WHERE r.rolname = 'publisher_worker'"
    )
    if not await ground.counts_statements(on=True):
        return 0.0
    before = await ground.sql.fetchval(count)
    await _drain(ground, posts)
    after = await ground.sql.fetchval(count)
    await ground.counts_statements(on=False)
    return float(after - before) / posts
