"""What the scans cost when there is much of everything."""

import importlib.util
import re
from pathlib import Path

from tests.integration.analytics.support import Bench

SYSTEM_WORK = Path(__file__).parents[3] / "services/analytics/migrations/versions/0003_system_work.py"
ROWS = 100_000


def claim_due() -> str:
    """The claim's own statement with values in place of its arguments."""
    spec = importlib.util.spec_from_file_location("system_work", SYSTEM_WORK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    values = {
        "p_platforms": "ARRAY['x', 'github']",
        "p_at_most": "8",
        "p_lease_id": "gen_random_uuid()",
        "p_lease_for": "interval '3 minutes'",
    }
    return re.sub(r"\bp_\w+\b", lambda match: values[match.group()], module.CLAIM_DUE)


async def test_claim_uses_its_indexes(bench: Bench) -> None:
    """The due scan walks the two partial indexes, whatever stands in the table, and reads only what it claims."""
    await bench.admin.execute("INSERT INTO auth.users (id) SELECT gen_random_uuid() FROM generate_series(1, 100)")
    # In quickly: without the checks of foreign keys.
    await bench.admin.execute("ALTER TABLE retail_b2c.analytics_connections DISABLE TRIGGER ALL")
    await bench.admin.execute(
        f"""INSERT INTO retail_b2c.analytics_connections
            (connection_id, user_id, platform, state, is_collected, revision, next_due_at)
        SELECT gen_random_uuid(), users.ids[1 + n % 100], 'x', 'usable', true, 1,
            now() + make_interval(secs => n - 500)
        FROM generate_series(1, {ROWS}) AS n, (SELECT array_agg(id) AS ids FROM auth.users) AS users"""
    )
    await bench.admin.execute("ANALYZE retail_b2c.analytics_connections")

    async with bench.admin.transaction():
        await bench.admin.execute("SET LOCAL ROLE analytics_fn_claim_due")
        rows = await bench.admin.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {claim_due()}")
        plan = "\n".join(row[0] for row in rows)

    assert "Index Scan using analytics_connections_due_idx" in plan
    assert "Index Scan using analytics_connections_retry_idx" in plan
    assert "Seq Scan on analytics_connections" not in plan
    read = [int(float(n)) for n in re.findall(r"analytics_connections_due_idx.*?rows=([\d.]+)", plan)]
    assert max(read) <= 8
