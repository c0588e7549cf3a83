"""Collecting against a real database and a platform of our own."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tests.integration.analytics.support import Bench, FakeMetrics

from analytics.collecting.domain import Pause
from analytics.collecting.tokens import TokenRefused, TokenUnavailable
from social_platforms._core import (
    Access,
    AccountMetrics,
    AccountReading,
    ErrorCode,
    PlatformError,
    PostMetrics,
    RateReading,
    RawAnswer,
)

CONNECTION = "SELECT * FROM retail_b2c.analytics_connections WHERE connection_id = $1"
POST = "SELECT * FROM retail_b2c.analytics_posts WHERE post_id = $1"
SNAPSHOT = "SELECT * FROM retail_b2c.social_analytics WHERE connection_id = $1"
MINUTE = timedelta(minutes=1)


async def test_account_is_collected_when_linked(bench: Bench) -> None:
    """A fresh connection is read at once: snapshot, history, raw answer and event stand together."""
    connection = await bench.linked(await bench.merchant())

    await bench.collect()

    snapshot = await bench.row(SNAPSHOT, connection["connection_id"])
    (told,) = await bench.told("account.measured", connection["connection_id"])
    history = await bench.rows("SELECT * FROM retail_b2c.analytics_account_history")
    raw = await bench.rows("SELECT * FROM retail_b2c.analytics_raw_answers")
    assert (snapshot["followers"], snapshot["reach"], snapshot["engagement_rate"]) == (100, None, None)
    assert told == {
        "connection_id": str(connection["connection_id"]),
        "user_id": str(connection["user_id"]),
        "revision": snapshot["revision"],
        "platform": "x",
        "followers": 100,
        "following": 5,
        "posts": 3,
        "engagement_rate": None,
        "reach": None,
        "impressions": None,
        "collected_at": snapshot["collected_at"].isoformat().replace("+00:00", "Z"),
    }
    assert len(history) == len(raw) == 1
    assert raw[0]["keep_until"] - datetime.now(UTC) > timedelta(days=29)


async def test_post_is_collected_by_age(bench: Bench) -> None:
    """A post is read ten minutes after it went live, then as its schedule says, and each read is told."""
    connection = await bench.linked(await bench.merchant())
    post = await bench.published(connection)
    bench.metrics.posts[post["platform_post_id"]] = PostMetrics(likes=3, comments=1, impressions=80)

    await bench.collect()
    before = await bench.told("post.measured", post["post_id"])
    await bench.move_clock(10 * MINUTE)
    await bench.collect()
    await bench.move_clock(5 * MINUTE)
    await bench.collect()
    await bench.move_clock(5 * MINUTE)
    await bench.collect()

    first, second = await bench.told("post.measured", post["post_id"])
    assert before == []
    assert first["metrics"] == {
        "likes": 3, "comments": 1, "shares": None, "saves": None,
        "clicks": None, "views": None, "reach": None, "impressions": 80,
    }  # fmt: skip
    assert second["revision"] > first["revision"]
    assert (await bench.row(POST, post["post_id"]))["engagement_rate"] == Decimal(5)
    assert (await bench.row(SNAPSHOT, connection["connection_id"]))["engagement_rate"] == Decimal("5.00")


async def test_old_post_is_read_no_more(bench: Bench) -> None:
    """A post past its schedule is read once more at most, then never again."""
    connection = await bench.linked(await bench.merchant())
    post = await bench.published(connection, posted_at=datetime.now(UTC) - timedelta(days=40))

    await bench.collect()
    await bench.move_clock(timedelta(days=2))
    await bench.collect()

    assert bench.metrics.post_calls == [[post["platform_post_id"]]]
    assert (await bench.row(POST, post["post_id"]))["due_at"] is None


async def test_silence_is_no_measurement(bench: Bench) -> None:
    """Where the platform reports nothing, no number is stored and nothing is told, but it is asked again later."""
    connection = await bench.linked(await bench.merchant())
    post = await bench.published(connection, posted_at=datetime.now(UTC) - 30 * MINUTE)
    bench.metrics.account = AccountMetrics()
    bench.metrics.posts[post["platform_post_id"]] = PostMetrics()

    await bench.collect()

    row = await bench.row(POST, post["post_id"])
    assert (row["collected_at"], row["failures"]) == (None, 0)
    assert row["due_at"] > datetime.now(UTC)
    assert await bench.rows(SNAPSHOT, connection["connection_id"]) == []
    assert await bench.rows("SELECT * FROM retail_b2c.analytics_outbox") == []


async def test_numbers_beyond_the_columns(bench: Bench) -> None:
    """Counts beyond INTEGER are clamped in the fixed columns and true beside them and in the event."""
    connection = await bench.linked(await bench.merchant())
    post = await bench.published(connection, posted_at=datetime.now(UTC) - 30 * MINUTE)
    bench.metrics.account = AccountMetrics(followers=3_000_000_000, reach=-4)
    bench.metrics.posts[post["platform_post_id"]] = PostMetrics(likes=500, reach=10)

    await bench.collect()

    snapshot = await bench.row(SNAPSHOT, connection["connection_id"])
    (told,) = await bench.told("account.measured", connection["connection_id"])
    assert (snapshot["followers"], snapshot["true_followers"]) == (2**31 - 1, 3_000_000_000)
    assert (snapshot["engagement_rate"], snapshot["true_engagement_rate"]) == (Decimal("999.99"), Decimal(5000))
    assert (told["followers"], told["reach"], told["engagement_rate"]) == (3_000_000_000, None, 5000.0)


async def test_gone_posts_are_left_alone(bench: Bench) -> None:
    """A post the platform no longer has keeps its last numbers and is not asked for again."""
    connection = await bench.linked(await bench.merchant())
    gone = await bench.published(connection, posted_at=datetime.now(UTC) - 30 * MINUTE)
    there = await bench.published(connection, posted_at=datetime.now(UTC) - 30 * MINUTE)
    await bench.collect()
    bench.metrics.gone.add(gone["platform_post_id"])

    await bench.move_clock(10 * MINUTE)
    await bench.collect()
    await bench.move_clock(10 * MINUTE)
    await bench.collect()

    row = await bench.row(POST, gone["post_id"])
    assert row["gone_at"] is not None
    assert row["likes"] == 1
    assert bench.metrics.post_calls[-1] == [there["platform_post_id"]]


async def test_one_bad_post_ends_up_alone(bench: Bench) -> None:
    """A post that spoils its batch is parted from the others, which are measured all the same."""
    connection = await bench.linked(await bench.merchant())
    posted_at = datetime.now(UTC) - 30 * MINUTE
    posts = [await bench.published(connection, posted_at=posted_at) for _ in range(8)]
    bench.metrics.posts_per_call = 8
    bench.metrics.poison.add(posts[5]["platform_post_id"])

    for _ in range(6):
        await bench.collect()
        await bench.end_waits()

    measured = await bench.rows("SELECT post_id FROM retail_b2c.analytics_posts WHERE collected_at IS NOT NULL")
    bad = await bench.row(POST, posts[5]["post_id"])
    assert len(measured) == 7
    assert (bad["collected_at"], bad["error"]) == (None, "platform_down")
    assert bad["failures"] >= 3


async def test_failure_backs_off(bench: Bench) -> None:
    """A failed read waits in real time, longer each time; moving the product's clock does not shorten it."""
    connection = await bench.linked(await bench.merchant())
    bench.metrics.failures = [PlatformError(ErrorCode.PLATFORM_DOWN, "down")] * 2

    await bench.collect()
    await bench.move_clock(timedelta(days=1))
    await bench.collect()
    first = await bench.row(CONNECTION, connection["connection_id"])
    await bench.end_waits()
    await bench.collect()
    second = await bench.row(CONNECTION, connection["connection_id"])

    assert len(bench.metrics.account_calls) == 2
    assert (first["account_failures"], second["account_failures"]) == (1, 2)
    assert first["account_retry_at"] - datetime.now(UTC) <= MINUTE
    assert second["account_retry_at"] - datetime.now(UTC) > MINUTE


