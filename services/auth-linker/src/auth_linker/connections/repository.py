"""SQL of connections. Every function runs under the merchant's claims: row security keeps others' rows away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping

from auth_linker.connections.columns import PlaceFields, Whose, problem_params
from auth_linker.connections.domain import (
    Connection,
    ConnectionId,
    Problem,
    ProblemCode,
    UnlinkReason,
    find_missing_scopes,
)
from auth_linker.grants.service import GrantId, Health
from auth_linker.tables import as_json
from social_common.db import ReadSession, WriteSession

_COLUMNS: Final = """
    c.id, c.grant_id, c.user_id, c.platform, c.app, c.platform_id, c.kind, c.platform_username, c.display_name,
    c.avatar_url, c.is_connected, c.health, c.unlinked_reason, c.capabilities, c.linked_at, c.created_at, c.updated_at,
    c.revision, c.facts, c.problem_code, c.problem_detail, g.asked_capabilities, g.scopes, g.asked_scopes, g.act_by,
    g.renewable, g.last_refreshed_at
"""
_FROM: Final = "retail_b2c.social_connections c JOIN retail_b2c.grants g ON g.id = c.grant_id"
# The real time in milliseconds, so that a restored database never counts below what it sent before.
_NEXT_REVISION: Final = "greatest(revision + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"


@dataclass(frozen=True, slots=True)
class PageKey:
    """The sort values of the last row of a page."""

    created_at: datetime
    id: UUID


async def list_connections(
    session: ReadSession, *, limit: int, after: PageKey | None, platform: str | None
) -> tuple[Connection, ...]:
    """The merchant's connections, oldest first, disconnected ones included."""
    rows = await session.all(
        f"""
        SELECT {_COLUMNS} FROM {_FROM}
         WHERE c.user_id = :user_id
           AND (CAST(:platform AS varchar) IS NULL OR c.platform = :platform)
           AND (CAST(:after_at AS timestamptz) IS NULL OR (c.created_at, c.id) > (:after_at, CAST(:after_id AS uuid)))
         ORDER BY c.created_at, c.id LIMIT :limit
        """,
        {
            "user_id": session.user_id,
            "platform": platform,
            "after_at": after.created_at if after else None,
            "after_id": after.id if after else None,
            "limit": limit,
        },
    )
    return tuple(_to_connection(row) for row in rows)


