"""What the API's document shows of connections: made from the models, so that it always fits them."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from auth_linker.connections.schemas import ConnectionOut, ConnectionPage

LINKED_AT: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CONNECTION: Final = ConnectionOut(
    id=UUID("2c9a7c54-6a0e-4f3c-8a6d-2f8d7f2f5a01"),
    grant_id=UUID("c1f6f3b0-54d4-4c0f-8a52-9d1f0e6b7a10"),
    user_id=UUID("7b1f1c2e-3a52-4d0e-9a41-0c8b0f6a9d11"),
    platform="x",
    platform_id="1900000000000000001",
    kind="account",
    platform_username="kettleco",
    display_name="Kettle & Co",
    avatar_url="https://cdn.shop.example/kettleco.png",
    is_connected=True,
    health="ok",
    capabilities=["publish", "analytics"],
    scopes=["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"],
    missing_scopes=[],
    limitations=[],
    problem=None,
    expires_at=None,
    renewable=True,
    last_refreshed_at=None,
    created_at=LINKED_AT,
    updated_at=LINKED_AT,
    revision=1795424400000,
)
PAGE: Final = ConnectionPage(connections=[CONNECTION], next_cursor=None)
