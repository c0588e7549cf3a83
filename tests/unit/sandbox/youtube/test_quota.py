"""What a project may spend at the simulated YouTube, and the three faces of "no more uploads"."""

import json
from typing import Any

import pytest
from tests.unit.sandbox.harness import BASE, Response, Sandbox, a_movie
from tests.unit.sandbox.youtube.visitors import UPLOAD_SCOPE, Merchant, a_merchant, an_account, reason_of

QUOTA_MESSAGE = (
    'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">'
    "quota</a>."
)


def spent(sandbox: Sandbox) -> dict[str, Any]:
    """What the project's books say."""
    (books,) = sandbox.simulation.store.buckets["youtube"]["quota"].values()
    return {name: value for name, value in books.items() if name != "day"}


async def delete(merchant: Merchant, video_id: str = "x") -> Response:
    """Delete a video."""
    return await merchant.call("DELETE", "/youtube/v3/videos", params={"id": video_id})


async def test_calls_cost_what_is_documented(sandbox: Sandbox, merchant: Merchant) -> None:
    """Each in its bucket: lists 1, writing 50, uploads, searches and batches one call of their own."""
    video = await merchant.uploaded()
    assert spent(sandbox) == {"uploads": 1}

    await merchant.get("videos", part="id", id=video["id"])
    await merchant.get("channels", part="id", mine="true")
    await merchant.get("search", part="id", forMine="true", type="video")
    await merchant.get("videos:batchGetStats", part="id", id=video["id"])
    assert spent(sandbox) == {"uploads": 1, "units": 2, "search": 1, "stats": 1}

    await merchant.update({"id": video["id"], "status": {}})
    await delete(merchant, video["id"])
    assert spent(sandbox)["units"] == 102


async def test_bytes_and_questions_cost_nothing(sandbox: Sandbox, merchant: Merchant) -> None:
    """The unit of an upload is taken when its session starts."""
    content = a_movie()
    location = await merchant.session(len(content))
    before = spent(sandbox)
    await merchant.put(location, b"", "bytes */*")
    await merchant.put(location, content)
    await sandbox.client.delete(location.removeprefix(BASE))

    assert before == spent(sandbox) == {"uploads": 1}


async def test_refused_calls_cost_too(sandbox: Sandbox) -> None:
    """Bad metadata, a missing scope, a missing video; only a call without a project behind it is free."""
    merchant = await a_merchant(sandbox, scope=UPLOAD_SCOPE)
    await merchant.start(100, {"snippet": {"title": ""}})
    await merchant.get("channels", part="id", mine="true")
    await delete(merchant)
    await sandbox.client.get("/youtube/www.googleapis.com/youtube/v3/videos?part=id&id=a")

    assert spent(sandbox) == {"uploads": 1, "units": 51}


async def test_the_shared_bucket_is_empty(sandbox: Sandbox, merchant: Merchant) -> None:
    """403 quotaExceeded, for reading and writing; uploads go on."""
    sandbox.switch("youtube", quota={"units": 51})
    assert (await merchant.get("channels", part="id", mine="true")).status_code == 200
    assert reason_of(await delete(merchant)) == (404, "videoNotFound")

    answer = await merchant.get("channels", part="id", mine="true")

    entry = {"message": QUOTA_MESSAGE, "domain": "youtube.quota", "reason": "quotaExceeded"}
    assert answer.json() == {"error": {"code": 403, "message": QUOTA_MESSAGE, "errors": [entry]}}
    assert answer.status_code == 403
    assert (await merchant.start(100)).status_code == 200


@pytest.mark.parametrize(
    ("bucket", "metric"),
    [("uploads", "Video Uploads"), ("search", "Search Queries"), ("stats", "Batch Get Stats Queries")],
)
async def test_a_bucket_of_its_own_is_empty(sandbox: Sandbox, merchant: Merchant, bucket: str, metric: str) -> None:
    """429 with the reason of a passing limit and "per day" in its text; everything else goes on."""
    sandbox.switch("youtube", quota={bucket: 1})

    async def call() -> Response:
        if bucket == "uploads":
            return await merchant.start(100)
        if bucket == "search":
            return await merchant.get("search", part="id", forMine="true", type="video")
        return await merchant.get("videos:batchGetStats", part="id", id="a")

    assert (await call()).status_code == 200
    answer = await call()

    error = answer.json()["error"]
    assert reason_of(answer) == (429, "rateLimitExceeded")
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert error["errors"][0]["domain"] == "global"
    assert error["message"].startswith(
        f"Quota exceeded for quota metric '{metric}' and limit '{metric} per day' of service"
        " 'youtube.googleapis.com' for consumer 'project_number:"
    )
    assert (await merchant.get("channels", part="id", mine="true")).status_code == 200


