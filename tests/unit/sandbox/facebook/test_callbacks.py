"""What Facebook sends an app unasked, signed or forged, once or more often."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.unit.sandbox.facebook.visitors import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT,
    SCOPES,
    Merchant,
    a_merchant,
    authorization,
    error_of,
)
from tests.unit.sandbox.harness import MediaServer, Sandbox

from social_sandbox.facebook.callbacks import signed_request

VECTOR = (
    "_WCpPNBfr85GH_xY5JsQqAf2cE_PYXHtkQ-PS9sxpFU."
    "eyJ1c2VyX2lkIjoiMTAxNTAwMDEiLCJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc2NDAwMDAwMH0"
)


@dataclass
class Inbox:
    """The app's own addresses, and what came there."""

    base: str
    verify_token: str = "fake-verify-token"
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    challenges: int = 0


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """An app that answers challenges and keeps what it is sent."""
    found = Inbox("")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            method, target, _ = lines[0].split(" ")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            content = b"ok"
            if method == "GET":
                query = parse_qs(urlsplit(target).query)
                found.challenges += 1
                is_ours = query["hub.verify_token"] == [found.verify_token]
                content = query["hub.challenge"][0].encode() if is_ours else b"no"
            else:
                found.received.append((target, headers, body))
            writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    found.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    server.close()


async def configure(sandbox: Sandbox, inbox: Inbox) -> None:
    """Name the app's addresses in its settings."""
    body = {
        "platform": "facebook",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [REDIRECT],
        "options": {
            "deauthorize_url": f"{inbox.base}/deauthorize",
            "data_deletion_url": f"{inbox.base}/delete",
            "webhook_url": f"{inbox.base}/webhook",
            "webhook_verify_token": "fake-verify-token",
        },
    }
    await sandbox.control("POST", "/apps", json=body)


def payload_of(body: bytes, secret: str = CLIENT_SECRET) -> dict[str, str] | None:
    """What a signed request says; nothing if the signature is wrong."""
    signed = parse_qs(body.decode())["signed_request"][0]
    signature, _, encoded = signed.partition(".")
    expected = hmac.new(secret.encode(), encoded.encode(), hashlib.sha256).digest()
    if base64.urlsafe_b64encode(expected).rstrip(b"=").decode() != signature:
        return None
    payload: dict[str, str] = json.loads(base64.urlsafe_b64decode(encoded + "=="))
    return payload


def test_the_signature_is_the_documented_one() -> None:
    """The vector of the contract."""
    payload = {"user_id": "10150001", "algorithm": "HMAC-SHA256", "issued_at": 1764000000}

    assert signed_request(payload, "shop-test-app-secret") == VECTOR


@pytest.mark.parametrize("forged", [False, True])
async def test_an_app_is_told_that_a_person_left(
    sandbox: Sandbox, merchant: Merchant, inbox: Inbox, *, forged: bool
) -> None:
    """The person's id, not the Page's, signed with the secret or with another one."""
    await configure(sandbox, inbox)
    sandbox.switch("facebook", forged_callbacks=forged)
    await sandbox.fault("facebook", "identity", "revoke")

    assert error_of(await merchant.call("GET", "/me")) == (190, 458)

    ((target, _, body),) = inbox.received
    assert target == "/deauthorize"
    payload = payload_of(body)
    assert (payload is None) == forged
    if payload is not None:
        assert (payload["user_id"], payload["algorithm"]) == (merchant.user_id, "HMAC-SHA256")


async def test_an_app_is_asked_to_delete_what_it_knows(sandbox: Sandbox, merchant: Merchant, inbox: Inbox) -> None:
    """At another address, with the same payload; after a control call it goes out with the next call."""
    await configure(sandbox, inbox)
    await merchant.change_page(session="deletion_requested")
    await merchant.call("GET", "/me")

    assert [target for target, _, _ in inbox.received] == ["/deauthorize", "/delete"]
    assert payload_of(inbox.received[1][2]) is not None


async def test_withdrawing_through_the_graph_calls_nobody(sandbox: Sandbox, merchant: Merchant, inbox: Inbox) -> None:
    """The app did that itself."""
    await configure(sandbox, inbox)
    await merchant.as_person("DELETE", "/me/permissions")

    assert inbox.received == []


