"""Fetching media by URL: never to a private address, whatever names and redirects say; within bytes and time."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address

import pytest
from tests.unit.common_http.pictures import a_picture, a_video
from tests.unit.common_http.servers import Handler, answering, plain, read_request, serving

from social_common.media_fetch import MediaFetcher, MediaRefused, MediaUnreachable

PICTURE = a_picture()


class Names:
    """A resolver whose answers are given; a list of lists answers differently each time."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): given for name, given in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        """The next answer for that name."""
        self.asked.append(host)
        with suppress(ValueError):
            return [str(ip_address(host))]
        if host not in self.answers:
            raise OSError
        given = self.answers[host]
        return given.pop(0) if len(given) > 1 else given[0]


@asynccontextmanager
async def a_shop(
    handler: Handler, *, seconds: float = 5, max_bytes: int = 1_000_000
) -> AsyncIterator[tuple[MediaFetcher, str]]:
    """A server at `shop.local` that is allowed, and a fetcher."""
    async with serving(handler) as port:
        fetcher = MediaFetcher(
            allow_hosts=frozenset({f"Shop.local:{port}"}),
            max_bytes=max_bytes,
            timeout=timedelta(seconds=seconds),
            resolve=Names(shop_local=[["127.0.0.1"]], inner_local=[["127.0.0.1"]]),
        )
        async with fetcher:
            yield fetcher, f"http://shop.local:{port}"


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            *(
                "http://127.0.0.1/a",
                "http://localhost/a",
                "http://[::1]/a",
                "http://0.0.0.0/",
                "http://169.254.169.254/",
            ),
            *(
                "http://[::ffff:127.0.0.1]/",
                "http://2130706433/",
                "http://0x7f.1/",
                "http://127.1/",
                "http://10.0.0.1/",
            ),
        ],
    )
    async def test_private(self, url: str) -> None:
        """A private address is refused however it is spelled, by the machine's own resolver."""
        async with MediaFetcher() as fetcher:
            with pytest.raises((MediaRefused, MediaUnreachable)):
                await fetcher.describe(url)

    @pytest.mark.parametrize("url", ["http://127.0.0.1/a", "http://[::1]/a", "http://169.254.169.254/latest/meta-data"])
    async def test_private_is_said_plainly(self, url: str) -> None:
        """The merchant is told why."""
        async with MediaFetcher() as fetcher:
            with pytest.raises(MediaRefused, match="not a public one"):
                await fetcher.describe(url)

    async def test_name_of_a_private_address(self) -> None:
        """A name that leads to a private address is refused without a connection."""
        async with (
            serving(answering(plain(PICTURE))) as port,
            MediaFetcher(resolve=Names(evil_example=[["127.0.0.1"]])) as fetcher,
        ):
            with pytest.raises(MediaRefused):
                await fetcher.describe(f"http://evil.example:{port}/")

    async def test_one_private_among_public(self) -> None:
        """One private address among public ones spoils the name."""
        async with MediaFetcher(resolve=Names(evil_example=[["93.184.216.34", "10.0.0.1"]])) as fetcher:
            with pytest.raises(MediaRefused, match="not a public one"):
                await fetcher.describe("http://evil.example/")

    async def test_name_is_resolved_once(self) -> None:
        """The connection goes to the address that was checked: a name that changes its mind is not asked again."""
        async with serving(answering(plain(PICTURE))) as port:
            names = Names(rebinding_example=[["127.0.0.1"], ["10.0.0.1"]])
            async with MediaFetcher(allow_hosts=frozenset({"rebinding.example"}), resolve=names) as fetcher:
                await fetcher.describe(f"http://rebinding.example:{port}/")

        assert names.asked == ["rebinding.example"]

    async def test_allowed_host_and_port(self) -> None:
        """The allow list opens exactly that host and port, whatever its case."""
        async with a_shop(answering(plain(PICTURE))) as (fetcher, base), serving(answering(plain(PICTURE))) as other:
            assert (await fetcher.describe(f"{base}/a.png")).mime == "image/png"
            with pytest.raises(MediaRefused):
                await fetcher.describe(f"http://shop.local:{other}/a.png")

    async def test_host_stays_the_name(self) -> None:
        """The server sees its own name in Host, though the connection went to an address."""
        seen: list[bytes] = []

        async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await read_request(reader))
            writer.write(plain(PICTURE))

        async with a_shop(noting) as (fetcher, base):
            await fetcher.describe(f"{base}/a.png?size=1")

        assert seen[0].startswith(b"GET /a.png?size=1 ")
        assert f"host: {base.removeprefix('http://')}\r\n".encode() in seen[0].lower()

    @pytest.mark.parametrize(
        "url",
        ["", "shop.local/a", "ftp://shop.local/a", "file:///etc/passwd", "http://u:p@shop.local/", "http://", "//x"],
    )
    async def test_no_address_at_all(self, url: str) -> None:
        """Anything but an http address without credentials is refused."""
        async with MediaFetcher(allow_hosts=frozenset({"shop.local"})) as fetcher:
            with pytest.raises(MediaRefused):
                await fetcher.describe(url)


class TestConnections:
    async def test_none_is_kept(self) -> None:
        """Each fetch makes a connection of its own: a kept one would be found by address, not by name."""
        connections: list[int] = []

        async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.append(1)
            while await read_request(reader):
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(PICTURE)}\r\n\r\n".encode() + PICTURE)

        async with a_shop(patient) as (fetcher, base):
            await fetcher.describe(base)
            await fetcher.describe(base)

        assert len(connections) == 2


