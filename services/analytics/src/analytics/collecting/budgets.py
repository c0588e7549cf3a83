"""What one read takes out of which budget of a platform: both are facts of `limits`.

All replicas draw on one count per app or grant and endpoint. An endpoint that a platform's facts do not list costs
nothing here; the platform's own headers still hold back what is spent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from analytics.collecting.domain import Operation, Scope
from social_platforms._core import PlatformFacts

_SERVICE: Final = "analytics"


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
    stated = facts.account_costs if operation is Operation.ACCOUNT else facts.posts_costs
    costs = {cost.endpoint: cost.of(posts) for cost in stated}
    for budget in sorted(facts.budgets, key=lambda item: item.per):
        calls, share = costs.get(budget.endpoint, 0), budget.shares.get(_SERVICE, 0.0)
        if calls and share:
            scope = Scope.APP if budget.per == "app" else Scope.GRANT
            yield Spending(budget.endpoint, scope, calls, budget.count * share, budget.window)
