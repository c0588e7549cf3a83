"""Linking through the real redirect flow: consent, callback, choice, connection."""

import pytest

from tests.integration.auth_linker.world import RETURN_TO, World

FIELDS = {
    "id", "grant_id", "user_id", "platform", "platform_id", "kind", "platform_username", "display_name", "avatar_url",
    "is_connected", "health", "capabilities", "scopes", "missing_scopes", "expires_at", "renewable",
    "last_refreshed_at", "created_at", "updated_at", "revision",
}  # fmt: skip
LINKED = {
    "topic", "connection_id", "grant_id", "user_id", "revision", "platform", "platform_id", "kind",
    "platform_username", "scopes", "capabilities", "missing_scopes", "health", "expires_at", "renewable", "relinked",
    "linked_at",
}  # fmt: skip


@pytest.mark.parametrize("platform", ["x", "instagram"])
async def test_a_place_is_linked_through_the_redirects(world: World, platform: str) -> None:
    """The connection has the design's fields, the account's name, and one event stands in the outbox."""
    merchant = await world.merchant()
    account = await world.account(platform)

    connection = await merchant.link(platform, account["username"])

    assert set(connection) == FIELDS
    assert (connection["is_connected"], connection["health"]) == (True, "ok")
    assert connection["platform_username"] == account["username"]
    assert connection["capabilities"] == ["analytics", "publish"]
    assert (connection["expires_at"], connection["renewable"]) == (None, True)
    (event,) = await world.events(merchant.user_id)
    assert set(event) == LINKED
    assert (event["topic"], event["relinked"], event["revision"]) == (
        "connection.linked", False, connection["revision"],
    )  # fmt: skip
