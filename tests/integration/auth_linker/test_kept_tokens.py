"""Refresh tokens that stay as they are, walked in time; apart from the others, for the clock only runs ahead."""

from datetime import timedelta

from tests.integration.auth_linker.world import Json, Merchant, World

from social_platforms.linkedin.limits import API_VERSION

DAY = timedelta(days=1)


async def _organization(world: World) -> tuple[Merchant, Json, Json]:
    place = {"kind": "organization", "name": "Kettles", "options": {"role": "ADMINISTRATOR"}}
    merchant, account = await world.merchant(), await world.account("linkedin", places=[place])
    return merchant, account, await merchant.link("linkedin", account["username"], kinds=["organization"])


async def _comes_back(merchant: Merchant, platform: str, account: Json, lost: Json) -> bool:
    """The same account brings the same connection back, with a whole new life ahead and an event."""
    again = await merchant.link(platform, account["username"], connection_id=lost["id"])
    told = (await merchant.world.events(merchant.user_id))[-2:]
    assert [(event["topic"], event.get("reason")) for event in told] == [
        ("connection.unlinked", "reconnect_required"),
        ("connection.linked", None),
    ]
    assert (await merchant.world.broker(again["id"], merchant.user_id)).status == 200
    assert (again["health"], again["is_connected"]) == ("ok", True)
    return bool(again["id"] == lost["id"] and again["expires_at"] > lost["updated_at"])


async def test_a_years_end_is_told_from_the_first_day_and_no_refresh_moves_it(world: World) -> None:
    """LinkedIn's refresh token ends after 365 days: the merchant sees that day, is warned, and is lost after it."""
    merchant, account, connection = await _organization(world)
    first_day = connection["expires_at"]
    told = []
    for _ in range(37):
        await world.advance(10 * DAY)
        await world.refresh_loop().run_once()
        await merchant.sign_in_again()
        now = await merchant.read(connection["id"])
        told.append((now["health"], now["expires_at"], now["renewable"], now["is_connected"]))

    assert first_day is not None
    assert told[:35] == [("ok", first_day, True, True)] * 35
    assert told[35][0] == "expiring"
    assert told[36][:3:2] == ("expiring", False)
    assert told[36][3] is True
    for _ in range(6):
        await world.advance(10 * DAY)
        await world.refresh_loop().run_once()
    await merchant.sign_in_again()
    lost = await merchant.read(connection["id"])
    assert (lost["is_connected"], lost["health"]) == (False, "reconnect_required")
    assert {event["cause"] for event in await world.events(merchant.user_id, "connection.updated")} == {
        "health", "expiry",
    }  # fmt: skip
    # The version of today is retired by then; a later release would ask for a later one.
    await world.control("POST", "/switches", {"platform": "linkedin", "switches": {"extra_versions": [API_VERSION]}})
    assert await _comes_back(merchant, "linkedin", account, lost)


async def test_sixty_days_that_nothing_renews(world: World) -> None:
    """The members' app has no refresh tokens: its end is the merchant's deadline, warned of ten days before."""
    merchant, account = await world.merchant(), await world.account("linkedin", places=[])
    connection = await merchant.link("linkedin", account["username"], kinds=["member"])
    seen = []
    for days in (49, 2, 10):
        await world.advance(days * DAY)
        await world.refresh_loop().run_once()
        await merchant.sign_in_again()
        now = await merchant.read(connection["id"])
        seen.append((now["health"], now["is_connected"]))

    assert (connection["renewable"], connection["expires_at"] is None) == (False, False)
    assert seen == [("ok", True), ("expiring", True), ("reconnect_required", False)]
    assert await _comes_back(merchant, "linkedin", account, now)


async def test_googles_testing_mode_ends_after_seven_days(world: World) -> None:
    """The week is told as the deadline, a refresh moves it nowhere, and the end is a reconnect."""
    await world.control("POST", "/switches", {"platform": "google", "switches": {"testing": True}})
    merchant = await world.merchant()
    account = await world.account("google", places=[{"kind": "location", "name": "High Street"}])
    connection = await merchant.link("google", account["username"])
    seen = []
    for days in (1, 3, 2, 2):
        for _ in range(days):
            await world.advance(DAY)
            await world.refresh_loop().run_once()
        await merchant.sign_in_again()
        now = await merchant.read(connection["id"])
        seen.append((now["health"], now["is_connected"], now["expires_at"] == connection["expires_at"]))

    assert connection["expires_at"] is not None
    assert seen[:2] == [("ok", True, True)] * 2
    assert seen[2] == ("expiring", True, True)
    assert seen[3][:2] == ("reconnect_required", False)
    assert await _comes_back(merchant, "google", account, now)
