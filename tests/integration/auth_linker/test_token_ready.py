"""`post.scheduled`: the token is good when the post is due, whatever comes twice, late or for nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from tests.integration.auth_linker.world import Json, Merchant, World

from auth_linker.tokens.consumers import TokenReady
from social_common.events import CloudEvent

LEAD = timedelta(minutes=30)


def _event(user_id: UUID, **data: Any) -> CloudEvent:
    return CloudEvent(
        id=str(uuid4()),
        source="/seftec/social/publisher",
        type="store.seftec.social.post.scheduled.v1",
        subject=str(data.get("post_id", "")),
        time=datetime.now(UTC),
        dataschema=None,
        traceparent=None,
        user_id=user_id,
        data={name: str(value) if isinstance(value, UUID) else value for name, value in data.items()},
        topic="post.scheduled",
    )


async def _linked(world: World) -> tuple[Merchant, Json, TokenReady]:
    merchant = await world.merchant()
    account = await world.account("x")
    connection = await merchant.link("x", account["username"])
    return merchant, connection, TokenReady(world.worker, apps=world.shared.apps, lead=LEAD)


async def test_a_post_that_the_token_would_not_outlast_brings_the_refresh_forward(world: World) -> None:
    """Due shortly before the token's end, the post pulls the grant's due time to its own minus the lead."""
    merchant, connection, ready = await _linked(world)
    grant = await world.grant(connection["id"])
    due = grant["expires_at"] - timedelta(minutes=10)
    event = _event(
        merchant.user_id, post_id=uuid4(), connection_id=connection["id"], revision=1, scheduled_at=due.isoformat()
    )

    await ready.handle(event)
    await ready.handle(event)

    assert (await world.grant(connection["id"]))["due_at"] == due - LEAD
    assert len(await world.events(merchant.user_id)) == 1


async def test_after_the_refresh_a_later_post_is_remembered(world: World) -> None:
    """A post beyond the present token's life is planned for when the next token is known."""
    merchant, connection, ready = await _linked(world)
    grant = await world.grant(connection["id"])
    due = grant["expires_at"] + timedelta(hours=1, minutes=55)
    await ready.handle(
        _event(
            merchant.user_id, post_id=uuid4(), connection_id=connection["id"], revision=1, scheduled_at=due.isoformat()
        )
    )
    await world.advance(timedelta(hours=1, minutes=50))

    await world.refresh_loop().run_once()

    renewed = await world.grant(connection["id"])
    assert renewed["token_version"] == grant["token_version"] + 1
    assert renewed["due_at"] == min(due - LEAD, renewed["expires_at"] - timedelta(minutes=15))


async def test_an_event_for_nobody_changes_nothing(world: World) -> None:
    """An unknown connection, another merchant's, and a merchant who is gone are passed over."""
    merchant, connection, ready = await _linked(world)
    before = await world.grant(connection["id"])
    when = (before["expires_at"] - timedelta(minutes=1)).isoformat()

    for user_id, connection_id in ((merchant.user_id, uuid4()), (uuid4(), connection["id"])):
        await ready.handle(_event(user_id, post_id=uuid4(), connection_id=connection_id, revision=1, scheduled_at=when))

    assert (await world.grant(connection["id"]))["due_at"] == before["due_at"]


async def test_an_older_revision_does_not_take_the_plan_back(world: World) -> None:
    """The post's newest due time stands, in whatever order its events come."""
    merchant, connection, ready = await _linked(world)
    grant = await world.grant(connection["id"])
    post_id, due = uuid4(), grant["expires_at"] - timedelta(minutes=10)
    for revision, when in ((2, due), (1, due - timedelta(minutes=1))):
        await ready.handle(
            _event(
                merchant.user_id,
                post_id=post_id,
                connection_id=connection["id"],
                revision=revision,
                scheduled_at=when.isoformat(),
            )
        )

    assert (await world.grant(connection["id"]))["due_at"] == due - LEAD


@pytest.mark.parametrize("scheduled_at", ["2026-11-23T09:00:00", "soon", None])
async def test_a_record_that_cannot_be_read_is_refused(world: World, scheduled_at: str | None) -> None:
    """A time without an offset or no time at all is an error of the record, for the pipeline to park."""
    merchant, connection, ready = await _linked(world)

    with pytest.raises(ValidationError):
        await ready.handle(
            _event(
                merchant.user_id,
                post_id=uuid4(),
                connection_id=connection["id"],
                revision=1,
                scheduled_at=scheduled_at,
            )
        )


async def test_a_post_does_not_put_off_a_refresh_in_doubt(world: World) -> None:
    """A refresh whose answer was lost is settled at the loop's next look, whatever is planned meanwhile."""
    merchant, connection, ready = await _linked(world)
    grant = await world.grant(connection["id"])
    await world.fault("x", "refresh", "commit_then_drop")
    await world.shared.refresher.refresh(merchant.user_id, grant["id"], force=True)
    in_doubt = await world.grant(connection["id"])

    await ready.handle(
        _event(
            merchant.user_id,
            post_id=uuid4(),
            connection_id=connection["id"],
            revision=1,
            scheduled_at=(grant["expires_at"] - timedelta(minutes=10)).isoformat(),
        )
    )

    assert in_doubt["in_doubt"]
    assert (await world.grant(connection["id"]))["due_at"] == in_doubt["due_at"] < grant["due_at"]
