"""A sender may vanish at any moment; a post is never lost and never out twice for it."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.publisher.kit import World

from publisher.brokerage import ConnectionDownError
from publisher.engine import Engine
from publisher.publishing.sending import Opened
from social_platforms._core import (
    Accepted,
    ErrorCode,
    Live,
    NothingSent,
    OutcomeUnknown,
    PlatformError,
    PostRef,
    Sighting,
    SightingKind,
)


class VanishedError(BaseException):
    """The process is gone: nothing after this line runs, no handler of ours either."""


async def opened_by_a_sender_that_vanishes(world: World, engine: Engine) -> Opened:
    """Claims and opens an attempt, and then does no more."""
    [claim] = await engine.claim_due(10)
    async with world.database.read(claim.user_id) as session:
        from publisher import posts

        post = await posts.find(session, claim.post_id)
    assert post is not None
    return await engine.sender.open(post, handle={"container": "c1"}, owner=claim.owner)


async def test_a_worker_that_vanishes_after_its_claim_loses_nothing(world: World) -> None:
    """Another worker takes the post once the claim has run out, and publishes it once."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    assert len(await world.engine(name="first").claim_due(10)) == 1
    second = world.engine(name="second")

    assert await world.work_due(second) == 0
    await world.let_leases_run_out()
    assert await world.work_due(second) == 1

    assert (await world.post(post_id))["status"] == "published"
    assert len(world.platform.public) == 1


async def test_a_sender_that_vanishes_before_its_call_is_treated_as_one_that_sent(world: World) -> None:
    """Nobody sends again: the account is read, shows nothing, and the merchant is asked."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    await opened_by_a_sender_that_vanishes(world, world.engine(name="first"))
    [attempt] = await world.attempts(post_id)
    assert attempt["bytes_sent"]

    assert await world.work_looks() == 0
    await world.let_leases_run_out()
    await world.work_looks(rounds=5)

    post = await world.post(post_id)
    [attempt] = await world.attempts(post_id)
    assert (post["status"], attempt["outcome"]) == ("unknown", "unknown")
    assert world.platform.calls.count("publish") == 0
    [(topic, told)] = await world.events(post_id)
    assert (topic, told["status"], told["error"]["code"]) == ("post.failed", "unknown", "outcome_unknown")


async def test_a_doubt_on_an_account_that_stays_locked_ends_as_unknown(world: World) -> None:
    """The merchant never reconnects: after the last look nobody can tell, and the event says so."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    await opened_by_a_sender_that_vanishes(world, world.engine(name="first"))
    world.broker.failures.extend(ConnectionDownError(99) for _ in range(5))

    await world.let_leases_run_out()
    await world.work_looks(rounds=5)

    assert (await world.post(post_id))["status"] == "unknown"
    assert world.platform.calls == []
    [(topic, told)] = await world.events(post_id)
    assert (topic, told["status"]) == ("post.failed", "unknown")


async def test_a_sender_that_vanishes_after_the_platforms_answer_is_settled_by_reading_back(world: World) -> None:
    """The post is found on the account and adopted; it is not sent again."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    async def commit_then_vanish(ref: PostRef) -> Live:
        world.platform.public.append((connection.platform_id, f"Hello {ref.post_id}"))
        raise VanishedError

    world.platform.next_publish.append(commit_then_vanish)
    engine = world.engine(name="first")
    [claim] = await engine.claim_due(10)
    with pytest.raises(VanishedError):
        await engine.due.handle(claim)
    assert (await world.post(post_id))["status"] == "publishing"

    await world.let_leases_run_out()
    await world.work_looks(world.engine(name="second"), rounds=2)

    post = await world.post(post_id)
    assert (post["status"], post["settled_by"], post["may_be_duplicate"]) == ("published", "read_back", False)
    assert len(world.platform.public) == 1
    assert [topic for topic, _ in await world.events(post_id)] == ["post.published"]


async def test_a_paused_sender_that_wakes_sends_nothing(world: World) -> None:
    """Its deadline is over, so it takes its word back, and the post waits for another try."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    engine = world.engine()
    opened = await opened_by_a_sender_that_vanishes(world, engine)
    brokered = await world.broker.access(opened.attempt.connection_id, opened.attempt.user_id, min_valid=timedelta(0))
    paused = replace(opened, over_by=opened.over_by - 60)

    await engine.sender.call(paused, brokered, world.platform)

    [attempt] = await world.attempts(post_id)
    assert world.platform.calls.count("publish") == 0
    assert (attempt["outcome"], attempt["bytes_sent"]) == ("nothing_sent", False)
    assert (await world.post(post_id))["status"] == "held"


