"""What people searched for when they found a location: small numbers only as a bound they stay below."""

from datetime import date, timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import chance
from social_sandbox.google.access import PLATFORM, own_location
from social_sandbox.google.errors import invalid_argument
from social_sandbox.google.queries import read_query
from social_sandbox.google_identity.access import Visit
from social_sandbox.model import Place
from social_sandbox.platform import World

THRESHOLD = 15
_PAGE = 100
_ENDS = tuple(f"monthlyRange.{end}.{part}" for end in ("startMonth", "endMonth") for part in ("year", "month", "day"))
_PER_MONTH = 40
_LONGEST_MONTHS = 18
_GENERIC = ("shop near me", "gift shop", "open now", "handmade gifts")


class KeywordEndpoint:
    """`searchkeywords.impressions.monthly`."""

    def __init__(self, world: World) -> None:
        self._store = world.store

    async def listing(self, visit: Visit) -> Answer:
        """The words of the asked months together, the most frequent first."""
        query = read_query(visit.call, "pageSize", "pageToken", *_ENDS)
        place = own_location(self._store, visit, visit.call.params["location"])
        first, last = query.month("monthlyRange.startMonth"), query.month("monthlyRange.endMonth")
        if first > last:
            raise invalid_argument("monthly_range", "The range ends before it starts.")
        months = [month for month in _months(visit.now.date()) if first <= month <= last]
        words = [place.name.lower(), *_GENERIC]
        counts = sorted(((_searches(place, word, months), word) for word in words), reverse=True)
        found = [_json(word, count) for count, word in counts if count]
        page, more = query.page(found, default=_PAGE, most=_PAGE)
        return json_answer(({"searchKeywordsCounts": page} if page else {}) | more)


def _months(today: date) -> list[date]:
    """The whole months that have figures, the newest first."""
    months: list[date] = []
    month = today.replace(day=1)
    for _ in range(_LONGEST_MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        months.append(month)
    return months


def _searches(place: Place, word: str, months: list[date]) -> int:
    """Fixed for a location, a word and a month; the name of the business is looked for most."""
    least, more = (_PER_MONTH, _PER_MONTH) if word == place.name.lower() else (1, THRESHOLD)
    return sum(least + int(more * chance(PLATFORM, place.platform_id, word, m.isoformat())) for m in months)


def _json(word: str, count: int) -> dict[str, Any]:
    value = {"value": str(count)} if count >= THRESHOLD else {"threshold": str(THRESHOLD)}
    return {"searchKeyword": word, "insightsValue": value}