class TestRedirects:
    async def test_followed(self) -> None:
        """A redirect on an allowed host is followed, also a relative one."""

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await read_request(reader)
            away = plain(b"", status="302 Found", headers="Location: /b.png\r\n")
            writer.write(plain(PICTURE) if head.startswith(b"GET /b.png ") else away)

        async with a_shop(handler) as (fetcher, base):
            assert (await fetcher.describe(f"{base}/a")).mime == "image/png"

    @pytest.mark.parametrize(
        "target", ["http://inner.local/", "http://127.0.0.1:1/", "file:///etc/passwd", "http://169.254.169.254/"]
    )
    async def test_to_a_private_place(self, target: str) -> None:
        """A redirect to a private place is refused as a direct address would be."""
        away = plain(b"", status="302 Found", headers=f"Location: {target}\r\n")
        async with a_shop(answering(away)) as (fetcher, base):
            with pytest.raises(MediaRefused, match=r"not a public one|must begin with"):
                await fetcher.describe(base)

    async def test_without_end(self) -> None:
        """A circle of redirects ends."""
        seen: list[bytes] = []

        async def circle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await read_request(reader))
            writer.write(plain(b"", status="307 Again", headers="Location: /\r\n"))

        async with a_shop(circle) as (fetcher, base):
            with pytest.raises(MediaRefused, match="redirects too often"):
                await fetcher.describe(base)

        assert len(seen) == 4


class TestLimits:
    async def test_too_large(self) -> None:
        """A file above the limit is refused."""
        async with a_shop(answering(plain(b"x" * 2000)), max_bytes=1000) as (fetcher, base):
            with pytest.raises(MediaRefused, match="larger than 1000 bytes"):
                await fetcher.describe(base)

    async def test_too_slow(self) -> None:
        """A file that drips is given up when the time is over."""

        async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.02)

        async with a_shop(dripping, seconds=0.4) as (fetcher, base):
            with pytest.raises(MediaUnreachable):
                await fetcher.describe(base)

    async def test_only_the_server_is_timed(self) -> None:
        """Whoever reads may take longer than the limit with what was read: an upload is as slow as its platform."""
        content = bytes(3_000_000)
        async with a_shop(answering(plain(content)), seconds=0.4, max_bytes=len(content)) as (fetcher, base):
            size = 0
            async for chunk in fetcher.read(base, 1_000_000):
                await asyncio.sleep(0.3)
                size += len(chunk)

        assert size == len(content)

    async def test_reading_from_a_slow_server(self) -> None:
        """Waiting for the server ends when its time is over, however fast its bytes are taken."""

        async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.02)

        async with a_shop(dripping, seconds=0.4) as (fetcher, base):
            with pytest.raises(MediaUnreachable):
                [chunk async for chunk in fetcher.read(base, 1)]

    async def test_compressed_once_more(self) -> None:
        """A small answer that inflates to a large one is refused before it is inflated."""
        raw = plain(gzip.compress(bytes(900_000)), headers="Content-Encoding: gzip\r\n")
        async with a_shop(answering(raw)) as (fetcher, base):
            with pytest.raises(MediaRefused, match="compressed"):
                await fetcher.describe(base)

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            ("404 Not Found", MediaRefused),
            ("403 Forbidden", MediaRefused),
            ("204 No Content", MediaRefused),
            ("503 Down", MediaUnreachable),
            ("429 Slow", MediaUnreachable),
        ],
    )
    async def test_status(self, status: str, error: type[Exception]) -> None:
        """An error of the server is told apart: gone for good, or worth another try."""
        async with a_shop(answering(plain(b"", status=status))) as (fetcher, base):
            with pytest.raises(error):
                await fetcher.describe(base)

    async def test_broken_off(self) -> None:
        """A file that ends early is worth another try."""
        raw = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + PICTURE
        async with a_shop(answering(raw)) as (fetcher, base):
            with pytest.raises(MediaUnreachable):
                await fetcher.describe(base)

    @pytest.mark.parametrize("host", ["a..example", "a" * 64 + ".example"])
    async def test_name_that_is_none(self, host: str) -> None:
        """A label that is empty or too long never gets an address."""
        async with MediaFetcher() as fetcher:
            with pytest.raises(MediaRefused):
                await fetcher.describe(f"http://{host}/a.jpg")

    async def test_no_address(self) -> None:
        """A name without an address is worth another try."""
        async with MediaFetcher(resolve=Names()) as fetcher:
            with pytest.raises(MediaUnreachable):
                await fetcher.describe("http://gone.example/")


class TestReading:
    async def test_video(self) -> None:
        """A video is described with its length, whatever type the server claims."""
        content = a_video(front=False, data=50_000)
        raw = plain(content, headers="Content-Type: text/plain\r\n")
        async with a_shop(answering(raw)) as (fetcher, base):
            media = await fetcher.describe(base)

        assert (media.kind_hint, media.duration, media.size) == ("video", timedelta(seconds=2.5), len(content))

    async def test_html(self) -> None:
        """A page is refused, whatever type the server claims."""
        raw = plain(b"<html></html>", headers="Content-Type: image/png\r\n")
        async with a_shop(answering(raw)) as (fetcher, base):
            with pytest.raises(MediaRefused):
                await fetcher.describe(base)

    @pytest.mark.parametrize(("length", "expected"), [(0, []), (10, [10]), (20, [10, 10]), (25, [10, 10, 5])])
    async def test_chunks(self, length: int, expected: list[int]) -> None:
        """Chunks have exactly the size asked for, the last one what is left."""
        async with a_shop(answering(plain(bytes(length)))) as (fetcher, base):
            assert [len(chunk) async for chunk in fetcher.read(base, 10)] == expected

    async def test_read_is_guarded_too(self) -> None:
        """Reading refuses what describing refuses."""
        async with MediaFetcher() as fetcher:
            with pytest.raises(MediaRefused):
                _ = [chunk async for chunk in fetcher.read("http://127.0.0.1/", 10)]
