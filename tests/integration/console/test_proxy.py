"""The three APIs under one origin: what passes, and what never does."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.console.ground import Ground, a_ground


async def raw(ground: Ground, target: str, *, method: str = "GET") -> int:
    """The status of a request whose target is sent exactly as written, as no client library would."""
    port = int(ground.console.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {target} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1])


async def test_a_call_arrives_with_what_the_api_needs_and_nothing_else(ground: Ground) -> None:
    """Token, keys, body and query pass; cookies and made-up headers do not."""
    answer = await ground.http.request(
        "POST",
        f"{ground.console}/publisher/v1/posts/a%20b?x=1&y=%2F",
        content=b'{"text": "hello"}',
        headers={
            "Authorization": "Bearer made-up",
            "Content-Type": "application/json",
            "Idempotency-Key": "k1",
            "If-Match": '"3"',
            "X-Request-Id": "request-12345",
            "Cookie": "seftec_session=made-up",
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Host": "evil.example",
        },
    )

    asked = answer.json()
    assert (asked["method"], asked["path"], asked["query"]) == ("POST", "/v1/posts/a%20b", "x=1&y=%2F")
    assert asked["body"] == '{"text": "hello"}'
    sent = asked["headers"]
    assert sent["authorization"] == "Bearer made-up"
    assert (sent["idempotency-key"], sent["if-match"], sent["x-request-id"]) == ("k1", '"3"', "request-12345")
    assert "cookie" not in sent
    assert "x-forwarded-host" not in sent
    assert answer.headers["x-request-id"] == "request-12345"


async def test_answers_pass_as_they_are(ground: Ground) -> None:
    """Problem documents, Retry-After, ETag and Location; no cookie, no header that is the API's own business."""
    problem = await ground.http.request("GET", f"{ground.console}/linker/v1/things?answer=problem")
    moved = await ground.http.request("GET", f"{ground.console}/linker/v1/things?answer=moved")

    assert (problem.status, problem.json()["code"], problem.headers["retry-after"]) == (409, "conflict", "7")
    assert problem.headers["content-type"] == "application/problem+json"
    assert {"set-cookie", "x-inner"}.isdisjoint(problem.headers)
    assert "script-src 'self'" in problem.headers["content-security-policy"]
    assert (moved.status, moved.headers["location"], moved.headers["etag"]) == (
        303,
        "https://elsewhere.example/",
        '"4"',
    )


@pytest.mark.parametrize(
    "target",
    [
        "/linker/internal/v1/connections",
        "/linker/internal",
        "/linker/readyz",
        "/linker/metrics",
        "/linker/v1/../internal/v1/connections",
        "/linker/v1/%2e%2e/internal/v1/connections",
        "/linker/v1/%2E%2E/internal",
        "/linker/v1/.%2e/internal",
        "/linker/v1/..%2finternal",
        "/linker/v1%2f..%2finternal",
        "/linker%2fv1/things",
        "/linker/v1/a%2fb",
        "/linker/v1/a%5cb",
        "/linker/v1/a%00b",
        "/linker/v1/a\\..\\internal",
        "/linker/v1//internal",
        "/linker/v1/./things",
        "/linker/v1/",
        "/linker/../publisher/v1/things",
        "/linker/v1/%zz",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_address_leads_beside_v1(ground: Ground, target: str, method: str) -> None:
    """However a way out is spelled, the API is never asked."""
    before = len(ground.api.asked)

    status = await raw(ground, target, method=method)

    assert status in {400, 404, 405}
    assert len(ground.api.asked) == before


async def test_an_escape_of_an_escape_stays_one(ground: Ground) -> None:
    """What the API decodes once is not decoded by the console before."""
    assert await raw(ground, "/linker/v1/%252e%252e") == 200

    assert ground.api.asked[-1]["path"] == "/v1/%252e%252e"


async def test_a_body_has_a_limit(ground: Ground) -> None:
    """413 before anything reaches the API, with or without a length."""
    before = len(ground.api.asked)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(33):
            yield b"x" * 32 * 1024

    url = f"{ground.console}/linker/v1/things"
    whole = await ground.http.request("POST", url, content=b"x" * (1024 * 1024 + 1))
    in_pieces = await ground.http.request("POST", url, content=pieces())

    assert [(one.status, one.json()["code"]) for one in (whole, in_pieces)] == [(413, "payload_too_large")] * 2
    assert len(ground.api.asked) == before


async def test_an_answer_has_a_limit(ground: Ground) -> None:
    """What is absurdly large is given up, and said to be no usable answer."""
    answer = await ground.http.request("GET", f"{ground.console}/linker/v1/things?answer=huge")

    assert (answer.status, answer.json()["code"]) == (502, "internal")


async def test_an_api_that_is_down_is_named(ground: Ground) -> None:
    """A problem document in plain words, with a time to come back."""
    answer = await ground.http.request("GET", f"{ground.console}/analytics/v1/analytics/overview")

    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert "analytics cannot be reached" in answer.json()["detail"]
    assert answer.json()["code"] != "platform_down"


async def test_a_silent_api_is_given_up(web: Path) -> None:
    """After the limit: 502, and the caller is told to look before repeating a change."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with a_ground(web, publisher_url=url, api_timeout=0.3) as ground:
            answer = await ground.http.request("POST", f"{ground.console}/publisher/v1/posts", content=b"{}")

    assert answer.status == 502
    assert "Look whether it was done" in answer.json()["action"]


async def test_a_storefront_may_call_through_the_console(web: Path) -> None:
    """An origin that the settings name gets its CORS headers, another one none; credentials are never allowed."""
    async with a_ground(web, cors_allow_origins="https://shop.example") as ground:
        asked = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,idempotency-key",
        }
        url = f"{ground.console}/publisher/v1/posts"
        known = await ground.http.request("OPTIONS", url, headers={"Origin": "https://shop.example", **asked})
        stranger = await ground.http.request("OPTIONS", url, headers={"Origin": "https://evil.example", **asked})
        called = await ground.http.request("GET", url, headers={"Origin": "https://shop.example"})

    assert known.headers["access-control-allow-origin"] == "https://shop.example"
    assert called.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in stranger.headers
    assert "access-control-allow-credentials" not in known.headers
    assert "ETag" in called.headers["access-control-expose-headers"]


async def test_the_apis_learn_who_asks(ground: Ground) -> None:
    """They count callers without a token by address, and the console's own would stand for everybody's."""
    answer = await ground.http.request("GET", f"{ground.console}/linker/v1/platforms")

    assert json.loads(answer.text)["headers"]["x-forwarded-for"] == "127.0.0.1"
