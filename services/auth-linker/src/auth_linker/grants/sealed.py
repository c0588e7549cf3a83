"""The token columns: what renews a grant, what a connection publishes with, and the person's own beside its places'."""

from uuid import UUID

from sqlalchemy import RowMapping

from auth_linker.grants.domain import GrantId
from auth_linker.grants.vault import CONNECTIONS, GRANTS, SealedPair
from social_common.db import ReadSession, WriteSession


async def read_own_sealed(session: ReadSession, grant_id: GrantId) -> SealedPair | None:
    """The person's own tokens beside those of the places; None where there are none (any more)."""
    sealed = await read_sealed(session, grant_id)
    return sealed if sealed is not None and sealed.table == GRANTS else None


async def read_sealed(session: ReadSession, grant_id: GrantId) -> SealedPair | None:
    """The tokens that renew the grant: its own where it has some, else those of its oldest connected row."""
    row = await session.one_or_none(
        """
        SELECT id, access_token, refresh_token, 0 AS rank, created_at FROM retail_b2c.grants
         WHERE id = :id AND access_token IS NOT NULL
        UNION ALL
        SELECT id, access_token, refresh_token, 1, created_at FROM retail_b2c.social_connections
         WHERE grant_id = :id AND access_token IS NOT NULL
        ORDER BY rank, created_at, id LIMIT 1
        """,
        {"id": grant_id},
    )
    if row is None:
        return None
    return SealedPair(
        table=GRANTS if row["rank"] == 0 else CONNECTIONS,
        row_id=str(row["id"]),
        access_token=row["access_token"],
        refresh_token=row["refresh_token"],
    )


async def read_revocable(session: ReadSession, grant_id: GrantId) -> SealedPair | None:
    """The tokens by which the grant is best taken back: those that renew it, but a living place's before a dead one."""
    sealed = await read_sealed(session, grant_id)
    if sealed is None or sealed.table != GRANTS or sealed.refresh_token is not None:
        return sealed
    row = await session.one_or_none(
        """
        SELECT c.id, c.access_token, c.refresh_token
          FROM retail_b2c.social_connections c JOIN retail_b2c.grants g ON g.id = c.grant_id
         WHERE g.id = :id AND g.expires_at <= retail_b2c.social_now() AND c.access_token IS NOT NULL
         ORDER BY c.created_at, c.id LIMIT 1
        """,
        {"id": grant_id},
    )
    return sealed if row is None else _of_connection(row)


async def read_sealed_row(session: ReadSession, connection_id: UUID) -> SealedPair | None:
    """The tokens one connection publishes with."""
    row = await session.one_or_none(
        "SELECT id, access_token, refresh_token FROM retail_b2c.social_connections"
        " WHERE id = :id AND access_token IS NOT NULL",
        {"id": connection_id},
    )
    return None if row is None else _of_connection(row)


def _of_connection(row: RowMapping) -> SealedPair:
    return SealedPair(
        table=CONNECTIONS,
        row_id=str(row["id"]),
        access_token=row["access_token"],
        refresh_token=row["refresh_token"],
    )


async def write_own_tokens(session: WriteSession, sealed: SealedPair) -> None:
    """A user-level token beside its places' own ones."""
    await session.execute(
        "UPDATE retail_b2c.grants SET access_token = :access_token, refresh_token = :refresh_token"
        " WHERE id = CAST(:id AS uuid)",
        {"id": sealed.row_id, "access_token": sealed.access_token, "refresh_token": sealed.refresh_token},
    )


async def drop_own_tokens(session: WriteSession, grant_id: GrantId) -> None:
    """The person's own tokens are over or needed no more; what the places publish with is not touched."""
    await session.execute(
        "UPDATE retail_b2c.grants SET access_token = NULL, refresh_token = NULL WHERE id = :id", {"id": grant_id}
    )
