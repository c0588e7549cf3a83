"""What a report is asked for: which metrics, by what, of which videos, over which days; and which mixes there are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from social_sandbox.calls import read_number
from social_sandbox.google_identity.errors import GoogleError
from social_sandbox.youtube.access import Visit
from social_sandbox.youtube.errors import forbidden, refusal

INTEGER, FLOAT = "INTEGER", "FLOAT"
METRICS: Mapping[str, str] = {
    "views": INTEGER,
    "engagedViews": INTEGER,
    "estimatedMinutesWatched": INTEGER,
    "averageViewDuration": INTEGER,
    "averageViewPercentage": FLOAT,
    "likes": INTEGER,
    "dislikes": INTEGER,
    "comments": INTEGER,
    "shares": INTEGER,
    "subscribersGained": INTEGER,
    "subscribersLost": INTEGER,
}
_REVENUE = frozenset(
    {"estimatedRevenue", "estimatedAdRevenue", "grossRevenue", "estimatedRedPartnerRevenue", "adImpressions", "cpm"}
)
# Each supported set of dimensions; the report of single videos is a list of the best and wants an order and an end.
_DIMENSIONS = (frozenset[str](), frozenset({"day"}), frozenset({"video"}))
_MOST_VIDEOS = 500
_MOST_ROWS_OF_VIDEOS = 200
_PARAMETERS = ("ids", "startDate", "endDate", "metrics", "dimensions", "filters", "sort", "maxResults", "startIndex")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """A report that there is. `videos` is None where all of the channel count; `sort` names columns."""

    channel_id: str
    first: date
    last: date
    metrics: Sequence[str]
    dimension: str | None
    videos: frozenset[str] | None
    sort: Sequence[str]
    limit: int | None
    start: int


def read_query(visit: Visit) -> Query:
    """The report a call asks for; raises the refusal of one that there is not."""
    query = visit.query(*_PARAMETERS, "currency", "includeHistoricalChannelData")
    for name in ("ids", "startDate", "endDate", "metrics"):
        if not query.get(name):
            raise _bad(f"Required parameter: {name}")
    first, last = _date(query, "startDate"), _date(query, "endDate")
    if first > last:
        raise _bad("The startDate must not be after the endDate.")
    metrics, dimensions = _names(query, "metrics"), _names(query, "dimensions")
    _check_metrics(metrics)
    if frozenset(dimensions) not in _DIMENSIONS or len(dimensions) != len(set(dimensions)):
        raise _unsupported()
    sort = _names(query, "sort")
    columns = {*dimensions, *metrics}
    if any(name.removeprefix("-") not in columns for name in sort):
        raise _unsupported()
    limit = _count(query, "maxResults")
    if dimensions == ["video"]:
        is_best_first = bool(sort) and sort[0].startswith("-") and sort[0][1:] in metrics
        if not is_best_first or limit is None or limit > _MOST_ROWS_OF_VIDEOS:
            raise _unsupported()
    return Query(
        channel_id=_channel(visit, query["ids"]),
        first=first,
        last=last,
        metrics=metrics,
        dimension=dimensions[0] if dimensions else None,
        videos=_videos(query.get("filters", "")),
        sort=sort,
        limit=limit,
        start=_count(query, "startIndex") or 1,
    )


def _channel(visit: Visit, ids: str) -> str:
    kind, separator, value = ids.partition("==")
    if not separator or kind not in {"channel", "contentOwner"} or not value:
        raise _bad(f"Invalid value '{ids}' for the parameter ids.")
    channel = visit.channel
    if kind != "channel" or channel is None or value not in {"MINE", channel.channel_id}:
        raise forbidden()
    return channel.channel_id


def _check_metrics(metrics: Sequence[str]) -> None:
    unknown = next((name for name in metrics if name not in METRICS and name not in _REVENUE), None)
    if unknown is not None:
        raise _bad(f"Unknown identifier ({unknown}) given in field parameters.metrics.")
    if len(set(metrics)) != len(metrics):
        raise _unsupported()
    if _REVENUE & set(metrics):
        # No channel here is in the partner programme.
        raise forbidden()


def _videos(filters: str) -> frozenset[str] | None:
    if not filters:
        return None
    found: dict[str, frozenset[str]] = {}
    for one in filters.split(";"):
        name, separator, values = one.partition("==")
        ids = frozenset(value for value in values.split(",") if value)
        if not separator or name != "video" or name in found or not 0 < len(ids) <= _MOST_VIDEOS:
            raise _unsupported()
        found[name] = ids
    return found["video"]


def _names(query: Mapping[str, str], name: str) -> list[str]:
    return query[name].split(",") if query.get(name) else []


def _date(query: Mapping[str, str], name: str) -> date:
    text = query[name]
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _bad(f"Invalid value '{text}' for the parameter {name}. It must be YYYY-MM-DD.")


def _count(query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    number = read_number(query[name])
    if not number:
        raise _bad(f"Invalid value '{query[name]}' for the parameter {name}.")
    return number


def _bad(message: str) -> GoogleError:
    return refusal(400, "badRequest", message, rpc_status="INVALID_ARGUMENT")


def _unsupported() -> GoogleError:
    return _bad("The query is not supported. Check the documentation for supported queries.")
