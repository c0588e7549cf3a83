"""Refreshing: in time, alone, and honest about answers that were lost."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from tests.integration.auth_linker.refreshers import LEASE, Gate, end_lease, linked, refresher
from tests.integration.auth_linker.world import World

from auth_linker.tokens.results import Outcome


async def _make_due(world: World, connection_id: str) -> None:
    """The grant's time to be refreshed has come, without moving the clock under other tests."""
    await world.admin.execute(
        "UPDATE retail_b2c.grants SET due_at = retail_b2c.social_now() - interval '1 second' WHERE id ="
        " (SELECT grant_id FROM retail_b2c.social_connections WHERE id = $1)",
        UUID(connection_id),
    )


async def test_a_due_grant_is_refreshed_in_silence(world: World) -> None:
    """All tokens are new, the version is one higher; no event, no new revision, the merchant notices nothing."""
    merchant, connection = await linked(world)
    before = await world.grant(connection["id"])
    token = (await world.broker(connection["id"], merchant.user_id)).json()["access_token"]
    await world.advance(timedelta(hours=1, minutes=50))

    await world.refresh_loop().run_once()

    after = await world.grant(connection["id"])
    await merchant.sign_in_again()
    now = await merchant.read(connection["id"])
    assert after["token_version"] == before["token_version"] + 1
    assert (await world.broker(connection["id"], merchant.user_id)).json()["access_token"] != token
    assert len(await world.events(merchant.user_id)) == 1
    assert now["revision"] == connection["revision"]
    assert now["last_refreshed_at"] is not None


async def test_a_grant_that_is_not_due_is_left_alone(world: World) -> None:
    """A look in between changes nothing: every rotation is a chance to lose the chain."""
    merchant, connection = await linked(world)
    grant = await world.grant(connection["id"])

    result = await world.shared.refresher.refresh(merchant.user_id, grant["id"])

    assert result.outcome is Outcome.UNCHANGED
    assert (await world.grant(connection["id"]))["token_version"] == grant["token_version"]


async def test_two_processes_send_one_refresh(world: World) -> None:
    """Two at once: one refreshes, the other finds it busy or done, and the platform is asked once."""
    merchant, connection = await linked(world)
    await _make_due(world, connection["id"])
    grant = await world.grant(connection["id"])
    before = len(await world.requests("x", "/2/oauth2/token"))

    results = await asyncio.gather(*(world.shared.refresher.refresh(merchant.user_id, grant["id"]) for _ in range(4)))

    assert len(await world.requests("x", "/2/oauth2/token")) == before + 1
    assert [result.outcome for result in results].count(Outcome.REFRESHED) == 1
    assert (await world.grant(connection["id"]))["token_version"] == grant["token_version"] + 1


@pytest.mark.parametrize("kind", ["error_500", "drop", "rate_limit"])
async def test_a_passing_failure_disconnects_nobody(world: World, kind: str) -> None:
    """The next try succeeds, and nobody hears of it."""
    merchant, connection = await linked(world)
    await _make_due(world, connection["id"])
    grant = await world.grant(connection["id"])
    await world.fault("x", "refresh", kind)

    first = await world.shared.refresher.refresh(merchant.user_id, grant["id"])
    await world.admin.execute("UPDATE retail_b2c.grants SET retry_at = NULL WHERE id = $1", grant["id"])
    second = await world.shared.refresher.refresh(merchant.user_id, grant["id"])

    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.REFRESHED)
    assert (await merchant.read(connection["id"]))["health"] == "ok"
    assert len(await world.events(merchant.user_id)) == 1


@pytest.mark.parametrize("platform", ["x", "github"])
async def test_a_lost_answer_of_a_rotating_platform_asks_for_a_reconnect(world: World, platform: str) -> None:
    """The spent token cannot be used again: the connection ends with one event, its tokens are shredded."""
    merchant, connection = await linked(world, platform)
    await _make_due(world, connection["id"])
    grant = await world.grant(connection["id"])
    await world.fault(platform, "refresh", "commit_then_drop")

    first = await world.shared.refresher.refresh(merchant.user_id, grant["id"])
    await world.admin.execute("UPDATE retail_b2c.grants SET retry_at = NULL WHERE id = $1", grant["id"])
    second = await world.shared.refresher.refresh(merchant.user_id, grant["id"])

    now = await merchant.read(connection["id"])
    (event,) = await world.events(merchant.user_id, "connection.unlinked")
    tokens = await world.admin.fetchrow(
        "SELECT access_token, refresh_token FROM retail_b2c.social_connections WHERE id = $1", UUID(connection["id"])
    )
    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.LOST)
    assert (now["is_connected"], now["health"]) == (False, "reconnect_required")
    assert (event["reason"], event["revision"]) == ("reconnect_required", now["revision"])
    assert tokens is not None
    assert tuple(tokens) == (None, None)


async def test_a_revoked_grant_ends_with_its_reason(world: World) -> None:
    """The platform's final answer disconnects: `connection.unlinked` only, and the broker answers 409."""
    merchant, connection = await linked(world, "instagram")
    version = (await world.broker(connection["id"], merchant.user_id)).json()["token_version"]
    await world.fault("instagram", "read", "revoke", count=1)
    await world.fault("instagram", "identity", "revoke", count=1)

    answer = await world.broker(connection["id"], merchant.user_id, refused_token_version=version)

    now = await merchant.read(connection["id"])
    assert answer.status == 409
    assert (answer.json()["code"], answer.json()["revision"]) == ("connection_not_usable", now["revision"])
    assert [event["topic"] for event in await world.events(merchant.user_id)] == [
        "connection.linked",
        "connection.unlinked",
    ]
    assert (await world.events(merchant.user_id))[-1]["reason"] == "revoked"


