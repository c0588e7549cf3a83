"""The HTTP API of analytics: four reads, each under the caller's claims."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime

from analytics.reporting import examples, service
from analytics.reporting.domain import Granularity, Sort, SortKey
from analytics.reporting.paging import PostList
from analytics.reporting.schemas import AccountReport, Overview, PostPage, PostReport
from social_common.auth import CurrentMerchant
from social_common.db import Database
from social_common.errors import Invalid
from social_common.openapi import shows
from social_platforms._core import Platform

router = APIRouter(prefix="/v1/analytics", tags=["analytics"])

From = Annotated[AwareDatetime | None, Query(alias="from", description="Begin of the period, with an offset")]
To = Annotated[AwareDatetime | None, Query(alias="to", description="End of the period, not part of it")]
_SORTS = [prefix + key.value for key in SortKey for prefix in ("", "-")]


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


@router.get("/overview", operation_id="get_overview", **shows(answers={200: examples.OVERVIEW}))
async def get_overview(request: Request, merchant: CurrentMerchant, from_: From = None, to: To = None) -> Overview:
    """Totals of the posts of a period (the last 30 days unless said), all accounts, and the period before."""
    async with _database(request).read(merchant.user_id) as session:
        return await service.overview(session, start=from_, end=to)


@router.get("/accounts/{connection_id}", operation_id="get_account", **shows(answers={200: examples.ACCOUNT}))
async def get_account(
    request: Request,
    merchant: CurrentMerchant,
    connection_id: Annotated[UUID, Path(description="Of the connection.")],
    from_: From = None,
    to: To = None,
    granularity: Annotated[Granularity, Query(description="How wide the steps of the series are.")] = Granularity.DAY,
) -> AccountReport:
    """One connection: latest numbers, a series over the period, and what changed since it began."""
    async with _database(request).read(merchant.user_id) as session:
        return await service.account_report(session, connection_id, start=from_, end=to, granularity=granularity)


@router.get("/posts", operation_id="list_posts", **shows(answers={200: examples.POSTS}))
async def list_posts(
    request: Request,
    merchant: CurrentMerchant,
    from_: From = None,
    to: To = None,
    sort: Annotated[
        str, Query(json_schema_extra={"enum": _SORTS}, description="By what; with `-` the greatest first.")
    ] = "-posted_at",
    platform: Annotated[Platform | None, Query(description="Only this platform's.")] = None,
    connection_id: Annotated[UUID | None, Query(description="Only those for this place.")] = None,
    cursor: Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 20,
) -> PostPage:
    """Published posts with their latest numbers; posts without the sorted number come last."""
    listed = PostList(_sort(sort), from_, to, platform.value if platform else None, connection_id)
    key: bytes = request.app.state.cursor_key
    async with _database(request).read(merchant.user_id) as session:
        return await service.post_page(session, listed, cursor=cursor, limit=limit, key=key)


@router.get("/posts/{post_id}", operation_id="get_post", **shows(answers={200: examples.POST}))
async def get_post(
    request: Request,
    merchant: CurrentMerchant,
    post_id: Annotated[UUID, Path(description="Of the post.")],
    from_: From = None,
    to: To = None,
) -> PostReport:
    """One post: latest numbers and how they grew."""
    async with _database(request).read(merchant.user_id) as session:
        return await service.post_report(session, post_id, start=from_, end=to)


def _sort(text: str) -> Sort:
    try:
        return Sort.parse(text)
    except ValueError:
        raise Invalid(
            f"Posts can be sorted by {', '.join(SortKey)}, with `-` in front for the greatest first.",
            field="query.sort",
        ) from None
