"""How many calls an app has: for each Page over a day, and for its people over an hour; who goes on pays for it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.facebook.switches import FacebookSwitches
from social_sandbox.grants import Grant
from social_sandbox.meta.errors import GraphError, graph_error
from social_sandbox.meta.usage import FULL, app_usage, business_usage
from social_sandbox.platform import PlatformSimulator
from social_sandbox.store import Window

_DAY_S, _HOUR_S = 86_400.0, 3_600.0
_WORDS = {
    4: "(#4) Application request limit reached",
    17: "(#17) User request limit reached",
    341: "(#341) Application limit reached",
    32: "(#32) Page request limit reached",
    80001: (
        "(#80001) There have been too many calls to this Page account. Wait a bit and try again. For more info, please"
        " refer to the documentation on rate limiting."
    ),
}


@dataclass(slots=True)
class Budget:
    """The calls of one app for one Page, or for its people, and until when it is blocked."""

    window: Window
    blocked_until: float = 0.0
    callers: set[str] = field(default_factory=set)


class Limits:
    """All budgets."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator

    def count_page(self, grant: Grant, page_id: str, now: datetime) -> dict[str, str]:
        """Count a call with a Page's token; returns the headers, raises 80001."""
        switches: FacebookSwitches = self._simulator.switches
        budget = self._budget(f"page:{grant.client_id}:{page_id}", _DAY_S)
        percent, wait = _use(budget, switches.page_call_budget, switches, now)
        if wait is not None:
            raise too_many_page_calls(page_id, wait)
        return business_usage(page_id, "pages", percent) if percent else {}

    def count_person(
        self, client_id: str, account_id: str | None, now: datetime, *, page: str | None
    ) -> dict[str, str]:
        """Count a call with a person's or the app's own token; returns the headers, raises 4, or 32 about a Page."""
        switches: FacebookSwitches = self._simulator.switches
        if page is not None:
            blocked = self._budget(f"page:{client_id}:{page}", _DAY_S)
            if blocked.blocked_until > now.timestamp():
                wait = _lengthen(blocked, switches, now)
                raise graph_error(32, _WORDS[32], headers=business_usage(page, "pages", FULL, regain=wait))
        budget = self._budget(f"app:{client_id}", _HOUR_S)
        if account_id is not None:
            budget.callers.add(account_id)
        percent, pause = _use(budget, switches.calls_per_user * max(1, len(budget.callers)), switches, now)
        if pause is not None:
            raise too_many_app_calls(switches.user_limit_code)
        return app_usage(percent) if percent else {}

    def _budget(self, key: str, length_s: float) -> Budget:
        budgets: dict[str, Any] = self._simulator.world.store.bucket(self._simulator.name).setdefault("budgets", {})
        found: Budget = budgets.setdefault(key, Budget(Window(length_s)))
        return found


def too_many_page_calls(page_id: str, wait: timedelta) -> GraphError:
    """The Page's budget is used up; the wait stands in a header, in minutes."""
    return graph_error(80001, _WORDS[80001], headers=business_usage(page_id, "pages", FULL, regain=wait))


def too_many_app_calls(code: int) -> GraphError:
    """The app's own budget is used up; nobody tells for how long."""
    return graph_error(code, _WORDS[code], headers=app_usage(FULL))


def _use(budget: Budget, most: int, switches: FacebookSwitches, now: datetime) -> tuple[int, timedelta | None]:
    """Count one call: how much is used up in percent, and how long it takes where it is refused."""
    moment = now.timestamp()
    if budget.blocked_until > moment:
        return FULL, _lengthen(budget, switches, now)
    if budget.blocked_until:
        budget.blocked_until = 0.0
        budget.window.moments.clear()
    used = budget.window.count(moment)
    if used >= most:
        budget.blocked_until = moment + switches.block_s
        return FULL, timedelta(seconds=switches.block_s)
    budget.window.add(moment)
    return FULL * (used + 1) // most, None


def _lengthen(budget: Budget, switches: FacebookSwitches, now: datetime) -> timedelta:
    budget.blocked_until += switches.block_extension_s
    return timedelta(seconds=budget.blocked_until - now.timestamp())
