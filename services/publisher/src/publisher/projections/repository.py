"""The projection of connections: one row each, replaced only by something newer."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.dialects.postgresql import insert

from publisher.tables import publisher_connections as connections
from social_common.db import ReadSession, WriteSession

PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Connection:
    """One place to publish, as far as publisher needs to know it."""

    connection_id: UUID
    user_id: UUID
    platform: str
    platform_id: str
    health: str
    is_usable: bool
    revision: int
    grant_id: UUID | None = None
    kind: str | None = None
    platform_username: str | None = None
    scopes: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    expires_at: datetime | None = None
    renewable: bool | None = None

    @property
    def can_publish(self) -> bool:
        """Whether a post may be scheduled there."""
        return self.is_usable and PUBLISH in self.capabilities


def _from_row(row: RowMapping) -> Connection:
    known = dict(row)
    known["scopes"], known["capabilities"] = tuple(row["scopes"]), tuple(row["capabilities"])
    return Connection(**known)


async def find(session: ReadSession, connection_id: UUID) -> Connection | None:
    """The merchant's connection."""
    row = await session.one_or_none(select(connections).where(connections.c.connection_id == connection_id))
    return _from_row(row) if row else None


async def find_many(session: ReadSession, connection_ids: Iterable[UUID]) -> dict[UUID, Connection]:
    """Those of the merchant's connections that are known, by id."""
    rows = await session.all(select(connections).where(connections.c.connection_id.in_(list(connection_ids))))
    return {row["connection_id"]: _from_row(row) for row in rows}


async def lock(session: WriteSession, connection_id: UUID) -> Connection | None:
    """The merchant's connection, locked; posts are locked after it, never before."""
    row = await session.one_or_none(
        select(connections).where(connections.c.connection_id == connection_id).with_for_update()
    )
    return _from_row(row) if row else None


async def share(session: WriteSession, connection_ids: Iterable[UUID]) -> dict[UUID, Connection]:
    """As `lock`, for several by id and for who only reads: they do not change until the transaction ends."""
    rows = await session.all(
        select(connections)
        .where(connections.c.connection_id.in_(list(connection_ids)))
        .order_by(connections.c.connection_id)
        .with_for_update(read=True)
    )
    return {row["connection_id"]: _from_row(row) for row in rows}


async def store(session: WriteSession, connection: Connection) -> bool:
    """Whether it was newer than what was known, and is stored now. Raises UserGone for a merchant who left."""
    values = asdict(connection)
    values["scopes"], values["capabilities"] = list(connection.scopes), list(connection.capabilities)
    statement = insert(connections).values(**values)
    taken = statement.on_conflict_do_update(
        index_elements=[connections.c.connection_id],
        set_={name: statement.excluded[name] for name in values if name not in {"connection_id", "user_id"}},
        where=statement.excluded.revision > connections.c.revision,
    ).returning(connections.c.connection_id)
    return await session.one_or_none(taken) is not None


async def remove(session: WriteSession, connection_id: UUID) -> None:
    """Forgets the connection; a trigger notes that its traces are to be purged."""
    await session.execute(delete(connections).where(connections.c.connection_id == connection_id))