async def test_a_paused_sender_whose_lease_is_over_takes_nothing_back(world: World) -> None:
    """A successor already treats it as one that sent; its word no longer counts."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    engine = world.engine()
    opened = await opened_by_a_sender_that_vanishes(world, engine)
    brokered = await world.broker.access(opened.attempt.connection_id, opened.attempt.user_id, min_valid=timedelta(0))
    await world.let_leases_run_out()
    paused = replace(opened, over_by=opened.over_by - 60)

    await engine.sender.call(paused, brokered, world.platform)

    [attempt] = await world.attempts(post_id)
    assert (attempt["outcome"], attempt["bytes_sent"]) == (None, True)
    assert (await world.post(post_id))["status"] == "publishing"


async def test_good_news_of_a_sender_that_was_taken_over_still_counts(world: World) -> None:
    """The platform's answer arrives after a successor gave up: the post is published, not unknown."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    async def answer_late(ref: PostRef) -> Live:
        await world.let_leases_run_out()
        await world.work_looks(world.engine(name="second"), rounds=4)
        assert (await world.post(post_id))["status"] == "unknown"
        world.platform.public.append((connection.platform_id, f"Hello {ref.post_id}"))
        return Live("late-1", "https://example.test/late")

    world.platform.next_publish.append(answer_late)
    await world.work_due()

    post = await world.post(post_id)
    assert (post["status"], post["platform_post_id"], post["settled_by"]) == ("published", "late-1", "answer")
    assert [topic for topic, _ in await world.events(post_id)] == ["post.failed", "post.published"]


async def test_two_replicas_race_for_the_same_posts(world: World) -> None:
    """Each post is claimed by one of them and is out once."""
    user_id = await world.a_user()
    posts = [await world.a_post(await world.a_connection(user_id)) for _ in range(20)]
    engines = [world.engine(name=f"replica-{number}") for number in range(2)]

    async def drain(engine: Engine) -> None:
        for _ in range(6):
            claims = await engine.claim_due(5)
            await asyncio.gather(*(engine.due.handle(claim) for claim in claims))

    await asyncio.gather(*(drain(engine) for engine in engines))

    assert sorted(text for _, text in world.platform.public) == sorted(f"Hello {post_id}" for post_id in posts)
    assert {(await world.post(post_id))["attempts"] for post_id in posts} == {1}


@pytest.mark.parametrize(
    "doubt",
    [
        OutcomeUnknown("The platform answered with an error.", http_status=502),
        RuntimeError("the adapter broke"),
    ],
)
async def test_any_doubt_is_settled_by_reading_back(world: World, doubt: Exception) -> None:
    """The call took effect although its answer says otherwise; the post is found, and sent once."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    async def commit_then_fail(ref: PostRef) -> Live:
        world.platform.public.append((connection.platform_id, f"Hello {ref.post_id}"))
        raise doubt

    world.platform.next_publish.append(commit_then_fail)
    await world.work_due()
    assert (await world.post(post_id))["step"] == "settling"
    await world.work_looks()

    post = await world.post(post_id)
    assert (post["status"], post["settled_by"]) == ("published", "read_back")
    assert world.platform.calls.count("publish") == 1


async def a_duplicate(_: PostRef) -> Live:
    """The platform has this text already."""
    raise PlatformError(ErrorCode.DUPLICATE_POST, "X has this text already.", action="Change it.", http_status=403)


async def test_a_duplicate_of_a_post_that_is_out_is_a_refusal(world: World) -> None:
    """Nothing of this connection is in doubt, so an older equal post stands there, and this one is not out."""
    connection = await world.a_connection(await world.a_user())
    await world.a_post(connection, content="Mugs are back")
    await world.work_due()
    post_id = await world.a_post(connection, content="Mugs are back")
    world.platform.next_publish.append(a_duplicate)
    await world.work_due()

    post, [attempt] = await world.post(post_id), await world.attempts(post_id)
    assert (post["status"], attempt["outcome"]) == ("failed", "refused")
    assert json.loads(post["error"])["code"] == "duplicate_post"
    assert "settle" not in world.platform.calls


async def test_a_duplicate_of_what_is_in_doubt_is_settled_by_reading_back(world: World) -> None:
    """The merchant sends again what nobody could tell about, and hears that it is there: it is looked for."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish += [lost, a_duplicate]
    await world.sql(
        "INSERT INTO retail_b2c.publisher_settings (user_id, on_doubt) VALUES ($1, 'resend')", connection.user_id
    )
    await world.work_due()
    await world.work_looks(rounds=3)
    assert world.platform.calls.count("publish") == 2
    world.platform.public.append((connection.platform_id, f"Hello {post_id}"))
    await world.work_looks()

    post = await world.post(post_id)
    assert (post["status"], post["settled_by"]) == ("published", "read_back")


