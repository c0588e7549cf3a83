"""Events of auth-linker and analytics: late, twice and out of order they change nothing wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from tests.integration.publisher.kit import World

from publisher.engagement.consumers import EngagementConsumer
from publisher.projections.consumers import ConnectionConsumer
from publisher.projections.repository import Connection
from social_common.db import UserGone
from social_common.events import CloudEvent


def an_event(topic: str, user_id: UUID, data: dict[str, Any], *, event_id: str | None = None) -> CloudEvent:
    """An event as it comes from Kafka."""
    return CloudEvent(
        id=event_id or str(uuid4()),
        source="/seftec/social/auth-linker",
        type=f"store.seftec.social.{topic}.v1",
        subject=str(uuid4()),
        time=datetime.now(UTC),
        dataschema=None,
        traceparent=None,
        user_id=user_id,
        data=data,
        topic=topic,
        partition=0,
        offset=0,
    )


def state_of(connection: Connection, *, revision: int, **changes: Any) -> dict[str, Any]:
    """The data of connection.linked or .updated."""
    known: dict[str, Any] = {
        "connection_id": str(connection.connection_id),
        "grant_id": str(connection.grant_id),
        "user_id": str(connection.user_id),
        "revision": revision,
        "platform": connection.platform,
        "platform_id": connection.platform_id,
        "kind": "account",
        "platform_username": "shop",
        "scopes": ["tweet.write"],
        "capabilities": ["publish"],
        "missing_scopes": [],
        "health": "ok",
        "expires_at": None,
        "renewable": True,
        "a_field_of_tomorrow": {"x": 1},
    }
    return known | changes


def end_of(connection: Connection, *, revision: int, reason: str) -> dict[str, Any]:
    """The data of connection.unlinked."""
    kept = ("connection_id", "grant_id", "user_id", "platform", "platform_id")
    known = {name: value for name, value in state_of(connection, revision=revision).items() if name in kept}
    return known | {"revision": revision, "reason": reason, "unlinked_at": "2026-11-23T10:00:00Z"}


def consumer(world: World) -> ConnectionConsumer:
    """The consumer under test."""
    return ConnectionConsumer(world.database, probe_after=timedelta(minutes=10))


async def known(world: World, connection_id: UUID) -> Any:
    """The projection's row."""
    rows = await world.sql("SELECT * FROM retail_b2c.publisher_connections WHERE connection_id = $1", connection_id)
    return rows[0] if rows else None


async def test_a_linked_connection_is_known(world: World) -> None:
    """The projection has it, unknown fields are ignored."""
    user_id = await world.a_user()
    connection = Connection(uuid4(), user_id, "x", "p1", "ok", True, 0, grant_id=uuid4())

    await consumer(world).handle(an_event("connection.linked", user_id, state_of(connection, revision=5)))

    row = await known(world, connection.connection_id)
    assert (row["revision"], row["is_usable"], row["capabilities"]) == (5, True, ["publish"])


async def test_an_older_event_changes_no_state(world: World) -> None:
    """Late news of a name does not undo newer ones."""
    connection = await world.a_connection(await world.a_user(), revision=10, platform_username="new")
    data = state_of(connection, revision=9, platform_username="old")

    await consumer(world).handle(an_event("connection.updated", connection.user_id, data))

    assert (await known(world, connection.connection_id))["platform_username"] == "new"


