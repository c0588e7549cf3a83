"""Stretches of time in queries: intervals in milliseconds, cut into UTC days, weeks or months; ranges of dates."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from social_sandbox.calls import read_number
from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.errors import invalid_parameter

DAY = timedelta(days=1)
WALL = timedelta(days=365)
_MOST_MS = 253_402_300_799_000
_MONTHS = 12
Interval = tuple[datetime, datetime]


def midnight(moment: datetime) -> datetime:
    """When the UTC day of a moment began."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def intervals_of(visit: Visit, *granularities: str) -> list[Interval] | None:
    """The intervals asked for that lie within the last 12 months; none where no time was asked for."""
    name = "timeIntervals"
    value = visit.params.get(name)
    if value is None:
        return None
    parts = value if isinstance(value, dict) else {}
    span = parts.get("timeRange")
    if (
        set(parts) != {"timeRange", "timeGranularityType"}
        or not isinstance(span, dict)
        or set(span) != {"start", "end"}
    ):
        raise invalid_parameter(name, "must be (timeRange:(start:…,end:…),timeGranularityType:…)")
    granularity = parts["timeGranularityType"]
    if granularity not in granularities:
        raise invalid_parameter(name, f"timeGranularityType must be one of {', '.join(granularities)}")
    start, end = _moment(span["start"]), _moment(span["end"])
    if start >= end:
        raise invalid_parameter(name, "start must be before end")
    first = midnight(visit.now) - WALL
    end = min(end, visit.now)
    return list(_cut(max(midnight(start), first), end, str(granularity)))


def dates_of(visit: Visit) -> list[Interval] | None:
    """The days of a `dateRange`, its end not included, today at most; none where there is no such parameter."""
    name = "dateRange"
    value = visit.params.get(name)
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"start", "end"}:
        raise invalid_parameter(name, "must be (start:(year:…,month:…,day:…),end:(year:…,month:…,day:…))")
    start, end = _date(value["start"]), _date(value["end"])
    if start >= end:
        raise invalid_parameter(name, "start must be before end")
    first = midnight(visit.now) - WALL
    return list(_cut(max(start, first), min(end, visit.now), "DAY"))


def date_range(interval: Interval) -> dict[str, dict[str, int]]:
    """An interval as a range of dates."""
    start, end = interval
    return {"start": _parts(start.date()), "end": _parts(end.date())}


def _parts(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _cut(start: datetime, end: datetime, granularity: str) -> Iterator[Interval]:
    while start < end:
        following = _next_month(start) if granularity == "MONTH" else start + (7 if granularity == "WEEK" else 1) * DAY
        yield start, following
        start = following


def _next_month(day: datetime) -> datetime:
    """The same day a month later, or the first of the month after where that one is too short."""
    year, month = day.year + day.month // _MONTHS, day.month % _MONTHS + 1
    try:
        return day.replace(year=year, month=month)
    except ValueError:
        return day.replace(year=year + month // _MONTHS, month=month % _MONTHS + 1, day=1)


def _moment(value: object) -> datetime:
    number = read_number(value) if isinstance(value, str) else None
    if number is None or number > _MOST_MS:
        raise invalid_parameter("timeIntervals", "start and end must be milliseconds since the epoch")
    return datetime.fromtimestamp(number // 1000, UTC)


def _date(value: object) -> datetime:
    parts = value if isinstance(value, dict) else {}
    numbers = [
        read_number(part) if isinstance(part, str) else None for part in map(parts.get, ("year", "month", "day"))
    ]
    try:
        year, month, day = (-1 if number is None else number for number in numbers)
        return datetime(year, month, day, tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise invalid_parameter("dateRange", "start and end must be dates") from error
