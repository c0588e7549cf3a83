"""Traffic of a repository: the last fourteen days in UTC, days without any left out, for those who may push."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from social_sandbox import engagement
from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.github import shapes
from social_sandbox.github.caller import Caller, Door
from social_sandbox.github.errors import NOT_ACCESSIBLE, forbidden, invalid, not_found
from social_sandbox.github.locate import locate, located_routes
from social_sandbox.github.repositories import Repositories, Repository
from social_sandbox.platform import Route, World

DAYS = 14
# How the totals are called where the control interface sets an account's engagement.
_SETTABLE = {"views": "count", "impressions": "count", "reach": "uniques"}
_SITES = ("Google", "github.com", "seftec.store", "news.ycombinator.com")


class Traffic:
    """`/repos/{owner}/{repo}/traffic/…`."""

    def __init__(self, world: World, repositories: Repositories, door: Door) -> None:
        self._world = world
        self._repositories = repositories
        self._door = door

    def routes(self) -> Sequence[Route]:
        """Four readings."""
        door, metrics = self._door, Operation.METRICS
        return (
            *located_routes(door, "GET", "/traffic/views", metrics, handler=self.views),
            *located_routes(door, "GET", "/traffic/clones", metrics, handler=self.clones),
            *located_routes(door, "GET", "/traffic/popular/paths", metrics, handler=self.paths),
            *located_routes(door, "GET", "/traffic/popular/referrers", metrics, handler=self.referrers),
        )

    async def views(self, call: Call, caller: Caller) -> Answer:
        """Page views."""
        return self._series(call, caller, "views", busiest=24)

    async def clones(self, call: Call, caller: Caller) -> Answer:
        """Clones."""
        return self._series(call, caller, "clones", busiest=5)

    async def paths(self, call: Call, caller: Caller) -> Answer:
        """What is read most."""
        repository = self._allowed(call, caller)
        days = self._days(repository, "views", 24)
        total, uniques = sum(d["count"] for d in days), max((d["uniques"] for d in days), default=0)
        overview = {
            "path": f"/{repository.full_name}",
            "title": repository.full_name,
            "count": total,
            "uniques": uniques,
        }
        return json_answer([overview] if total else [])

    async def referrers(self, call: Call, caller: Caller) -> Answer:
        """Where readers come from."""
        repository = self._allowed(call, caller)
        total = sum(day["count"] for day in self._days(repository, "views", 24))
        shares = [(site, total // (place + 3)) for place, site in enumerate(_SITES)]
        return json_answer([{"referrer": s, "count": n, "uniques": max(1, n // 2)} for s, n in shares if n])

    def _allowed(self, call: Call, caller: Caller) -> Repository:
        repository = locate(self._repositories, call, caller)
        if not repository.can_write or not caller.owns(repository):
            raise forbidden("Must have push access to repository")
        if not caller.reaches(repository, "administration", "read"):
            if caller.options.is_github_app:
                raise forbidden(NOT_ACCESSIBLE, permissions="administration=read")
            raise not_found()
        return repository

    def _series(self, call: Call, caller: Caller, what: str, *, busiest: int) -> Answer:
        repository = self._allowed(call, caller)
        per = call.query.get("per", "day")
        if per not in {"day", "week"}:
            return invalid(errors=[{"resource": "Traffic", "field": "per", "code": "invalid"}])
        days = self._days(repository, what, busiest)
        shown = days if per == "day" else _weeks(days)
        uniques = max((d["uniques"] for d in days), default=0) + len(days) // 2
        series = [{**entry, "timestamp": shapes.time(entry["timestamp"])} for entry in shown]
        totals = {"count": sum(d["count"] for d in days), "uniques": uniques if days else 0}
        if what == "views":
            wished = self._world.store.account_metrics.get(("github", repository.account.account_id), {})
            totals |= {key: wished[name] for name, key in _SETTABLE.items() if name in wished}
        return json_answer({**totals, what: series})

    def _days(self, repository: Repository, what: str, busiest: int) -> list[dict[str, Any]]:
        now = self._world.clock.now()
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        found = []
        for back in range(DAYS - 1, -1, -1):
            day = today - timedelta(days=back)
            luck = engagement.chance("github", str(repository.number), what, day.date().isoformat())
            part = (now - day) / timedelta(days=1) if back == 0 else 1.0
            count = int(luck * luck * busiest * min(1.0, part) * 1.4)
            if count:
                found.append({"timestamp": day, "count": count, "uniques": max(1, int(count * 0.6))})
        return found


def _weeks(days: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    weeks: dict[datetime, dict[str, Any]] = {}
    for day in days:
        monday = day["timestamp"] - timedelta(days=day["timestamp"].weekday())
        week = weeks.setdefault(monday, {"timestamp": monday, "count": 0, "uniques": 0})
        week["count"] += day["count"]
        week["uniques"] += day["uniques"]
    return list(weeks.values())
