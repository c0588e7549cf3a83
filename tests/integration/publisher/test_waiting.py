"""What keeps a due post waiting, what lets it go on, and when it is too late."""

import asyncio
from datetime import timedelta

import pytest
from tests.integration.publisher.api_kit import Api
from tests.integration.publisher.kit import World

from publisher.brokerage import (
    BrokerUnavailableError,
    CapabilityMissingError,
    ConnectionDownError,
    ConnectionUnknownError,
)
from social_platforms._core import (
    ErrorCode,
    Live,
    OutcomeUnknown,
    PlatformError,
    PostRef,
    Prepared,
    RateReading,
    Sighting,
    SightingKind,
)


async def test_a_post_past_the_catch_up_limit_is_missed(world: World) -> None:
    """After a long outage a post does not go out late; its merchant is told."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()), due_in=-25 * 3600)

    await world.work_due()

    [(topic, told)] = await world.events(post_id)
    assert (await world.post(post_id))["status"] == "missed"
    assert (topic, told["status"]) == ("post.failed", "missed")
    assert world.platform.calls == []


async def test_the_merchants_own_catch_up_limit_counts(world: World) -> None:
    """One hour means one hour."""
    user_id = await world.a_user()
    await world.sql("INSERT INTO retail_b2c.publisher_settings (user_id, catch_up_hours) VALUES ($1, 1)", user_id)
    post_id = await world.a_post(await world.a_connection(user_id), due_in=-2 * 3600)

    await world.work_due()

    assert (await world.post(post_id))["status"] == "missed"


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (ConnectionDownError(10), "auth_revoked"),
        (CapabilityMissingError("no"), "permission_missing"),
        (ConnectionUnknownError("no"), "connection_not_usable"),
    ],
)
async def test_a_post_is_held_while_its_connection_is_down(world: World, refusal: Exception, code: str) -> None:
    """No token, no attempt: the post is held and says why, and goes out by a later probe."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    world.broker.failures.append(refusal)

    await world.work_due()
    held = await world.post(post_id)
    assert (held["status"], held["held_for"], held["attempts"]) == ("held", "connection", 0)
    assert code in held["error"]
    await world.advance(timedelta(minutes=15))
    await world.work_due()

    assert (await world.post(post_id))["status"] == "published"


async def test_a_newer_projection_beats_an_older_refusal(world: World) -> None:
    """The connection came back while auth-linker answered: the post goes back to wait, and is not held."""
    post_id = await world.a_post(await world.a_connection(await world.a_user(), revision=20))
    world.broker.failures.append(ConnectionDownError(19))

    await world.work_due()

    waiting = await world.post(post_id)
    assert (waiting["status"], waiting["claimed_by"]) == ("scheduled", None)


async def test_a_post_on_a_connection_known_to_be_down_is_held_without_a_call(world: World) -> None:
    """The projection is enough to hold it."""
    post_id = await world.a_post(await world.a_connection(await world.a_user(), is_usable=False))

    await world.work_due()

    assert (await world.post(post_id))["status"] == "held"
    assert world.broker.refused == []


async def test_a_broker_that_is_down_only_delays(world: World) -> None:
    """The post stays scheduled and is looked at again when auth-linker said."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    world.broker.failures.append(BrokerUnavailableError(timedelta(seconds=7)))

    await world.work_due()

    waiting = await world.post(post_id)
    seconds = (await world.sql("SELECT extract(epoch FROM $1 - retail_b2c.social_now())", waiting["due_at"]))[0][0]
    assert waiting["status"] == "scheduled"
    assert 4 < seconds <= 7


async def test_a_refused_token_is_named_to_the_broker(world: World) -> None:
    """The platform refuses the token, nothing was made: the next attempt asks for a newer one at once."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    async def refuse(_: PostRef) -> Live:
        raise PlatformError(ErrorCode.AUTH_EXPIRED, "The token is no longer good.", http_status=401)

    world.platform.next_publish.append(refuse)
    await world.work_due()
    await world.work_due()

    assert (await world.post(post_id))["status"] == "published"
    assert world.broker.refused == [None, 1]
    assert world.platform.tokens == ["token-1", "token-2"]