async def find_connection(session: ReadSession, connection_id: UUID) -> Connection | None:
    """One connection of the merchant, or None."""
    row = await session.one_or_none(f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.id = :id", {"id": connection_id})
    return _to_connection(row) if row is not None else None


async def find_at_place(session: ReadSession, *, platform: str, platform_id: str) -> Connection | None:
    """The merchant's connection to that place, or None."""
    row = await session.one_or_none(
        f"SELECT {_COLUMNS} FROM {_FROM}"
        " WHERE c.user_id = :user_id AND c.platform = :platform AND c.platform_id = :platform_id",
        {"user_id": session.user_id, "platform": platform, "platform_id": platform_id},
    )
    return _to_connection(row) if row is not None else None


async def list_of_grant(session: ReadSession, grant_id: GrantId) -> tuple[Connection, ...]:
    """All connections that rest on one grant, oldest first."""
    rows = await session.all(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.grant_id = :grant_id ORDER BY c.created_at, c.id",
        {"grant_id": grant_id},
    )
    return tuple(_to_connection(row) for row in rows)


async def insert_connection(
    session: WriteSession,
    grant_id: GrantId,
    *,
    platform: str,
    whose: Whose,
    place: PlaceFields,
) -> ConnectionId:
    """A row without tokens: they are encrypted for its id, and written next in the same transaction."""
    return ConnectionId(
        await session.scalar(
            """
            INSERT INTO retail_b2c.social_connections
                (user_id, grant_id, platform, app, family, platform_user_id, person_id, platform_id, kind,
                 platform_username, display_name, avatar_url, facts, capabilities, problem_code, problem_detail,
                 linked_at, created_at, updated_at)
            VALUES (:user_id, :grant_id, :platform, :app, :family, :platform_user_id, :person_id, :platform_id, :kind,
                    :username, :name, :avatar_url, CAST(:facts AS jsonb), CAST(:capabilities AS text[]), :problem_code,
                    :problem_detail, retail_b2c.social_now(), retail_b2c.social_now(), retail_b2c.social_now())
            RETURNING id
            """,
            {
                "user_id": session.user_id,
                "grant_id": grant_id,
                "platform": platform,
                **whose.as_params(),
                **place.as_params(),
            },
        )
    )


async def move_to_grant(session: WriteSession, connection_id: ConnectionId, grant_id: GrantId, *, whose: Whose) -> None:
    """The same place, reached from now on through another consent."""
    await session.execute(
        "UPDATE retail_b2c.social_connections SET grant_id = :grant_id, app = :app, family = :family,"
        " platform_user_id = :platform_user_id, person_id = :person_id WHERE id = :id",
        {"id": connection_id, "grant_id": grant_id, **whose.as_params()},
    )


async def write_tokens(
    session: WriteSession,
    connection_id: ConnectionId,
    *,
    access_token: str,
    refresh_token: str | None,
    expires_at: datetime | None,
) -> None:
    """Ciphertexts for that row; the grant is locked and its version bumped by the caller."""
    await session.execute(
        "UPDATE retail_b2c.social_connections SET access_token = :access_token, refresh_token = :refresh_token,"
        " expires_at = :expires_at WHERE id = :id",
        {"id": connection_id, "access_token": access_token, "refresh_token": refresh_token, "expires_at": expires_at},
    )


async def mark_linked(
    session: WriteSession, connection_id: ConnectionId, place: PlaceFields, *, health: Health
) -> None:
    """Usable from now on, as that place is today; a new revision. Its tokens are written in the same transaction."""
    await session.execute(
        f"""
        UPDATE retail_b2c.social_connections
           SET is_connected = true, health = :health, unlinked_reason = NULL, kind = :kind,
               platform_username = :username, display_name = :name, avatar_url = :avatar_url,
               facts = CAST(:facts AS jsonb), capabilities = CAST(:capabilities AS text[]),
               problem_code = :problem_code, problem_detail = :problem_detail, linked_at = retail_b2c.social_now(),
               updated_at = retail_b2c.social_now(), revision = {_NEXT_REVISION}
         WHERE id = :id AND platform_id = :platform_id
        """,
        {"id": connection_id, "health": health, **place.as_params()},
    )


async def mark_restored(session: WriteSession, connection_id: ConnectionId, *, health: Health) -> None:
    """Usable again through a token that came late; a new revision."""
    await session.execute(
        "UPDATE retail_b2c.social_connections SET is_connected = true, health = :health, unlinked_reason = NULL,"
        " problem_code = NULL, problem_detail = NULL, linked_at = retail_b2c.social_now(),"
        f" updated_at = retail_b2c.social_now(), revision = {_NEXT_REVISION} WHERE id = :id",
        {"id": connection_id, "health": health},
    )


async def mark_updated(
    session: WriteSession, connection_id: ConnectionId, *, health: Health, place: PlaceFields | None = None
) -> None:
    """A change on a usable connection; a new revision."""
    profile = (
        ", platform_username = :username, display_name = :name, avatar_url = :avatar_url,"
        " facts = CAST(:facts AS jsonb), capabilities = CAST(:capabilities AS text[]),"
        " problem_code = :problem_code, problem_detail = :problem_detail"
        if place
        else ""
    )
    params = {"id": connection_id, "health": health, **(place.as_params() if place else {})}
    params.pop("kind", None)
    params.pop("platform_id", None)
    await session.execute(
        f"UPDATE retail_b2c.social_connections SET health = :health{profile},"
        f" updated_at = retail_b2c.social_now(), revision = {_NEXT_REVISION} WHERE id = :id",
        params,
    )


async def write_capabilities(session: WriteSession, connection_id: ConnectionId, capabilities: tuple[str, ...]) -> None:
    """What the granted scopes allow at that place; the caller marks the update."""
    await session.execute(
        "UPDATE retail_b2c.social_connections SET capabilities = CAST(:capabilities AS text[]) WHERE id = :id",
        {"id": connection_id, "capabilities": list(capabilities)},
    )


async def mark_unlinked(
    session: WriteSession, connection_id: ConnectionId, reason: UnlinkReason, *, problem: Problem | None = None
) -> None:
    """No longer usable: the tokens go in the same statement; a new revision."""
    health = Health.OK if reason is UnlinkReason.USER else Health.RECONNECT_REQUIRED
    await session.execute(
        "UPDATE retail_b2c.social_connections SET is_connected = false, access_token = NULL, refresh_token = NULL,"
        " expires_at = NULL, health = :health, unlinked_reason = :reason, problem_code = :problem_code,"
        " problem_detail = :problem_detail, updated_at = retail_b2c.social_now(),"
        f" revision = {_NEXT_REVISION} WHERE id = :id",
        {"id": connection_id, "health": health, "reason": reason, **problem_params(problem)},
    )


def _to_connection(row: RowMapping) -> Connection:
    granted = frozenset(row["scopes"]) if row["scopes"] is not None else None
    connected = bool(row["is_connected"])
    return Connection(
        id=ConnectionId(row["id"]),
        grant_id=GrantId(row["grant_id"]),
        user_id=row["user_id"],
        platform=row["platform"],
        app=row["app"],
        platform_id=row["platform_id"],
        kind=row["kind"],
        platform_username=row["platform_username"],
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        is_connected=connected,
        health=Health(row["health"]),
        unlinked_reason=UnlinkReason(row["unlinked_reason"]) if row["unlinked_reason"] else None,
        noted_problem=(
            Problem(ProblemCode(row["problem_code"]), row["problem_detail"] or "") if row["problem_code"] else None
        ),
        asked_capabilities=frozenset(row["asked_capabilities"]),
        capabilities=tuple(row["capabilities"]),
        scopes=tuple(sorted(granted or ())),
        missing_scopes=find_missing_scopes(frozenset(row["asked_scopes"]), granted),
        act_by=row["act_by"] if connected else None,
        renewable=row["renewable"],
        last_refreshed_at=row["last_refreshed_at"],
        linked_at=row["linked_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        revision=row["revision"],
        facts=as_json(row["facts"]),
    )
