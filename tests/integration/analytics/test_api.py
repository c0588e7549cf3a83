"""The HTTP API as its callers see it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from tests.integration.analytics.support import Bench

from analytics.main import create_api
from analytics.settings import AnalyticsSettings
from social_common.http import HttpClient, HttpResponse
from social_common.keyfiles import generate_token_keys
from social_common.secrets import Secret
from social_platforms._core import AccountMetrics, PostMetrics

SECRET = "a-shared-secret-of-enough-bytes-for-hs256"
ISSUER = "http://identity.test/auth/v1"


@dataclass
class Caller:
    """A merchant's browser."""

    http: HttpClient
    user_id: UUID

    async def get(self, path: str, **params: str | int) -> HttpResponse:
        """Asks the API with the merchant's token."""
        claims = {
            "sub": str(self.user_id),
            "aud": "authenticated",
            "role": "authenticated",
            "iss": ISSUER,
            "exp": datetime.now(UTC) + timedelta(days=60),
        }
        token = Secret(jwt.encode(claims, SECRET, algorithm="HS256"))
        return await self.http.request("GET", f"http://api/v1/analytics{path}", params=params, bearer=token)

    async def read(self, path: str, **params: str | int) -> dict[str, Any]:
        """The body of an answer that must be fine."""
        response = await self.get(path, **params)
        assert response.status == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    async def problem(self, path: str, **params: str | int) -> tuple[int, str, list[str]]:
        """Status, code and fields of a problem."""
        response = await self.get(path, **params)
        body = response.json()
        assert response.headers["content-type"] == "application/problem+json"
        return response.status, body["code"], [item["field"] for item in body.get("errors", [])]


@pytest.fixture
async def caller(bench: Bench, tmp_path: Path) -> AsyncIterator[Caller]:
    """A merchant in front of a running API."""
    generate_token_keys(tmp_path / "keys.json")
    settings = AnalyticsSettings(
        environment="development",
        api_database_url=bench.urls.secret("api"),
        token_keys_file=tmp_path / "keys.json",
        supabase_jwt_secret=Secret(SECRET),
        supabase_issuer=ISSUER,
    )
    app = create_api(settings)
    async with app.router.lifespan_context(app), HttpClient(asgi_app=app) as http:
        yield Caller(http, await bench.merchant())


def ago(**units: float) -> datetime:
    """A moment in the past."""
    return datetime.now(UTC) - timedelta(**units)


async def test_nothing_yet(caller: Caller) -> None:
    """A merchant without anything gets nulls and empty lists, and no comparison."""
    overview = await caller.read("/overview")
    posts = await caller.read("/posts")

    assert overview["totals"]["posts"] == 0
    assert overview["totals"]["likes"] is None
    assert overview["totals"]["engagement_rate"] is None
    assert (overview["comparison"], overview["accounts"], overview["collected_at"]) == (None, [], None)
    assert posts == {"posts": [], "next_cursor": None}


async def test_account_just_linked(bench: Bench, caller: Caller) -> None:
    """A connection that was not read yet is there, with nulls in place of numbers."""
    connection = await bench.linked(caller.user_id)

    report = await caller.read(f"/accounts/{connection['connection_id']}")

    assert report["account"] == {
        "followers": None, "following": None, "posts": None, "reach": None, "impressions": None,
        "engagement_rate": None, "connection_id": str(connection["connection_id"]), "platform": "x",
        "platform_username": "kettleco", "kind": "account", "is_collected": True, "not_collected_because": None,
        "collected_at": None,
    }  # fmt: skip
    assert (report["series"], report["comparison"], report["granularity"]) == ([], None, "day")


async def test_overview(bench: Bench, caller: Caller) -> None:
    """Totals are sums of what was reported, and the period before is computed from its own posts."""
    connection = await bench.linked(caller.user_id)
    new = [await bench.published(connection, posted_at=ago(days=days)) for days in (1, 2)]
    old = await bench.published(connection, posted_at=ago(days=40))
    await bench.published(connection, posted_at=ago(days=90))
    bench.metrics.posts = {
        new[0]["platform_post_id"]: PostMetrics(likes=6, shares=2, reach=100, impressions=500),
        new[1]["platform_post_id"]: PostMetrics(likes=2, impressions=100),
        old["platform_post_id"]: PostMetrics(likes=4, impressions=100),
    }
    await bench.collect()

    overview = await caller.read("/overview")

    totals, comparison = overview["totals"], overview["comparison"]
    assert (totals["posts"], totals["likes"], totals["shares"], totals["comments"]) == (2, 8, 2, None)
    assert (totals["reach"], totals["impressions"], totals["engagement_rate"]) == (100, 600, 5.0)
    assert (totals["followers"], totals["followers_gained"]) == (100, None)
    assert comparison["to"] == overview["from"]
    assert (comparison["totals"]["posts"], comparison["totals"]["likes"]) == (1, 4)
    assert comparison["change_percent"]["likes"] == 100.0
    assert comparison["change_percent"]["shares"] is None
    assert [account["followers"] for account in overview["accounts"]] == [100]
    assert overview["collected_at"].endswith("Z")


