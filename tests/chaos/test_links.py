"""The ways between processes: what a link does to those who talk through it, and where a front sends them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from tests.chaos.links import Front, Link
from tests.chaos.wires import Passage
from tests.support.eventually import eventually

_SOON_S = 5.0
_DELAY_S = 0.2


@dataclass(slots=True)
class Server:
    """Says its name and then what it hears; over HTTP it is ready or not."""

    name: str
    is_ready: bool = True
    heard: bytearray = field(default_factory=bytearray)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while data := await reader.read(65536):
                if data.startswith(b"GET /readyz"):
                    status = b"200 OK" if self.is_ready else b"503 Service Unavailable"
                    writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    break
                self.heard += data
                writer.write(self.name.encode() + b":" + data)
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(name: str, *, is_ready: bool = True) -> AsyncIterator[Server]:
    """That server, at a port of its own."""
    server = Server(name, is_ready)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """One server."""
    async with serving("a") as one:
        yield one


@pytest.fixture
async def link(server: Server) -> AsyncIterator[Link]:
    """The way to it."""
    made = await Link("client -> server", "127.0.0.1", server.port).start()
    yield made
    await made.stop()


class Caller:
    """A client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def at(cls, port: int) -> "Caller":
        """Connects."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, text: bytes) -> bytes:
        """What is answered; empty at the end of the connection."""
        self._writer.write(text)
        return await asyncio.wait_for(self._reader.read(65536), _SOON_S)

    async def is_reset(self, text: bytes = b"?") -> bool:
        """True when it ended by RST."""
        try:
            await self.ask(text)
        except ConnectionResetError:
            return True
        return False

    def close(self) -> None:
        """FIN."""
        self._writer.close()

    async def gone(self) -> None:
        """Closed, whatever had become of it."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


Call = Callable[[Passage], Awaitable[Caller]]


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """Opens connections, and closes them all."""
    made: list[Caller] = []

    async def to(passage: Passage) -> Caller:
        made.append(await Caller.at(passage.port))
        return made[-1]

    yield to
    for caller in made:
        await caller.gone()


async def test_a_link_carries_both_ways(server: Server, link: Link, call: Call) -> None:
    """What the client sends arrives at the server, and the answer at the client."""
    caller = await call(link)

    assert await caller.ask(b"hello") == b"a:hello"
    assert bytes(server.heard) == b"hello"


async def test_a_cut_link_resets_what_is_open_and_what_is_opened(link: Link, call: Call) -> None:
    """Both connections end by RST, not by a polite end, and after healing a new one works."""
    before = await call(link)
    assert await before.ask(b"1") == b"a:1"

    link.cut()

    assert await before.is_reset()
    assert await (await call(link)).is_reset()
    link.heal()
    assert await (await call(link)).ask(b"2") == b"a:2"


async def test_a_hanging_link_swallows_what_is_sent(server: Server, link: Link, call: Call) -> None:
    """The connection stays open and nothing arrives; healed, it is reset instead of going on with a hole in it."""
    before = await call(link)
    assert await before.ask(b"1") == b"a:1"
    link.hang()
    during = await call(link)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(_DELAY_S):
            await before.ask(b"2")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(_DELAY_S):
            await during.ask(b"3")

    assert bytes(server.heard) == b"1"
    link.heal()
    assert await before.is_reset()
    assert await during.is_reset()
    assert await (await call(link)).ask(b"4") == b"a:4"


async def test_a_connection_idle_while_its_link_hung_goes_on(link: Link, call: Call) -> None:
    """Only who lost bytes is reset."""
    caller = await call(link)
    assert await caller.ask(b"1") == b"a:1"

    link.hang()
    link.heal()

    assert await caller.ask(b"2") == b"a:2"


