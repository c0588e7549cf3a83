"""Cuts on a real socket: the work is done (or not), and not one byte of an answer comes."""

import asyncio
import contextlib
import json
from typing import Any

import pytest


async def exchange_bytes(port: int, request: bytes) -> bytes:
    """All bytes a raw client gets for a request, until the end or the reset of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    writer.write(request)
    with contextlib.suppress(ConnectionResetError):
        await writer.drain()
        while chunk := await reader.read(65536):
            received += chunk
    writer.close()
    with contextlib.suppress(ConnectionResetError):
        await writer.wait_closed()
    return received


def a_request(method: str, path: str, body: Any = None, **headers: str) -> bytes:
    """An HTTP/1.1 request that asks for the connection to be closed afterwards."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", "user-agent: raw", "connection: close"]
    lines += [f"content-length: {len(content)}", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def answered(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, str]:
    """Status, JSON and head of an answer."""
    head, _, content = (await exchange_bytes(port, a_request(method, path, body, **headers))).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(content) if content[:1] in {b"{", b"["} else None, head.decode()


async def a_token(port: int) -> str:
    """An access token of the default account, by raw requests."""
    form = "client_id=sandbox-client&redirect_uri=http%3A%2F%2Flocalhost%3A8101%2Fv1%2Foauth%2Fgithub%2Fcallback"
    page = f"/github/github.com/login/oauth/authorize?{form}"
    content = b"account=adashop&decision=approve"
    lines = f"POST {page} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(content)}\r\n"
    typed = "content-type: application/x-www-form-urlencoded\r\n\r\n"
    head = (await exchange_bytes(port, (lines + typed).encode() + content)).decode()
    code = head.split("code=", 1)[1].split("\r\n", 1)[0].split("&", 1)[0]
    body = {"client_id": "sandbox-client", "client_secret": "sandbox-secret", "code": code}
    path = "/github/github.com/login/oauth/access_token"
    return str((await answered(port, "POST", path, body, accept="application/json"))[1]["access_token"])


@pytest.mark.parametrize(("kind", "posts"), [("commit_then_drop", 1), ("drop", 0)])
async def test_a_cut_connection_carries_no_answer(server_port: int, kind: str, posts: int) -> None:
    """`commit_then_drop` leaves the post behind, `drop` nothing; the client sees only the end."""
    token = await a_token(server_port)
    fault = {"platform": "github", "operation": "publish", "kind": kind}
    await answered(server_port, "POST", "/_control/faults", fault)
    path = "/github/api.github.com/repos/adashop/shop/releases"

    received = await exchange_bytes(
        server_port, a_request("POST", path, {"tag_name": "v1"}, authorization=f"Bearer {token}")
    )

    assert received == b""
    _, truth, _ = await answered(server_port, "GET", "/_control/posts?platform=github")
    assert len(truth["posts"]) == posts
    status, _, _ = await answered(server_port, "POST", path, {"tag_name": "v1"}, authorization=f"Bearer {token}")
    assert status == (422 if posts else 201)


async def test_trickle_sends_an_answer_in_single_bytes(server_port: int) -> None:
    """The head comes at once, the body byte by byte, whole in the end."""
    fault = {"platform": "github", "operation": "read", "kind": "trickle", "delay_ms": 1}
    await answered(server_port, "POST", "/_control/faults", fault)

    status, body, _ = await answered(server_port, "GET", "/github/api.github.com/versions")

    assert (status, body) == (200, ["2026-03-10", "2022-11-28"])


async def test_the_raw_path_is_recorded_as_it_came(server_port: int) -> None:
    """Percent-encoding and query survive, through the real server, too."""
    await exchange_bytes(server_port, a_request("GET", "/github/api.github.com/a%2Fb/%C3%A9%20x?q=%2B&e="))

    _, found, _ = await answered(server_port, "GET", "/_control/requests?platform=github")

    entry = found["requests"][-1]
    assert (entry["host"], entry["raw_path"], entry["raw_query"]) == ("api.github.com", "/a%2Fb/%C3%A9%20x", "q=%2B&e=")
    assert entry["status"] == 404


async def test_what_only_half_arrived_is_not_done(server_port: int) -> None:
    """A client that leaves in the middle of its body has asked for nothing, however complete the part looks."""
    token = await a_token(server_port)
    path = "/github/api.github.com/repos/adashop/shop/releases"
    whole = a_request("POST", path, {"tag_name": "v1"}, authorization=f"Bearer {token}")
    _, writer = await asyncio.open_connection("127.0.0.1", server_port)
    writer.write(whole.replace(b"content-length: 18", b"content-length: 99"))
    await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionResetError):
        await writer.wait_closed()

    _, truth, _ = await answered(server_port, "GET", "/_control/posts?platform=github")
    _, seen, _ = await answered(server_port, "GET", "/_control/requests?platform=github")

    assert b"content-length: 18" in whole
    assert truth["posts"] == []
    assert path.removeprefix("/github/api.github.com") not in {entry["raw_path"] for entry in seen["requests"]}