async def test_mistake_of_an_adapter_costs_one_connection(bench: Bench) -> None:
    """What an adapter did not foresee fails that connection's read; the others are collected."""
    user_id = await bench.merchant()
    for _ in range(3):
        await bench.linked(user_id)
    bench.metrics.failures = [KeyError("surprise")]

    await bench.collect()

    assert len(await bench.rows("SELECT * FROM retail_b2c.social_analytics")) == 2
    errors = await bench.rows("SELECT account_error FROM retail_b2c.analytics_connections")
    assert sorted(row["account_error"] or "" for row in errors) == ["", "", "internal"]


async def test_rate_limit_holds_what_it_concerns(bench: Bench) -> None:
    """A 429 on posts holds back that grant's posts on all replicas, not its account and not other grants."""
    user_id = await bench.merchant()
    grant = UUID(int=7)
    limited = [await bench.linked(user_id, grant_id=grant) for _ in range(2)]
    other = await bench.linked(user_id)
    posted_at = datetime.now(UTC) - 30 * MINUTE
    for connection in (*limited, other):
        await bench.published(connection, posted_at=posted_at)
    bench.metrics.failures = [
        PlatformError(ErrorCode.RATE_LIMITED, "slow down", retryable=True, retry_after=timedelta(minutes=9))
    ]
    await bench.collector(at_once=1).collect_due()

    await bench.collect()

    held = await bench.row("SELECT * FROM retail_b2c.analytics_holds")
    assert (held["scope"], held["scope_id"], held["operation"]) == ("grant", grant, "posts")
    assert timedelta(minutes=8) < held["held_until"] - datetime.now(UTC) <= timedelta(minutes=9)
    assert len(bench.metrics.post_calls) == 2
    assert len(await bench.rows("SELECT * FROM retail_b2c.social_analytics")) == 3


