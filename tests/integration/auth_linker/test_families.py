"""LinkedIn through its two apps, and Google's platforms, which share the person: places, scopes, revocations."""

from tests.integration.auth_linker.world import COMMUNITY_APP, Json, Merchant, World

ADMINISTRATOR = {"role": "ADMINISTRATOR"}


async def _member(world: World, *organizations: str) -> Json:
    places = [{"kind": "organization", "name": name, "options": ADMINISTRATOR} for name in organizations]
    return await world.account("linkedin", places=places)


async def _organizations(world: World) -> tuple[Merchant, Json, list[Json]]:
    """A merchant, a member, and both of the member's organizations connected."""
    merchant, account = await world.merchant(), await _member(world, "Kettles", "Cups")
    landing = await merchant.approve(await merchant.begin("linkedin", kinds=["organization"]), account["username"])
    choose = (await merchant.complete(landing.query["link_code"])).json()["choose"]
    ids = [place["platform_id"] for place in choose]
    answer = await merchant.complete(landing.query["link_code"], ids)
    assert answer.status == 201, answer.text
    return merchant, account, answer.json()["connections"]


def _page(account: Json, name: str) -> str:
    found: str = next(place["platform_id"] for place in account["places"] if place["name"] == name)
    return found


async def _locations(world: World, *names: str) -> Json:
    return await world.account("google", places=[{"kind": "location", "name": name} for name in names])


async def test_organizations_are_linked_through_the_second_app(world: World) -> None:
    """Members go through the first app, organizations through the Community Management app; grants know theirs."""
    merchant, account, connections = await _organizations(world)
    member = await merchant.link("linkedin", account["username"], kinds=["member"])

    apps = [(await world.grant(connection["id"]))["app"] for connection in (member, *connections)]

    assert [connection["kind"] for connection in connections] == ["organization", "organization"]
    assert member["kind"] == "member"
    assert apps == ["sandbox-client", COMMUNITY_APP, COMMUNITY_APP]
    for connection in (member, *connections):
        assert (await world.broker(connection["id"], merchant.user_id)).status == 200


async def test_without_a_wish_the_first_app_is_taken(world: World) -> None:
    """Members always go through it."""
    merchant, account = await world.merchant(), await _member(world, "Kettles")

    connection = await merchant.link("linkedin", account["username"])

    assert (connection["kind"], (await world.grant(connection["id"]))["app"]) == ("member", "sandbox-client")


async def test_kinds_that_nothing_reaches_are_named(world: World) -> None:
    """A channel at LinkedIn is refused before the merchant leaves, by the name of the field."""
    merchant = await world.merchant()

    answer = await merchant.call(
        "POST",
        "/v1/connections/linkedin/authorize",
        {"return_to": "https://shop.example/console", "kinds": ["member", "channel"]},
    )

    assert (answer.status, answer.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in answer.json()["errors"]] == ["body.kinds"]


async def test_a_reconnect_goes_through_the_connections_own_app(world: World) -> None:
    """Also when nobody names a kind: an organization does not come back through the members' app."""
    merchant, account, (connection, _) = await _organizations(world)

    again = await merchant.link("linkedin", account["username"], connection_id=connection["id"])

    assert again["id"] == connection["id"]
    assert (await world.grant(connection["id"]))["app"] == COMMUNITY_APP


