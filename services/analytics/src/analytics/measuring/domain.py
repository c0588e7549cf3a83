"""Engagement, rates and the ranges that columns can hold.

A number that a platform did not report is None all the way through; it is never counted as 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

INTEGER_MAX: Final = 2**31 - 1
BIGINT_MAX: Final = 2**63 - 1
RATE_MAX: Final = Decimal("999.99")
_TWO_PLACES: Final = Decimal("0.01")
_SIX_PLACES: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Engagement:
    """What people did with one post since it went live."""

    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None
    clicks: int | None = None
    views: int | None = None
    reach: int | None = None
    impressions: int | None = None

    def is_empty(self) -> bool:
        """True where the platform reported nothing at all, which is no measurement."""
        return all(getattr(self, item.name) is None for item in fields(self))

    def interactions(self) -> int | None:
        """Likes, comments, shares and saves together; None where none of the four was reported."""
        reported = [n for n in (self.likes, self.comments, self.shares, self.saves) if n is not None]
        return sum(reported) if reported else None

    def audience(self) -> int | None:
        """Who could interact: reach, or impressions where reach is not reported."""
        return self.reach if self.reach is not None else self.impressions


@dataclass(frozen=True, slots=True)
class Standing:
    """A snapshot of one account."""

    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    reach: int | None = None
    impressions: int | None = None

    def is_empty(self) -> bool:
        """True where the platform reported nothing at all, which is no measurement."""
        return all(getattr(self, item.name) is None for item in fields(self))


def count_or_none(value: int | None) -> int | None:
    """A count that a BIGINT can hold: a negative one is no count, one beyond the range is the greatest."""
    if value is None or value < 0:
        return None
    return min(value, BIGINT_MAX)


def clamp_count(value: int | None) -> int | None:
    """The count as an INTEGER column holds it."""
    return None if value is None else min(value, INTEGER_MAX)


def clamp_rate(value: Decimal | None) -> Decimal | None:
    """The rate as a DECIMAL(5,2) column holds it."""
    return None if value is None else min(round_rate(value), RATE_MAX)


def round_rate(value: Decimal) -> Decimal:
    """The rate to two places, as it is shown."""
    return value.quantize(_TWO_PLACES, rounding=ROUND_HALF_UP)


def engagement_rate(engagement: Engagement) -> Decimal | None:
    """Interactions per hundred of the audience; None where either is not reported or nobody was reached."""
    return engagement_rate_together([engagement])


def engagement_rate_together(engagements: Iterable[Engagement]) -> Decimal | None:
    """The rate of several posts taken together: all their interactions over all their audience.

    A post that reports no interactions or no audience is left out of both sums, so that it does not bend the rate.
    """
    interactions = audience = 0
    for engagement in engagements:
        done, reached = engagement.interactions(), engagement.audience()
        if done is None or reached is None:
            continue
        interactions += done
        audience += reached
    if audience == 0:
        return None
    return (Decimal(100) * interactions / audience).quantize(_SIX_PLACES, rounding=ROUND_HALF_UP)