async def test_rate_limit_of_the_app_holds_everyone(bench: Bench) -> None:
    """A 429 that concerns the app stops that operation for every connection until it is over."""
    user_id = await bench.merchant()
    for _ in range(3):
        await bench.linked(user_id)
    error = PlatformError(ErrorCode.RATE_LIMITED, "slow down", retry_after=9 * MINUTE, scope="app")
    bench.metrics.failures = [error]
    await bench.collector(at_once=1).collect_due()

    await bench.collect()
    calls_while_held = len(bench.metrics.account_calls)
    await bench.end_waits()
    await bench.collect()

    assert calls_while_held == 1
    assert len(bench.metrics.account_calls) == 4


async def test_headers_hold_before_a_refusal(bench: Bench) -> None:
    """Where the platform's headers say that nothing remains, nobody asks until it resets."""
    first = await bench.linked(await bench.merchant())

    class Headers(FakeMetrics):
        async def read_account(self, access: Access) -> AccountReading:
            access.rates.append(RateReading("users/me", "account", 75, 0, timedelta(minutes=3)))
            return await super().read_account(access)

    bench.metrics = Headers()
    await bench.collect()
    await bench.move_clock(timedelta(hours=7))
    await bench.collect()

    held = await bench.row("SELECT * FROM retail_b2c.analytics_holds")
    assert len(bench.metrics.account_calls) == 1
    assert (held["scope_id"], held["operation"]) == (first["grant_id"], "account")


async def test_budget_is_shared_by_replicas(bench: Bench) -> None:
    """Replicas draw on one count: however many ask at once, no more than our share is read."""
    connection = await bench.linked(await bench.merchant())
    grant = connection["grant_id"]

    async def spend() -> bool:
        async with bench.worker.system() as session:
            wait = await session.scalar(
                "SELECT retail_b2c.analytics_spend('x', :grant, 'e', 1, 20, interval '15 minutes')", {"grant": grant}
            )
        return bool(wait == timedelta(0))

    spent = await asyncio.gather(*(spend() for _ in range(40)))

    assert sum(spent) == 10  # half at once, the other half spread over the window


async def test_refused_token_is_renewed_once(bench: Bench) -> None:
    """A token that the platform refuses is named to the broker, and the read is tried once more."""
    connection = await bench.linked(await bench.merchant())
    bench.metrics.failures = [PlatformError(ErrorCode.AUTH_EXPIRED, "expired")]

    await bench.collect()

    assert bench.tokens.asked == [(connection["connection_id"], None), (connection["connection_id"], 1)]
    assert bench.metrics.account_calls == ["token-1", "token-2"]
    assert len(await bench.rows("SELECT * FROM retail_b2c.social_analytics")) == 1


async def test_not_granted_pauses_until_an_event(bench: Bench) -> None:
    """Where the merchant did not grant analytics, nobody asks again before the connection's next event."""
    connection = await bench.linked(await bench.merchant())
    bench.tokens.failure = TokenRefused(Pause.NOT_GRANTED)
    await bench.collect()
    await bench.move_clock(timedelta(days=3))
    await bench.collect()
    asked_while_paused = len(bench.tokens.asked)

    bench.tokens.failure = None
    await bench.consume("connection.updated", connection | {"revision": 11, "cause": "scopes"})
    await bench.collect()

    assert asked_while_paused == 1
    assert len(await bench.rows("SELECT * FROM retail_b2c.social_analytics")) == 1


async def test_refusal_older_than_what_is_known_does_not_pause(bench: Bench) -> None:
    """A refusal about an older revision than the projection's is asked again, not taken for the present state."""
    connection = await bench.linked(await bench.merchant())
    bench.tokens.failure = TokenRefused(Pause.NOT_USABLE, revision=9)

    await bench.collect()

    row = await bench.row(CONNECTION, connection["connection_id"])
    assert row["pause"] is None
    assert row["next_retry_at"] is not None


