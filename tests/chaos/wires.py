"""Two connections joined into one: what arrives at the one end leaves at the other, unless somebody disturbs it."""

import asyncio
import socket
import struct
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from typing import Self

_LOOPBACK = "127.0.0.1"
_NO_LINGER = struct.pack("ii", 1, 0)  # closing sends RST instead of FIN


@dataclass(slots=True)
class Weather:
    """What a passage's wires suffer now."""

    is_cut: bool = False
    hangs: bool = False
    delay_s: float = 0.0


class End(asyncio.Protocol):
    """One of the two connections of a wire; None in its queue is the end of what comes."""

    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self._queue: deque[tuple[float, bytes | None]] = deque()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Both ends wait here for the other one."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._wire.opened(self)

    def data_received(self, data: bytes) -> None:
        """On to the other end."""
        self._wire.carry(data, source=self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other end learns it, after all that was on its way."""
        del exc
        self.transport = None
        self._wire.carry(None, source=self)

    def pause_writing(self) -> None:
        """Whoever reads slowly slows down who writes."""
        other = self._wire.other(self).transport
        if other is not None:
            other.pause_reading()

    def resume_writing(self) -> None:
        """And no longer."""
        other = self._wire.other(self).transport
        if other is not None and not other.is_closing():
            other.resume_reading()

    def take(self, data: bytes | None, *, delay: float) -> None:
        """Delivers now or later, always in order."""
        if not delay and not self._queue:
            self._deliver(data)
            return
        loop = asyncio.get_running_loop()
        last = self._queue[-1][0] if self._queue else 0.0
        self._queue.append((max(last, loop.time() + delay), data))
        if len(self._queue) == 1:
            loop.call_at(self._queue[0][0], self._flush)

    def reset(self) -> None:
        """RST, and nothing that still was on its way."""
        self._queue.clear()
        if self.transport is None:
            return
        held = self.transport.get_extra_info("socket")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue and self._queue[0][0] <= loop.time():
            _, data = self._queue.popleft()
            if self._wire.is_swallowed():
                self._queue.clear()
                return
            self._deliver(data)
        if self._queue:
            loop.call_at(self._queue[0][0], self._flush)

    def _deliver(self, data: bytes | None) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if data is None:
            self.transport.close()
        else:
            self.transport.write(data)


class Wire:
    """A client's connection and the one to the server behind it."""

    def __init__(self, passage: "Passage") -> None:
        self._passage = passage
        self.client = End(self)
        self.server = End(self)
        self.is_spoiled = False  # something was swallowed: what came after it would be nonsense

    def other(self, end: End) -> End:
        """The end across."""
        return self.server if end is self.client else self.client

    def opened(self, end: End) -> None:
        """The client waits until the server is there."""
        if end is self.client:
            self._passage.welcome(self)
        elif self.client.transport is not None and not self.client.transport.is_closing():
            self.client.transport.resume_reading()
        else:
            end.reset()

    def carry(self, data: bytes | None, *, source: End) -> None:
        """What came in at one end goes to the other, as the weather lets it."""
        if not self.is_swallowed():
            self.other(source).take(data, delay=self._passage.weather.delay_s)
        if self.client.transport is None and self.server.transport is None:
            self._passage.wires.discard(self)

    def is_swallowed(self) -> bool:
        """True while nothing gets through; such a wire is spoiled for good."""
        self.is_spoiled = self.is_spoiled or self._passage.weather.hangs
        return self.is_spoiled

    def reset(self) -> None:
        """RST to both sides."""
        self.client.reset()
        self.server.reset()


class Passage(ABC):
    """Listens at a port of this machine and joins whoever comes with a server behind it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.weather = Weather()
        self.wires: set[Wire] = set()
        self._server: asyncio.Server | None = None
        self._joining: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def join(self, end: End) -> None:
        """Connects that end to a server; OSError where there is none."""

    @property
    def port(self) -> int:
        """Where it listens; it must have been started."""
        assert self._server is not None, f"{self.name} was not started"
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, port: int = 0) -> Self:
        """Listens from now on, at any free port if none is wished."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._wire, _LOOPBACK, port)
        return self

    async def stop(self) -> None:
        """Resets what is open, and listens no more."""
        if self._server is not None:
            self._server.close()
        self.reset_all()
        for task in self._joining:
            task.cancel()
        await asyncio.gather(*self._joining, return_exceptions=True)

    def welcome(self, wire: Wire) -> None:
        """A client has come."""
        assert wire.client.transport is not None
        self.wires.add(wire)
        if self.weather.is_cut:
            wire.reset()
        elif not wire.is_swallowed():
            # What it says at once waits in its socket until there is a server to hear it.
            wire.client.transport.pause_reading()
            task = asyncio.get_running_loop().create_task(self._join(wire))
            self._joining.add(task)
            task.add_done_callback(self._joining.discard)

    def reset_all(self) -> None:
        """RST to all that is open."""
        for wire in list(self.wires):
            wire.reset()

    def _wire(self) -> End:
        return Wire(self).client

    async def _join(self, wire: Wire) -> None:
        try:
            await self.join(wire.server)
        except OSError:
            wire.reset()
            return
        if self.weather.is_cut:
            wire.reset()


async def dial(end: End, port: int, host: str = _LOOPBACK) -> None:
    """Connects an end to a server; OSError where nobody listens."""
    await asyncio.get_running_loop().create_connection(lambda: end, host, port)
