"""Meta's limits as its headers tell them: in percent of what an app, and what an account, may use."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from social_platforms._core import RateReading
from social_platforms.answers import Answer, count, objects

_PERCENT: Final = 100
_LONGEST_MINUTES: Final = 60 * 24


def regained_in(headers: Mapping[str, str]) -> timedelta | None:
    """How long until an account that is held back may call again; the header counts minutes."""
    minutes = [count(entry, "estimated_time_to_regain_access") or 0 for entry in _account_usages(headers)]
    longest = min(max(minutes, default=0), _LONGEST_MINUTES)
    return timedelta(minutes=longest) if longest else None


def rates_of(answer: Answer, *, stop_at: int = _PERCENT, pause: timedelta | None = None) -> list[RateReading]:
    """The use of both budgets; from `stop_at` percent on nothing is left, for `pause` where no time is told."""
    readings = []
    app = _usages(answer.headers, "x-app-usage")
    if isinstance(app, dict):
        left = _left(app, stop_at=stop_at)
        readings.append(RateReading("app usage", "app", _PERCENT, left, None if left else pause))
    for entry in _account_usages(answer.headers):
        left = _left(entry, stop_at=stop_at)
        wait = regained_in(answer.headers) or (None if left else pause)
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


def _left(usage: dict[str, Any], *, stop_at: int) -> int:
    used = max(count(usage, name) or 0 for name in ("call_count", "total_time", "total_cputime"))
    return 0 if used >= stop_at else _PERCENT - used
