"""GitHub's own description of its REST API, against the simulator's answers."""

from typing import Any

import pytest
from githubkit_schemas.v2026_03_10 import models
from pydantic import TypeAdapter
from tests.unit.sandbox.github.visitors import API, CLIENT, Visitor, a_visitor, an_oauth_app
from tests.unit.sandbox.harness import Sandbox


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/user", "PublicUser"),
        ("/user/installations", "UserInstallationsGetResponse200"),
        ("/repos/adashop/shop", "FullRepository"),
        ("/repos/adashop/shop/traffic/views", "ViewTraffic"),
        ("/repos/adashop/shop/traffic/clones?per=week", "CloneTraffic"),
        ("/rate_limit", "RateLimitOverview"),
        ("/repos/adashop/nowhere", "BasicError"),
        ("/repos/adashop/shop/releases/1", "BasicError"),
    ],
)
async def test_readings_have_githubs_shape(ada: Visitor, path: str, shape: str) -> None:
    """Every required field is there, of the right type."""
    answer = await ada.call("GET", path)

    TypeAdapter(getattr(models, shape)).validate_python(answer.json())


async def test_lists_of_repositories_have_githubs_shape(ada: Visitor) -> None:
    """For both flavours of app."""
    installation = (await ada.call("GET", "/user/installations")).json()["installations"][0]["id"]

    reached: Any = (await ada.call("GET", f"/user/installations/{installation}/repositories")).json()
    own: Any = (await ada.call("GET", "/user/repos")).json()

    for repository in (*reached["repositories"], *own):
        TypeAdapter(models.Repository).validate_python(repository)


async def test_what_is_published_has_githubs_shape(sandbox: Sandbox, ada: Visitor) -> None:
    """A release, its refusal, a gist, a checked token."""
    writer = await a_visitor(sandbox, client_id=await an_oauth_app(sandbox), scope="gist")
    gist = {"public": True, "files": {"a.md": {"content": "x"}}}
    token = {"access_token": ada.tokens["access_token"]}

    TypeAdapter(models.Release).validate_python((await ada.release("v1")).json())
    TypeAdapter(models.ValidationError).validate_python((await ada.release("v1")).json())
    TypeAdapter(models.GistSimple).validate_python((await writer.call("POST", "/gists", json=gist)).json())
    checked = await sandbox.client.post(f"{API}/applications/{CLIENT[0]}/token", json=token, auth=CLIENT)
    TypeAdapter(models.Authorization).validate_python(checked.json())


async def test_every_way_to_read_a_release_has_githubs_shape(ada: Visitor) -> None:
    """In a list, by id, by tag, the newest, after a change; and traffic's two lists."""
    made = (await ada.release("v1", name="shop")).json()
    base = "/repos/adashop/shop/releases"
    changed = await ada.call("PATCH", f"{base}/{made['id']}", json={"name": "Other"})

    found = [made, changed.json(), *(await ada.call("GET", base)).json()]
    found += [(await ada.call("GET", f"{base}/{last}")).json() for last in (made["id"], "tags/v1", "latest")]

    for release in found:
        TypeAdapter(models.Release).validate_python(release)
    for name, shape in (("paths", models.ContentTraffic), ("referrers", models.ReferrerTraffic)):
        for entry in (await ada.call("GET", f"/repos/adashop/shop/traffic/popular/{name}")).json():
            TypeAdapter(shape).validate_python(entry)


async def test_the_simulator_invents_no_fields(sandbox: Sandbox, ada: Visitor) -> None:
    """A name that GitHub does not have would be read by nobody who has read GitHub's description."""
    writer = await a_visitor(sandbox, client_id=await an_oauth_app(sandbox), scope="gist")
    gist = {"public": True, "files": {"a.md": {"content": "x"}}}
    release = (await ada.release("v1")).json()
    shown: list[tuple[Any, Any]] = [
        ((await ada.call("GET", "/user")).json(), models.PublicUser),
        ((await ada.call("GET", "/repos/adashop/shop")).json(), models.FullRepository),
        ((await ada.call("GET", "/rate_limit")).json(), models.RateLimitOverview),
        (release, models.Release),
        (release["author"], models.SimpleUser),
        (release["reactions"], models.ReactionRollup),
        ((await ada.release("v1")).json(), models.ValidationError),
        ((await writer.call("POST", "/gists", json=gist)).json(), models.GistSimple),
    ]

    for answer, shape in shown:
        known = {field.alias or name for name, field in shape.model_fields.items()}
        assert set(answer) - known <= ({"status"} if shape is models.ValidationError else set()), shape.__name__
