"""GitHub's budgets: points and calls per hour, points per minute, creations per minute and hour."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.github.errors import error
from social_sandbox.github.switches import GitHubSwitches
from social_sandbox.platform import World
from social_sandbox.store import Window

HOUR_S = 3600
ANONYMOUS_LIMIT = 60
POINTS_PER_MINUTE = {"core": 900, "graphql": 2000}
READ_POINTS, WRITE_POINTS = 1, 5
CREATIONS_PER_MINUTE, CREATIONS_PER_HOUR = 80, 500
_DOCS = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(slots=True)
class Budget:
    """An hour's budget of one person and resource."""

    limit: int
    used: int
    resets_at: int


@dataclass(slots=True)
class Pace:
    """What somebody did in the last minute and hour: points with their times, and creations."""

    points: Window
    creations: Window


class Limits:
    """All budgets. `person` is an account id, or the empty string for calls without a login."""

    def __init__(self, world: World) -> None:
        self._world = world

    def budget(self, person: str, resource: str, switches: GitHubSwitches) -> Budget:
        """The running hour of a person, renewed when it is over."""
        budgets: dict[tuple[str, str], Budget] = self._bucket("budgets")
        now = self._world.clock.timestamp()
        limit = switches.primary_limit if person else ANONYMOUS_LIMIT
        budget = budgets.get((person, resource))
        if budget is None or now >= budget.resets_at:
            budget = budgets[person, resource] = Budget(limit, 0, int(now) + HOUR_S)
        budget.limit = limit
        return budget

    def exceeded(self, person: str, resource: str, *, write: bool) -> Answer | None:
        """Count a call against the pace of a minute; the refusal where it is too fast."""
        pace = self._pace(person, resource)
        now = self._world.clock.timestamp()
        cost = WRITE_POINTS if write else READ_POINTS
        if pace.points.count(now) + cost > POINTS_PER_MINUTE[resource]:
            return secondary_limit(timedelta(seconds=60))
        for _ in range(cost):
            pace.points.add(now)
        return None

    def creation_exceeded(self, person: str) -> Answer | None:
        """Count the creation of content; the refusal where there were too many."""
        pace = self._pace(person, "core")
        now = self._world.clock.timestamp()
        in_hour = pace.creations.count(now)
        in_minute = sum(moment > now - 60 for moment in pace.creations.moments)
        if in_hour >= CREATIONS_PER_HOUR or in_minute >= CREATIONS_PER_MINUTE:
            return secondary_limit(timedelta(seconds=60))
        pace.creations.add(now)
        return None

    def _pace(self, person: str, resource: str) -> Pace:
        paces: dict[tuple[str, str], Pace] = self._bucket("paces")
        return paces.setdefault((person, resource), Pace(Window(60), Window(HOUR_S)))

    def _bucket(self, name: str) -> Any:
        return self._world.store.bucket("github").setdefault(name, {})


def secondary_limit(retry_after: timedelta | None, status: int = 403) -> Answer:
    """Too fast; GitHub does not always say how long to wait."""
    message = (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to"
        " GitHub Support for help, please include the request ID."
    )
    headers = {"retry-after": str(int(retry_after.total_seconds()))} if retry_after is not None else {}
    return error(status, message, headers=headers, docs=f"{_DOCS}#about-secondary-rate-limits")


def primary_limit(person: str, budget: Budget, resource: str) -> Answer:
    """The hour's budget is used up; GraphQL says so inside a 200."""
    of = f"user ID {person}" if person else "this address"
    message = f"API rate limit exceeded for {of}."
    headers = budget_headers(budget, resource)
    if resource == "graphql":
        return json_answer({"errors": [{"type": "RATE_LIMITED", "message": message}]}, headers=headers)
    return error(403, message, headers=headers, docs=f"{_DOCS}#primary-rate-limits")


def budget_headers(budget: Budget, resource: str) -> dict[str, str]:
    """The five headers of every answer."""
    return {
        "x-ratelimit-limit": str(budget.limit),
        "x-ratelimit-remaining": str(max(0, budget.limit - budget.used)),
        "x-ratelimit-reset": str(budget.resets_at),
        "x-ratelimit-used": str(min(budget.used, budget.limit)),
        "x-ratelimit-resource": resource,
    }
