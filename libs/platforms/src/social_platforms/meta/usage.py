"""Meta's limits as its headers tell them: in percent of what an app, and what an account, may use."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from social_platforms._core import RateReading
from social_platforms.answers import Answer, count, objects

_PERCENT: Final = 100
_STOP_AT: Final = 95
_PAUSE: Final = timedelta(minutes=5)
_APP_WINDOW: Final = timedelta(hours=1)
_ACCOUNT_WINDOW: Final = timedelta(hours=24)
_LONGEST_MINUTES: Final = 60 * 24


def regained_in(headers: Mapping[str, str]) -> timedelta | None:
    """How long until an account that is held back may call again; the header counts minutes."""
    minutes = [count(entry, "estimated_time_to_regain_access") or 0 for entry in _account_usages(headers)]
    longest = min(max(minutes, default=0), _LONGEST_MINUTES)
    return timedelta(minutes=longest) if longest else None


def rates_of(answer: Answer) -> list[RateReading]:
    """The use of both budgets, each to be forgotten after its rolling window.

    A little before the end nothing is left: calling on would lengthen the block.
    """
    readings = []
    app = _usages(answer.headers, "x-app-usage")
    if isinstance(app, dict):
        left = _left(app)
        readings.append(RateReading("app usage", "app", _PERCENT, left, _APP_WINDOW if left else _PAUSE))
    for entry in _account_usages(answer.headers):
        left = _left(entry)
        wait = regained_in(answer.headers) or (_ACCOUNT_WINDOW if left else _PAUSE)
        readings.append(RateReading("account usage", "account", _PERCENT, left, wait))
    return readings


def _usages(headers: Mapping[str, str], name: str) -> Any:
    try:
        return json.loads(headers.get(name, ""))
    except (ValueError, RecursionError):
        return None


def _account_usages(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    usage = _usages(headers, "x-business-use-case-usage")
    return [entry for value in usage.values() for entry in objects(value)] if isinstance(usage, dict) else []


def _left(usage: dict[str, Any]) -> int:
    used = max(count(usage, name) or 0 for name in ("call_count", "total_time", "total_cputime"))
    return 0 if used >= _STOP_AT else _PERCENT - used
