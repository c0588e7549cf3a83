"""LinkedIn's own client library works against the simulator, over a real socket.

Its addresses are constants, so the session's adapter sends what is meant for LinkedIn to the sandbox instead.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient
from requests import PreparedRequest, Response  # noqa: TID251  (the library is built on it)
from requests.adapters import HTTPAdapter  # noqa: TID251
from tests.unit.sandbox.harness import Sandbox, params_of
from tests.unit.sandbox.linkedin.visitors import COMMUNITY_APP, PAGE, PAGE_SCOPES, PUBLISHED, REDIRECT, VERSION, encoded

from social_sandbox.server import build_server


class ToTheSandbox(HTTPAdapter):
    """Sends what was meant for LinkedIn to the sandbox."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Keep path and query as the library has encoded them."""
        assert request.url is not None
        request.url = request.url.replace("https://", f"{self._base}/linkedin/")
        return super().send(request, *args, **kwargs)


@pytest.fixture
async def address(sandbox: Sandbox) -> AsyncIterator[str]:
    """Where the sandbox listens."""
    # A socket that listens already lets clients connect before the server has begun to accept.
    listening = socket.create_server(("127.0.0.1", 0))
    server = build_server(sandbox.app, host="127.0.0.1", port=0)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await running


@pytest.fixture
def auth(address: str) -> AuthClient:
    """The library's OAuth half."""
    client = AuthClient(*COMMUNITY_APP, REDIRECT)
    client.session.mount("https://", ToTheSandbox(address))
    return client


@pytest.fixture
def restli(address: str) -> RestliClient:
    """The library's API half."""
    client = RestliClient()
    client.session.mount("https://", ToTheSandbox(address))
    return client


async def link(sandbox: Sandbox, auth: AuthClient) -> Any:
    """Link the demo member; answers with the library's token response."""
    page = auth.generate_member_auth_url(scopes=PAGE_SCOPES.split(), state="st_1")
    answer = await sandbox.client.post(
        page.replace("https://", "/linkedin/"), data={"account": "anacosta", "decision": "approve"}
    )
    return await asyncio.to_thread(auth.exchange_auth_code_for_access_token, params_of(answer)["code"])


async def test_the_library_links_refreshes_and_introspects(sandbox: Sandbox, auth: AuthClient) -> None:
    """All fields it knows are there."""
    tokens = await link(sandbox, auth)
    sandbox.pass_time(days=1)

    refreshed = await asyncio.to_thread(auth.exchange_refresh_token_for_access_token, tokens.refresh_token)
    told = await asyncio.to_thread(auth.introspect_access_token, refreshed.access_token)

    assert refreshed.refresh_token == tokens.refresh_token
    assert tokens.refresh_token_expires_in - refreshed.refresh_token_expires_in == 86_400
    assert (told.active, told.status, told.auth_type) == (True, "active", "3L")
    assert told.expires_at == int(sandbox.clock.now().timestamp()) + 5_184_000


async def test_the_library_creates_finds_reads_edits_and_deletes(
    sandbox: Sandbox, auth: AuthClient, restli: RestliClient
) -> None:
    """A finder, a create, a lookup, a batch long enough to be tunnelled, a partial update, a delete."""
    common = {"access_token": (await link(sandbox, auth)).access_token, "version_string": VERSION}
    acls = await asyncio.to_thread(
        restli.finder,
        resource_path="/organizationAcls",
        finder_name="roleAssignee",
        query_params={"role": "ADMINISTRATOR", "state": "APPROVED"},
        **common,
    )
    assert acls.elements[0]["organization"] == PAGE
    body = {"author": PAGE, "commentary": "From the library \\(new\\) #kitchen", **PUBLISHED}
    created = await asyncio.to_thread(restli.create, resource_path="/posts", entity=body, **common)
    urn = created.decoded_entity_id
    one = {"resource_path": "/posts/{id}", "path_keys": {"id": urn}, **common}

    read = await asyncio.to_thread(restli.get, **one)
    listed = await asyncio.to_thread(
        restli.finder,
        resource_path="/posts",
        finder_name="author",
        query_params={"author": PAGE, "sortBy": "CREATED", "count": 50},
        **common,
    )
    ids = [urn, *(f"urn:li:share:{number}" for number in range(7 * 10**18, 7 * 10**18 + 120))]
    many = await asyncio.to_thread(restli.batch_get, resource_path="/posts", ids=ids, **common)
    changed = await asyncio.to_thread(restli.partial_update, patch_set_object={"commentary": "Changed"}, **one)
    deleted = await asyncio.to_thread(restli.delete, **one)

    assert created.status_code == 201
    assert read.entity["commentary"] == "From the library \\(new\\) {hashtag|\\#|kitchen}"
    assert [element["id"] for element in listed.elements] == [urn]
    assert (listed.paging.start, listed.paging.count) == (0, 50)
    assert set(many.results) == {urn}
    assert len(many.errors) == 120
    assert changed.status_code == deleted.status_code == 204
    recorded = (await sandbox.control("GET", "/requests?platform=linkedin"))["requests"]
    assert any(f"/rest/posts/{encoded(urn)}" in request["raw_path"] for request in recorded)


async def test_the_library_acts_and_reads_statistics(sandbox: Sandbox, auth: AuthClient, restli: RestliClient) -> None:
    """An action's value, and nested objects in a query as the library writes them."""
    common = {"access_token": (await link(sandbox, auth)).access_token, "version_string": VERSION}
    opened = await asyncio.to_thread(
        restli.action,
        resource_path="/images",
        action_name="initializeUpload",
        action_params={"initializeUploadRequest": {"owner": PAGE}},
        **common,
    )
    now = int(sandbox.clock.now().timestamp() * 1000)
    span = {"timeRange": {"start": now - 86_400_000, "end": now}, "timeGranularityType": "DAY"}

    days = await asyncio.to_thread(
        restli.finder,
        resource_path="/organizationalEntityShareStatistics",
        finder_name="organizationalEntity",
        query_params={"organizationalEntity": PAGE, "timeIntervals": span},
        **common,
    )

    assert opened.value["image"].startswith("urn:li:image:")
    assert len(days.elements) == 2
