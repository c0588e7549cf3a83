"""Faults in process: which calls they hit, what they do, and whether the work is done."""

from itertools import product
from typing import Any

import pytest
from tests.unit.sandbox.github.visitors import Visitor, a_visitor, refresh
from tests.unit.sandbox.harness import Sandbox

OPERATIONS = ["authorize", "token", "refresh", "revoke", "identity", "media", "publish", "read", "metrics", "any"]
KINDS = [
    "commit_then_drop",
    "commit_then_500",
    "drop",
    "error_500",
    "rate_limit",
    "slow",
    "trickle",
    "revoke",
    "garbage",
    "html",
]


async def test_every_kind_can_be_planned_for_every_operation(sandbox: Sandbox) -> None:
    """The whole table of operations and kinds is accepted and listed."""
    planned = list(product(OPERATIONS, KINDS))
    for operation, kind in planned:
        await sandbox.fault("github", operation, kind, count=3, delay_ms=5, retry_after_s=7)

    listed = (await sandbox.control("GET", "/faults"))["faults"]

    assert [(fault["operation"], fault["kind"]) for fault in listed] == planned
    assert {(fault["count"], fault["delay_ms"], fault["retry_after_s"]) for fault in listed} == {(3, 5, 7)}


async def test_requests_are_selected_by_what_they_were_and_what_hit_them(sandbox: Sandbox) -> None:
    """By operation, by fault, and by both."""
    ada = await a_visitor(sandbox)
    await sandbox.fault("github", "publish", "error_500")
    await ada.release("v1")
    await ada.release("v2")

    async def chosen(query: str) -> list[tuple[str, str | None]]:
        found = (await sandbox.control("GET", f"/requests?platform=github&{query}"))["requests"]
        return [(entry["operation"], entry["fault"]) for entry in found]

    assert await chosen("operation=publish") == [("publish", "error_500"), ("publish", None)]
    assert await chosen("fault=error_500") == [("publish", "error_500")]
    assert await chosen("operation=refresh&fault=error_500") == []


@pytest.mark.parametrize(
    ("kind", "status", "posts"),
    [("commit_then_500", 502, 1), ("error_500", 502, 0), ("rate_limit", 403, 0), ("garbage", 200, 0), ("html", 502, 0)],
)
async def test_only_commit_does_the_work(sandbox: Sandbox, kind: str, status: int, posts: int) -> None:
    """What exists afterwards is as the kind's name says."""
    ada = await a_visitor(sandbox)
    await sandbox.fault("github", "publish", kind)

    answer = await ada.release("v1")

    assert answer.status_code == status
    assert len(await sandbox.published("github")) == posts


@pytest.mark.parametrize(("kind", "posts"), [("commit_then_drop", 1), ("drop", 0)])
async def test_a_cut_reaches_an_in_process_client_as_a_reset(sandbox: Sandbox, kind: str, posts: int) -> None:
    """Without a socket to cut, the reset is raised; the work is done or not."""
    ada = await a_visitor(sandbox)
    await sandbox.fault("github", "publish", kind)

    with pytest.raises(ConnectionResetError):
        await ada.release("v1")

    assert len(await sandbox.published("github")) == posts
    recorded = (await sandbox.control("GET", "/requests"))["requests"][-1]
    assert (recorded["status"], recorded["fault"]) == (None, kind)


async def test_garbage_is_no_json_and_html_no_json_either(sandbox: Sandbox) -> None:
    """Both are answers that a parser must survive."""
    ada = await a_visitor(sandbox)
    await sandbox.fault("github", "identity", "garbage")
    await sandbox.fault("github", "identity", "html")

    garbage, html = await ada.call("GET", "/user"), await ada.call("GET", "/user")

    assert garbage.headers["content-type"].startswith("application/json")
    with pytest.raises(ValueError, match="Unterminated"):
        garbage.json()
    assert html.headers["content-type"].startswith("text/html")


async def test_revoke_ends_the_grant_right_before_the_call(sandbox: Sandbox) -> None:
    """The person removed the app: the call, all later ones and the refresh fail."""
    ada = await a_visitor(sandbox)
    await sandbox.fault("github", "publish", "revoke")

    assert (await ada.release("v1")).status_code == 401
    assert (await ada.call("GET", "/user")).status_code == 401
    assert (await refresh(sandbox, ada.tokens["refresh_token"]))["error"] == "bad_refresh_token"


async def test_a_refresh_can_be_hit_apart_from_an_exchange(sandbox: Sandbox) -> None:
    """They share a URL and are two operations."""
    await sandbox.fault("github", "refresh", "revoke")
    ada = await a_visitor(sandbox)

    assert (await refresh(sandbox, ada.tokens["refresh_token"]))["error"] == "bad_refresh_token"


async def test_slow_and_trickle_still_do_the_work(sandbox: Sandbox) -> None:
    """They cost time, nothing else."""
    ada = await a_visitor(sandbox)
    await sandbox.fault("github", "publish", "slow", delay_ms=1)
    await sandbox.fault("github", "publish", "trickle", delay_ms=0)

    assert (await ada.release("v1")).status_code == 201
    assert (await ada.release("v2")).status_code == 201
    assert len(await sandbox.published("github")) == 2


async def test_a_fault_hits_as_often_as_planned_and_in_order(sandbox: Sandbox) -> None:
    """The first planned goes first; `any` hits whatever comes; then all is well."""
    ada = await a_visitor(sandbox)
    await sandbox.fault("github", "any", "error_500", count=2)
    await sandbox.fault("github", "identity", "rate_limit")

    assert [(await ada.call("GET", "/user")).status_code for _ in range(4)] == [502, 502, 403, 200]
    assert (await sandbox.control("GET", "/faults"))["faults"] == []


async def test_faults_of_one_platform_leave_the_others_alone(sandbox: Sandbox) -> None:
    """A fault belongs to its platform, and deleting by platform keeps the rest."""
    ada = await a_visitor(sandbox)
    await sandbox.fault("x", "any", "error_500")
    await sandbox.fault("github", "publish", "error_500")

    assert (await ada.call("GET", "/user")).status_code == 200
    await sandbox.client.delete("/_control/faults", params={"platform": "github"})
    assert [f["platform"] for f in (await sandbox.control("GET", "/faults"))["faults"]] == ["x"]
    await sandbox.client.delete("/_control/faults")
    assert (await sandbox.control("GET", "/faults"))["faults"] == []


async def test_a_simulators_own_bug_is_marked(sandbox: Sandbox) -> None:
    """A crash in a handler is a 5xx that says it is the sandbox's fault."""
    ada: Visitor = await a_visitor(sandbox)
    account = sandbox.simulation.store.find_account("github", "adashop")
    assert account is not None
    broken: Any = None
    account.places = broken

    answer = await ada.call("GET", "/user")

    assert answer.status_code == 502
    assert answer.headers["x-sandbox-bug"] == "1"
