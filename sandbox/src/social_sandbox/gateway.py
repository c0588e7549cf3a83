"""The way of one platform call: match, break on purpose, do, record, answer.

An ASGI application for every path `/<platform>/<host>/<path>`. To cut a connection it uses the callable that our
server (see `server`) puts under `CUT_EXTENSION` into the scope; under any other server the cut is a
`ConnectionResetError`, which an in-process client sees as just that.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Fault, FaultKind, FaultPlan, Operation
from social_sandbox.platform import PlatformSimulator, Route, World
from social_sandbox.recorder import RequestLog

CUT_EXTENSION = "social_sandbox.cut"
MAX_BODY_BYTES = 64 * 1024 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cut:
    """Instead of an answer: the connection ends without a byte."""


class RouteTable:
    """A simulator's routes, the fixed ones found by dictionary, the others in the order given."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._fixed = {(r.method, r.host, r.path): r for r in routes if "{" not in r.path}
        self._open = [(r, r.pattern()) for r in routes if "{" in r.path]

    def match(self, method: str, host: str, raw_path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route of a raw path with the decoded values of its variable parts."""
        fixed = self._fixed.get((method, host, raw_path))
        if fixed is not None:
            return fixed, {}
        for route, pattern in self._open:
            if route.method == method and route.host == host and (found := pattern.fullmatch(raw_path)):
                return route, {name: unquote(value) for name, value in found.groupdict().items()}
        return None


class Gateway:
    """Serves all platforms."""

    def __init__(
        self, world: World, simulators: Mapping[str, PlatformSimulator], *, faults: FaultPlan, requests: RequestLog
    ) -> None:
        self._world = world
        self._simulators = simulators
        self._routes = {name: RouteTable(simulator.routes()) for name, simulator in simulators.items()}
        self._faults = faults
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        platform, _, rest = raw_path.lstrip("/").partition("/")
        simulator = self._simulators.get(platform)
        if simulator is None:
            await _send(send, json_answer({"error": "no such platform", "platforms": sorted(self._simulators)}, 404))
            return
        host, _, path = rest.partition("/")
        try:
            body = await _read(receive, Headers(scope=scope))
        except ClientDisconnect:
            # Nobody does what only half arrived; and there is nobody to tell.
            return
        call = Call(
            platform=platform,
            host=unquote(host),
            method=scope["method"],
            path=unquote(f"/{path}"),
            raw_path=f"/{path}",
            raw_query=scope["query_string"].decode("latin-1"),
            headers=Headers(scope=scope),
            body=body or b"",
            base_url=None if self._world.config.original_urls else f"{self._world.config.public_url}/{platform}",
            at=self._world.clock.now(),
        )
        await self._serve(simulator, call, too_large=body is None, cut=_cutter(scope, receive), send=send)

    async def _serve(
        self,
        simulator: PlatformSimulator,
        call: Call,
        *,
        too_large: bool,
        cut: Callable[[], Awaitable[None]],
        send: Send,
    ) -> None:
        entry = self._requests.add(call)
        found = self._routes[call.platform].match(call.method, call.host, call.raw_path)
        fault: Fault | None = None
        outcome: Answer | Cut
        if too_large:
            outcome = simulator.too_large(call)
        elif found is None:
            outcome = simulator.not_found(call)
        else:
            route, params = found
            call = call.with_params(params)
            operation = _operation_of(simulator, route, call)
            fault = self._faults.take(call.platform, operation)
            entry.operation, entry.fault = operation.value, fault.kind.value if fault else None
            outcome = await _perform(simulator, route, call, fault)
        if isinstance(outcome, Cut):
            await cut()
            return
        entry.status = outcome.status
        if fault is not None and fault.kind is FaultKind.TRICKLE:
            await _trickle(send, outcome, fault)
        else:
            await _send(send, outcome, head=call.method == "HEAD")


async def _perform(simulator: PlatformSimulator, route: Route, call: Call, fault: Fault | None) -> Answer | Cut:
    if fault is None:
        return await _handle(simulator, route, call)
    if fault.kind is not FaultKind.TRICKLE and fault.pause:
        await asyncio.sleep(fault.pause.total_seconds())
    match fault.kind:
        case FaultKind.DROP:
            return Cut()
        case FaultKind.ERROR_500:
            return simulator.server_error(call)
        case FaultKind.RATE_LIMIT:
            return simulator.rate_limited(call, fault.retry_after)
        case FaultKind.GARBAGE:
            return simulator.garbage(call)
        case FaultKind.HTML:
            return simulator.html(call)
        case FaultKind.REVOKE:
            simulator.revoke_access(call)
        case _:
            pass
    answer = await _handle(simulator, route, call)
    if fault.kind is FaultKind.COMMIT_THEN_DROP:
        return Cut()
    return simulator.server_error(call) if fault.kind is FaultKind.COMMIT_THEN_500 else answer


def _operation_of(simulator: PlatformSimulator, route: Route, call: Call) -> Operation:
    try:
        return route.operation_of(call)
    except Exception:  # noqa: BLE001  (as in `_handle`)
        # Only faults depend on it; the handler still says what is wrong with the call.
        _log.exception("%s does not know what %s %s is", simulator.name, call.method, route.path)
        return Operation.ANY


async def _handle(simulator: PlatformSimulator, route: Route, call: Call) -> Answer:
    try:
        return await route.handler(call)
    except Exception:  # noqa: BLE001  (whatever it is, the server must go on)
        # A simulator's own bug must not look like a platform's refusal: it is loud here and marked in the answer.
        _log.exception("the simulator of %s failed at %s %s", call.platform, call.method, route.path)
        return simulator.server_error(call).plus({"x-sandbox-bug": "1"})


async def _read(receive: Receive, headers: Headers) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            if "content-length" in headers or "transfer-encoding" in headers:
                raise ClientDisconnect
            return b""
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY_BYTES:
            chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks) if size <= MAX_BODY_BYTES else None


def _cutter(scope: Scope, receive: Receive) -> Callable[[], Awaitable[None]]:
    async def cut() -> None:
        abort = scope.get("extensions", {}).get(CUT_EXTENSION)
        if abort is None:
            raise ConnectionResetError("the sandbox cut this connection")
        abort()
        # Returning before the server has noticed would make it send an answer of its own.
        while (await receive())["type"] != "http.disconnect":
            pass

    return cut


def _start(answer: Answer) -> Message:
    headers = {"content-length": str(len(answer.body)), **answer.headers}
    if answer.status in {204, 304}:
        del headers["content-length"]
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": answer.status, "headers": pairs}


async def _send(send: Send, answer: Answer, *, head: bool = False) -> None:
    await send(_start(answer))
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def _trickle(send: Send, answer: Answer, fault: Fault) -> None:
    await send(_start(answer))
    for index in range(len(answer.body)):
        await send({"type": "http.response.body", "body": answer.body[index : index + 1], "more_body": True})
        await asyncio.sleep(fault.pause.total_seconds())
    await send({"type": "http.response.body", "body": b""})
