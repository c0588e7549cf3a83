"""What one measurement of a post costs: analytics reads it from the platform, tells it, and publisher takes it in."""

import asyncio
from typing import Final

from bench.figures import Figure, Findings
from bench.gauges import Used, cpu_seconds, read_bytes, read_used, resident_mb
from bench.ground import Ground, say

_SECONDS: Final = 15
_SETTLE_S: Final = 8
KEPT: Final = ("analytics_post_history", "analytics_account_history")
PASSING: Final = ("analytics_raw_answers", "analytics_outbox")
_MEASURED: Final = "SELECT count(*) FROM retail_b2c.analytics_post_history"


async def measure_collecting(ground: Ground, findings: Findings) -> None:
    """The local stack's schedule reads each young post every 3 s: more than one worker can do."""
    say("collecting of metrics")
    await ground.start("publisher", "worker")
    ids = await ground.plan_posts(600, in_s=2)
    await ground.ended(ids, within_s=60)
    await ground.start("analytics", "worker")
    await asyncio.sleep(_SETTLE_S)
    postgres, worker = ground.child("PostgreSQL"), ground.child("analytics worker")
    publisher = ground.child("publisher worker")
    before, publisher_before = await _used(ground), cpu_seconds(publisher.pid)
    passing_before = await read_bytes(ground.sql, PASSING)
    count_before = await ground.sql.fetchval(_MEASURED)
    await asyncio.sleep(_SECONDS)
    used = (await read_used(ground.sql, postgres=postgres, worker=worker, tables=KEPT)).since(before)
    count = await ground.sql.fetchval(_MEASURED) - count_before
    await ground.stop("analytics", "worker")
    if not count:
        findings.untold["measurements of posts"] = "no post was measured in time"
        return
    findings.figures.append(Figure("measurements of posts, one worker", count / _SECONDS, "/s"))
    findings.inputs |= {
        "measurements_per_worker_per_s": count / _SECONDS,
        "measurement_worker_cpu_s": used.worker_cpu / count,
        "measurement_publisher_cpu_s": (cpu_seconds(publisher.pid) - publisher_before) / count,
        "measurement_postgres_cpu_s": used.postgres_cpu / count,
        "measurement_wal_bytes": used.wal_bytes / count,
        "measurement_kept_bytes": used.table_bytes / count,
        "measurement_passing_bytes": (await read_bytes(ground.sql, PASSING) - passing_before) / count,
    }


async def _used(ground: Ground) -> Used:
    return await read_used(
        ground.sql, postgres=ground.child("PostgreSQL"), worker=ground.child("analytics worker"), tables=KEPT
    )


def note_memory(ground: Ground, findings: Findings, when: str) -> None:
    """Memory of each process of ours that runs now."""
    for name in ("auth-linker api", "auth-linker worker", "publisher worker", "analytics worker"):
        child = ground.stack.children.get(name)
        if child is not None and child.is_running:
            findings.figures.append(Figure(f"memory of {name}, {when}", resident_mb(child.pid), "MB"))
