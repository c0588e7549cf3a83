"""What one read costs of which budget of a platform, as data; the budgets themselves are facts of `limits`.

All replicas draw on one count per app or grant and endpoint. An endpoint that a platform's facts do not list costs
nothing here; the platform's own headers still hold back what is spent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from analytics.collecting.domain import Operation, Scope
from social_platforms._core import PlatformFacts

_SERVICE: Final = "analytics"


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests to an endpoint that one read makes, by itself and per post that it reads."""

    endpoint: str
    calls: int = 0
    calls_per_post: int = 0

    def of(self, posts: int) -> int:
        """Requests for a read of that many posts."""
        return self.calls + self.calls_per_post * posts


COSTS: Final[Mapping[str, Mapping[Operation, tuple[Cost, ...]]]] = {
    "x": {
        Operation.ACCOUNT: (Cost("GET /2/users/me", 1),),
        # Young posts are asked twice: their private numbers come in a call of their own.
        Operation.POSTS: (Cost("GET /2/tweets", 2),),
    },
    "instagram": {
        Operation.ACCOUNT: (Cost("*", 2),),
        Operation.POSTS: (Cost("*", calls_per_post=1),),
    },
    "github": {
        Operation.ACCOUNT: (Cost("REST", 2),),
        # A release takes a call of its own, discussions share one; which kind they are is not counted apart.
        Operation.POSTS: (Cost("REST", calls_per_post=1), Cost("GraphQL", 1)),
    },
}


@dataclass(frozen=True, slots=True)
class Spending:
    """Requests to be taken out of our share of one budget."""

    endpoint: str
    scope: Scope
    calls: int
    count: float
    period: timedelta


def spendings_for(facts: PlatformFacts | None, operation: Operation, *, posts: int) -> Iterator[Spending]:
    """What a read of that many posts takes out of which budgets, an app's before a grant's."""
    if facts is None:
        return
    costs = {cost.endpoint: cost.of(posts) for cost in COSTS.get(facts.platform, {}).get(operation, ())}
    for budget in sorted(facts.budgets, key=lambda item: item.per):
        calls, share = costs.get(budget.endpoint, 0), budget.shares.get(_SERVICE, 0.0)
        if calls and share:
            scope = Scope.APP if budget.per == "app" else Scope.GRANT
            yield Spending(budget.endpoint, scope, calls, budget.count * share, budget.window)