@pytest.mark.parametrize("where", ["publishing", "preparing"])
async def test_tokens_refused_in_a_row_are_not_burnt_in_a_circle(world: World, where: str) -> None:
    """The second fresh token is refused as well: the post is held a while before auth-linker is asked for a third."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    expired = PlatformError(ErrorCode.AUTH_EXPIRED, "The token is no longer good.", http_status=401)

    async def refuse(_: PostRef) -> Live:
        raise expired

    if where == "publishing":
        world.platform.next_publish += [refuse] * 3
    else:
        world.platform.next_prepare += [expired] * 3
    for _ in range(5):
        await world.work_due()
    held = await world.post(post_id)
    assert (held["status"], world.broker.refused) == ("held", [None, 1])
    await world.advance(timedelta(minutes=2))
    await world.work_due()

    assert world.broker.refused == [None, 1, 2]


async def test_a_rate_limit_holds_that_account_on_all_replicas_and_no_other(world: World) -> None:
    """A 429 for one account keeps its next post back, on every replica; another account's goes out."""
    user_id = await world.a_user()
    limited, free = await world.a_connection(user_id), await world.a_connection(user_id)
    first = await world.a_post(limited)

    async def too_often(_: PostRef) -> Live:
        raise PlatformError(
            ErrorCode.RATE_LIMITED, "Too often.", retryable=True, retry_after=timedelta(minutes=15), http_status=429
        )

    world.platform.next_publish.append(too_often)
    await world.work_due(world.engine(name="one"))
    second, other = await world.a_post(limited), await world.a_post(free)
    await world.work_due(world.engine(name="two"))

    assert [(await world.post(one))["status"] for one in (first, second, other)] == ["held", "held", "published"]
    assert (await world.post(second))["held_for"] == "quota"
    assert "retry_at" in (await world.post(second))["error"]


async def test_a_limit_of_the_app_holds_everyone(world: World) -> None:
    """What the platform says of the whole app keeps all its accounts back."""
    user_id = await world.a_user()
    await world.a_post(await world.a_connection(user_id))

    async def too_often(_: PostRef) -> Live:
        raise PlatformError(ErrorCode.RATE_LIMITED, "Too often.", retry_after=timedelta(minutes=15), scope="app")

    world.platform.next_publish.append(too_often)
    await world.work_due()
    other = await world.a_post(await world.a_connection(await world.a_user()))
    await world.work_due()

    assert (await world.post(other))["status"] == "held"


async def test_headers_that_say_empty_hold_before_a_429_does(world: World) -> None:
    """The last answer said that nothing is left: the next post waits without asking."""
    connection = await world.a_connection(await world.a_user())
    await world.a_post(connection)
    world.platform.next_rates.append(RateReading("POST /2/tweets", "account", 100, 0, timedelta(minutes=10)))
    await world.work_due()
    second = await world.a_post(connection)
    await world.work_due()

    assert (await world.post(second))["status"] == "held"
    assert world.platform.calls.count("publish") == 1


async def test_a_quota_hold_may_outlast_the_catch_up_limit(world: World) -> None:
    """A daily quota frees up after the catch-up limit of one hour; the post still goes out, until 26 hours."""
    user_id = await world.a_user()
    await world.sql("INSERT INTO retail_b2c.publisher_settings (user_id, catch_up_hours) VALUES ($1, 1)", user_id)
    connection = await world.a_connection(user_id)
    post_id = await world.a_post(connection)

    async def daily(_: PostRef) -> Live:
        raise PlatformError(ErrorCode.QUOTA_EXHAUSTED, "The day's posts are used up.", retry_after=timedelta(hours=20))

    world.platform.next_publish.append(daily)
    await world.work_due()
    assert (await world.post(post_id))["status"] == "held"
    await world.advance(timedelta(hours=21))
    await world.sql("DELETE FROM retail_b2c.publisher_holds")
    await world.work_due()

    assert (await world.post(post_id))["status"] == "published"


async def test_a_post_resumed_after_its_quota_keeps_the_longer_limit(world: World) -> None:
    """Past the catch-up limit it is resumed, and its worker dies: the next one still sends it."""
    user_id = await world.a_user()
    await world.sql("INSERT INTO retail_b2c.publisher_settings (user_id, catch_up_hours) VALUES ($1, 1)", user_id)
    post_id = await world.a_post(await world.a_connection(user_id), due_in=-2 * 3600)
    await world.sql(
        "UPDATE retail_b2c.social_posts SET status = 'held', held_for = 'quota', due_at = now() WHERE id = $1", post_id
    )
    world.platform.next_prepare.append(Prepared({}, ready=False, check_after=timedelta(seconds=1)))

    await world.work_due(world.engine(prepare_patience=timedelta(0)))
    resumed = await world.post(post_id)
    await world.advance(timedelta(seconds=2))
    await world.work_due()

    assert resumed["status"] == "scheduled"
    assert (await world.post(post_id))["status"] == "published"


