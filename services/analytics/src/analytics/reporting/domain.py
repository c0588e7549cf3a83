"""Periods, sorting and comparisons: what a report asks for and how two periods stand to each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, Self

DEFAULT_LENGTH: Final = timedelta(days=30)
LONGEST: Final = timedelta(days=731)
EARLIEST_YEAR: Final = 2000
LATEST_YEAR: Final = 2200
_TENTH: Final = Decimal("0.1")

Number = int | Decimal


class BadPeriod(ValueError):
    """The period asked for cannot be reported; `field` says which end of it is wrong."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


class Granularity(StrEnum):
    """How wide the steps of a series are; steps begin at full UTC hours, days and Mondays."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"

    @property
    def longest(self) -> timedelta:
        """The longest period that is answered in steps this wide."""
        return timedelta(days=31) if self is Granularity.HOUR else LONGEST


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, and without, `end`."""

    start: datetime
    end: datetime

    @classmethod
    def asked(
        cls, start: datetime | None, end: datetime | None, *, now: datetime, longest: timedelta = LONGEST
    ) -> Self:
        """The period asked for; the last 30 days where nothing is. Raises BadPeriod."""
        for field, moment in (("from", start), ("to", end)):
            if moment is not None and not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
                raise BadPeriod(field, "This time is too far away to have been measured.")
        period_end = end if end is not None else max(now, start or now)
        period_start = start if start is not None else period_end - min(DEFAULT_LENGTH, longest)
        if period_start >= period_end:
            field = "from" if start is not None else "to"
            raise BadPeriod(field, "The period must begin before it ends.")
        if period_end - period_start > longest:
            raise BadPeriod("from", f"The period may be at most {longest.days} days long.")
        return cls(period_start, period_end)

    def before(self) -> Self:
        """The period of the same length that ends where this one begins."""
        return type(self)(self.start - (self.end - self.start), self.start)


class SortKey(StrEnum):
    """What posts can be sorted by."""

    POSTED_AT = "posted_at"
    LIKES = "likes"
    COMMENTS = "comments"
    SHARES = "shares"
    SAVES = "saves"
    CLICKS = "clicks"
    VIEWS = "views"
    REACH = "reach"
    IMPRESSIONS = "impressions"
    ENGAGEMENT_RATE = "engagement_rate"


@dataclass(frozen=True, slots=True)
class Sort:
    """A key and a direction, written `key` or `-key`; posts without that number come last either way."""

    key: SortKey
    descending: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """The sort that the text names; raises ValueError."""
        return cls(SortKey(text.removeprefix("-")), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.key.value}" if self.descending else self.key.value


def differences(now: Mapping[str, Number | None], before: Mapping[str, Number | None]) -> dict[str, Number | None]:
    """How far each number moved; None where one of the two was not reported."""
    moved: dict[str, Number | None] = {}
    for name, value in now.items():
        earlier = before.get(name)
        moved[name] = None if value is None or earlier is None else value - earlier
    return moved


def percent_change(now: float | Decimal | None, before: float | Decimal | None) -> Decimal | None:
    """By how many percent a number moved; None where it cannot be said, as from nothing."""
    if now is None or not before:
        return None
    earlier = Decimal(str(before))
    return (100 * (Decimal(str(now)) - earlier) / earlier).quantize(_TENTH, rounding=ROUND_HALF_UP)
