"""Answers that come late, are lost outside of the loop's turn, or find the database gone."""

import asyncio

import asyncpg
import pytest
from tests.integration.auth_linker.refreshers import Gate, end_lease, linked, refresher
from tests.integration.auth_linker.world import World
from tests.support.eventually import eventually

from auth_linker.tokens.results import Outcome


@pytest.mark.parametrize("platform", ["x", "github"])
async def test_a_forced_refresh_whose_answer_was_lost_is_settled_without_anyone_asking(
    world: World, platform: str
) -> None:
    """Its due time was hours away, but the spent token cannot wait for it: the loop's next look finds out."""
    merchant, connection = await linked(world, platform)
    await world.fault(platform, "refresh", "commit_then_drop")

    answer = await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")
    await world.admin.execute("UPDATE retail_b2c.grants SET retry_at = NULL WHERE user_id = $1", merchant.user_id)
    await world.refresh_loop().run_once()

    (event,) = await world.events(merchant.user_id, "connection.unlinked")
    assert answer.status == 503
    assert event["reason"] == "reconnect_required"
    assert (await merchant.read(connection["id"]))["health"] == "reconnect_required"


async def test_a_forced_refresh_whose_sender_vanished_is_found_by_the_loop(world: World) -> None:
    """Killed between the call and the commit: the lease runs out, and the scan takes the grant over."""
    merchant, connection = await linked(world, "github")
    grant = await world.grant(connection["id"])
    gate = Gate(world, "github")
    vanished = asyncio.create_task(refresher(world, gate.apps).refresh(merchant.user_id, grant["id"], force=True))
    await gate.answered.wait()
    await end_lease(world, grant["id"])

    await world.refresh_loop().run_once()
    in_between = await merchant.read(connection["id"])
    gate.go_on.set()
    await vanished

    assert (in_between["is_connected"], in_between["health"]) == (False, "reconnect_required")


async def test_a_late_answer_for_a_connection_given_up_meanwhile_is_revoked(world: World) -> None:
    """Lost to a takeover and then disconnected by the merchant: the good answer belongs to nobody any more."""
    merchant, connection = await linked(world, "github")
    grant = await world.grant(connection["id"])
    gate = Gate(world, "github")
    late = asyncio.create_task(refresher(world, gate.apps).refresh(merchant.user_id, grant["id"], force=True))
    await gate.answered.wait()
    await end_lease(world, grant["id"])
    await world.shared.refresher.refresh(merchant.user_id, grant["id"], force=True)
    assert (await merchant.call("DELETE", f"/v1/connections/{connection['id']}")).status == 204

    gate.go_on.set()
    await late
    await world.erasure_worker().run_once()

    assert await world.proofs(merchant.user_id) == [("superseded", "revoked")]
    assert (await world.grant(connection["id"]))["is_live"] is False
    assert (await merchant.read(connection["id"]))["is_connected"] is False


async def test_an_answer_is_stored_though_the_database_cut_the_connection(world: World) -> None:
    """Nobody can ask a rotating platform twice: a failover or a lock that took too long is waited out."""
    merchant, connection = await linked(world, "x")
    grant = await world.grant(connection["id"])
    gate = Gate(world, "x")
    refresh = asyncio.create_task(refresher(world, gate.apps).refresh(merchant.user_id, grant["id"], force=True))
    await gate.answered.wait()
    blocker = await asyncpg.connect(world.database.superuser)
    try:
        lock = blocker.transaction()
        await lock.start()
        await blocker.execute("SELECT 1 FROM retail_b2c.grants WHERE id = $1 FOR UPDATE", grant["id"])
        gate.go_on.set()
        await eventually(lambda: _cut_the_waiting(world), what="the store waiting for its lock")
        await lock.rollback()
    finally:
        await blocker.close()

    assert (await refresh).outcome is Outcome.REFRESHED
    assert (await world.grant(connection["id"]))["token_version"] == grant["token_version"] + 1
    assert (await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")).status == 200


async def _cut_the_waiting(world: World) -> bool:
    return bool(
        await world.admin.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND usename LIKE '%_worker' AND datname = current_database()"
        )
    )


async def test_a_dead_token_is_told_as_a_reconnect_when_the_places_are_asked_for(world: World) -> None:
    """Whoever lists the siblings of a grant that was revoked at the platform hears what to do, not to try again."""
    merchant, connection = await linked(world, "github")
    await world.fault("github", "identity", "revoke")

    answer = await merchant.call("GET", f"/v1/connections/{connection['id']}/siblings")

    assert (answer.status, answer.json()["code"]) == (409, "connection_not_usable")
    assert (await merchant.read(connection["id"]))["is_connected"] is False