async def test_a_delayed_link_brings_everything_later_and_in_order(server: Server, link: Link, call: Call) -> None:
    """Each way takes the delay; what is sent after healing does not overtake what was sent before."""
    caller = await call(link)
    loop = asyncio.get_running_loop()
    assert await caller.ask(b"1") == b"a:1"
    link.delay(_DELAY_S)

    begun = loop.time()
    assert await caller.ask(b"2") == b"a:2"
    took = loop.time() - begun
    caller._writer.write(b"3")
    await asyncio.sleep(0)
    link.heal()
    caller._writer.write(b"4")

    async def has_heard_all() -> bool:
        return bytes(server.heard) == b"1234"

    await eventually(has_heard_all, within=_SOON_S, what="the server has heard all, in order")
    assert took >= 2 * _DELAY_S


async def test_what_was_sent_before_the_end_still_arrives_late(server: Server, link: Link, call: Call) -> None:
    """A client that gives up does not take back what is on its way."""
    link.delay(_DELAY_S)
    caller = await call(link)
    caller._writer.write(b"late")
    await asyncio.sleep(_DELAY_S / 2)
    caller.close()

    async def has_heard() -> bool:
        return bytes(server.heard) == b"late"

    await eventually(has_heard, within=_SOON_S, what="the server hears what was sent")


async def test_a_link_to_nobody_resets(link: Link, call: Call) -> None:
    """A server that refuses is felt as a reset."""
    nobody = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = nobody.sockets[0].getsockname()[1]
    nobody.close()
    await nobody.wait_closed()
    to_nobody = await Link("client -> nobody", "127.0.0.1", port).start()

    assert await (await call(to_nobody)).is_reset()
    await to_nobody.stop()


async def test_large_data_passes_whole(server: Server, link: Link, call: Call) -> None:
    """Four megabytes arrive byte for byte, also where the reader is slower than the writer."""
    caller = await call(link)
    sent = bytes(range(256)) * 16384
    caller._writer.write(sent)

    reading = asyncio.get_running_loop().create_task(_drop_all(caller._reader))
    try:

        async def is_whole() -> bool:
            return bytes(server.heard) == sent

        await eventually(is_whole, within=20, what="all of it has arrived")
    finally:
        reading.cancel()


async def _drop_all(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


@asynccontextmanager
async def a_front(*servers: Server) -> AsyncIterator[Front]:
    """A front of those, once it has asked each of them."""
    front = await Front("api", {server.name: server.port for server in servers}).start()
    try:

        async def has_asked() -> bool:
            return front.ready == {server.name for server in servers if server.is_ready}

        await eventually(has_asked, within=_SOON_S, what="the front knows who is ready")
        yield front
    finally:
        await front.stop()


async def _who_answer(front: Front, call: Call, times: int = 6) -> set[bytes]:
    found = set()
    for _ in range(times):
        caller = await call(front)
        found.add((await caller.ask(b"?")).partition(b":")[0])
        caller.close()
    return found


async def test_a_front_takes_its_replicas_in_turn(call: Call) -> None:
    """Both get connections."""
    async with serving("a") as one, serving("b") as two, a_front(one, two) as front:
        assert await _who_answer(front, call) == {b"a", b"b"}


async def test_a_front_leaves_out_who_is_not_ready(call: Call) -> None:
    """A replica whose readiness fails gets no new connection, and gets them again afterwards."""
    async with serving("a") as one, serving("b", is_ready=False) as two, a_front(one, two) as front:
        assert await _who_answer(front, call) == {b"a"}

        two.is_ready = True

        async def serves_both() -> bool:
            return await _who_answer(front, call) == {b"a", b"b"}

        await eventually(serves_both, within=_SOON_S, what="the second replica is served again")


async def test_a_front_goes_on_to_the_next_where_one_refuses(call: Call) -> None:
    """A replica that died a moment ago is passed over without the client noticing."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(serving("a"))
        dying = AsyncExitStack()
        two = await dying.enter_async_context(serving("b"))
        front = await stack.enter_async_context(a_front(one, two))

        await dying.aclose()

        assert await _who_answer(front, call) == {b"a"}
        assert front.refused <= 1


async def test_a_front_without_a_ready_replica_resets(call: Call) -> None:
    """As a Service without endpoints."""
    async with serving("a", is_ready=False) as one, a_front(one) as front:
        assert await (await call(front)).is_reset()
