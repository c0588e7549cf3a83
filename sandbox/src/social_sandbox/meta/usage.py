"""The headers that tell how much of a budget is used: percentages, and the wait in minutes."""

import json
from datetime import timedelta

FULL = 100


def app_usage(percent: int) -> dict[str, str]:
    """What an app has used up."""
    share = min(percent, FULL)
    return {"x-app-usage": json.dumps({"call_count": share, "total_time": share, "total_cputime": share})}


def business_usage(owner: str, kind: str, percent: int, *, regain: timedelta = timedelta(0)) -> dict[str, str]:
    """What the calls for one Page or account have used up."""
    share = min(percent, FULL)
    entry = {"type": kind, "call_count": percent, "total_cputime": share, "total_time": share}
    usage = {owner: [{**entry, "estimated_time_to_regain_access": whole_minutes(regain)}]}
    return {"x-business-use-case-usage": json.dumps(usage)}


def whole_minutes(wait: timedelta) -> int:
    """A wait in minutes, rounded up."""
    return max(0, -(-int(wait.total_seconds()) // 60))