async def test_broker_down_waits(bench: Bench) -> None:
    """While auth-linker has no token the connection waits, and no failure of the platform is counted."""
    connection = await bench.linked(await bench.merchant())
    bench.tokens.failure = TokenUnavailable("down", retry_after=timedelta(seconds=30))

    await bench.collect()

    row = await bench.row(CONNECTION, connection["connection_id"])
    assert row["account_failures"] == 0
    assert row["next_due_at"] is None
    assert row["next_retry_at"] - datetime.now(UTC) <= timedelta(seconds=30)


async def test_vanished_worker_gives_back(bench: Bench) -> None:
    """A connection whose worker vanished is nobody's until the lease ends, then another one's."""
    await bench.linked(await bench.merchant())
    async with bench.worker.system() as session:
        claimed = await session.all(
            "SELECT * FROM retail_b2c.analytics_claim_due(ARRAY['x'], 5, gen_random_uuid(), interval '3 minutes')"
        )

    await bench.collect()
    meanwhile = len(bench.metrics.account_calls)
    await bench.admin.execute("UPDATE retail_b2c.analytics_connections SET leased_until = now(), next_retry_at = now()")
    await bench.collect()

    assert len(claimed) == 1
    assert (meanwhile, len(bench.metrics.account_calls)) == (0, 1)


async def test_late_answer_after_a_takeover_is_dropped(bench: Bench) -> None:
    """Numbers that arrive after the lease went to another worker change nothing."""
    connection = await bench.linked(await bench.merchant())

    class Paused(FakeMetrics):
        async def read_account(self, access: Access) -> AccountReading:
            await bench.admin.execute("UPDATE retail_b2c.analytics_connections SET lease_id = gen_random_uuid()")
            return await super().read_account(access)

    bench.metrics = Paused()
    await bench.collect()

    assert await bench.rows(SNAPSHOT, connection["connection_id"]) == []
    assert await bench.rows("SELECT * FROM retail_b2c.analytics_outbox") == []


async def test_no_transaction_across_a_call(bench: Bench) -> None:
    """While a platform is asked, no transaction of ours is open, so that nothing blocks Supabase's delete."""
    await bench.linked(await bench.merchant())
    seen = []

    class Watching(FakeMetrics):
        async def read_account(self, access: Access) -> AccountReading:
            seen.extend(
                await bench.rows(
                    "SELECT state FROM pg_stat_activity WHERE usename = 'analytics_worker' AND xact_start IS NOT NULL"
                    " AND datname = current_database()"
                )
            )
            return await super().read_account(access)

    bench.metrics = Watching()
    await bench.collect()

    assert bench.metrics.account_calls
    assert seen == []


async def test_two_workers_share_the_work(bench: Bench) -> None:
    """Two workers at once read every connection exactly once."""
    user_id = await bench.merchant()
    for _ in range(12):
        await bench.linked(user_id)

    async def work() -> None:
        collector = bench.collector(at_once=3)
        while await collector.collect_due() is not None:
            pass

    await asyncio.gather(work(), work())

    assert len(bench.metrics.account_calls) == 12
    assert len(await bench.rows("SELECT * FROM retail_b2c.analytics_account_history")) == 12


async def test_many_posts_do_not_stand_first_for_ever(bench: Bench) -> None:
    """A connection with more due posts than fit a call queues behind those that waited meanwhile."""
    user_id = await bench.merchant()
    busy = await bench.linked(user_id)
    bench.metrics.posts_per_call = 2
    posted_at = datetime.now(UTC) - timedelta(days=2)
    for _ in range(6):
        await bench.published(busy, posted_at=posted_at)
    quiet = await bench.linked(user_id)
    collector = bench.collector(at_once=1)

    await collector.collect_due()
    await collector.collect_due()

    assert await bench.rows(SNAPSHOT, quiet["connection_id"])
    assert len(bench.metrics.post_calls) == 1


async def test_raw_answers_hold_no_token(bench: Bench) -> None:
    """A platform that repeats the token in its answer, plain or in a link, leaves it in no column."""
    await bench.linked(await bench.merchant())

    class Telling(FakeMetrics):
        async def read_account(self, access: Access) -> AccountReading:
            token = access.token.reveal()
            body = {"next": f"https://graph.test/?access_token={token}&after=1", token: [token]}
            return AccountReading(self.account, (RawAnswer("account", body),))

    bench.metrics = Telling()
    await bench.collect()

    (row,) = await bench.rows("SELECT body::text AS body FROM retail_b2c.analytics_raw_answers")
    assert "token-1" not in row["body"]
    assert "&after=1" in row["body"]