async def test_a_role_that_shrinks_and_one_that_goes_are_noticed(world: World) -> None:
    """Without ADMINISTRATOR no numbers; with no role at all that organization alone ends; both come back by a look."""
    merchant, account, connections = await _organizations(world)
    by_place = {connection["platform_id"]: connection["id"] for connection in connections}
    shrunk, gone = _page(account, "Kettles"), _page(account, "Cups")
    await world.change_place("linkedin", shrunk, role="CONTENT_ADMIN")
    await world.change_place("linkedin", gone, role="NONE")
    await world.look_at_places()
    await merchant.sign_in_again()
    first, second = await merchant.read(by_place[shrunk]), await merchant.read(by_place[gone])

    await world.change_place("linkedin", shrunk, role="ADMINISTRATOR")
    await world.change_place("linkedin", gone, role="ADMINISTRATOR")
    await world.look_at_places()
    await merchant.sign_in_again()

    assert (first["is_connected"], first["capabilities"]) == (True, ["publish"])
    assert first["problem"]["code"] == "permission_missing"
    assert [limitation["capability"] for limitation in first["limitations"]] == ["analytics"]
    assert (second["is_connected"], second["health"]) == (False, "reconnect_required")
    assert second["problem"]["code"] == "destination_gone"
    for platform_id in (shrunk, gone):
        healed = await merchant.read(by_place[platform_id])
        assert (healed["is_connected"], healed["problem"], healed["capabilities"]) == (
            True, None, ["analytics", "publish"],
        )  # fmt: skip
        assert (await world.broker(healed["id"], merchant.user_id)).status == 200


async def test_two_locations_are_offered_and_one_that_goes_is_noticed(world: World) -> None:
    """Each a connection of its own on one grant; what vanishes from the list while others are named is gone."""
    merchant, account = await world.merchant(), await _locations(world, "High Street", "Harbour")
    landing = await merchant.approve(await merchant.begin("google"), account["username"])
    choose = (await merchant.complete(landing.query["link_code"])).json()["choose"]
    ids = [place["platform_id"] for place in choose]
    linked = (await merchant.complete(landing.query["link_code"], ids)).json()["connections"]
    gone, kept = linked

    await world.change_place("google", gone["platform_id"], deleted=True)
    await world.look_at_places()
    await merchant.sign_in_again()

    assert sorted(place["name"] for place in choose) == ["Harbour", "High Street"]
    assert (await merchant.read(gone["id"]))["problem"]["code"] == "destination_gone"
    assert (await merchant.read(kept["id"]))["is_connected"] is True


async def test_the_only_connected_place_of_a_grant_comes_back_by_itself(world: World) -> None:
    """Its tokens stay with the grant while it is lost, so that the merchant's next look finds it again."""
    merchant, account = await world.merchant(), await _locations(world, "High Street", "Harbour")
    place = _page(account, "High Street")
    connection = await merchant.link("google", account["username"], pick=[place])
    await world.change_place("google", place, deleted=True)
    await world.look_at_places()
    await merchant.sign_in_again()
    lost = await merchant.read(connection["id"])
    refused = await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")

    await world.change_place("google", place, deleted=False)
    found = await merchant.call("POST", f"/v1/connections/{connection['id']}/refresh")

    assert (lost["is_connected"], lost["problem"]["code"]) == (False, "destination_gone")
    assert (refused.status, refused.json()["code"]) == (409, "connection_not_usable")
    assert (found.status, found.json()["is_connected"], found.json()["problem"]) == (200, True, None)
    assert (await world.broker(connection["id"], merchant.user_id)).status == 200
    assert (await world.grant(connection["id"]))["access_token"] is None


async def test_giving_up_a_lost_place_takes_the_grant_back(world: World) -> None:
    """What waited for the place to return is revoked when its merchant disconnects it."""
    merchant, account = await world.merchant(), await _locations(world, "High Street", "Harbour")
    place = _page(account, "High Street")
    connection = await merchant.link("google", account["username"], pick=[place])
    await world.change_place("google", place, deleted=True)
    await world.look_at_places()
    await merchant.sign_in_again()

    await merchant.call("DELETE", f"/v1/connections/{connection['id']}")
    await world.erasure_worker().run_once()

    assert await world.proofs(merchant.user_id) == [("disconnected", "revoked")]
    assert (await merchant.read(connection["id"]))["problem"] is None


async def test_a_list_without_any_location_ends_nothing(world: World) -> None:
    """Google names nothing at all: that proves nothing about the one that was connected."""
    merchant, account = await world.merchant(), await _locations(world, "High Street")
    connection = await merchant.link("google", account["username"])

    await world.change_place("google", connection["platform_id"], deleted=True)
    await world.look_at_places()
    await merchant.sign_in_again()

    assert (await merchant.read(connection["id"]))["is_connected"] is True


