"""Connections on the wire. There is no field a token could be in."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from auth_linker.connections.domain import Connection, Limitation, Problem
from auth_linker.connections.rights import limitations_of


class ProblemOut(BaseModel):
    """What is wrong with a place, in the codes that posts and problem documents use too."""

    code: str
    detail: str
    action: str

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """The problem as it is told."""
        return cls(code=problem.code, detail=problem.detail, action=problem.action)


class LimitationOut(BaseModel):
    """Something that a place was linked for and that does not work there."""

    capability: str
    scopes: list[str] = Field(description="The scopes that were refused; empty where a role is missing instead.")
    detail: str

    @classmethod
    def of(cls, limitation: Limitation) -> Self:
        """The limitation as it is told."""
        return cls(capability=limitation.capability, scopes=list(limitation.scopes), detail=limitation.detail)


class ConnectionOut(BaseModel):
    """One place to publish, as its merchant sees it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    grant_id: UUID
    user_id: UUID
    platform: str
    platform_id: str
    kind: str
    platform_username: str | None
    display_name: str | None
    avatar_url: str | None
    is_connected: bool
    health: str
    capabilities: list[str]
    scopes: list[str]
    missing_scopes: list[str]
    limitations: list[LimitationOut] = Field(description="What it was linked for and cannot do, in plain words.")
    problem: ProblemOut | None = Field(description="What is wrong with this place; null where all is well.")
    expires_at: datetime | None = Field(
        description="When the merchant must act; null where it renews without end or never expires."
    )
    renewable: bool
    last_refreshed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """The connection as it is told."""
        return cls(
            id=connection.id,
            grant_id=connection.grant_id,
            user_id=connection.user_id,
            platform=connection.platform,
            platform_id=connection.platform_id,
            kind=connection.kind,
            platform_username=connection.platform_username,
            display_name=connection.display_name,
            avatar_url=connection.avatar_url,
            is_connected=connection.is_connected,
            health=connection.health,
            capabilities=list(connection.capabilities),
            scopes=list(connection.scopes),
            missing_scopes=list(connection.missing_scopes),
            limitations=[LimitationOut.of(limitation) for limitation in limitations_of(connection)],
            problem=ProblemOut.of(connection.problem) if connection.problem is not None else None,
            expires_at=connection.act_by,
            renewable=connection.renewable,
            last_refreshed_at=connection.last_refreshed_at,
            created_at=connection.created_at,
            updated_at=connection.updated_at,
            revision=connection.revision,
        )


class ConnectionPage(BaseModel):
    """One page of connections."""

    connections: list[ConnectionOut]
    next_cursor: str | None
