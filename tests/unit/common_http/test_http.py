"""The HTTP client against servers on real sockets that refuse, reset, stop half-way, trickle and overflow."""

import asyncio
import gzip
import logging
import socket
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.unit.common_http.servers import abort, answering, plain, read_request, serving, tls_contexts

from social_common.http import (
    FilePart,
    HttpClient,
    HttpDropped,
    HttpError,
    HttpGarbage,
    HttpNothingSent,
    HttpTimeout,
    HttpTooLarge,
)
from social_common.http_answers import bounded_body
from social_common.secrets import Secret

SHORT = timedelta(milliseconds=300)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """A client that is closed afterwards."""
    async with HttpClient(timeout=timedelta(seconds=5)) as client:
        yield client


def a_closed_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class TestNothingSent:
    async def test_refused(self, http: HttpClient) -> None:
        """A refused connection is told as nothing sent."""
        with pytest.raises(HttpNothingSent):
            await http.request("POST", f"http://127.0.0.1:{a_closed_port()}/", json={})

    async def test_no_such_host(self, http: HttpClient) -> None:
        """A name without an address is told as nothing sent."""
        with pytest.raises(HttpNothingSent):
            await http.request("GET", "http://nowhere.invalid/")

    async def test_connecting_takes_too_long(self, http: HttpClient) -> None:
        """When the time is up before a connection stands, nothing was sent."""
        with socket.socket() as deaf, socket.socket() as first:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            first.connect(deaf.getsockname())  # fills the queue: the next one hangs in the handshake
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(deaf.getsockname())

            with pytest.raises(HttpNothingSent):
                await http.request("POST", f"http://127.0.0.1:{deaf.getsockname()[1]}/", timeout=SHORT)

            for filler in fillers:
                filler.close()

    async def test_pool_is_full(self) -> None:
        """A call that never got a connection of the pool sent nothing, though its neighbour did."""

        async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await reader.read()

        async with HttpClient(max_connections=1) as http, serving(silent) as port:
            url = f"http://127.0.0.1:{port}/"
            outcomes = await asyncio.gather(
                http.request("POST", url, json={}, timeout=SHORT * 2),
                http.request("POST", url, json={}, timeout=SHORT),
                return_exceptions=True,
            )

        assert [type(outcome) for outcome in outcomes] == [HttpTimeout, HttpNothingSent]

    async def test_tls_handshake_fails(self, http: HttpClient) -> None:
        """A server that speaks no TLS never saw the request."""
        async with serving(answering(plain(b"no TLS here"))) as port:
            with pytest.raises(HttpNothingSent):
                await http.request("POST", f"https://127.0.0.1:{port}/", json={}, timeout=SHORT)

    @pytest.mark.parametrize("url", ["http://[::1", "nonsense", "ftp://example.com/"])
    async def test_no_url(self, http: HttpClient, url: str) -> None:
        """What is no HTTP URL is told as nothing sent, without quoting it."""
        with pytest.raises(HttpNothingSent) as caught:
            await http.request("GET", url)

        assert url not in caught.value.detail


