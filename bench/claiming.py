"""The claim of due posts in a small table and in a large one."""

import statistics
import time
from typing import Final

import asyncpg

from bench.figures import Figure, Findings
from bench.ground import Ground, say

SMALL: Final = 100_000
_DUE: Final = 1_000
_CLAIM: Final = "SELECT * FROM retail_b2c.publisher_claim_posts('bench', 32, 4, '30 s', '2 s')"
_TIMES: Final = 60
_CHUNK: Final = 250_000
# Nine of ten are long live, the others wait for a day of the next months: as a store looks after a year.
_FILL: Final = """
INSERT INTO retail_b2c.social_posts (user_id, platform, platform_id, content, status, campaign_id, connection_id, kind,
    revision, created_at, scheduled_at, due_at, posted_at, platform_post_id)
SELECT c.user_id, c.platform, c.platform_id, 'Sale of the day ' || n, CASE WHEN n % 10 = 0 THEN 'scheduled' ELSE
    'published' END, gen_random_uuid(), c.connection_id, 'text', 1, now() - n * interval '10 s',
    t.at, t.at, CASE WHEN n % 10 = 0 THEN NULL ELSE t.at END, CASE WHEN n % 10 = 0 THEN NULL ELSE 'b' || n END
FROM generate_series($1::bigint, $2::bigint) n
JOIN (SELECT *, row_number() OVER () - 1 AS place, count(*) OVER () AS places FROM retail_b2c.publisher_connections
    WHERE is_usable) c ON c.place = n % c.places,
LATERAL (SELECT now() + CASE WHEN n % 10 = 0 THEN interval '1 day' + n * interval '1 s' ELSE n * interval '-1 s' END)
    t (at)
"""


async def measure_claim(ground: Ground, findings: Findings, *, rows: int) -> None:
    """The same claim among so many rows as among a hundred thousand; nothing that is claimed stays so."""
    await ground.stop("publisher", "worker")
    await ground.sql.execute("DELETE FROM retail_b2c.social_posts")
    await _fill(ground, 1, SMALL)
    ids = await ground.plan_posts(_DUE, in_s=-30, every_s=0.01)
    small = await _claim_ms(ground)
    await _fill(ground, SMALL + 1, rows)
    large = await _claim_ms(ground)
    size = await ground.sql.fetchval("SELECT pg_total_relation_size('retail_b2c.social_posts')")
    await ground.sql.execute("DELETE FROM retail_b2c.social_posts WHERE id = ANY($1)", ids)
    findings.figures.append(
        Figure(
            f"claim of 32 among {rows:,} posts",
            large,
            "ms",
            small,
            1.2,
            better="less",
            note=f"the baseline is the same claim among {SMALL:,}; design asks it of 10,000,000 (--rows 10000000)",
        )
    )
    findings.inputs["post_row_bytes"] = float(size) / rows


async def _fill(ground: Ground, first: int, last: int) -> None:
    """As a restore does it: the keys to other tables are not looked up for each row."""
    say(f"filling the table up to {last:,} posts")
    async with ground.sql.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        for begin in range(first, last + 1, _CHUNK):
            await connection.execute(_FILL, begin, min(begin + _CHUNK - 1, last), timeout=240)
        await connection.execute("RESET session_replication_role")
        await connection.execute("VACUUM (ANALYZE) retail_b2c.social_posts", timeout=240)


async def _claim_ms(ground: Ground) -> float:
    """The median of many claims of the worker's own role, each undone."""
    connection = await asyncpg.connect(ground.stack.environment.database_url("publisher_worker"))
    times = []
    try:
        for _ in range(_TIMES):
            claim = connection.transaction()
            await claim.start()
            began = time.perf_counter()
            claimed = await connection.fetch(_CLAIM)
            times.append((time.perf_counter() - began) * 1000)
            await claim.rollback()
            if len(claimed) != 32:  # noqa: PLR2004 - as many as were asked for
                raise RuntimeError(f"a claim took {len(claimed)} posts")
        return statistics.median(times)
    finally:
        await connection.close()
