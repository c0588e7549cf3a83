"""How long a platform asks to wait, read from its headers. Nonsense values are None, never an error."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Literal

from social_platforms._core import RateReading

_LONGEST: Final = timedelta(days=31)
_DIGITS: Final = 15


def header_number(headers: Mapping[str, str], name: str) -> int | None:
    """A header that is a whole number."""
    value = headers.get(name, "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _DIGITS else None


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """`Retry-After` in either of its forms."""
    seconds = header_number(headers, "retry-after")
    if seconds is not None:
        return min(timedelta(seconds=min(seconds, int(_LONGEST.total_seconds()))), _LONGEST)
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
        wait = until.replace(tzinfo=until.tzinfo or UTC) - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, timedelta(0)), _LONGEST)


def until_epoch(headers: Mapping[str, str], name: str, *, now: datetime, window: timedelta) -> timedelta | None:
    """The wait until a header's epoch seconds, never longer than the window that it ends."""
    epoch = header_number(headers, name)
    if epoch is None:
        return None
    return timedelta(seconds=min(max(epoch - now.timestamp(), 0), window.total_seconds()))


def reading(
    headers: Mapping[str, str],
    prefix: str,
    *,
    bucket: str,
    scope: Literal["account", "app"],
    window: timedelta,
    now: datetime,
) -> RateReading | None:
    """What `<prefix>-limit`, `-remaining` and `-reset` say of one budget, None where they are absent."""
    limit = header_number(headers, f"{prefix}-limit")
    remaining = header_number(headers, f"{prefix}-remaining")
    if limit is None and remaining is None:
        return None
    resets_in = until_epoch(headers, f"{prefix}-reset", now=now, window=window)
    return RateReading(bucket=bucket, scope=scope, limit=limit, remaining=remaining, resets_in=resets_in)
