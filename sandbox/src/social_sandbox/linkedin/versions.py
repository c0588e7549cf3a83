"""The months LinkedIn has released, and when each is switched off. A version is never defaulted."""

from collections.abc import Collection
from datetime import UTC, date, datetime

from social_sandbox.calls import Call
from social_sandbox.linkedin.errors import Refusal, refused

NEWEST = "202609"
# 202512 was never released. Sunsets not announced are taken to be, as the others are, in the middle of the month.
SUNSETS = {
    "202509": date(2026, 9, 15),
    "202510": date(2026, 10, 15),
    "202511": date(2026, 11, 16),
    "202601": date(2027, 1, 15),
    "202602": date(2027, 2, 15),
    "202603": date(2027, 3, 16),
    "202604": date(2027, 4, 15),
    "202605": date(2027, 5, 15),
    "202606": date(2027, 6, 15),
    "202607": date(2027, 7, 15),
    "202608": date(2027, 8, 15),
    NEWEST: date(2027, 9, 15),
}
_MISSING = "A version must be present. Please specify a version by adding the LinkedIn-Version header."


def check_version(call: Call, now: datetime, *, always: Collection[str], never: Collection[str]) -> str:
    """The version a call asks for; raises `Refusal`. `always` and `never` overrule the calendar."""
    version = call.headers.get("linkedin-version", "").strip()
    if not version:
        raise refused(400, "VERSION_MISSING", _MISSING)
    sunset = SUNSETS.get(version)
    stands = sunset is not None and now.astimezone(UTC).date() < sunset
    if version in never or not (stands or version in always):
        raise _inactive(version)
    return version


def dated(version: str) -> str:
    """A version as LinkedIn's messages write it."""
    return f"{version}01"


def _inactive(version: str) -> Refusal:
    return refused(426, "NONEXISTENT_VERSION", f"Requested version {dated(version)} is not active")