class TestInDoubt:
    async def test_reset_after_request(self, http: HttpClient) -> None:
        """A reset once the request was read is a drop: the server may have done it."""

        async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            abort(writer)

        async with serving(resetting) as port:
            with pytest.raises(HttpDropped):
                await http.request("POST", f"http://127.0.0.1:{port}/", json={"a": 1})

    async def test_closed_without_answer(self, http: HttpClient) -> None:
        """A connection closed without a word is a drop."""
        async with serving(answering(b"")) as port:
            with pytest.raises(HttpDropped):
                await http.request("POST", f"http://127.0.0.1:{port}/", json={"a": 1})

    async def test_reset_on_accept(self, http: HttpClient) -> None:
        """A server that resets before reading is in doubt too: bytes had left."""

        async def slamming(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            abort(writer)

        async with serving(slamming) as port:
            with pytest.raises(HttpDropped):
                await http.request("POST", f"http://127.0.0.1:{port}/", content=b"x" * 500_000)

    async def test_half_answer(self, http: HttpClient) -> None:
        """An answer that ends before its declared length is a drop."""
        raw = b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nonly this"
        async with serving(answering(raw)) as port:
            with pytest.raises(HttpDropped):
                await http.request("POST", f"http://127.0.0.1:{port}/", json={})

    async def test_no_http_at_all(self, http: HttpClient) -> None:
        """An answer that is no HTTP is a drop."""
        async with serving(answering(b"SSH-2.0-OpenSSH\r\n\r\n")) as port:
            with pytest.raises(HttpDropped):
                await http.request("POST", f"http://127.0.0.1:{port}/", json={})

    async def test_silence(self, http: HttpClient) -> None:
        """A server that takes the request and never answers is a time-out."""

        async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await reader.read()

        async with serving(silent) as port:
            with pytest.raises(HttpTimeout):
                await http.request("POST", f"http://127.0.0.1:{port}/", json={}, timeout=SHORT)

    async def test_trickle(self, http: HttpClient) -> None:
        """The limit is of the whole call: a server that drips bytes cannot stretch it."""

        async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.02)

        loop = asyncio.get_running_loop()
        async with serving(dripping) as port:
            started = loop.time()
            with pytest.raises(HttpTimeout):
                await http.request("GET", f"http://127.0.0.1:{port}/", timeout=SHORT)

            assert loop.time() - started < 3

    async def test_stale_connection(self, http: HttpClient) -> None:
        """A kept connection that the server drops on the next request is in doubt, never silently sent again."""
        seen: list[bytes] = []

        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await read_request(reader))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            seen.append(await read_request(reader))

        async with serving(once) as port:
            await http.request("POST", f"http://127.0.0.1:{port}/first", json={})
            with pytest.raises(HttpDropped):
                await http.request("POST", f"http://127.0.0.1:{port}/second", json={})

        assert [request.split()[1] for request in seen] == [b"/first", b"/second"]

    async def test_refused_after_redirect(self, http: HttpClient) -> None:
        """A redirect to a dead address is in doubt: the first server did get the request."""
        target = f"http://127.0.0.1:{a_closed_port()}/"
        async with serving(answering(plain(b"", status="302 Found", headers=f"Location: {target}\r\n"))) as port:
            with pytest.raises(HttpDropped):
                await http.request("GET", f"http://127.0.0.1:{port}/", follow_redirects=True)


