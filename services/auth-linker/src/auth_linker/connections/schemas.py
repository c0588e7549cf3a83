"""Connections on the wire. There is no field a token could be in."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from auth_linker.connections.domain import Connection


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
