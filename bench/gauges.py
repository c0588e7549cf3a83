"""What processes and the database used up, read from the kernel and from PostgreSQL itself."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from social_stack.processes import Child

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_AFTER_NAME: Final = 2  # fields of /proc/<pid>/stat are counted after the name, which may hold spaces
_UTIME, _STIME, _CUTIME, _CSTIME = 13 - _AFTER_NAME, 14 - _AFTER_NAME, 15 - _AFTER_NAME, 16 - _AFTER_NAME


def cpu_seconds(pid: int, *, with_children: bool = False) -> float:
    """Processor time of a process; with its children it counts those that ended and those that live."""
    fields = _stat(pid)
    ticks = int(fields[_UTIME]) + int(fields[_STIME])
    if not with_children:
        return ticks / _TICKS
    ticks += int(fields[_CUTIME]) + int(fields[_CSTIME])
    return ticks / _TICKS + sum(cpu_seconds(child) for child in _children(pid))


def resident_mb(pid: int) -> float:
    """Memory that a process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 50


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@dataclass(frozen=True, slots=True)
class Used:
    """Totals at one moment; the difference of two is what was used between them."""

    postgres_cpu: float
    wal_bytes: float
    transactions: float
    worker_cpu: float
    table_bytes: float

    def since(self, earlier: "Used") -> "Used":
        """What was used after that moment."""
        return Used(
            self.postgres_cpu - earlier.postgres_cpu,
            self.wal_bytes - earlier.wal_bytes,
            self.transactions - earlier.transactions,
            self.worker_cpu - earlier.worker_cpu,
            self.table_bytes - earlier.table_bytes,
        )


async def read_bytes(sql: asyncpg.Pool, tables: tuple[str, ...]) -> float:
    """What these tables take with their partitions and indexes."""
    return float(
        await sql.fetchval(
            "SELECT sum(pg_total_relation_size(p.relid)) "
            "FROM unnest($1::text[]) t, pg_partition_tree(('retail_b2c.' || t)::regclass) p",
            list(tables),
        )
    )


async def read_used(sql: asyncpg.Pool, *, postgres: Child, worker: Child, tables: tuple[str, ...]) -> Used:
    """The totals now; `tables` are measured with their partitions and indexes."""
    [row] = await sql.fetch(
        "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal, (SELECT sum(xact_commit)::float8 "
        "FROM pg_stat_database) AS transactions, (SELECT sum(pg_total_relation_size(p.relid))::float8 "
        "FROM unnest($1::text[]) t, pg_partition_tree(('retail_b2c.' || t)::regclass) p) AS bytes",
        list(tables),
    )
    return Used(
        cpu_seconds(postgres.pid, with_children=True),
        row["wal"],
        row["transactions"],
        cpu_seconds(worker.pid),
        row["bytes"],
    )