async def test_the_channels_own_cap(sandbox: Sandbox, merchant: Merchant) -> None:
    """400 uploadLimitExceeded for this channel only, until its oldest upload is a day old."""
    await an_account(sandbox, "small", {"options": {"upload_limit": 1}})
    small = await a_merchant(sandbox, account="small")
    await small.uploaded()

    answer = await small.start(100)

    message = "The user has exceeded the number of videos they may upload."
    entry = {"message": message, "domain": "youtube.video", "reason": "uploadLimitExceeded"}
    assert answer.json() == {"error": {"code": 400, "message": message, "errors": [entry]}}
    assert (await merchant.start(100)).status_code == 200
    sandbox.pass_time(hours=24)
    await small.renew()
    assert (await small.start(100)).status_code == 200


async def test_the_channels_cap_holds_for_sessions_opened_before(sandbox: Sandbox, merchant: Merchant) -> None:
    """Opening many and filling them later does not get around it."""
    sandbox.switch("youtube", channel_upload_limit=1)
    content = a_movie()
    first, second = [await merchant.session(len(content)) for _ in range(2)]

    answers = [await merchant.put(location, content) for location in (first, second)]

    assert answers[0].status_code == 200
    assert reason_of(answers[1]) == (400, "uploadLimitExceeded")
    assert len(await sandbox.published("youtube")) == 1


@pytest.mark.parametrize("day", [0, 170])
async def test_buckets_fill_at_midnight_in_california(sandbox: Sandbox, merchant: Merchant, day: int) -> None:
    """At eight in the morning by Greenwich in winter, at seven in summer."""
    sandbox.pass_time(days=day)
    await merchant.renew()
    sandbox.switch("youtube", quota={"uploads": 1})
    await merchant.start(100)
    hours = 20.74 if day else 21.74
    sandbox.pass_time(hours=hours)
    await merchant.renew()

    before = await merchant.start(100)
    sandbox.pass_time(minutes=2)
    after = await merchant.start(100)

    assert (before.status_code, after.status_code) == (429, 200)


async def test_projects_have_buckets_of_their_own_and_merchants_share_them(
    sandbox: Sandbox, merchant: Merchant
) -> None:
    """Another merchant of the same project is refused, another project is not."""
    sandbox.switch("youtube", quota={"uploads": 1})
    other = await a_merchant(sandbox, account="claystudio")
    redirect = "http://localhost:8101/v1/oauth/youtube/callback"
    app = {"platform": "youtube", "client_id": "second", "client_secret": "s", "redirect_uris": [redirect]}
    await sandbox.control("POST", "/apps", json=app)
    await merchant.start(100)

    assert (await other.start(100)).status_code == 429
    for grant in sandbox.simulation.store.grants("google").grants.values():
        grant.client_id = "second"
    assert (await other.start(100)).status_code == 200


async def test_the_api_may_be_switched_off(sandbox: Sandbox, merchant: Merchant) -> None:
    """Our own configuration is at fault then."""
    sandbox.switch("youtube", api_enabled=False)

    assert reason_of(await merchant.get("channels", part="id", mine="true")) == (403, "accessNotConfigured")


async def test_a_planned_limit_is_a_passing_one(sandbox: Sandbox, merchant: Merchant) -> None:
    """No "per day" in it; the wait is named where one was planned."""
    await sandbox.fault("youtube", "identity", "rate_limit", retry_after_s=7)
    await sandbox.fault("youtube", "identity", "rate_limit")

    named = await merchant.get("channels", part="id,snippet", mine="true")
    unnamed = await merchant.get("channels", part="id,snippet", mine="true")

    assert reason_of(named) == (403, "userRateLimitExceeded")
    assert "per day" not in named.text
    assert named.headers["retry-after"] == "7"
    assert "retry-after" not in unnamed.headers


async def test_unknown_quota_buckets_are_refused(sandbox: Sandbox) -> None:
    """A mistyped switch is told."""
    answer = await sandbox.client.post(
        "/_control/switches", json={"platform": "youtube", "switches": {"quota": {"videos": 1}}}
    )

    assert answer.status_code == 422
    assert json.loads(answer.text)["errors"][0]["field"] == "switches.quota"