async def test_a_quota_that_never_frees_up_ends_as_missed(world: World) -> None:
    """More than 26 hours after the due time it is missed, with the quota as the reason."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    async def monthly(_: PostRef) -> Live:
        raise PlatformError(ErrorCode.QUOTA_EXHAUSTED, "The month's posts are used up.", retry_after=timedelta(days=9))

    world.platform.next_publish.append(monthly)
    await world.work_due()
    await world.advance(timedelta(hours=27))
    await world.work_due()

    [(_, told)] = await world.events(post_id)
    assert (told["status"], told["error"]["code"]) == ("missed", "quota_exhausted")


async def test_our_own_share_of_a_platforms_budget_is_kept(world: World) -> None:
    """The hundred-and-first post of a quarter of an hour waits, counted over all replicas."""
    connection = await world.a_connection(await world.a_user())
    await world.sql(
        "INSERT INTO retail_b2c.publisher_budgets SELECT 'x', $1, 'POST /2/tweets', 900, "
        "to_timestamp(floor(extract(epoch FROM now()) / 900) * 900), 100",
        str(connection.connection_id),
    )
    post_id = await world.a_post(connection)

    await world.work_due()

    waiting = await world.post(post_id)
    assert waiting["status"] in {"held", "scheduled"}
    assert world.platform.calls.count("publish") == 0


async def test_what_the_platform_says_is_left_is_told_by_validate(world: World, api: Api) -> None:
    """The headers of a publishing call are kept for all replicas; of one window the lowest figure stands."""
    user_id = await world.a_user()
    connection = await world.a_connection(user_id)
    for remaining in (7, 9):
        world.platform.next_rates.append(
            RateReading("POST /2/tweets 24h", "account", 250, remaining, timedelta(hours=3))
        )
        await world.a_post(connection, content=f"Kettle {remaining}")
        await world.work_due()

    body = {"content": "Tea", "targets": [{"connection_id": str(connection.connection_id)}], "mode": "now"}
    answer = await api.as_merchant(user_id).call("POST", "/v1/posts/validate", json=body)

    [told] = [one for one in answer.json()["targets"][0]["quota"] if one["counted_by"] == "platform"]
    assert (told["endpoint"], told["limit"], told["left"]) == ("POST /2/tweets 24h", 250, 7)
    assert told["resets_at"] is not None


async def test_the_platforms_own_words_stay_with_the_operator(world: World, api: Api) -> None:
    """The ledger keeps what the platform answered; neither the post nor its attempts show it to the merchant."""
    user_id = await world.a_user()
    post_id = await world.a_post(await world.a_connection(user_id))

    async def refuse(_: PostRef) -> Live:
        raise PlatformError(ErrorCode.CONTENT_REJECTED, "Not accepted.", http_status=418, evidence="<h1>teapot</h1>")

    world.platform.next_publish.append(refuse)
    await world.work_due()

    [attempt] = await world.attempts(post_id)
    merchant = api.as_merchant(user_id)
    told = await merchant.call("GET", f"/v1/posts/{post_id}/attempts")
    post = await merchant.call("GET", f"/v1/posts/{post_id}")
    assert "teapot" in str(attempt["error"])
    assert "teapot" not in told.text + post.text
    assert told.json()["attempts"][0]["error"]["detail"] == "Not accepted."


async def test_content_refused_while_preparing_fails_with_an_attempt_of_its_own(world: World) -> None:
    """The ledger shows it, the post is failed, and nothing was sent."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))
    world.platform.next_prepare.append(PlatformError(ErrorCode.MEDIA_REJECTED, "The picture is too tall."))

    await world.work_due()

    [attempt] = await world.attempts(post_id)
    post = await world.post(post_id)
    assert (post["status"], post["attempts"]) == ("failed", 1)
    assert (attempt["outcome"], attempt["bytes_sent"]) == ("refused", False)