async def test_the_same_event_counts_once(world: World) -> None:
    """The inbox remembers it."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection, due_in=600)
    event = an_event("connection.unlinked", connection.user_id, end_of(connection, revision=11, reason="user"))

    await consumer(world).handle(event)
    await consumer(world).handle(event)

    assert [topic for topic, _ in await world.events(post_id)] == ["post.canceled"]


async def test_a_disconnect_cancels_the_waiting_posts(world: World) -> None:
    """They will not go out, and the reason is told; what is published stays."""
    connection = await world.a_connection(await world.a_user())
    waiting = await world.a_post(connection, due_in=600)
    held = await world.a_post(connection, due_in=600, status="held", held_for="connection")
    draft = await world.a_post(connection, status="draft")
    event = an_event("connection.unlinked", connection.user_id, end_of(connection, revision=11, reason="user"))

    await consumer(world).handle(event)

    statuses = [(await world.post(one))["status"] for one in (waiting, held, draft)]
    assert statuses == ["canceled", "canceled", "draft"]
    assert (await world.events(waiting))[0][1]["reason"] == "disconnected"
    assert (await known(world, connection.connection_id))["is_usable"] is False


async def test_a_late_disconnect_cancels_only_what_was_made_before_it(world: World) -> None:
    """Relinked already: posts made at the newer revision stay, older ones are cancelled all the same."""
    connection = await world.a_connection(await world.a_user(), revision=30)
    before = await world.a_post(connection, due_in=600, connection_revision=10)
    after = await world.a_post(connection, due_in=600, connection_revision=30)
    event = an_event("connection.unlinked", connection.user_id, end_of(connection, revision=20, reason="user"))

    await consumer(world).handle(event)

    assert [(await world.post(one))["status"] for one in (before, after)] == ["canceled", "scheduled"]
    assert (await known(world, connection.connection_id))["is_usable"] is True


@pytest.mark.parametrize("reason", ["revoked", "reconnect_required"])
async def test_a_lost_connection_holds_and_a_new_link_releases(world: World, reason: str) -> None:
    """Held until linked again; then it goes out at its time."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection, due_in=600)
    lost = an_event("connection.unlinked", connection.user_id, end_of(connection, revision=11, reason=reason))
    back = an_event("connection.linked", connection.user_id, state_of(connection, revision=12))

    await consumer(world).handle(lost)
    held = (await world.post(post_id))["status"]
    await consumer(world).handle(back)
    await world.work_due()
    resumed = await world.post(post_id)
    await world.advance(timedelta(minutes=11))
    await world.work_due()

    assert (held, resumed["status"], resumed["due_at"]) == ("held", "scheduled", resumed["scheduled_at"])
    assert (await world.post(post_id))["status"] == "published"


async def test_an_erased_connection_takes_its_posts_along(world: World) -> None:
    """Rows and ledger are gone; nothing is told any more."""
    connection = await world.a_connection(await world.a_user())
    published = await world.a_post(connection)
    engine = world.engine()
    await world.work_due(engine)
    waiting = await world.a_post(connection, due_in=600)
    event = an_event("connection.unlinked", connection.user_id, end_of(connection, revision=11, reason="erased"))

    await consumer(world).handle(event)
    await engine.erasing.purge_some()

    rows = await world.sql("SELECT 1 FROM retail_b2c.social_posts WHERE id = ANY($1)", [published, waiting])
    assert rows == []
    assert await world.attempts(published) == []


async def test_an_event_for_a_user_who_is_gone_ends_quietly(world: World) -> None:
    """The pipeline lets such a record go."""
    user_id = uuid4()
    connection = Connection(uuid4(), user_id, "x", "p1", "ok", True, 0, grant_id=uuid4())

    with pytest.raises(UserGone):
        await consumer(world).handle(an_event("connection.linked", user_id, state_of(connection, revision=5)))


async def test_a_record_without_its_fields_is_the_records_fault(world: World) -> None:
    """A ValidationError parks it at once."""
    with pytest.raises(ValidationError):
        await consumer(world).handle(an_event("connection.linked", uuid4(), {"connection_id": "no"}))


async def test_a_soft_deleted_user_ends_as_the_cascade_would(world: World) -> None:
    """Supabase only marks the user; the scan finds it and removes everything."""
    user_id = await world.a_user()
    post_id = await world.a_post(await world.a_connection(user_id))
    engine = world.engine()
    await world.work_due(engine)
    await world.sql("UPDATE auth.users SET deleted_at = now() WHERE id = $1", user_id)

    await engine.erasing.find_gone()
    await engine.erasing.purge_some()

    for table in ("social_posts", "publisher_connections", "publisher_attempts", "publisher_preparations"):
        assert await world.sql(f"SELECT 1 FROM retail_b2c.{table} WHERE user_id = $1", user_id) == []
    assert post_id is not None


async def test_measured_numbers_fill_engagement_and_not_the_revision(world: World) -> None:
    """The newest of analytics' own counter wins; the post's revision stays."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)
    handler = EngagementConsumer(world.database)

    def measured(revision: int, likes: int) -> CloudEvent:
        data = {"post_id": str(post_id), "revision": revision, "metrics": {"likes": likes, "reach": None}}
        return an_event("post.measured", connection.user_id, data)

    await handler.handle(measured(7, 70))
    await handler.handle(measured(6, 60))

    post = await world.post(post_id)
    assert '"likes": 70' in post["engagement"]
    assert '"reach": null' in post["engagement"]
    assert post["revision"] == 1
