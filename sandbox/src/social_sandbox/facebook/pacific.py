"""Days as Facebook counts them: they end at midnight in California, which is 08:00 or 07:00 UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)
_STANDARD, _SUMMER = timedelta(hours=8), timedelta(hours=7)
_MARCH, _NOVEMBER = 3, 11
_SUNDAY = 6


def day_ends(start: datetime, end: datetime) -> Iterator[datetime]:
    """The ends of days after `start` and up to `end`, in UTC."""
    day = datetime(start.year, start.month, start.day, tzinfo=UTC) - DAY
    while (close := midnight(day)) <= end:
        if close > start:
            yield close
        day += DAY


def midnight(day: datetime) -> datetime:
    """The moment in UTC at which a date begins in California; clocks change hours after it."""
    begins = _sunday(day.year, _MARCH, 2) < day <= _sunday(day.year, _NOVEMBER, 1)
    return day + (_SUMMER if begins else _STANDARD)


def _sunday(year: int, month: int, which: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(_SUNDAY - first.weekday()) % 7 + 7 * (which - 1))