async def test_uploads_happen_ahead_and_the_post_stays_scheduled(world: World) -> None:
    """Preparing is no attempt; at the due time only the publishing call is left."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection, due_in=300)
    await world.sql("UPDATE retail_b2c.social_posts SET prepare_at = retail_b2c.social_now() WHERE id = $1", post_id)
    engine = world.engine()

    [claim] = await engine.claim_ahead(5)
    await engine.ahead.handle(claim)
    prepared = await world.post(post_id)
    await world.advance(timedelta(minutes=6))
    await world.work_due(engine)

    assert (prepared["status"], prepared["attempts"], prepared["prepare_at"]) == ("scheduled", 0, None)
    assert world.platform.calls == ["prepare", "publish"]
    assert await world.sql("SELECT 1 FROM retail_b2c.publisher_preparations") == []


async def test_a_handle_is_stored_encrypted(world: World) -> None:
    """Neither preparations nor attempts show a handle in plain text."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)
    secret = "upload-session-url-that-works-without-a-token"
    world.platform.next_prepare.append(Prepared({"session": secret}, ready=True))

    await world.work_due()

    assert secret not in str(await world.attempts(post_id))
    assert world.platform.handles == [{"session": secret}]


async def test_one_accounts_burst_does_not_starve_the_others(world: World) -> None:
    """Five hundred older posts of one account are due; another account's newer one is in the next claim."""
    user_id = await world.a_user()
    noisy, quiet = await world.a_connection(user_id), await world.a_connection(user_id)
    first = await world.a_post(noisy, due_in=-60)
    await world.sql(
        "INSERT INTO retail_b2c.social_posts (user_id, platform, platform_id, content, status, campaign_id, "
        "connection_id, kind, revision, scheduled_at, due_at) "
        "SELECT user_id, platform, platform_id, 'n ' || n, status, campaign_id, connection_id, kind, 1, "
        "scheduled_at, due_at FROM retail_b2c.social_posts, generate_series(1, 500) n WHERE id = $1",
        first,
    )
    alone = await world.a_post(quiet, due_in=-1)
    engine = world.engine()

    claimed = [claim.post_id for _ in range(4) for claim in await engine.claim_due(10)]

    assert alone in claimed
    assert len(claimed) == 1 + world.settings.publish_per_connection


async def test_a_stop_hands_waiting_claims_back_and_lets_calls_finish(world: World) -> None:
    """SIGTERM while one call is out: it ends and is stored; the post that was only claimed goes back."""
    user_id = await world.a_user()
    calling = await world.a_post(await world.a_connection(user_id))
    await world.a_post(await world.a_connection(user_id), due_in=1.5)
    began = asyncio.Event()

    async def slow(ref: PostRef) -> Live:
        began.set()
        await world.stop.wait()
        await asyncio.sleep(0)
        return Live(f"p-{ref.post_id}", None)

    world.platform.next_publish.append(slow)
    engine = world.engine()
    claims = await engine.claim_due(10)
    running = [asyncio.create_task(engine.due.handle(claim)) for claim in claims]
    await began.wait()
    world.stop.set()
    await asyncio.gather(*running)

    assert (await world.post(calling))["status"] == "published"
    rows = await world.sql("SELECT status, claimed_by FROM retail_b2c.social_posts WHERE id <> $1", calling)
    assert [(row["status"], row["claimed_by"]) for row in rows] == [("scheduled", None)]


async def test_a_stop_cuts_a_look_and_leaves_it_to_the_next_worker(world: World) -> None:
    """Reading back is no publishing call: nobody waits for it, and nothing is sent from it any more."""
    post_id = await world.a_post(await world.a_connection(await world.a_user()))

    async def lost(_: PostRef) -> Live:
        raise OutcomeUnknown("reset")

    async def never(*_: object, **__: object) -> Sighting:
        world.stop.set()
        await asyncio.sleep(60)
        raise AssertionError

    world.platform.next_publish.append(lost)
    await world.work_due()
    look = world.platform.settle
    world.platform.settle = never  # type: ignore[method-assign]
    await world.work_looks()
    [attempt] = await world.attempts(post_id)
    world.stop.clear()
    world.platform.settle = look  # type: ignore[method-assign]
    world.platform.next_looks.append(Sighting(SightingKind.RESEND_SAFE))

    assert (attempt["owner"], attempt["lease_until"], attempt["looks_done"]) == (None, None, 0)
    assert await world.work_looks() == 1
    assert world.platform.calls.count("publish") == 1
