"""Usage that climbs, blocks for the announced minutes, and grows for those who go on."""

import json
from typing import Any

from tests.unit.sandbox.facebook.visitors import Merchant, a_long_token, call_as, error_of
from tests.unit.sandbox.harness import Response, Sandbox


def usage(answer: Response, page_id: str) -> dict[str, Any]:
    """What the header says of a Page."""
    entry: dict[str, Any] = json.loads(answer.headers["x-business-use-case-usage"])[page_id][0]
    return entry


async def test_usage_climbs_and_then_blocks(sandbox: Sandbox, merchant: Merchant) -> None:
    """In percent up to a hundred; then 80001 with the wait in minutes, and after that wait all is well."""
    sandbox.switch("facebook", page_call_budget=10, block_s=600, block_extension_s=0)
    seen = [usage(await merchant.call("GET", "/me"), merchant.page_id)["call_count"] for _ in range(10)]

    refused = await merchant.post(message="One too many")

    assert seen == list(range(10, 101, 10))
    assert error_of(refused) == (80001, None)
    assert refused.json()["error"]["message"].startswith(
        "(#80001) There have been too many calls to this Page account."
    )
    assert usage(refused, merchant.page_id)["estimated_time_to_regain_access"] == 10
    assert usage(refused, merchant.page_id)["type"] == "pages"
    assert await sandbox.published("facebook") == []
    sandbox.pass_time(minutes=9, seconds=59)
    assert error_of(await merchant.call("GET", "/me")) == (80001, None)
    sandbox.pass_time(seconds=1)
    assert (await merchant.call("GET", "/me")).status_code == 200


async def test_calling_on_lengthens_the_block(sandbox: Sandbox, merchant: Merchant) -> None:
    """By a minute for each call."""
    sandbox.switch("facebook", page_call_budget=1, block_s=600)
    await merchant.call("GET", "/me")
    waits = [
        usage(await merchant.call("GET", "/me"), merchant.page_id)["estimated_time_to_regain_access"] for _ in range(4)
    ]

    assert waits == [10, 11, 12, 13]
    sandbox.pass_time(minutes=12)
    assert error_of(await merchant.call("GET", "/me")) == (80001, None)


async def test_the_window_is_a_day(sandbox: Sandbox, merchant: Merchant) -> None:
    """Calls of yesterday are forgotten."""
    sandbox.switch("facebook", page_call_budget=2)
    for _ in range(4):
        assert (await merchant.call("GET", "/me")).status_code == 200
        sandbox.pass_time(hours=13)


async def test_there_are_no_headers_while_usage_is_trivial(merchant: Merchant) -> None:
    """Below one percent nothing is told."""
    answer = await merchant.call("GET", "/me")

    assert "x-business-use-case-usage" not in answer.headers
    assert "x-app-usage" not in answer.headers


async def test_people_share_the_apps_budget(sandbox: Sandbox) -> None:
    """Code 4, with another header; each person who uses the app adds to it."""
    sandbox.switch("facebook", calls_per_user=5)
    ana = await a_long_token(sandbox)
    answers = [await call_as(sandbox, ana, "GET", "/me") for _ in range(6)]

    assert json.loads(answers[0].headers["x-app-usage"])["call_count"] == 20
    assert [answer.status_code for answer in answers] == [200] * 5 + [400]
    assert error_of(answers[-1]) == (4, None)
    sandbox.switch("facebook", user_limit_code=17)
    assert error_of(await call_as(sandbox, ana, "GET", "/me")) == (17, None)
    sandbox.pass_time(hours=2)
    ben = await a_long_token(sandbox, account="ben.many")
    for token in [ana, ben] * 5:
        assert (await call_as(sandbox, token, "GET", "/me")).status_code == 200


async def test_a_page_asked_about_by_a_person_is_blocked_too(sandbox: Sandbox, merchant: Merchant) -> None:
    """Code 32, while the Page's budget is used up."""
    sandbox.switch("facebook", page_call_budget=1)
    await merchant.call("GET", "/me")
    await merchant.call("GET", "/me")

    assert error_of(await merchant.as_person("GET", "/{page}")) == (32, None)
    assert (await merchant.as_person("GET", "/me")).status_code == 200


async def test_planned_limits_speak_facebook(sandbox: Sandbox, merchant: Merchant) -> None:
    """80001 with the planned wait for a Page, 4 for a person."""
    await sandbox.fault("facebook", "any", "rate_limit", count=2, retry_after_s=1200)

    of_page = await merchant.call("GET", "/{page}/published_posts")
    of_person = await merchant.as_person("GET", "/me/accounts")

    assert error_of(of_page) == (80001, None)
    assert usage(of_page, merchant.page_id)["estimated_time_to_regain_access"] == 20
    assert error_of(of_person) == (4, None)