class TestAnswers:
    async def test_too_large_by_length(self, http: HttpClient) -> None:
        """A declared length above the limit ends the call."""
        async with serving(answering(plain(b"x" * 2000))) as port:
            with pytest.raises(HttpTooLarge):
                await http.request("GET", f"http://127.0.0.1:{port}/", max_response_bytes=1000)

    async def test_too_large_by_chunks(self, http: HttpClient) -> None:
        """An endless answer without a length is given up at the limit."""

        async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
                await writer.drain()

        async with serving(endless) as port:
            with pytest.raises(HttpTooLarge):
                await http.request("GET", f"http://127.0.0.1:{port}/", max_response_bytes=100_000)

    async def test_too_large_once_inflated(self, http: HttpClient) -> None:
        """A small compressed answer that inflates beyond the limit is given up."""
        bomb = gzip.compress(b"\0" * 50_000_000)
        async with serving(answering(plain(bomb, headers="Content-Encoding: gzip\r\n"))) as port:
            with pytest.raises(HttpTooLarge):
                await http.request("GET", f"http://127.0.0.1:{port}/", max_response_bytes=1_000_000)

    async def test_inflating_stops_at_the_limit(self) -> None:
        """What a small piece would inflate to beyond the limit never exists in memory."""
        small = gzip.compress(b"\0" * 50_000_000)

        async def pieces() -> AsyncIterator[bytes]:
            yield small

        body = bounded_body(pieces(), headers={"content-encoding": "gzip"}, limit=1_000_000, host="h")
        tracemalloc.start()
        with pytest.raises(HttpTooLarge):
            await anext(body)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert peak < 10_000_000

    @pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"text" * 1000)[:-20]], ids=["none", "cut"])
    async def test_broken_compression(self, http: HttpClient, body: bytes) -> None:
        """Broken or cut compression is garbage, not an empty success."""
        async with serving(answering(plain(body, headers="Content-Encoding: gzip\r\n"))) as port:
            with pytest.raises(HttpGarbage):
                await http.request("GET", f"http://127.0.0.1:{port}/")

    async def test_gzip(self, http: HttpClient) -> None:
        """A compressed answer comes out whole."""
        body = gzip.compress(b'{"a": [1, 2]}')
        async with serving(answering(plain(body, headers="Content-Encoding: gzip\r\n"))) as port:
            answer = await http.request("GET", f"http://127.0.0.1:{port}/")

        assert answer.json() == {"a": [1, 2]}

    async def test_no_json(self, http: HttpClient) -> None:
        """An HTML page where JSON was expected is garbage, with the host named and no query."""
        async with serving(answering(plain(b"<html>"))) as port:
            answer = await http.request("GET", f"http://127.0.0.1:{port}/?code=abc")

        with pytest.raises(HttpGarbage) as caught:
            answer.json()
        assert caught.value.detail == "the answer of 127.0.0.1 is no JSON"

    async def test_status_is_not_an_error(self, http: HttpClient) -> None:
        """Any status is an answer, with headers found whatever their case."""
        async with serving(answering(plain(b"busy", status="503 Down", headers="Retry-After: 7\r\n"))) as port:
            answer = await http.request("GET", f"http://127.0.0.1:{port}/")

        assert (answer.status, answer.text, answer.headers["retry-after"]) == (503, "busy", "7")

    async def test_redirects_are_not_followed(self, http: HttpClient) -> None:
        """A redirect is an answer like any other unless following was asked for."""
        async with serving(answering(plain(b"", status="302 Found", headers="Location: /there\r\n"))) as port:
            answer = await http.request("GET", f"http://127.0.0.1:{port}/")

        assert answer.status == 302


class TestRequests:
    async def sent_by(self, http: HttpClient, **request: object) -> bytes:
        """The first of two requests as its bytes went out."""
        seen: list[bytes] = []

        async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await read_request(reader))
            writer.write(plain(b"{}", headers="Set-Cookie: session=abc; Path=/\r\n"))

        async with serving(noting) as port:
            await http.request("POST", f"http://127.0.0.1:{port}/p?kept=1", **request)  # type: ignore[arg-type]
            await http.request("POST", f"http://127.0.0.1:{port}/p?kept=1", **request)  # type: ignore[arg-type]
        assert b"cookie" not in seen[1].lower()
        return seen[0]

    async def test_bearer(self, http: HttpClient) -> None:
        """A bearer secret becomes the Authorization header; cookies are never sent back."""
        sent = await self.sent_by(http, bearer=Secret("t0ken"), json={"a": 1})

        assert b"authorization: bearer t0ken" in sent.lower()
        assert sent.endswith(b'{"a":1}')

    async def test_basic(self, http: HttpClient) -> None:
        """Basic credentials are encoded as RFC 7617 says."""
        sent = await self.sent_by(http, basic=("Aladdin", Secret("open sesame")), form={"a": "1 2"})

        assert b"Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" in sent
        assert sent.endswith(b"a=1+2")

    async def test_params(self, http: HttpClient) -> None:
        """Repeated parameters keep their order; none leaves the URL's own query alone."""
        with_params = await self.sent_by(http, params=[("f", "a"), ("f", "b c")])
        without = await self.sent_by(http, params={})

        assert b"f=a&f=b+c" in with_params or b"f=a&f=b%20c" in with_params
        assert without.startswith(b"POST /p?kept=1 ")

    async def test_multipart(self, http: HttpClient) -> None:
        """Multipart bodies carry fields and files."""
        part = FilePart(b"\x00\x01", "a.bin", "image/png")
        sent = await self.sent_by(http, multipart={"segment": "0", "media": part})

        assert b'name="segment"\r\n\r\n0' in sent
        assert b'name="media"; filename="a.bin"\r\nContent-Type: image/png\r\n\r\n\x00\x01' in sent