async def test_account_series(bench: Bench, caller: Caller) -> None:
    """A series holds the last snapshot of each step, leaves gaps as gaps, and compares with what stood before."""
    connection = await bench.linked(caller.user_id)
    for followers, hours in ((100, 24), (110, 7), (120, 65), (150, 0)):
        bench.metrics.account = AccountMetrics(followers=followers)
        await bench.collect()
        await bench.move_clock(timedelta(hours=hours))
    now = datetime.now(UTC) + timedelta(hours=96)
    span = {"from": (now - timedelta(hours=95)).isoformat(), "to": (now + timedelta(minutes=1)).isoformat()}

    report = await caller.read(f"/accounts/{connection['connection_id']}", **span, granularity="hour")
    weeks = await caller.read(f"/accounts/{connection['connection_id']}", **span, granularity="week")

    assert [point["followers"] for point in report["series"]] == [110, 120, 150]
    assert all(point["at"].endswith(":00:00Z") for point in report["series"])
    assert report["comparison"]["before"]["followers"] == 100
    assert report["comparison"]["change"] == {
        "followers": 50, "following": None, "posts": None, "reach": None, "impressions": None,
        "engagement_rate": None,
    }  # fmt: skip
    assert weeks["series"][-1]["followers"] == 150
    assert datetime.fromisoformat(weeks["series"][-1]["at"]).weekday() == 0


async def test_nothing_measured_is_no_comparison(bench: Bench, caller: Caller) -> None:
    """Where no number was read in a period, neither it nor the next one is compared as if nothing had moved."""
    connection = await bench.linked(caller.user_id)
    for hours in (1, 1):
        await bench.collect()
        await bench.move_clock(timedelta(hours=7 * hours))
    now = datetime.now(UTC) + timedelta(hours=14)
    quiet = {"from": (now - timedelta(hours=2)).isoformat(), "to": (now - timedelta(hours=1)).isoformat()}

    report = await caller.read(f"/accounts/{connection['connection_id']}", **quiet)
    overview = await caller.read("/overview", **quiet)

    assert (report["series"], report["comparison"]) == ([], None)
    assert (overview["totals"]["followers"], overview["totals"]["followers_gained"]) == (100, None)
    assert overview["comparison"] is None


async def test_account_that_is_down(bench: Bench, caller: Caller) -> None:
    """A connection that went down keeps its numbers and says why no more come."""
    connection = await bench.linked(caller.user_id)
    await bench.collect()
    await bench.consume("connection.unlinked", connection | {"revision": 11, "reason": "revoked"})

    report = await caller.read(f"/accounts/{connection['connection_id']}")

    account = report["account"]
    assert (account["followers"], account["is_collected"]) == (100, False)
    assert account["not_collected_because"] == "revoked"


