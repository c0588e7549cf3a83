"""Quotas: per project and minute, per profile and minute, and none at all for a project that was never approved."""

import pytest
from tests.unit.sandbox.google.visitors import (
    ACCOUNTS,
    LOCATIONS,
    POSTS,
    REDIRECT,
    Merchant,
    a_code,
    a_merchant,
    exchange,
)
from tests.unit.sandbox.harness import Response, Sandbox


def is_exhausted(answer: Response, *, limit: int) -> bool:
    """Whether a quota of this size is used up."""
    error = answer.json().get("error", {})
    if (answer.status_code, error.get("status")) != (429, "RESOURCE_EXHAUSTED"):
        return False
    return bool(error["details"][0]["metadata"]["quota_limit_value"] == str(limit))


async def test_a_project_has_three_hundred_requests_a_minute(sandbox: Sandbox, merchant: Merchant) -> None:
    """All merchants together, each API for itself; a minute later it is fine again."""
    other = await a_merchant(sandbox, account="cornerbakery")
    path = f"{ACCOUNTS}/accounts"
    for _ in range(150):
        assert (await merchant.call("GET", path)).status_code == 200
        assert (await other.call("GET", path)).status_code == 200

    assert is_exhausted(await merchant.call("GET", path), limit=300)
    assert (await merchant.call("GET", f"{LOCATIONS}/{merchant.location}", params={"readMask": "name"})).is_success
    sandbox.pass_time(seconds=60)
    assert (await merchant.call("GET", path)).status_code == 200


async def test_a_profile_takes_ten_edits_a_minute(sandbox: Sandbox, merchant: Merchant) -> None:
    """Creating, editing and deleting count, reading and other profiles do not; what was refused was not done."""
    posts = [await merchant.posted(f"Pot {number}") for number in range(8)]
    path = f"{POSTS}/{posts[0]['name']}"
    assert (await merchant.call("PATCH", path, params={"updateMask": "summary"}, json={"summary": "x"})).is_success
    assert (await merchant.call("DELETE", path)).is_success

    assert is_exhausted(await merchant.post(), limit=10)
    assert is_exhausted(await merchant.call("DELETE", f"{POSTS}/{posts[1]['name']}"), limit=10)
    assert (await merchant.read(posts[1]["name"]))["summary"] == "Pot 1"
    other = await a_merchant(sandbox, account="cornerbakery")
    assert (await other.post()).is_success
    assert len(await sandbox.published("google")) == 8
    sandbox.pass_time(seconds=60)
    assert (await merchant.post()).is_success


async def test_a_project_that_was_not_approved_has_a_quota_of_zero(sandbox: Sandbox) -> None:
    """Signing in works, every call of the business is 429 with the limit 0."""
    app = {"platform": "google", "client_id": "new", "client_secret": "s", "redirect_uris": [REDIRECT]}
    await sandbox.control("POST", "/apps", json={**app, "options": {"approved": False}})
    client = {"client_id": "new", "client_secret": "s"}
    tokens = (await exchange(sandbox, await a_code(sandbox, client_id="new"), **client)).json()
    merchant = Merchant(sandbox, tokens, "", "accounts/1", "locations/1")

    for answer in (await merchant.call("GET", f"{ACCOUNTS}/accounts"), await merchant.post()):
        assert is_exhausted(answer, limit=0)
    wrong = {**app, "options": {"approved": "no"}}
    assert (await sandbox.client.post("/_control/apps", json=wrong)).status_code == 422


async def test_an_api_may_be_switched_off_in_the_project(sandbox: Sandbox, merchant: Merchant) -> None:
    """403 with the reason SERVICE_DISABLED, for that API alone."""
    sandbox.switch("google", disabled_services=["mybusiness.googleapis.com"])

    answer = await merchant.post()

    assert answer.status_code == 403
    assert answer.json()["error"]["details"][0]["reason"] == "SERVICE_DISABLED"
    assert (await merchant.call("GET", f"{ACCOUNTS}/accounts")).status_code == 200


@pytest.mark.parametrize("operation", ["publish", "any"])
async def test_a_planned_limit_is_googles_own(sandbox: Sandbox, merchant: Merchant, operation: str) -> None:
    """The fault `rate_limit` answers as a used-up quota; Google names no wait."""
    await sandbox.fault("google", operation, "rate_limit", retry_after_s=60)

    answer = await merchant.post()

    assert is_exhausted(answer, limit=300)
    assert "retry-after" not in answer.headers
    assert (await merchant.post()).is_success
