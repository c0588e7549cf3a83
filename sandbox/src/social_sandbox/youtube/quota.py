"""What a Cloud project may spend in a day: four buckets, filled again at midnight in California.

A call is charged when it arrives, whatever becomes of it; one that the bucket cannot pay is refused and costs nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from social_sandbox.google_identity.errors import GoogleError
from social_sandbox.youtube.errors import bucket_exceeded, quota_exceeded

PACIFIC = ZoneInfo("America/Los_Angeles")


class Bucket(StrEnum):
    """What is counted apart."""

    UPLOADS = "uploads"
    SEARCH = "search"
    STATS = "stats"
    UNITS = "units"


DEFAULTS: Mapping[str, int] = {Bucket.UPLOADS: 100, Bucket.SEARCH: 100, Bucket.STATS: 10_000, Bucket.UNITS: 10_000}
_METRICS = {Bucket.UPLOADS: "Video Uploads", Bucket.SEARCH: "Search Queries", Bucket.STATS: "Batch Get Stats Queries"}


def pacific_day(now: datetime) -> str:
    """The day a moment belongs to, by YouTube's calendar."""
    return now.astimezone(PACIFIC).date().isoformat()


def charge(
    books: dict[str, Any], project: str, bucket: Bucket, *, cost: int, now: datetime, overrides: Mapping[str, int]
) -> None:
    """Take the cost of a call out of a project's bucket; raises the refusal of an empty one."""
    day = pacific_day(now)
    account = books.setdefault(project, {})
    if account.get("day") != day:
        account.clear()
        account["day"] = day
    spent = int(account.get(bucket.value, 0))
    if spent + cost > overrides.get(bucket.value, DEFAULTS[bucket]):
        raise _refusal(bucket, project)
    account[bucket.value] = spent + cost


def _refusal(bucket: Bucket, project: str) -> GoogleError:
    return quota_exceeded() if bucket is Bucket.UNITS else bucket_exceeded(_METRICS[bucket], project)