@pytest.mark.parametrize("sort", ["-posted_at", "posted_at", "likes", "-likes", "-engagement_rate", "-views"])
async def test_pages_cover_once(bench: Bench, caller: Caller, sort: str) -> None:
    """Following the cursors meets every post exactly once, in order, those without the number last."""
    connection = await bench.linked(caller.user_id)
    for index in range(11):
        post = await bench.published(connection, posted_at=ago(days=1 + index % 3))
        likes = None if index % 4 == 0 else index % 3
        bench.metrics.posts[post["platform_post_id"]] = PostMetrics(likes=likes, comments=1, impressions=30)
    await bench.collect()

    seen: list[dict[str, Any]] = []
    cursor = None
    for _ in range(10):
        page = await caller.read("/posts", sort=sort, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += page["posts"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    key = sort.removeprefix("-")
    values = [post[key] if key in post else post["metrics"][key] for post in seen]
    reported = [value for value in values if value is not None]
    assert len({post["post_id"] for post in seen}) == len(seen) == 11
    assert values == reported + [None] * (11 - len(reported))
    assert reported == sorted(reported, reverse=sort.startswith("-"))


async def test_posts_of_a_period(bench: Bench, caller: Caller) -> None:
    """Only posts that went live within the period are listed, its end left out."""
    connection = await bench.linked(caller.user_id)
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]
    posts = [await bench.published(connection, posted_at=moment) for moment in moments]
    await bench.consume("post.scheduled", posts[0] | {"post_id": uuid4(), "revision": 3, "scheduled_at": moments[1]})

    page = await caller.read("/posts", **{"from": "2026-11-02T02:00:00+02:00", "to": "2026-11-03T00:00:00Z"})

    (post,) = page["posts"]
    assert post["post_id"] == str(posts[1]["post_id"])
    assert post["posted_at"] == "2026-11-02T00:00:00Z"
    assert post["metrics"]["likes"] is None


async def test_post_with_history(bench: Bench, caller: Caller) -> None:
    """One post shows its latest numbers and how they grew, oldest first."""
    connection = await bench.linked(caller.user_id)
    post = await bench.published(connection)
    for likes in (1, 4, 9):
        await bench.move_clock(timedelta(minutes=11))
        bench.metrics.posts[post["platform_post_id"]] = PostMetrics(likes=likes, reach=100)
        await bench.collect()

    report = await caller.read(f"/posts/{post['post_id']}")

    assert [point["likes"] for point in report["history"]] == [1, 4, 9]
    assert [point["engagement_rate"] for point in report["history"]] == [1.0, 4.0, 9.0]
    assert (report["post"]["metrics"]["likes"], report["post"]["metrics"]["impressions"]) == (9, None)
    assert (report["post"]["is_collected"], report["history_is_cut"]) == (True, False)


async def test_others_are_not_found(bench: Bench, caller: Caller) -> None:
    """Another merchant's connection or post, and one that never was, are all the same 404."""
    connection = await bench.linked(await bench.merchant())
    post = await bench.published(connection)

    answers = [
        await caller.problem(f"/accounts/{connection['connection_id']}"),
        await caller.problem(f"/accounts/{uuid4()}"),
        await caller.problem(f"/posts/{post['post_id']}"),
        await caller.problem(f"/posts/{uuid4()}"),
        await caller.problem("/posts", connection_id=str(connection["connection_id"])),
    ]

    assert answers == [(404, "not_found", [])] * 5
    assert (await caller.read("/posts"))["posts"] == []
    assert (await caller.read("/overview"))["accounts"] == []


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/overview", {"from": "yesterday"}, "query.from"),
        ("/overview", {"from": "2026-11-01T00:00:00"}, "query.from"),
        ("/overview", {"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"}, "query.from"),
        ("/overview", {"from": "1900-01-01T00:00:00Z"}, "query.from"),
        ("/overview", {"to": "9999-12-31T23:59:59Z"}, "query.to"),
        ("/overview", {"from": "2001-01-01T00:00:00Z"}, "query.from"),
        ("/accounts/not-an-id", {}, "path.connection_id"),
        ("/posts/not-an-id", {}, "path.post_id"),
        ("/posts", {"sort": "beauty"}, "query.sort"),
        ("/posts", {"limit": 0}, "query.limit"),
        ("/posts", {"limit": 101}, "query.limit"),
        ("/posts", {"limit": "many"}, "query.limit"),
        ("/posts", {"cursor": "made-up"}, "query.cursor"),
        ("/posts", {"connection_id": "x"}, "query.connection_id"),
        ("/posts", {"platform": "myspace"}, "query.platform"),
        ("/posts", {"platform": "x\x00"}, "query.platform"),
        ("/posts", {"to": "2026-11-01T00:00:00Z", "from": "2026-11-01T00:00:00Z"}, "query.from"),
    ],
)
async def test_bad_parameters(caller: Caller, path: str, params: dict[str, str | int], field: str) -> None:
    """A parameter that cannot be meant is a problem that names it."""
    status, code, fields = await caller.problem(path, **params)

    assert (status, code, fields) == (422, "invalid_request", [field])


async def test_bad_account_parameters(bench: Bench, caller: Caller) -> None:
    """An unknown granularity, or hours over months, is a problem that names the field."""
    connection = await bench.linked(caller.user_id)
    path = f"/accounts/{connection['connection_id']}"

    unknown = await caller.problem(path, granularity="minute")
    too_long = await caller.problem(path, granularity="hour", **{"from": "2026-01-01T00:00:00Z"})

    assert unknown == (422, "invalid_request", ["query.granularity"])
    assert too_long == (422, "invalid_request", ["query.from"])


async def test_cursor_of_another_list(bench: Bench, caller: Caller) -> None:
    """A cursor is good for the list that gave it out only."""
    connection = await bench.linked(caller.user_id)
    for _ in range(2):
        await bench.published(connection, posted_at=ago(days=1))
    cursor = (await caller.read("/posts", limit=1))["next_cursor"]

    answer = await caller.problem("/posts", limit=1, sort="likes", cursor=cursor)

    assert answer == (422, "invalid_request", ["query.cursor"])


async def test_without_a_token(caller: Caller) -> None:
    """Nobody reads anything without a token."""
    response = await caller.http.request("GET", "http://api/v1/analytics/overview")

    assert response.status == 401
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_probes(caller: Caller) -> None:
    """The API is ready with its database, and started at the head of its migrations."""
    answers = [await caller.http.request("GET", f"http://api/{name}") for name in ("livez", "readyz", "startupz")]

    assert [answer.status for answer in answers] == [200, 200, 200]
