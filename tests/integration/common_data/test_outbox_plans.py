"""The relay among a million sent events: what it takes, counts and marks costs what is unsent, not what is kept."""

import re

import asyncpg
from tests.integration.common_data.conftest import Merchant

from social_common._plumbing_functions import FUNCTIONS

MILLION = 1_000_000
UNSENT = 50
BATCH = 1000
# A page or two per level of each partition's index, and the unsent rows themselves; the table has ten thousands.
FEW_PAGES = 400


def statement(name: str) -> str:
    """The body of one of the relay's functions, with a value in place of its argument."""
    (body,) = (function.body for function in FUNCTIONS if function.name == name)
    return body.replace("{s}", "notes").replace("p_limit", str(BATCH))


async def explain(superuser: asyncpg.Connection, sql: str) -> str:
    """What the planner does with it as the relay's own role, counted in pages."""
    async with superuser.transaction():
        await superuser.execute("SET LOCAL ROLE notes_fn_relay")
        rows = await superuser.fetch(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {sql}")
    return "\n".join(row[0] for row in rows)


def pages(plan: str) -> int:
    """How many pages the whole of it touched."""
    line = next(line for line in plan.splitlines() if "Buffers:" in line)
    return sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", line))


async def test_the_relay_uses_its_index_at_a_million_sent_events(
    superuser: asyncpg.Connection, a_merchant: Merchant
) -> None:
    """A batch, the lag and the marks walk the index of what is unsent, on every day that has rows."""
    merchant = await a_merchant()
    # In quickly: without the trigger and the index that the relay has nothing to do with.
    await superuser.execute("ALTER TABLE retail_b2c.notes_outbox DISABLE TRIGGER ALL")
    await superuser.execute("DROP INDEX retail_b2c.notes_outbox_user_id_idx")
    await superuser.execute(
        f"""INSERT INTO retail_b2c.notes_outbox
        (event_id, topic, user_id, subject, headers, payload, created_at, sent_at)
        SELECT gen_random_uuid(), 't', $1, 's', '{{}}', '{{}}', now() + interval '1 day' * (n % 4 - 1),
            CASE WHEN n <= {MILLION} THEN now() END
        FROM generate_series(1, {MILLION + UNSENT}) AS n""",
        merchant,
    )
    await superuser.execute("ANALYZE retail_b2c.notes_outbox")

    take = await explain(superuser, statement("{s}_outbox_take"))
    lag = await explain(superuser, statement("{s}_outbox_lag"))
    taken = await explain(superuser, f"SELECT * FROM retail_b2c.notes_outbox_take({BATCH})")
    rows = await superuser.fetch(f"SELECT * FROM retail_b2c.notes_outbox_take({BATCH})")
    mark = await explain(
        superuser,
        f"SELECT retail_b2c.notes_outbox_mark(ARRAY[{','.join(str(row['id']) for row in rows)}]::bigint[], "
        f"'{min(row['created_at'] for row in rows)}', '{max(row['created_at'] for row in rows)}')",
    )

    for plan in (take, lag):
        # Days without rows may be read any way; the four that have some are read by their index.
        scans = re.findall(r"(\w+ Scan)[^\n]* on (notes_outbox_\w+)[^\n]*rows=(\d+)", plan)
        assert {kind for kind, _, found in scans if int(found)} <= {"Index Scan", "Only Scan", "Heap Scan"}
        assert "Rows Removed by Filter" not in plan
    assert len(rows) == UNSENT
    assert max(pages(plan) for plan in (take, lag, taken)) < FEW_PAGES
    assert pages(mark) < 10 * FEW_PAGES
    assert await superuser.fetchval("SELECT count(*) FROM retail_b2c.notes_outbox WHERE sent_at IS NULL") == 0