async def test_a_suspended_location_cannot_be_chosen(world: World) -> None:
    """It is offered with its reason, and naming it is refused with the same."""
    merchant, account = await world.merchant(), await _locations(world, "High Street")
    await world.change_place(
        "google",
        account["places"][0]["platform_id"],
        hasVoiceOfMerchant=False,
        voiceOfMerchantGap="complyWithGuidelines",
    )
    landing = await merchant.approve(await merchant.begin("google"), account["username"])
    (offered,) = (await merchant.complete(landing.query["link_code"])).json()["choose"]

    answer = await merchant.complete(landing.query["link_code"], [offered["platform_id"]])

    assert (offered["usable"], answer.status) == (False, 422)
    (error,) = answer.json()["errors"]
    assert error["field"] == "body.platform_ids.0"
    assert offered["reason"] in answer.text


async def test_a_refused_business_scope_comes_back_with_the_reason(world: World) -> None:
    """Identity alone reaches no location: permission_missing, and the tokens are given back."""
    merchant, account = await world.merchant(), await _locations(world, "High Street")

    landing = await merchant.approve(
        await merchant.begin("google"),
        account["username"],
        refuse=["https://www.googleapis.com/auth/business.manage"],
    )
    await world.erasure_worker().run_once()

    assert (landing.query["status"], landing.query["error"]) == ("failed", "permission_missing")
    assert await world.proofs(merchant.user_id) == [("unfinished", "revoked")]


async def _person(world: World) -> tuple[str, str, str]:
    """One person at Google with a location and a channel: the name there, and both places."""
    account = await _locations(world, "High Street")
    channel = await world.account("youtube", username=account["username"])
    return account["username"], account["places"][0]["platform_id"], channel["places"][0]["platform_id"]


async def test_a_revocation_spares_the_familys_other_platform(world: World) -> None:
    """YouTube and Google are one consent at Google: the first disconnect only forgets, the last one revokes."""
    merchant = await world.merchant()
    username, _, _ = await _person(world)
    location = await merchant.link("google", username)
    channel = await merchant.link("youtube", username)
    people = [(await world.grant(connection["id"]))["person_id"] for connection in (location, channel)]

    await merchant.call("DELETE", f"/v1/connections/{location['id']}")
    await world.erasure_worker().run_once()
    works = await world.broker(channel["id"], merchant.user_id)
    first = await world.proofs(merchant.user_id)
    await merchant.call("DELETE", f"/v1/connections/{channel['id']}")
    await world.erasure_worker().run_once()

    assert people[0] == people[1]
    assert first == [("disconnected", "still_in_use")]
    assert works.status == 200
    assert await world.proofs(merchant.user_id) == [("disconnected", "still_in_use"), ("disconnected", "revoked")]


async def test_another_merchants_channel_holds_back_the_revocation_too(world: World) -> None:
    """The same person's consent for another merchant, at another platform of the family."""
    one, other = await world.merchant(), await world.merchant()
    username, _, _ = await _person(world)
    location = await one.link("google", username)
    await other.link("youtube", username)

    await one.call("DELETE", f"/v1/connections/{location['id']}")
    await world.erasure_worker().run_once()

    assert await world.proofs(one.user_id) == [("disconnected", "still_in_use")]


async def test_linkedins_apps_are_families_of_their_own(world: World) -> None:
    """A member's profile and Pages rest on different ids: giving up the one revokes it, and the other lives."""
    merchant, account, connections = await _organizations(world)
    member = await merchant.link("linkedin", account["username"], kinds=["member"])

    await merchant.call("DELETE", f"/v1/connections/{member['id']}")
    await world.erasure_worker().run_once()

    assert await world.proofs(merchant.user_id) == [("disconnected", "revoked")]
    assert (await world.broker(connections[0]["id"], merchant.user_id)).status == 200