class TestSecrecy:
    async def test_illegal_header_is_not_quoted(self, http: HttpClient) -> None:
        """A token that cannot be a header is in no error text, also not in a chained one."""
        async with serving(answering(plain(b""))) as port:
            with pytest.raises(HttpError) as caught:
                await http.request("GET", f"http://127.0.0.1:{port}/", bearer=Secret("sec\nret-planted"))

        assert caught.value.__suppress_context__
        assert "planted" not in str(caught.value)

    async def test_nothing_is_logged(self, http: HttpClient, caplog: pytest.LogCaptureFixture) -> None:
        """No log line of httpx or httpcore names the URL, even where the root logger takes everything."""
        caplog.set_level(logging.DEBUG)
        async with serving(answering(plain(b"{}"))) as port:
            await http.request("GET", f"http://127.0.0.1:{port}/?code=planted", bearer=Secret("planted"))

        assert "planted" not in caplog.text
        assert "127.0.0.1" not in caplog.text

    async def test_repr_of_an_answer(self, http: HttpClient) -> None:
        """An answer's repr shows its status only."""
        async with serving(answering(plain(b'{"access_token": "planted"}'))) as port:
            answer = await http.request("GET", f"http://127.0.0.1:{port}/?code=planted")

        assert repr(answer) == "HttpResponse(status=200)"


class TestStream:
    async def test_pieces(self, http: HttpClient) -> None:
        """A stream gives the body piece by piece, all of it."""
        body = bytes(range(256)) * 4000
        async with (
            serving(answering(plain(body))) as port,
            http.stream("GET", f"http://127.0.0.1:{port}/") as answer,
        ):
            pieces = [piece async for piece in answer.chunks]

        assert b"".join(pieces) == body

    async def test_pinned_address(self, http: HttpClient) -> None:
        """With an address the connection goes there, and Host stays the URL's."""
        seen: list[bytes] = []

        async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await read_request(reader))
            writer.write(plain(b"ok"))

        async with (
            serving(noting) as port,
            http.stream("GET", f"http://pictures.invalid:{port}/a", address="127.0.0.1") as answer,
        ):
            assert [piece async for piece in answer.chunks] == [b"ok"]

        assert f"host: pictures.invalid:{port}\r\n".encode() in seen[0].lower()

    @pytest.mark.parametrize(("name", "outcome"), [("pictures.invalid", [b"ok"]), ("other.invalid", None)])
    async def test_pinned_address_over_tls(self, name: str, outcome: list[bytes] | None, tmp_path: Path) -> None:
        """Over TLS the server is asked for, and its certificate checked against, the URL's name, not the address."""
        server_tls, client_tls = tls_contexts("pictures.invalid", tmp_path)
        asked: list[str | None] = []
        server_tls.sni_callback = lambda _socket, given, _context: asked.append(given)

        async with serving(answering(plain(b"ok")), tls=server_tls) as port, HttpClient(tls=client_tls) as http:
            url = f"https://{name}:{port}/"
            try:
                async with http.stream("GET", url, address="127.0.0.1") as answer:
                    got: list[bytes] | None = [piece async for piece in answer.chunks]
            except HttpNothingSent:
                got = None

        assert (asked, got) == ([name], outcome)

    async def test_own_time_out_passes(self, http: HttpClient) -> None:
        """A TimeoutError of the caller's own block is not taken for the call's."""
        async with serving(answering(plain(b"ok"))) as port:
            with pytest.raises(TimeoutError):
                async with http.stream("GET", f"http://127.0.0.1:{port}/"):
                    raise TimeoutError


async def test_in_process_app() -> None:
    """With `asgi_app` calls reach that app without a socket, and its crash is a 500."""

    async def app(scope: object, _receive: object, _send: object) -> None:
        raise RuntimeError(scope)

    async with HttpClient(asgi_app=app) as http:
        answer = await http.request("GET", "http://app/")

    assert answer.status == 500
