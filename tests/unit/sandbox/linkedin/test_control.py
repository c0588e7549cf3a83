"""What the control interface can make of the simulated LinkedIn."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.sandbox.harness import Sandbox
from tests.unit.sandbox.linkedin.visitors import REDIRECT, a_member, a_page_manager

from social_sandbox.app import create_app
from social_sandbox.config import SandboxConfig
from social_sandbox.snapshot import Snapshots

ACCOUNT = {"platform": "linkedin", "username": "mugs", "display_name": "Mug Shop"}
APP = {
    "platform": "linkedin",
    "client_id": "mine",
    "client_secret": "fake-secret",
    "redirect_uris": [REDIRECT],
}


async def refusal(sandbox: Sandbox, path: str, body: dict[str, Any]) -> set[str]:
    """The fields that a control call is refused for."""
    answer = await sandbox.client.post(f"/_control{path}", json=body)
    assert answer.status_code == 422, answer.text
    return {error["field"] for error in answer.json()["errors"]}


async def test_two_apps_and_two_members_are_there_from_the_beginning(sandbox: Sandbox) -> None:
    """Also after a reset."""
    await sandbox.client.post("/_control/reset")
    apps = (await sandbox.control("GET", "/apps?platform=linkedin"))["apps"]
    accounts = (await sandbox.control("GET", "/accounts?platform=linkedin"))["accounts"]

    assert {app["client_id"] for app in apps} == {"sandbox-client", "sandbox-community-client"}
    assert all(app["redirect_uris"] == [REDIRECT] for app in apps)
    kinds = {account["username"]: [place["kind"] for place in account["places"]] for account in accounts}
    assert kinds == {"anacosta": ["member", "organization", "organization"], "noorbakker": ["member"]}
    assert (await a_page_manager(sandbox)).person != (await a_member(sandbox)).person


def test_both_apps_follow_moved_ports(tmp_path: Path) -> None:
    """Yesterday's state under today's ports: the second app comes back to where auth-linker is now, too."""
    Snapshots(tmp_path).save(create_app(SandboxConfig(state_dir=tmp_path)).state.simulation.store)

    moved = create_app(SandboxConfig(state_dir=tmp_path, callback_bases=("http://localhost:9101",)))

    for client_id in ("sandbox-client", "sandbox-community-client"):
        app = moved.state.simulation.store.app("linkedin", client_id)
        assert "http://localhost:9101/v1/oauth/linkedin/callback" in app.redirect_uris


async def test_an_account_is_made_with_one_page_unless_told(sandbox: Sandbox) -> None:
    """The member is always a place; ids, roles and vanity names are made up where they are not given."""
    usual = await sandbox.control("POST", "/accounts", json=ACCOUNT)
    chosen = await sandbox.control(
        "POST",
        "/accounts",
        json={
            "platform": "linkedin",
            "places": [
                {"kind": "member", "name": "whatever"},
                {
                    "kind": "organization",
                    "name": "Big Page",
                    "platform_id": "urn:li:organization:5558",
                    "options": {"role": "CONTENT_ADMIN", "vanity_name": "bigpage", "followers": 7},
                },
                {"kind": "organization", "name": "Ünï"},
                {"kind": "organization", "name": "!"},
            ],
        },
    )

    assert [(p["kind"], p["name"]) for p in usual["places"]] == [("member", "Mug Shop"), ("organization", "Mug Shop")]
    assert usual["places"][1]["options"] == {
        "role": "ADMINISTRATOR",
        "state": "APPROVED",
        "vanity_name": "mug-shop",
        "followers": 320,
    }
    _, big, odd, bare = chosen["places"]
    assert big["options"] == {"role": "CONTENT_ADMIN", "state": "APPROVED", "vanity_name": "bigpage", "followers": 7}
    assert len({place["platform_id"] for place in chosen["places"]}) == 4
    assert odd["options"]["vanity_name"] == "n"
    assert bare["options"]["vanity_name"].startswith("page-")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"details": {"subscription": "gold"}}, "details.subscription"),
        ({"places": [{"kind": "page", "name": "a"}]}, "places.0.kind"),
        ({"places": [{"kind": "organization", "name": "a", "platform_id": "5555"}]}, "places.0.platform_id"),
        ({"places": [{"kind": "organization", "name": "a", "options": {"role": "KING"}}]}, "places.0.options.role"),
        ({"places": [{"kind": "organization", "name": "a", "options": {"state": "X"}}]}, "places.0.options.state"),
        ({"places": [{"kind": "organization", "name": "a", "options": {"size": 1}}]}, "places.0.options.size"),
        (
            {"places": [{"kind": "organization", "name": "a", "options": {"followers": "x"}}]},
            "places.0.options.followers",
        ),
        ({"places": [{"kind": "member", "name": "a"}] * 2}, "places"),
        ({"places": [{"kind": "member", "name": "a", "platform_id": "urn:li:person:x"}]}, "places"),
    ],
)
async def test_an_account_linkedin_cannot_have(sandbox: Sandbox, changes: dict[str, Any], field: str) -> None:
    """The field is named."""
    assert await refusal(sandbox, "/accounts", ACCOUNT | changes) == {field}


async def test_a_page_that_exists_is_not_made_again(sandbox: Sandbox) -> None:
    """An organization has one administrator here."""
    place = {"kind": "organization", "name": "a", "platform_id": "urn:li:organization:5555"}

    answer = await sandbox.client.post("/_control/accounts", json=ACCOUNT | {"places": [place]})

    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"options": {"products": []}}, "options.products"),
        ({"options": {"products": ["ads"]}}, "options.products.0"),
        ({"options": {"products": ["share", "community_management"]}}, "options.products"),
        ({"options": {"tier": "gold"}}, "options.tier"),
        ({"options": {"colour": "red"}}, "options.colour"),
        ({"redirect_uris": ["http://shop.example/callback"]}, "redirect_uris.0"),
        ({"redirect_uris": [REDIRECT, "https://shop.example/callback#x"]}, "redirect_uris.1"),
        ({"redirect_uris": ["https://"]}, "redirect_uris.0"),
        ({"redirect_uris": ["https://["]}, "redirect_uris.0"),
    ],
)
async def test_an_app_linkedin_would_not_register(sandbox: Sandbox, changes: dict[str, Any], field: str) -> None:
    """Products that do not go together, addresses that are none."""
    assert await refusal(sandbox, "/apps", APP | changes) == {field}


@pytest.mark.parametrize(
    ("options", "field"), [({"role": "KING"}, "options.role"), ({"followers": "many"}, "options.followers")]
)
async def test_a_page_cannot_become_what_it_cannot_be(sandbox: Sandbox, options: dict[str, Any], field: str) -> None:
    """Roles and numbers are checked when they change, too."""
    change = {"platform": "linkedin", "platform_id": "urn:li:organization:5555", "options": options}

    assert await refusal(sandbox, "/places", change) == {field}


async def test_a_member_can_be_renamed(sandbox: Sandbox) -> None:
    """The name is what userinfo tells; there is nothing else to change."""
    member = await a_member(sandbox)
    change = {"platform": "linkedin", "platform_id": member.person, "name": "Ana Lima"}
    await sandbox.control("POST", "/places", json=change)

    assert (await member.userinfo()).json()["family_name"] == "Lima"
    assert await refusal(sandbox, "/places", change | {"options": {"role": "NONE"}}) == {"options.role"}


async def test_an_unreadable_switch_is_refused(sandbox: Sandbox) -> None:
    """Versions have six digits."""
    body = {"platform": "linkedin", "switches": {"extra_versions": ["next"]}}

    assert await refusal(sandbox, "/switches", body) == {"switches.extra_versions.0"}
