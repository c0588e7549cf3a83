"""SQL of erasures. The worker sets the claims of each copy's merchant, who may be gone already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping

from auth_linker.erasures.domain import Erasure, ErasureId, ErasureReason, Proof, Resting
from auth_linker.grants.service import SealedPair
from social_common.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Owed:
    """Whose tokens are to be revoked, and why."""

    reason: ErasureReason
    platform: str
    app: str
    family: str
    platform_user_id: str
    person_id: str
    grant_id: UUID | None = None
    connection_id: UUID | None = None
    platform_id: str | None = None


async def insert_erasure(session: WriteSession, owed: Owed, sealed: SealedPair, *, erasure_id: UUID) -> None:
    """Puts a copy of tokens into the queue, still bound to the row it came from."""
    await session.execute(
        """
        INSERT INTO retail_b2c.erasures
            (id, user_id, reason, platform, app, family, platform_user_id, person_id, grant_id, connection_id,
             platform_id, source_table, source_row, access_token, refresh_token)
        VALUES (:id, :user_id, :reason, :platform, :app, :family, :platform_user_id, :person_id, :grant_id,
                :connection_id, :platform_id, :source_table, :source_row, :access_token, :refresh_token)
        """,
        {
            "id": erasure_id,
            "user_id": session.user_id,
            "reason": owed.reason,
            "platform": owed.platform,
            "app": owed.app,
            "family": owed.family,
            "platform_user_id": owed.platform_user_id,
            "person_id": owed.person_id,
            "grant_id": owed.grant_id,
            "connection_id": owed.connection_id,
            "platform_id": owed.platform_id,
            "source_table": sealed.table,
            "source_row": sealed.row_id,
            "access_token": sealed.access_token,
            "refresh_token": sealed.refresh_token,
        },
    )


async def claim_erasures(session: WriteSession, *, limit: int, lease: timedelta) -> Sequence[tuple[UUID, UUID]]:
    """Due copies as (id, merchant); nobody else gets them before the lease is over."""
    rows = await session.all(
        "SELECT erasure_id, user_id FROM retail_b2c.auth_linker_claim_erasures(:limit, :lease)",
        {"limit": limit, "lease": lease},
    )
    return [(row["erasure_id"], row["user_id"]) for row in rows]


async def read_erasure(session: ReadSession, erasure_id: UUID) -> Erasure | None:
    """An unfinished copy, or None."""
    row = await session.one_or_none(
        """
        SELECT id, user_id, reason, platform, app, family, coalesce(person_id, platform_user_id) AS person_id, grant_id,
               source_table, source_row, access_token, refresh_token, attempts
          FROM retail_b2c.erasures WHERE id = :id AND finished_at IS NULL
        """,
        {"id": erasure_id},
    )
    return _to_erasure(row) if row is not None else None


async def ask_resting(session: ReadSession, erasure: Erasure) -> Resting:
    """Who still rests on that person: all merchants, and all platforms of the family, are asked."""
    return Resting(
        await session.scalar(
            "SELECT retail_b2c.auth_linker_resting_on_person(:family, :platform, :app, :person_id)",
            {
                "family": erasure.family,
                "platform": erasure.platform,
                "app": erasure.app,
                "person_id": erasure.person_id,
            },
        )
    )


async def finish(session: WriteSession, erasure_id: ErasureId, proof: Proof) -> None:
    """Shreds the copy and keeps the proof."""
    await session.execute(
        "UPDATE retail_b2c.erasures SET access_token = NULL, refresh_token = NULL, finished_at = clock_timestamp(),"
        " attempts = attempts + 1, proof = :proof WHERE id = :id AND finished_at IS NULL",
        {"id": erasure_id, "proof": proof},
    )


async def postpone(session: WriteSession, erasure_id: ErasureId, *, wait: timedelta, error: str | None) -> None:
    """Tries again later; only a refusal of the platform counts as an attempt."""
    await session.execute(
        "UPDATE retail_b2c.erasures SET next_try_at = clock_timestamp() + :wait, last_error = :error,"
        " attempts = attempts + CASE WHEN CAST(:error AS varchar) IS NULL THEN 0 ELSE 1 END"
        " WHERE id = :id AND finished_at IS NULL",
        {"id": erasure_id, "wait": wait, "error": error},
    )


async def take_user_lease(session: WriteSession, *, family: str, person_id: str, owner: UUID, life: timedelta) -> bool:
    """Whether that owner alone may now link or revoke for that person."""
    return bool(
        await session.scalar(
            "SELECT retail_b2c.auth_linker_take_user_lease(:family, :person_id, :owner, :life)",
            {"family": family, "person_id": person_id, "owner": owner, "life": life},
        )
    )


async def end_user_lease(session: WriteSession, *, family: str, person_id: str, owner: UUID, revoked: bool) -> None:
    """Gives the lease back; `revoked` where a revocation was sent under it."""
    await session.execute(
        "SELECT retail_b2c.auth_linker_end_user_lease(:family, :person_id, :owner, :revoked)",
        {"family": family, "person_id": person_id, "owner": owner, "revoked": revoked},
    )


async def was_revoked_since(session: ReadSession, *, family: str, person_id: str, since: datetime) -> bool:
    """Whether a revocation for that person was sent since that real time."""
    return bool(
        await session.scalar(
            "SELECT retail_b2c.auth_linker_revoked_since(:family, :person_id, :since)",
            {"family": family, "person_id": person_id, "since": since},
        )
    )


async def real_now(session: ReadSession) -> datetime:
    """The database's real time, for comparing what happened before what."""
    moment: datetime = await session.scalar("SELECT clock_timestamp()")
    return moment


def _to_erasure(row: RowMapping) -> Erasure:
    return Erasure(
        id=ErasureId(row["id"]),
        user_id=row["user_id"],
        reason=ErasureReason(row["reason"]),
        platform=row["platform"],
        app=row["app"],
        family=row["family"],
        person_id=row["person_id"],
        grant_id=row["grant_id"],
        source_table=row["source_table"],
        source_row=row["source_row"],
        access_token=row["access_token"],
        refresh_token=row["refresh_token"],
        attempts=row["attempts"],
    )
