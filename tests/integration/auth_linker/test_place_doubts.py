"""`post.failed`: what publishing heard of a place is looked into at once, and nothing ends by hearsay."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from tests.integration.auth_linker.world import Json, Merchant, World

from auth_linker.tokens.doubts import PlaceDoubts
from social_common.events import CloudEvent


def _event(user_id: UUID, connection_id: str, code: str) -> CloudEvent:
    return CloudEvent(
        id=str(uuid4()),
        source="/seftec/social/publisher",
        type="store.seftec.social.post.failed.v1",
        subject=str(uuid4()),
        time=datetime.now(UTC),
        dataschema=None,
        traceparent=None,
        user_id=user_id,
        data={"connection_id": connection_id, "status": "failed", "error": {"code": code, "detail": "", "action": ""}},
        topic="post.failed",
    )


async def _locations(world: World) -> tuple[Merchant, list[Json]]:
    merchant = await world.merchant()
    places = [{"kind": "location", "name": name} for name in ("High Street", "Harbour")]
    account = await world.account("google", places=places)
    landing = await merchant.approve(await merchant.begin("google"), account["username"])
    ids = [place["platform_id"] for place in account["places"]]
    answer = await merchant.complete(landing.query["link_code"], ids)
    assert answer.status == 201, answer.text
    return merchant, answer.json()["connections"]


async def test_a_gone_place_is_said_at_the_next_look(world: World) -> None:
    """Publishing found it first: the merchant does not wait for the day's look."""
    merchant, (gone, kept) = await _locations(world)
    doubts = PlaceDoubts(world.worker, interval=world.settings.places_check_interval)
    await world.change_place("google", gone["platform_id"], deleted=True)
    event = _event(merchant.user_id, gone["id"], "destination_gone")

    await doubts.handle(event)
    await doubts.handle(event)
    await world.places_loop().run_once()

    assert (await merchant.read(gone["id"]))["problem"]["code"] == "destination_gone"
    assert (await merchant.read(kept["id"]))["is_connected"]


@pytest.mark.parametrize("code", ["destination_gone", "permission_missing", "account_restricted"])
async def test_a_doubt_alone_ends_nothing(world: World, code: str) -> None:
    """The platform is asked, and says that all is well."""
    merchant, (one, other) = await _locations(world)
    doubts = PlaceDoubts(world.worker, interval=world.settings.places_check_interval)

    await doubts.handle(_event(merchant.user_id, one["id"], code))
    before = len(await world.requests("google", "/locations"))
    await world.places_loop().run_once()

    assert len(await world.requests("google", "/locations")) > before
    assert [await merchant.read(connection["id"]) for connection in (one, other)] == [one, other]


async def test_what_is_not_about_the_place_asks_for_no_look(world: World) -> None:
    """A refused text, an unknown connection and a merchant who is gone change nothing."""
    merchant, (one, _) = await _locations(world)
    doubts = PlaceDoubts(world.worker, interval=world.settings.places_check_interval)
    before = await world.grant(one["id"])

    await doubts.handle(_event(merchant.user_id, one["id"], "content_rejected"))
    await doubts.handle(_event(merchant.user_id, str(uuid4()), "destination_gone"))
    await doubts.handle(_event(uuid4(), one["id"], "destination_gone"))

    assert (await world.grant(one["id"]))["places_seen_at"] == before["places_seen_at"]
