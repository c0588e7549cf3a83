"""What is prepared ahead: used while it is good, let go of in time, and never left behind."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from tests.integration.publisher.kit import World

from publisher import posts
from publisher.engine import Engine
from publisher.publishing.due import DueClaim
from social_platforms._core import (
    Live,
    NothingSent,
    OutcomeUnknown,
    PostRef,
    PreparationGone,
    Prepared,
    Sighting,
    SightingKind,
)

A_PICTURE = '[{"url": "https://cdn.example.test/p.jpg", "kind": "image", "alt_text": ""}]'


async def begun_early(world: World, post_id: UUID) -> None:
    """As if the time to upload its media had come."""
    await world.sql("UPDATE retail_b2c.social_posts SET prepare_at = retail_b2c.social_now() WHERE id = $1", post_id)


async def lost(_: PostRef) -> Live:
    """No answer."""
    raise OutcomeUnknown("reset")


async def refused(_: PostRef) -> Live:
    """Nobody listens there."""
    raise NothingSent("no connection")


async def gone(_: PostRef) -> Live:
    """What was prepared is not there any more."""
    raise PreparationGone("The upload is gone.", http_status=404)


async def test_a_post_goes_out_as_soon_as_it_is_ready_and_due(world: World) -> None:
    """The platform works on it; it is asked right before its time, not only when the usual pace comes round."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()), due_in=0.6)
    world.platform.next_prepare.append(Prepared({"c": 1}, ready=False, check_after=timedelta(seconds=60)))

    await world.work_due(world.engine(prepare_patience=timedelta(seconds=10)))

    assert (await world.post(post_id))["status"] == "published"
    assert world.platform.calls == ["prepare", "prepare", "publish"]


async def test_uploading_ahead_lets_go_before_the_due_time(world: World) -> None:
    """Whoever waits for a platform ahead of time holds the post no longer than until it may be claimed for its time."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()), due_in=5)
    await begun_early(world, post_id)
    unready = Prepared({"c": 1}, ready=False, check_after=timedelta(seconds=2))
    world.platform.next_prepare += [unready] * 9
    engine = world.engine()

    [claim] = await engine.claim_ahead(5)
    await engine.ahead.handle(claim)

    waiting = await world.post(post_id)
    [left] = await world.sql("SELECT extract(epoch FROM $1 - retail_b2c.social_now())", waiting["due_at"])
    assert waiting["claimed_by"] is None
    assert left[0] > 2
    assert len(world.platform.calls) == 2


@pytest.mark.parametrize("is_kept_by_an_attempt", [False, True], ids=["waited", "tried-in-between"])
async def test_what_is_older_than_platforms_keep_it_is_prepared_anew(
    world: World, *, is_kept_by_an_attempt: bool
) -> None:
    """A container lives a day, however often its handle was stored again since."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()), due_in=300)
    await begun_early(world, post_id)
    engine = world.engine(catch_up_hours=24)
    [claim] = await engine.claim_ahead(5)
    await engine.ahead.handle(claim)
    if is_kept_by_an_attempt:
        await world.advance(timedelta(hours=12))
        world.platform.next_publish.append(refused)
        await world.work_due(engine)
        await world.advance(timedelta(hours=9))
    else:
        await world.advance(timedelta(hours=21))
    await world.work_due(engine)

    assert (await world.post(post_id))["status"] == "published"
    assert world.platform.calls[-2:] == ["prepare", "publish"]
    assert world.platform.handles[-1]["was"] is None


async def a_claimed_post(world: World, engine: Engine) -> tuple[DueClaim, posts.Post]:
    """A due post in a worker's hands."""
    [claim] = await engine.claim_due(1)
    async with world.database.read(claim.user_id) as session:
        post = await posts.find(session, claim.post_id)
    assert post is not None
    return claim, post


