"""HTTP of connections: read them, give them up."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from auth_linker.connections import ending, examples, repository
from auth_linker.connections.domain import Connection
from auth_linker.connections.ending import ConnectionNotFound
from auth_linker.connections.repository import PageKey
from auth_linker.connections.schemas import ConnectionOut, ConnectionPage
from social_common.auth import CurrentMerchant
from social_common.cursor import decode_cursor, encode_cursor
from social_common.db import Database
from social_common.errors import Invalid
from social_common.openapi import shows
from social_platforms._core import Platform

router = APIRouter(prefix="/v1", tags=["connections"])

ConnectionId = Annotated[UUID, Path(description="Of the connection.")]


@router.get("/connections", **shows(answers={200: examples.PAGE}))
async def list_connections(
    merchant: CurrentMerchant,
    request: Request,
    platform: Annotated[Platform | None, Query(description="Only this platform's.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")] = None,
) -> ConnectionPage:
    """The merchant's connections, oldest first; disconnected ones too, for they can be brought back."""
    database: Database = request.app.state.database
    key: bytes = request.app.state.cursor_key
    after = _read_cursor(key, cursor) if cursor is not None else None
    async with database.read(merchant.user_id) as session:
        found = await repository.list_connections(session, limit=limit + 1, after=after, platform=platform)
    page = found[:limit]
    return ConnectionPage(
        connections=[ConnectionOut.of(connection) for connection in page],
        next_cursor=_write_cursor(key, page[-1]) if len(found) > limit else None,
    )


@router.get("/connections/{connection_id}", **shows(answers={200: examples.CONNECTION}))
async def get_connection(connection_id: ConnectionId, merchant: CurrentMerchant, request: Request) -> ConnectionOut:
    """One connection."""
    database: Database = request.app.state.database
    async with database.read(merchant.user_id) as session:
        found = await repository.find_connection(session, connection_id)
    if found is None:
        raise ConnectionNotFound
    return ConnectionOut.of(found)


@router.delete("/connections/{connection_id}", status_code=204)
async def delete_connection(connection_id: ConnectionId, merchant: CurrentMerchant, request: Request) -> Response:
    """Disconnects the place: its tokens go at once, and with the last place of a grant the grant at the platform."""
    database: Database = request.app.state.database
    async with database.write(merchant.user_id) as session:
        await ending.disconnect(session, connection_id)
    return Response(status_code=204)


def _write_cursor(key: bytes, last: Connection) -> str:
    return encode_cursor(key, {"at": last.created_at.isoformat(), "id": str(last.id)})


def _read_cursor(key: bytes, cursor: str) -> PageKey:
    values = decode_cursor(key, cursor)
    try:
        return PageKey(created_at=datetime.fromisoformat(str(values["at"])), id=UUID(str(values["id"])))
    except (KeyError, ValueError):
        raise Invalid("This cursor belongs to another list.", field="query.cursor") from None