async def test_a_call_that_takes_too_long_is_a_doubt(world: World) -> None:
    """The hard limit ends the wait, not the uncertainty."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    async def never(_: PostRef) -> Live:
        await asyncio.sleep(60)
        raise AssertionError

    world.platform.next_publish.append(never)
    await world.work_due(world.engine(publish_hard_limit=timedelta(milliseconds=300)))

    [attempt] = await world.attempts(post_id)
    assert (attempt["outcome"], attempt["finished_at"]) == ("doubtful", None)


async def test_absence_never_sends_again(world: World) -> None:
    """After the last look the post is unknown; it stays so until the merchant decides."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    async def vanish(_: PostRef) -> Live:
        raise OutcomeUnknown("reset", evidence="<html>Bad gateway</html>")

    world.platform.next_publish.append(vanish)
    await world.work_due()
    await world.work_looks(rounds=6)
    await world.work_due()

    post, [attempt] = await world.post(post_id), await world.attempts(post_id)
    assert post["status"] == "unknown"
    assert world.platform.calls.count("publish") == 1
    assert json.loads(attempt["error"])["evidence"] == "<html>Bad gateway</html>", "the operator can see it still"
    assert "evidence" not in json.loads(post["error"])


@pytest.mark.parametrize("code", [ErrorCode.PERMISSION_MISSING, ErrorCode.DESTINATION_GONE, ErrorCode.NOT_FOUND])
async def test_a_place_that_may_not_be_read_leaves_the_post_unknown(world: World, code: ErrorCode) -> None:
    """Where no app may look, or no longer, the merchant is asked after the last look, not after a day."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    async def vanish(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(vanish)
    world.platform.next_looks += [PlatformError(code, "Nobody may look.") for _ in range(6)]
    await world.work_due()
    await world.work_looks(rounds=6)

    [attempt] = await world.attempts(post_id)
    assert ((await world.post(post_id))["status"], attempt["outcome"]) == ("unknown", "unknown")
    assert world.platform.calls.count("publish") == 1


async def test_a_safe_handle_is_sent_again_by_itself(world: World) -> None:
    """The platform makes the second send safe: same handle, a second attempt, one post."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(lost)
    world.platform.next_looks += [Sighting(SightingKind.RESEND_SAFE), Sighting(SightingKind.RESEND_SAFE)]
    await world.work_due()
    await world.work_looks(rounds=2)

    first, second = await world.attempts(post_id)
    post = await world.post(post_id)
    assert (post["status"], post["attempts"], post["may_be_duplicate"]) == ("published", 2, False)
    assert (first["outcome"], second["outcome"]) == ("doubtful", "live")
    assert world.platform.handles[0] == world.platform.handles[1]
    assert len(world.platform.public) == 1


async def test_resend_by_the_merchants_setting_is_marked(world: World) -> None:
    """on_doubt: resend sends once more after the last look, and says that it may be a duplicate."""
    user_id = await world.a_user()
    post_id = await world.a_post(await world.a_connection(user_id))
    await world.sql("INSERT INTO retail_b2c.publisher_settings (user_id, on_doubt) VALUES ($1, 'resend')", user_id)

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(lost)
    await world.work_due()
    await world.work_looks(rounds=4)

    post = await world.post(post_id)
    [(_, told)] = await world.events(post_id)
    assert (post["status"], post["may_be_duplicate"]) == ("published", True)
    assert told["may_be_duplicate"] is True
    assert [row["may_be_duplicate"] for row in await world.attempts(post_id)] == [False, True]


async def test_nothing_sent_is_tried_again_with_what_was_prepared(world: World) -> None:
    """A refused connection leaves no doubt: the post is held shortly and then goes out with the same handle."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    async def refused(_: PostRef) -> Live:
        raise NothingSent("no connection")

    world.platform.next_publish.append(refused)
    await world.work_due()
    held = await world.post(post_id)
    assert (held["status"], held["held_for"]) == ("held", "retry")
    await world.advance(timedelta(seconds=30))
    await world.work_due()

    assert (await world.post(post_id))["status"] == "published"
    assert world.platform.calls == ["prepare", "publish", "publish"]
    assert [row["outcome"] for row in await world.attempts(post_id)] == ["nothing_sent", "live"]


async def test_accepted_posts_are_polled_to_their_end(world: World) -> None:
    """The platform took it and works on it; its handle tells when it is live."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    async def accept(_: PostRef) -> Accepted:
        return Accepted({"upload": "u1"}, timedelta(0))

    world.platform.next_publish.append(accept)
    live = Sighting(SightingKind.LIVE, live=Live("p9", "https://example.test/9"))
    world.platform.next_looks += [Sighting(SightingKind.PROCESSING, check_after=timedelta(0)), live]
    await world.work_due()
    assert (await world.post(post_id))["step"] == "processing"
    await world.work_looks(rounds=2)

    post = await world.post(post_id)
    assert (post["status"], post["settled_by"], post["platform_post_id"]) == ("published", "answer", "p9")


