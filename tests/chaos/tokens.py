"""Tokens after a run: the newest that reached us is the one we hold, and an account was lost for a known reason only.

The sandbox's record of requests is the ground truth. Where a platform takes a refresh token once and its answer did
not arrive, the next refresh shows the spent token again and is refused: that pair is what a lost account must be
matched with, and the spending call with something that went wrong just then. At GitHub the old access token dies with
the refresh, too: there a look with it that is refused takes the place of the second refresh.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qs

from tests.chaos.clock import Clock
from tests.chaos.crash_points import ROTATING
from tests.chaos.evidence import Json
from tests.chaos.shops import Shop
from tests.support.stack import World

from social_common.http import HttpError
from social_stack.events import Record

_OK = 200
_REFUSED = 401
_ENDS_ACCESS = "github"  # whose refresh ends the access token that is in use
_SPENDING_FAULTS = frozenset({"commit_then_drop", "commit_then_500", "slow", "trickle"})
_TOLD_WITHIN = timedelta(seconds=90)
_SHORTEST_LEASE = timedelta(seconds=10)
_AROUND = timedelta(seconds=25)  # a call's limit, and what it takes to notice that its process is gone


class Struck(Protocol):
    """Something that went wrong, in real time."""

    @property
    def begun(self) -> datetime:
        """From when."""

    @property
    def ended(self) -> datetime:
        """Until when."""

    @property
    def target(self) -> str:
        """What it hit."""


@dataclass(slots=True)
class RequestLog:
    """What the platforms were asked, gathered during the run because the sandbox keeps only the last of it."""

    world: World
    refreshes: dict[int, Json] = field(default_factory=dict)
    revocations: dict[int, Json] = field(default_factory=dict)
    refused_looks: dict[int, Json] = field(default_factory=dict)
    _since: str = "2000-01-01T00:00:00Z"

    async def gather(self) -> None:
        """Reads on from where it stopped; a sandbox that is too busy just now is asked again the next time."""
        with suppress(HttpError):
            refreshes = await self._read(operation="refresh")
            revocations = await self._read(fault="revoke")
            looks = await self._read(platform=_ENDS_ACCESS, operation="identity")
            self.refreshes |= refreshes
            self.revocations |= revocations
            self.refused_looks |= {seq: look for seq, look in looks.items() if _was_refused(look)}
            self._since = max((request["at"] for request in refreshes.values()), default=self._since)

    async def _read(self, **chosen: str) -> dict[int, Json]:
        found = await self.world.control("GET", "requests", None, since=self._since, **chosen)
        return {request["seq"]: request for request in found["requests"]}


@dataclass(frozen=True, slots=True)
class Lost:
    """One lost account, with what it was matched with, if anything."""

    connection_id: str
    platform: str
    reason: str
    is_excused: bool


def match_lost(records: Iterable[Record], log: RequestLog, strikes: Sequence[Struck], clock: Clock) -> list[Lost]:
    """Every account that was lost, in the order of its events; each excuse is used up by one."""
    spent = sorted(_spent(log, strikes, clock))
    revoked = sorted((request["platform"], _moment(request["at"])) for request in log.revocations.values())
    seen: set[str] = set()
    lost = []
    for record in sorted(records, key=lambda record: record.headers["ce_time"]):
        if record.topic != "connection.unlinked" or record.headers["ce_id"] in seen:
            continue
        seen.add(record.headers["ce_id"])
        reason, platform = record.data["reason"], record.data["platform"]
        if reason not in {"reconnect_required", "revoked"}:
            continue
        told = _moment(record.headers["ce_time"])
        is_excused = _use_up(spent, platform, told, clock) if reason == "reconnect_required" else False
        # A revoked grant is found out by a refusal, which says either.
        is_excused = is_excused or _use_up(revoked, platform, told, clock, within=None)
        lost.append(Lost(record.headers["ce_subject"], platform, reason, is_excused))
    return lost


def _spent(log: RequestLog, strikes: Sequence[Struck], clock: Clock) -> Iterator[tuple[str, datetime]]:
    """Platform and time of each refusal that tells a refresh whose answer was lost in something that went wrong."""
    uses: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for request in log.refreshes.values():
        token = _token(request)
        if request["platform"] in ROTATING and token:
            uses[request["platform"], token].append(request)
    dead = _dead_access(log)
    for (platform, _), requests in uses.items():
        requests.sort(key=lambda request: int(request["seq"]))
        spending = next((request for request in requests if _spends(request)), None)
        if spending is None or not _was_disturbed(spending, strikes, clock):
            continue
        # What is shown again was spent: it is refused, which GitHub says with a 200.
        again = [request for request in requests[requests.index(spending) + 1 :] if request["fault"] is None]
        for request in again:
            yield platform, _moment(request["at"])
        if not again and platform == _ENDS_ACCESS:
            yield from ((platform, at) for at in _use_up_dead(dead, _moment(spending["at"]), clock))


def _dead_access(log: RequestLog) -> list[datetime]:
    """When each access token was first refused, oldest first."""
    first: dict[str, datetime] = {}
    for look in sorted(log.refused_looks.values(), key=lambda look: int(look["seq"])):
        first.setdefault(look["headers"].get("authorization", ""), _moment(look["at"]))
    return list(first.values())


def _use_up_dead(dead: list[datetime], spent: datetime, clock: Clock) -> Iterator[datetime]:
    """The first token that was found dead soon after that refresh, if any; it tells of no other."""
    for at in dead:
        if timedelta(0) <= clock.became_due(at) - clock.became_due(spent) <= _TOLD_WITHIN:
            dead.remove(at)
            yield at
            return


def _was_refused(request: Json) -> bool:
    return request["status"] == _REFUSED and request["fault"] is None


def _token(request: Json) -> str:
    token: str = parse_qs(request.get("body", "")).get("refresh_token", [""])[0]
    return token


def _spends(request: Json) -> bool:
    return request["fault"] in _SPENDING_FAULTS or (request["fault"] is None and request["status"] in {_OK, None})


def _was_disturbed(request: Json, strikes: Sequence[Struck], clock: Clock) -> bool:
    if request["fault"] is not None:
        return True
    at = clock.became_due(_moment(request["at"]))
    return any(_near(strike, at) for strike in strikes)


def _near(strike: Struck, at: datetime) -> bool:
    """Only what hits auth-linker, a way of it, or its database can lose an answer to it."""
    hits = strike.target == "PostgreSQL" or strike.target.startswith("auth-linker")
    return hits and strike.begun - _AROUND <= at <= strike.ended + _AROUND


def refreshed_twice(log: RequestLog, clock: Clock) -> Iterator[str]:
    """Grants that two processes refreshed at one time: one token, shown twice within less than any lease."""
    latest: dict[tuple[str, str], Json] = {}
    for request in sorted(log.refreshes.values(), key=lambda request: int(request["seq"])):
        key = request["platform"], _token(request)
        before = latest.get(key)
        latest[key] = request
        if before is None or not key[1] or before["fault"] not in {None, "slow", "trickle"} or before["status"] != _OK:
            continue
        gap = clock.became_due(_moment(request["at"])) - clock.became_due(_moment(before["at"]))
        if gap < _SHORTEST_LEASE and key[0] in ROTATING:
            yield f"{key[0]}: one refresh token was shown twice within {gap.total_seconds():.1f} s"


def _use_up(
    excuses: list[tuple[str, datetime]],
    platform: str,
    told: datetime,
    clock: Clock,
    *,
    within: timedelta | None = _TOLD_WITHIN,
) -> bool:
    moment = clock.became_due(told)
    for excuse in excuses:
        happened = clock.became_due(excuse[1])
        is_near = happened <= moment + _AROUND and (within is None or moment - happened <= within)
        if excuse[0] == platform and is_near:
            excuses.remove(excuse)
            return True
    return False


async def stale_tokens(shops: Iterable[Shop]) -> AsyncIterator[str]:
    """Tokens that are not the newest: a live grant whose next refresh, and the one after, does not go through."""
    for shop in shops:
        for connection in await shop.read_all("auth-linker", "/v1/connections", "connections"):
            if not connection["is_connected"]:
                continue
            for _ in range(2 if connection["platform"] in ROTATING else 1):
                answer = await shop.insist("POST", "auth-linker", f"/v1/connections/{connection['id']}/refresh")
                if answer.status != _OK or not answer.json()["is_connected"]:
                    yield f"{connection['platform']} {connection['id']}: {answer.status} {answer.text[:300]}"
                    break


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
