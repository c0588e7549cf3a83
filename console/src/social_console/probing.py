"""Asking every replica of every part how it is, side by side and never for long."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from social_common.http import HttpClient, HttpError, HttpResponse
from social_common.logging import get_logger
from social_console.readings import Readings
from social_console.settings import PartAddress

_LIMIT: Final = timedelta(seconds=2)
_LARGEST: Final = 4 * 1024 * 1024
_OK: Final = 200


class PartState(StrEnum):
    """How a part is."""

    UP = "up"
    NOT_READY = "not_ready"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class ReplicaReport:
    """How one replica is; `readings` are None where its metrics could not be read."""

    state: PartState
    failing: tuple[str, ...] = ()
    readings: Readings | None = None


@dataclass(frozen=True, slots=True)
class PartReport:
    """How a part is, over all its replicas."""

    name: str
    role: str
    replicas: tuple[ReplicaReport, ...]

    @property
    def up(self) -> int:
        """How many replicas are ready."""
        return sum(one.state is PartState.UP for one in self.replicas)

    @property
    def state(self) -> PartState:
        """Up only where every replica is; unreachable where none answers."""
        if self.up == len(self.replicas):
            return PartState.UP
        if all(one.state is PartState.UNREACHABLE for one in self.replicas):
            return PartState.UNREACHABLE
        return PartState.NOT_READY

    @property
    def detail(self) -> str | None:
        """What is wrong, in a few words; None where nothing is."""
        said = []
        if len(self.replicas) > 1 and self.up < len(self.replicas):
            said.append(f"{self.up} of {len(self.replicas)} replicas are ready")
        failing = sorted({name for one in self.replicas for name in one.failing})
        if failing:
            said.append(f"failing: {', '.join(failing)}")
        return "; ".join(said) or None

    @property
    def readings(self) -> tuple[Readings, ...]:
        """The metrics of the replicas that gave them."""
        return tuple(one.readings for one in self.replicas if one.readings is not None)


async def probe_parts(
    http: HttpClient, addresses: Sequence[PartAddress], *, with_metrics: bool
) -> tuple[PartReport, ...]:
    """A report on every part, in the order they are named; takes little longer than its slowest answer."""
    reports = await asyncio.gather(*(_probe(http, address, with_metrics=with_metrics) for address in addresses))
    replicas: dict[tuple[str, str], list[ReplicaReport]] = {}
    for address, report in zip(addresses, reports, strict=True):
        replicas.setdefault((address.name, address.role), []).append(report)
    return tuple(PartReport(name, role, tuple(found)) for (name, role), found in replicas.items())


async def _probe(http: HttpClient, address: PartAddress, *, with_metrics: bool) -> ReplicaReport:
    ready, metrics = await asyncio.gather(
        _get(http, f"{address.url}/readyz"),
        _get(http, f"{address.metrics_url or address.url}/metrics")
        if with_metrics and address.role != "sandbox"
        else _nothing(),
    )
    readings = await _parsed(metrics)
    if ready is None:
        return ReplicaReport(PartState.UNREACHABLE, readings=readings)
    if ready.status == _OK:
        return ReplicaReport(PartState.UP, readings=readings)
    return ReplicaReport(PartState.NOT_READY, failing=_failing(ready), readings=readings)


async def _get(http: HttpClient, url: str) -> HttpResponse | None:
    try:
        return await http.request("GET", url, timeout=_LIMIT, max_response_bytes=_LARGEST)
    except HttpError:
        return None


async def _nothing() -> None:
    return None


async def _parsed(answer: HttpResponse | None) -> Readings | None:
    if answer is None or answer.status != _OK:
        return None
    try:
        return await asyncio.to_thread(Readings.parse, answer.text)
    except ValueError:
        get_logger().warning("metrics_unreadable")
        return None


def _failing(answer: HttpResponse) -> tuple[str, ...]:
    try:
        document = answer.json()
    except HttpError:
        return ()
    checks = document.get("checks") if isinstance(document, dict) else None
    if not isinstance(checks, Mapping):
        return ()
    return tuple(str(name)[:60] for name, result in list(checks.items())[:20] if result != "ok")
