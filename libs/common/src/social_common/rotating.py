"""A change of encryption keys while everything runs: what is wrapped by an older key is wrapped by the active one.

Values are rewritten row by row under their merchant's claims, and only if they are still what was read: a token that
is renewed meanwhile is wrapped by the active key anyway.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from social_common.crypto import DecryptionFailed, KeyRing
from social_common.db import SCHEMA, Database, WriteSession

_PAGE: Final = 500
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Columns of a table whose values are encrypted for their row, or for the one that `source` columns name."""

    table: str
    columns: tuple[str, ...]
    source: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SealedCount:
    """How many values of one column are wrapped by one key."""

    place: str
    key_id: str
    stored: int


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of one row's values: those rewritten, and those that no key of the ring opens."""

    values: int
    unreadable: int


async def count_sealed(database: Database) -> Sequence[SealedCount]:
    """How many stored values each key wraps, column by column."""
    async with database.system() as session:
        rows = await session.all(
            f"SELECT place, key_id, stored FROM {SCHEMA}.{database.service}_sealed_counts() ORDER BY 1, 2"
        )
    return [SealedCount(row["place"], row["key_id"], row["stored"]) for row in rows]


async def rewrite(database: Database, ring: KeyRing, sealed: Sequence[Sealed]) -> AsyncIterator[Rewritten]:
    """Wrap everything that is wrapped by another key with the active one, table by table. Repeatable."""
    for one in sealed:
        after = _FIRST
        while rows := await _by_others(database, one.table, ring.active_id, after):
            for row_id, user_id in rows:
                async with database.write(user_id) as session:
                    done = await _rewrite_row(session, ring, one, row_id)
                yield done
            after = rows[-1][0]


async def _by_others(database: Database, table: str, active: str, after: UUID) -> list[tuple[UUID, UUID]]:
    async with database.system() as session:
        rows = await session.all(
            f"SELECT row_id, owner_id FROM {SCHEMA}.{database.service}_sealed_by_others(:table, :active, :after, :n)",
            {"table": table, "active": active, "after": after, "n": _PAGE},
        )
    return [(row["row_id"], row["owner_id"]) for row in rows]


async def _rewrite_row(session: WriteSession, ring: KeyRing, sealed: Sealed, row_id: UUID) -> Rewritten:
    named = ", ".join((*sealed.columns, *(sealed.source or ())))
    found = await session.one_or_none(f"SELECT {named} FROM {SCHEMA}.{sealed.table} WHERE id = :id", {"id": row_id})
    values = unreadable = 0
    for column in sealed.columns:
        old = None if found is None else found[column]
        if found is None or old is None or not ring.needs_rotation(old):
            continue
        table, bound = sealed.table, str(row_id)
        if sealed.source is not None:
            table, bound = found[sealed.source[0]], found[sealed.source[1]]
        try:
            plain = ring.decrypt(old, table=table, column=column, row_id=bound)
        except DecryptionFailed:
            unreadable += 1
            continue
        done = await session.execute(
            f"UPDATE {SCHEMA}.{sealed.table} SET {column} = :new WHERE id = :id AND {column} = :old",
            {"new": ring.encrypt(plain, table=table, column=column, row_id=bound), "id": row_id, "old": old},
        )
        values += done.rowcount
    return Rewritten(values, unreadable)