async def test_a_handles_final_failure_is_certain(world: World) -> None:
    """Only a final status makes `failed` after a doubt."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    async def accept(_: PostRef) -> Accepted:
        return Accepted({"upload": "u1"}, timedelta(0))

    world.platform.next_publish.append(accept)
    error = PlatformError(ErrorCode.MEDIA_REJECTED, "The video cannot be read.")
    world.platform.next_looks.append(Sighting(SightingKind.FAILED, error=error))
    await world.work_due()
    await world.work_looks()

    [(topic, told)] = await world.events(post_id)
    assert (await world.post(post_id))["status"] == "failed"
    assert (topic, told["status"], told["error"]["code"]) == ("post.failed", "failed", "media_rejected")


async def test_two_posts_never_adopt_the_same_one(world: World) -> None:
    """What a look finds for the second post belongs to the first: nobody can tell."""
    connection = await world.a_connection(await world.a_user())
    first = await world.a_post(connection, content="Same words")
    await world.work_due()
    second = await world.a_post(connection, content="Same words")

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(lost)
    await world.work_due()
    await world.work_looks(rounds=2)

    assert (await world.post(first))["status"] == "published"
    assert (await world.post(second))["status"] == "unknown"


async def test_an_equal_post_waits_until_the_first_is_settled(world: World) -> None:
    """Two equal attempts in flight could not be told apart, so the second waits."""
    connection = await world.a_connection(await world.a_user())
    first = await world.a_post(connection, content="Same words", due_in=-2)
    second = await world.a_post(connection, content="Same words")

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    world.platform.next_publish.append(lost)
    await world.work_due()

    assert (await world.post(first))["status"] == "publishing"
    waiting = await world.post(second)
    assert (waiting["status"], waiting["attempts"], waiting["claimed_by"]) == ("scheduled", 0, None)


async def test_published_without_an_id_is_told_again_when_it_is_found(world: World) -> None:
    """First without id and link, later with both, at a higher revision."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    async def nameless(_: PostRef) -> Live:
        return Live(None, None)

    world.platform.next_publish.append(nameless)
    found = Sighting(SightingKind.LIVE, live=Live("p7", "https://example.test/7"))
    world.platform.next_looks += [Sighting(SightingKind.LIVE, live=Live(None, None)), found]
    await world.work_due()
    await world.work_looks(rounds=2)

    (_, before), (_, after) = await world.events(post_id)
    assert (before["platform_post_id"], after["platform_post_id"]) == (None, "p7")
    assert after["revision"] > before["revision"]
    assert (await world.attempts(post_id))[0]["next_look_at"] is None


async def test_a_merchant_erased_mid_flight_leaves_a_finished_ledger(world: World) -> None:
    """The rows cascade away during the call; the attempt is finished all the same, then purged."""
    user_id = await world.a_user()
    connection = await world.a_connection(user_id)
    post_id = await world.a_post(connection)

    async def leave(ref: PostRef) -> Live:
        await world.sql("DELETE FROM auth.users WHERE id = $1", user_id)
        return Live(f"p-{ref.post_id}", None)

    world.platform.next_publish.append(leave)
    engine = world.engine()
    await world.work_due(engine)

    [attempt] = await world.attempts(post_id)
    assert (attempt["outcome"], attempt["finished_at"] is not None) == ("live", True)
    await engine.erasing.purge_some()
    assert await world.attempts(post_id) == []


async def test_no_transaction_is_open_while_the_platform_is_called(world: World) -> None:
    """During the call no session of publisher's is in a transaction, so no row is locked."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    seen: list[Any] = []

    async def look_around(ref: PostRef) -> Live:
        rows = await world.sql(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND usename = 'publisher_worker' "
            "AND state <> 'idle'"
        )
        seen.extend(rows)
        return Live(f"p-{ref.post_id}", None)

    world.platform.next_publish.append(look_around)
    await world.work_due()

    assert seen == []
    assert (await world.post(post_id))["status"] == "published"
