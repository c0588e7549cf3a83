"""How long the platforms will still answer the API versions that we speak: in `GET /v1/platforms` and as a metric."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from social_common.metrics import gauge
from social_platforms._core import PlatformFacts

DAYS_LEFT: Final = gauge(
    "social_platform_api_version_days_left",
    "Days until a platform retires the API version in use; absent where no end is announced",
    ("platform",),
)


def days_left(sunset: datetime, *, now: datetime) -> int:
    """Whole days until then, below zero once it is over."""
    return (sunset - now) // timedelta(days=1)


def expose_sunsets(facts: Iterable[PlatformFacts]) -> None:
    """Shows the days left of each platform on the metrics port, counted anew at every look.

    Real time, not the product's: the platforms retire their versions by it wherever our own clock was moved to.
    """
    for platform in facts:
        if platform.api_sunset is not None:
            DAYS_LEFT.labels(platform.platform).set_function(partial(_days_left_now, platform.api_sunset))


def _days_left_now(sunset: datetime) -> float:
    return float(days_left(sunset, now=datetime.now(UTC)))
