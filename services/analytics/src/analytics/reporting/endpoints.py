"""The HTTP API of analytics: four reads, each under the caller's claims."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
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
    connection_id: UUID,
    from_: From = None,
    to: To = None,
    granularity: Granularity = Granularity.DAY,
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
    sort: Annotated[str, Query(json_schema_extra={"enum": _SORTS})] = "-posted_at",
    platform: Platform | None = None,
    connection_id: UUID | None = None,
    cursor: Annotated[str | None, Query(max_length=2048)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> PostPage:
    """Published posts with their latest numbers; posts without the sorted number come last."""
    listed = PostList(_sort(sort), from_, to, platform.value if platform else None, connection_id)
    key: bytes = request.app.state.cursor_key
    async with _database(request).read(merchant.user_id) as session:
        return await service.post_page(session, listed, cursor=cursor, limit=limit, key=key)


@router.get("/posts/{post_id}", operation_id="get_post", **shows(answers={200: examples.POST}))
async def get_post(
    request: Request, merchant: CurrentMerchant, post_id: UUID, from_: From = None, to: To = None
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