async def test_what_was_made_for_an_older_text_is_discarded(world: World) -> None:
    """The merchant changed the post while a worker was preparing: its container is not forgotten on the platform."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    engine = world.engine()
    claim, post = await a_claimed_post(world, engine)
    await world.sql("UPDATE retail_b2c.social_posts SET content_revision = 2, claimed_by = NULL WHERE id = $1", post_id)
    brokered = await world.broker.access(post.connection_id, claim.user_id, min_valid=timedelta(0))

    await engine.preparer.prepare(post, brokered, patience=timedelta(0))
    await engine.discarding.discard_some()

    assert len(world.platform.discarded) == 1
    assert await world.sql("SELECT 1 FROM retail_b2c.publisher_preparations") == []


async def test_nothing_is_kept_for_a_merchant_who_left_meanwhile(world: World) -> None:
    """The purge may be over when a slow upload ends; it leaves no new trace."""
    user_id = await world.a_user()
    await world.a_post(await world.a_connection(user_id))
    engine = world.engine()
    _, post = await a_claimed_post(world, engine)
    brokered = await world.broker.access(post.connection_id, user_id, min_valid=timedelta(0))
    await world.sql("DELETE FROM auth.users WHERE id = $1", user_id)

    await engine.preparer.prepare(post, brokered, patience=timedelta(0))

    assert await world.sql("SELECT 1 FROM retail_b2c.publisher_preparations") == []


async def test_reading_back_compares_with_the_platforms_own_time(world: World) -> None:
    """Both ends of the search are product time, also when the local clock was moved in between."""
    await world.advance(timedelta(days=3))
    connection = await world.a_connection(await world.a_user())
    await world.a_post(connection, content="Same words")
    world.platform.next_publish.append(lost)
    await world.work_due()
    await world.work_looks(rounds=4)
    await world.advance(timedelta(days=1))
    await world.a_post(connection, content="Same words")
    world.platform.next_publish.append(lost)
    await world.work_due()
    spans: list[tuple[datetime, datetime | None]] = []
    look = world.platform.settle

    async def noting(*given: object, sent_at: datetime, until: datetime | None = None, **more: object) -> object:
        spans.append((sent_at, until))
        return await look(*given, sent_at=sent_at, until=until, **more)  # type: ignore[arg-type]

    world.platform.settle = noting  # type: ignore[assignment,method-assign]
    await world.sql("UPDATE retail_b2c.publisher_attempts SET next_look_at = now()")
    await world.work_looks()

    [row] = await world.sql("SELECT now() AS real")
    (first, until), (second, nothing) = sorted(spans, key=lambda span: span[0])
    assert timedelta(days=2) < first - row["real"] < timedelta(days=3)
    assert (until, nothing) == (second, None)
    assert timedelta(hours=23) < second - first < timedelta(hours=25)


@pytest.mark.parametrize("rounds", [1, 2])
async def test_what_was_prepared_and_is_gone_is_prepared_anew(world: World, rounds: int) -> None:
    """Nothing was published and nobody is asked: the post is held shortly, prepared from nothing, and goes out."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()), media=A_PICTURE)

    world.platform.next_publish += [gone] * rounds
    for number in range(rounds):
        world.platform.next_prepare.append(Prepared({"upload": number}, ready=True))
        await world.work_due()
        held = await world.post(post_id)
        assert (held["status"], held["held_for"]) == ("held", "retry")
        assert await world.sql("SELECT 1 FROM retail_b2c.publisher_preparations WHERE post_id = $1", post_id) == []
        await world.advance(timedelta(minutes=2))
    await world.work_due()

    assert (await world.post(post_id))["status"] == "published"
    assert world.platform.calls == ["prepare", "publish"] * (rounds + 1)
    assert world.platform.handles[-1]["was"] is None
    attempts = await world.attempts(post_id)
    assert [row["outcome"] for row in attempts] == ["nothing_sent"] * rounds + ["live"]
    assert [row["bytes_sent"] for row in attempts] == [False] * rounds + [True]
    assert [row["may_be_duplicate"] for row in attempts] == [False] * (rounds + 1)
    assert [topic for topic, _ in await world.events(post_id)] == ["post.published"]


async def test_what_a_look_finds_gone_is_prepared_anew(world: World) -> None:
    """A handle whose final status is that it ended unpublished is no failure of the post."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    world.platform.next_publish.append(lost)
    world.platform.next_looks.append(Sighting(SightingKind.FAILED, error=PreparationGone("It has expired.")))
    await world.work_due()
    await world.work_looks()
    held = await world.post(post_id)
    assert (held["status"], held["held_for"]) == ("held", "retry")
    await world.advance(timedelta(minutes=2))
    await world.work_due()

    assert (await world.post(post_id))["status"] == "published"
    assert world.platform.calls == ["prepare", "publish", "settle", "prepare", "publish"]
    assert [row["outcome"] for row in await world.attempts(post_id)] == ["refused", "live"]


async def test_what_is_gone_again_and_again_ends_as_missed(world: World) -> None:
    """The tries are bounded as any other's: past the merchant's catch-up limit it is over, and said."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    world.platform.next_publish.append(gone)
    await world.work_due()
    await world.advance(timedelta(days=30))
    await world.work_due()

    [(topic, told)] = await world.events(post_id)
    assert (await world.post(post_id))["status"] == "missed"
    assert (topic, told["status"], told["error"]["code"]) == ("post.failed", "missed", "not_found")
