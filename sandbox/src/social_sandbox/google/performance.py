"""How a location does, day by day. Figures are text, and absent where they are zero; the last days are not there yet.

A figure set by `POST /_control/engagement` for the account (by Google's name or ours) is the total of any stretch of
days: it stands on the newest day that has figures, the others of the stretch are zero.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import chance
from social_sandbox.google.access import PLATFORM, own_location
from social_sandbox.google.errors import invalid_argument, invalid_payload
from social_sandbox.google.queries import Query, read_query
from social_sandbox.google.switches import GoogleSwitches
from social_sandbox.google_identity.access import Visit
from social_sandbox.model import Account, Place
from social_sandbox.platform import PlatformSimulator

_DAY = timedelta(days=1)
_RANGE = tuple(f"dailyRange.{end}.{part}" for end in ("startDate", "endDate") for part in ("year", "month", "day"))
_SUB_ENTITY = "dailySubEntityType"
_SUB_ENTITIES = tuple(
    f"{_SUB_ENTITY}.{name}" for name in ("dayOfWeek", *(f"timeOfDay.{part}" for part in ("hours", "minutes")))
)
# What a day of a location with a thousand followers brings at most, and our word for it.
METRICS: dict[str, tuple[float, str]] = {
    "BUSINESS_IMPRESSIONS_DESKTOP_MAPS": (30, "impressions"),
    "BUSINESS_IMPRESSIONS_DESKTOP_SEARCH": (45, "impressions"),
    "BUSINESS_IMPRESSIONS_MOBILE_MAPS": (90, "impressions"),
    "BUSINESS_IMPRESSIONS_MOBILE_SEARCH": (120, "impressions"),
    "BUSINESS_CONVERSATIONS": (0, "conversations"),
    "BUSINESS_DIRECTION_REQUESTS": (14, "directions"),
    "CALL_CLICKS": (4, "calls"),
    "WEBSITE_CLICKS": (12, "clicks"),
    "MESSAGING_CLICKS": (3, "messages"),
    "BUSINESS_BOOKINGS": (2, "bookings"),
    "BUSINESS_FOOD_ORDERS": (0, "food_orders"),
    "BUSINESS_FOOD_MENU_CLICKS": (2, "menu_clicks"),
}
_IMPRESSIONS = [name for name, (_, word) in METRICS.items() if word == "impressions"]
_PER_THOUSAND = 1000


class PerformanceEndpoints:
    """`businessprofileperformance`: time series of days."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store

    async def several(self, visit: Visit) -> Answer:
        """Time series of several metrics, in Google's double nesting."""
        query = read_query(visit.call, "dailyMetrics", *_RANGE)
        place = own_location(self._store, visit, visit.call.params["location"])
        names = list(dict.fromkeys(query.values.get("dailyMetrics", [])))
        if not names:
            raise invalid_argument("daily_metrics", "At least one metric is required.")
        for name in names:
            _check_metric(name)
        days = self._days(visit, query)
        series = [{"dailyMetric": name, "timeSeries": self._series(place, name, days)} for name in names]
        return json_answer({"multiDailyMetricTimeSeries": [{"dailyMetricTimeSeries": series}]})

    async def one(self, visit: Visit) -> Answer:
        """The time series of one metric; no metric can be broken down."""
        query = read_query(visit.call, "dailyMetric", *_RANGE, *_SUB_ENTITIES)
        place = own_location(self._store, visit, visit.call.params["location"])
        if any(name.startswith(_SUB_ENTITY) for name in query.values):
            raise invalid_argument("daily_sub_entity_type", "No metric supports this breakdown.")
        name = query.text("dailyMetric")
        if not name:
            raise invalid_argument("daily_metric", "The metric is required.")
        _check_metric(name)
        return json_answer({"timeSeries": self._series(place, name, self._days(visit, query))})

    def _days(self, visit: Visit, query: Query) -> list[date]:
        """The asked days that have figures by now."""
        start, end = query.day("dailyRange.startDate"), query.day("dailyRange.endDate")
        if start > end:
            raise invalid_argument("daily_range", "The range ends before it starts.")
        switches: GoogleSwitches = self._simulator.switches
        today = visit.now.date()
        newest = today - timedelta(days=switches.performance_lag_days)
        oldest = today - timedelta(days=switches.performance_depth_days)
        return list(_between(max(start, oldest), min(end, newest)))

    def _series(self, place: Place, metric: str, days: list[date]) -> dict[str, Any]:
        found = self._store.find_place(PLATFORM, place.platform_id)
        values = self._values(found[0], place, metric=metric, days=days) if found else []
        dated = [
            {"date": {"year": day.year, "month": day.month, "day": day.day}} | ({"value": str(value)} if value else {})
            for day, value in zip(days, values, strict=True)
        ]
        return {"datedValues": dated} if dated else {}

    def _values(self, owner: Account, place: Place, *, metric: str, days: list[date]) -> list[int]:
        total = self._set_total(owner, metric)
        if total is not None:
            return [0] * (len(days) - 1) + [total] if days else []
        ceiling = METRICS[metric][0] * owner.followers / _PER_THOUSAND
        return [round(ceiling * chance(place.platform_id, metric, day.isoformat())) for day in days]

    def _set_total(self, owner: Account, metric: str) -> int | None:
        """What the control interface set: of this metric, or of the word that it is one or a part of."""
        overrides = self._store.account_metrics.get((PLATFORM, owner.account_id), {})
        word = METRICS[metric][1]
        if metric in overrides or word not in overrides:
            return overrides.get(metric)
        if word != "impressions":
            return overrides[word]
        share, rest = divmod(overrides[word], len(_IMPRESSIONS))
        return share + (rest if metric == _IMPRESSIONS[-1] else 0)


def _check_metric(name: str) -> None:
    if name not in METRICS:
        kind = "type.googleapis.com/google.business.performance.v1.DailyMetric"
        raise invalid_payload(f"Invalid value at 'daily_metrics' ({kind}), \"{name}\"", field="daily_metrics")


def _between(start: date, end: date) -> Iterator[date]:
    while start <= end:
        yield start
        start += _DAY
