"""GitHub's own description of its REST API, against the simulator's answers."""

from typing import Any

import pytest
from pydantic import TypeAdapter
from tests.unit.sandbox.github.visitors import API, CLIENT, Visitor, a_visitor, an_oauth_app
from tests.unit.sandbox.harness import Sandbox

models = pytest.importorskip(
    "githubkit_schemas.v2026_03_10.models",
    reason="githubkit does not import beside the installed release of hishel",
    exc_type=ImportError,
)


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/user", "PublicUser"),
        ("/user/installations", "UserInstallationsGetResponse200"),
        ("/repos/adashop/shop", "FullRepository"),
        ("/repos/adashop/shop/traffic/views", "ViewTraffic"),
        ("/repos/adashop/shop/traffic/clones?per=week", "CloneTraffic"),
        ("/rate_limit", "RateLimitOverview"),
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
