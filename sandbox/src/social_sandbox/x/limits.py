"""The three limiters of X: per user in 15 minutes, per user in 24 hours, per app in 24 hours.

Windows are fixed and start with their first call, in the sandbox's time. Every answer of a limited endpoint carries
the headers of its windows. The switch `limits` changes a budget: `{"create": {"rate": 5, "user-limit-24hour": 17}}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

QUARTER = timedelta(minutes=15)
DAY = timedelta(hours=24)

USER, USER_DAY, APP_DAY = "rate", "user-limit-24hour", "app-limit-24hour"
_PREFIXES = {USER: "x-rate-limit", USER_DAY: "x-user-limit-24hour", APP_DAY: "x-app-limit-24hour"}
LIMITERS = frozenset(_PREFIXES)
_LENGTHS = {USER: QUARTER, USER_DAY: DAY, APP_DAY: DAY}

# The app's budgets of the reading endpoints concern app-only tokens, which this simulator does not issue.
DOCUMENTED: Mapping[str, Mapping[str, int]] = {
    "create": {USER: 100, USER_DAY: 100, APP_DAY: 10_000},
    "delete": {USER: 50},
    "posts": {USER: 5_000},
    "post": {USER: 900},
    "timeline": {USER: 900},
    "user": {USER: 900},
    "me": {USER: 75},
    "analytics": {USER: 300},
    "media_one_shot": {USER: 500, APP_DAY: 50_000},
    "media_status": {USER: 1_000, APP_DAY: 100_000},
    "media_chunked": {USER: 1_875, APP_DAY: 180_000},
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limiters say to one call, and the headers that tell the client."""

    allowed: bool
    headers: dict[str, str]


def take(
    windows: dict[str, list[float]],
    endpoint: str,
    *,
    user: str,
    app: str,
    now: datetime,
    overrides: Mapping[str, Mapping[str, int]],
) -> Verdict:
    """Count one call against every limiter of its endpoint; a refused call uses nothing up.

    `windows` holds, per limiter and owner, the end of the window and the calls used in it.
    """
    budgets = {**DOCUMENTED[endpoint], **overrides.get(endpoint, {})}
    asked = {
        name: _window(windows, f"{endpoint}:{name}:{app if name == APP_DAY else user}", name, now) for name in budgets
    }
    allowed = all(window[1] < budgets[name] for name, window in asked.items())
    headers: dict[str, str] = {}
    for name, window in asked.items():
        window[1] += 1 if allowed else 0
        headers |= _headers(_PREFIXES[name], budgets[name], window)
    return Verdict(allowed, headers)


def _window(windows: dict[str, list[float]], key: str, name: str, now: datetime) -> list[float]:
    window = windows.get(key)
    if window is None or window[0] <= now.timestamp():
        window = windows[key] = [(now + _LENGTHS[name]).timestamp(), 0]
    return window


def _headers(prefix: str, budget: int, window: list[float]) -> dict[str, str]:
    ends, used = window
    return {
        f"{prefix}-limit": str(budget),
        f"{prefix}-remaining": str(max(0, budget - int(used))),
        f"{prefix}-reset": str(int(ends)),
    }
