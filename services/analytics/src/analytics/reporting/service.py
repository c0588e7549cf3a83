"""The reports: numbers of a period, and how they stand to the period before."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from analytics.reporting import repository
from analytics.reporting.domain import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    BadPeriod,
    Granularity,
    Period,
    differences,
    percent_change,
)
from analytics.reporting.paging import PostList
from analytics.reporting.schemas import (
    Account,
    AccountComparison,
    AccountNumbers,
    AccountReport,
    Changes,
    Overview,
    OverviewComparison,
    Post,
    PostNumbers,
    PostPage,
    PostPoint,
    PostReport,
    SeriesPoint,
    Totals,
)
from social_common.db import ReadSession
from social_common.errors import Invalid, NotFound

MOST_ACCOUNTS: Final = 500
MOST_HISTORY: Final = 1000
_EARLIEST: Final = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(LATEST_YEAR, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(microseconds=1)


async def overview(session: ReadSession, *, start: datetime | None, end: datetime | None) -> Overview:
    """Everything of the merchant in a period; what is new is measured against the period before."""
    period = await _period(session, start, end)
    totals, _ = await _totals(session, period)
    accounts = await repository.find_accounts(session, at_most=MOST_ACCOUNTS)
    return Overview(
        from_=period.start,
        to=period.end,
        totals=totals,
        comparison=await _overview_comparison(session, totals, period=period.before()),
        accounts=[Account.model_validate(row) for row in accounts],
        collected_at=max((row["collected_at"] for row in accounts if row["collected_at"]), default=None),
    )


async def account_report(
    session: ReadSession,
    connection_id: UUID,
    *,
    start: datetime | None,
    end: datetime | None,
    granularity: Granularity,
) -> AccountReport:
    """One connection over a period in steps."""
    row = await repository.find_account(session, connection_id)
    if row is None:
        raise NotFound("There is no such connection.")
    period = await _period(session, start, end, longest=granularity.longest)
    series = await repository.find_series(session, connection_id, period=period, granularity=granularity)
    return AccountReport(
        account=Account.model_validate(row),
        from_=period.start,
        to=period.end,
        granularity=granularity.value,
        series=[SeriesPoint.model_validate(point) for point in series],
        comparison=await _account_comparison(session, connection_id, period=period),
    )


async def post_page(session: ReadSession, listed: PostList, *, cursor: str | None, limit: int, key: bytes) -> PostPage:
    """One page of the merchant's published posts."""
    after = listed.page_after(key, cursor)
    if listed.connection_id is not None and await repository.find_account(session, listed.connection_id) is None:
        raise NotFound("There is no such connection.")
    rows = await repository.find_posts(
        session,
        _open_period(listed.start, listed.end),
        sort=listed.sort,
        after=after,
        at_most=limit + 1,
        platform=listed.platform,
        connection_id=listed.connection_id,
    )
    page = rows[:limit]
    return PostPage(
        posts=[_post(row) for row in page],
        next_cursor=listed.cursor_after(key, page[-1]) if len(rows) > limit else None,
    )


async def post_report(
    session: ReadSession, post_id: UUID, *, start: datetime | None, end: datetime | None
) -> PostReport:
    """One post with its latest numbers and its history."""
    row = await repository.find_post(session, post_id)
    if row is None:
        raise NotFound("There is no such published post.")
    period = _open_period(start, end)
    history = await repository.find_post_history(session, post_id, period=period, at_most=MOST_HISTORY + 1)
    return PostReport(
        post=_post(row),
        history=[PostPoint.model_validate(point) for point in reversed(history[:MOST_HISTORY])],
        history_is_cut=len(history) > MOST_HISTORY,
    )


def _post(row: Mapping[str, Any]) -> Post:
    return Post.model_validate({**row, "metrics": PostNumbers.model_validate(row)})


async def _period(session: ReadSession, start: datetime | None, end: datetime | None, **limits: timedelta) -> Period:
    now = await repository.product_now(session)
    try:
        # The end is without itself: what was collected this very moment belongs to a report asked for now.
        return Period.asked(start, end, now=now + _STEP, **limits)
    except BadPeriod as error:
        raise Invalid(error.detail, field=f"query.{error.field}") from error


def _open_period(start: datetime | None, end: datetime | None) -> Period:
    try:
        return Period.asked(start or _EARLIEST, end or _LATEST, now=_LATEST, longest=_LATEST - _EARLIEST)
    except BadPeriod as error:
        raise Invalid(error.detail, field=f"query.{error.field}") from error


async def _totals(session: ReadSession, period: Period) -> tuple[Totals, bool]:
    """A period's totals, and whether anything was measured in it."""
    posts = await repository.sum_posts(session, period)
    followers = await repository.sum_followers(session, period)
    return Totals.model_validate({**posts, **followers}), bool(posts["measured"] or followers["measured"])


async def _overview_comparison(session: ReadSession, now: Totals, *, period: Period) -> OverviewComparison | None:
    before, is_measured = await _totals(session, period)
    if not is_measured:
        return None
    values, earlier = now.model_dump(), before.model_dump()
    return OverviewComparison(
        from_=period.start,
        to=period.end,
        totals=before,
        change_percent=Changes.model_validate(
            {name: _percent(values[name], earlier[name]) for name in Changes.model_fields}
        ),
    )


def _percent(now: float | None, before: float | None) -> float | None:
    change = percent_change(now, before)
    return None if change is None else float(change)


async def _account_comparison(session: ReadSession, connection_id: UUID, *, period: Period) -> AccountComparison | None:
    last = await repository.last_snapshot(session, connection_id, before=period.end)
    first = await repository.last_snapshot(session, connection_id, before=period.start)
    if last is None or first is None or last["collected_at"] < period.start:
        return None
    names = list(AccountNumbers.model_fields)
    change = differences({name: last[name] for name in names}, {name: first[name] for name in names})
    return AccountComparison(
        before=AccountNumbers.model_validate(first),
        before_collected_at=first["collected_at"],
        change=AccountNumbers.model_validate(change),
    )