async def subscribed(sandbox: Sandbox, media: MediaServer, inbox: Inbox) -> Merchant:
    """A merchant whose Page the app hears of."""
    await configure(sandbox, inbox)
    await sandbox.client.get("/")
    scopes = f"{SCOPES},pages_manage_metadata"
    found = await a_merchant(sandbox, media, query=authorization(scope=scopes))
    answer = await found.call("POST", "/{page}/subscribed_apps", params={"subscribed_fields": "feed"})
    assert answer.json() == {"success": True}
    return found


@pytest.mark.parametrize("copies", [0, 1, 3])
async def test_webhooks_may_come_once_or_more_often_or_not_at_all(
    sandbox: Sandbox, media: MediaServer, inbox: Inbox, copies: int
) -> None:
    """Each signed over its raw body, after a challenge that is asked once."""
    merchant = await subscribed(sandbox, media, inbox)
    sandbox.switch("facebook", webhook_copies=copies)

    post_id = await merchant.posted(message="New mugs")

    assert len(inbox.received) == copies
    assert inbox.challenges == min(copies, 1)
    for target, headers, body in inbox.received:
        assert target == "/webhook"
        expected = hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-hub-signature-256"] == f"sha256={expected}"
        (entry,) = json.loads(body)["entry"]
        assert entry["id"] == merchant.page_id
        value = entry["changes"][0]["value"]
        assert (value["item"], value["verb"], value["post_id"]) == ("status", "add", post_id)


async def test_webhooks_tell_changes_and_can_be_forged(sandbox: Sandbox, media: MediaServer, inbox: Inbox) -> None:
    """Edited, removed, and what went live by its schedule; nothing that nobody sees."""
    merchant = await subscribed(sandbox, media, inbox)
    sandbox.switch("facebook", forged_callbacks=True)
    post_id = await merchant.posted(message="New mugs")
    await merchant.call("POST", f"/{post_id}", data={"message": "Newer mugs"})
    await merchant.call("DELETE", f"/{post_id}")
    await merchant.posted(message="Hidden", published="false")
    when = str(int(sandbox.clock.timestamp() + 600))
    await merchant.posted(message="Later", published="false", scheduled_publish_time=when)
    sandbox.pass_time(seconds=600)
    await merchant.call("GET", "/me")

    verbs = [json.loads(body)["entry"][0]["changes"][0]["value"]["verb"] for _, _, body in inbox.received]
    assert verbs == ["add", "edited", "remove", "add"]
    _, headers, body = inbox.received[0]
    right = hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] != f"sha256={right}"


async def test_who_fails_the_challenge_hears_nothing(sandbox: Sandbox, media: MediaServer, inbox: Inbox) -> None:
    """Nor who has unsubscribed; publishing does not suffer."""
    merchant = await subscribed(sandbox, media, inbox)
    inbox.verify_token = "another-fake-token"
    await merchant.posted(message="One")
    inbox.verify_token = "fake-verify-token"
    shown = (await merchant.call("GET", "/{page}/subscribed_apps")).json()["data"]
    assert (await merchant.call("DELETE", "/{page}/subscribed_apps")).json() == {"success": True}
    await merchant.posted(message="Two")

    assert inbox.received == []
    assert [entry["id"] for entry in shown] == [CLIENT_ID]
    assert (await merchant.call("GET", "/{page}/subscribed_apps")).json()["data"] == []


async def test_subscribing_needs_its_permission(merchant: Merchant, sandbox: Sandbox) -> None:
    """And a field that exists: there is none called comments."""
    path = "/{page}/subscribed_apps"
    assert error_of(await merchant.call("POST", path, params={"subscribed_fields": "feed"})) == (10, None)
    grant = sandbox.simulation.store.grants("facebook").live_grant(CLIENT_ID, merchant.user_id)
    assert grant is not None
    grant.scopes += ("pages_manage_metadata",)
    assert error_of(await merchant.call("POST", path, params={"subscribed_fields": "comments"})) == (100, None)