async def test_a_vanished_refresher_that_sent_nothing_costs_nothing(world: World) -> None:
    """A lease run out is a doubt: the token is probed once, it works, and the refresh is done."""
    merchant, connection = await linked(world, "github")
    await _make_due(world, connection["id"])
    grant = await world.grant(connection["id"])
    await _leave_a_lease(world, grant["id"])

    result = await world.shared.refresher.refresh(merchant.user_id, grant["id"])

    assert result.outcome is Outcome.REFRESHED
    assert (await merchant.read(connection["id"]))["health"] == "ok"


async def test_a_paused_refresher_brings_the_connection_back(world: World) -> None:
    """A takeover's probe gave the grant up; the paused process still stores its good answer and restores health."""
    merchant, connection = await linked(world, "github")
    await _make_due(world, connection["id"])
    grant = await world.grant(connection["id"])
    gate = Gate(world, "github")
    paused = asyncio.create_task(refresher(world, gate.apps).refresh(merchant.user_id, grant["id"]))
    await gate.answered.wait()
    await end_lease(world, grant["id"])

    takeover = await world.shared.refresher.refresh(merchant.user_id, grant["id"])
    in_between = await merchant.read(connection["id"])
    gate.go_on.set()
    result = await paused

    now = await merchant.read(connection["id"])
    assert (takeover.outcome, result.outcome) == (Outcome.LOST, Outcome.REFRESHED)
    assert (in_between["is_connected"], now["is_connected"], now["health"]) == (False, True, "ok")
    assert [(event["topic"], event.get("relinked")) for event in await world.events(merchant.user_id)] == [
        ("connection.linked", False),
        ("connection.unlinked", None),
        ("connection.linked", True),
    ]
    assert (await world.broker(connection["id"], merchant.user_id)).status == 200


async def test_a_late_answer_never_overwrites_a_newer_consent(world: World) -> None:
    """A relink while a refresh is under way wins; the late tokens go to the revocation queue."""
    merchant = await world.merchant()
    account = await world.account("x")
    connection = await merchant.link("x", account["username"])
    grant = await world.grant(connection["id"])
    gate = Gate(world, "x")
    late = asyncio.create_task(refresher(world, gate.apps).refresh(merchant.user_id, grant["id"], force=True))
    await gate.answered.wait()
    await merchant.link("x", account["username"])
    version = (await world.grant(connection["id"]))["token_version"]
    gate.go_on.set()
    await late

    assert (await world.grant(connection["id"]))["token_version"] == version
    assert [reason for reason, _ in await world.proofs(merchant.user_id)] == ["relinked", "superseded"]


async def test_a_process_that_was_stopped_before_sending_does_not_send(world: World) -> None:
    """The lease ran out by the machine's own clock between the last look and the call: no request leaves."""
    merchant, connection = await linked(world)
    await _make_due(world, connection["id"])
    grant = await world.grant(connection["id"])
    times = iter([0.0, LEASE.total_seconds() - 1])
    stopped = refresher(world, world.shared.apps, monotonic=lambda: next(times))
    before = len(await world.requests("x", "/2/oauth2/token"))

    result = await stopped.refresh(merchant.user_id, grant["id"])

    assert result.outcome is Outcome.BUSY
    assert len(await world.requests("x", "/2/oauth2/token")) == before


async def test_no_lock_is_held_while_the_platform_is_asked(world: World) -> None:
    """While the call is under way Supabase's own delete of the merchant goes through at once."""
    merchant, connection = await linked(world, "github")
    grant = await world.grant(connection["id"])
    gate = Gate(world, "github")
    refresh = asyncio.create_task(refresher(world, gate.apps).refresh(merchant.user_id, grant["id"], force=True))
    await gate.answered.wait()

    async with asyncio.timeout(5):
        await world.admin.execute("DELETE FROM auth.users WHERE id = $1", merchant.user_id)
    gate.go_on.set()

    await refresh
    assert [reason for reason, _ in await world.proofs(merchant.user_id)] == ["erased", "superseded"]


async def test_failing_refreshes_near_the_end_are_told_as_expiring(world: World) -> None:
    """Health turns to `expiring` with one event when refreshing fails shortly before the end, and back after it."""
    merchant, connection = await linked(world)
    grant = await world.grant(connection["id"])
    await world.admin.execute(
        "UPDATE retail_b2c.grants SET due_at = retail_b2c.social_now(),"
        " expires_at = retail_b2c.social_now() + interval '3 minutes' WHERE id = $1",
        grant["id"],
    )
    await world.fault("x", "refresh", "rate_limit", count=2)

    for _ in range(3):
        await world.admin.execute("UPDATE retail_b2c.grants SET retry_at = NULL WHERE id = $1", grant["id"])
        await world.shared.refresher.refresh(merchant.user_id, grant["id"])

    updates = await world.events(merchant.user_id, "connection.updated")
    assert [(event["cause"], event["health"]) for event in updates] == [("health", "expiring"), ("health", "ok")]


async def _leave_a_lease(world: World, grant_id: UUID) -> None:
    await world.admin.execute(
        "UPDATE retail_b2c.grants SET lease_owner = gen_random_uuid(),"
        " lease_until = clock_timestamp() - interval '1 second' WHERE id = $1",
        grant_id,
    )
