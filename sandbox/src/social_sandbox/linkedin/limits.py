"""Daily quotas: for each endpoint one of the app and one of each member, until midnight UTC. No header tells them."""

from datetime import UTC, datetime
from typing import Any

from social_sandbox.linkedin.app_options import AppOptions
from social_sandbox.linkedin.errors import Refusal, refused
from social_sandbox.linkedin.switches import LinkedInSwitches
from social_sandbox.store import Store

_MESSAGE = "Resource level throttle{} limit for calls to this resource is reached."


def count_call(
    store: Store,
    endpoint: str,
    *,
    app: str,
    member: str,
    options: AppOptions,
    switches: LinkedInSwitches,
    now: datetime,
) -> None:
    """Count a call against both quotas; raises `Refusal` when one is used up, and then uses nothing."""
    counts = _today(store, now)
    per_member, per_app = options.budgets
    wanted = (
        (f"{endpoint}|{app}|{member}", per_member if switches.member_per_day is None else switches.member_per_day),
        (f"{endpoint}|{app}", per_app if switches.app_per_day is None else switches.app_per_day),
    )
    for (key, limit), owner in zip(wanted, ("MEMBER", "APPLICATION"), strict=True):
        if limit is not None and counts.get(key, 0) >= limit:
            raise throttled(switches, owner)
    for key, _ in wanted:
        counts[key] = counts.get(key, 0) + 1


def throttled(switches: LinkedInSwitches, owner: str = "APPLICATION") -> Refusal:
    """A quota is used up, in one of the wordings that are known."""
    match switches.throttle_form:
        case "day":
            return refused(429, None, _MESSAGE.format(f" {owner} DAY"), service=101)
        case "code":
            return refused(429, "TOO_MANY_REQUESTS", _MESSAGE.format(""))
        case _:
            return refused(429, None, _MESSAGE.format(""), service=101)


def _today(store: Store, now: datetime) -> dict[str, int]:
    """The counts of this day; those of an earlier one are forgotten."""
    bucket: dict[str, Any] = store.bucket("linkedin")
    day = now.astimezone(UTC).date().isoformat()
    if bucket.get("day") != day:
        bucket["day"], bucket["calls"] = day, {}
    counts: dict[str, int] = bucket["calls"]
    return counts
