"""What operators are shown of all connections together."""

import pytest
from tests.integration.auth_linker.world import World

from auth_linker.gauges import Gauges
from social_common.db import Database, DatabaseUnreachable
from social_common.metrics import REGISTRY
from social_common.secrets import Secret


def shown(health: str, platform: str = "x") -> float | None:
    """How many of those there are."""
    return REGISTRY.get_sample_value("auth_linker_connections", {"platform": platform, "health": health})


async def test_connections_are_counted_by_health_over_all_merchants(world: World) -> None:
    """Merchants' connections side by side, those given up apart; where the database is away, no number at all."""
    gauges = Gauges(world.shared.database, ["x", "github"])
    await gauges.read()
    before = [shown(health) or 0 for health in ("ok", "disconnected", "reconnect_required")]
    for number in range(3):
        merchant = await world.merchant()
        account = await world.account("x")
        connection = await merchant.link("x", account["username"])
        if number == 0:
            await merchant.call("DELETE", f"/v1/connections/{connection['id']}")
        if number == 1:
            await world.admin.execute(
                "UPDATE retail_b2c.social_connections SET is_connected = false, access_token = NULL, "
                "refresh_token = NULL, health = 'reconnect_required' WHERE id = $1::uuid",
                connection["id"],
            )
    await gauges.read()
    after = [shown(health) or 0 for health in ("ok", "disconnected", "reconnect_required")]
    other = shown("expiring", "github")

    away = Database(Secret("postgresql://nobody:made-up@127.0.0.1:9/none"), service="auth_linker", pool_size=1)
    with pytest.raises(DatabaseUnreachable):
        await Gauges(away, ["x"]).read()
    await away.close()

    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]
    assert other is not None
    assert shown("ok") is None
