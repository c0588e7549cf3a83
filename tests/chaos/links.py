"""The ways between processes, as small TCP proxies: links that can be disturbed, and the front of replicas."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta

from tests.chaos.wires import End, Passage, dial

from social_common.http import HttpClient, HttpError, HttpNothingSent

_PROBE_EVERY_S = 0.5
_PROBE_LIMIT = timedelta(seconds=2)
_SILENCES = 3
_READY = 200


class Link(Passage):
    """One process's way to one server."""

    def __init__(self, name: str, host: str, port: int) -> None:
        super().__init__(name)
        self._host = host
        self._target = port

    async def join(self, end: End) -> None:
        """To the one server behind it."""
        await dial(end, self._target, self._host)

    def cut(self) -> None:
        """Resets what is open, and whatever is opened until it heals."""
        self.weather.is_cut = True
        self.reset_all()

    def hang(self) -> None:
        """Connections are accepted, what is sent is swallowed, and nothing comes back until it heals."""
        self.weather.hangs = True

    def delay(self, seconds: float) -> None:
        """Everything arrives that much later, in both directions."""
        self.weather.delay_s = seconds

    def heal(self) -> None:
        """Lets everything through again; connections that have lost bytes are reset, since TCP never loses any."""
        self.weather.is_cut = self.weather.hangs = False
        self.weather.delay_s = 0.0
        for wire in [wire for wire in self.wires if wire.is_spoiled]:
            wire.reset()


class Front(Passage):
    """What a balancer does: new connections go in turn to the replicas whose last probe found them ready.

    `refused` counts those that a replica thought ready did not take; most balancers would have passed that on.
    """

    def __init__(self, name: str, targets: Mapping[str, int]) -> None:
        super().__init__(name)
        self._targets = dict(targets)
        self._ready: set[str] = set()
        self._turn = 0
        self.refused = 0
        self._probing: asyncio.Task[None] | None = None

    async def start(self, port: int = 0) -> "Front":
        """Listens, and asks every replica all the time whether it is ready."""
        await super().start(port)
        self._probing = asyncio.get_running_loop().create_task(self._probe_all())
        return self

    async def stop(self) -> None:
        """Asks and listens no more."""
        if self._probing is not None:
            self._probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._probing
        await super().stop()

    @property
    def ready(self) -> frozenset[str]:
        """The replicas that connections go to now."""
        return frozenset(self._ready)

    def forget(self, name: str) -> None:
        """That replica is started anew: it is served once its probe says so."""
        self._ready.discard(name)

    async def join(self, end: End) -> None:
        """To the next ready replica; to the one after it where that refuses."""
        names = [name for name in self._targets if name in self._ready]
        self._turn += 1
        for step in range(len(names)):
            name = names[(self._turn + step) % len(names)]
            try:
                await dial(end, self._targets[name])
            except OSError:
                self.refused += 1
                self._ready.discard(name)
            else:
                return
        raise ConnectionRefusedError(f"no replica of {self.name} is ready")

    async def _probe_all(self) -> None:
        async with (
            HttpClient(user_agent="front", timeout=_PROBE_LIMIT, max_keepalive=0) as http,
            asyncio.TaskGroup() as group,
        ):
            for name in self._targets:
                group.create_task(self._probe(http, name))

    async def _probe(self, http: HttpClient, name: str) -> None:
        url = f"http://127.0.0.1:{self._targets[name]}/readyz"
        silences = 0
        while True:
            try:
                is_ready = (await http.request("GET", url)).status == _READY
                silences = 0
            except HttpNothingSent:
                is_ready = False
            except HttpError:
                # A probe that is not answered in time may be the machine's doing; several in a row are not.
                silences += 1
                is_ready = name in self._ready and silences < _SILENCES
            if is_ready:
                self._ready.add(name)
            else:
                self._ready.discard(name)
            await asyncio.sleep(_PROBE_EVERY_S)
