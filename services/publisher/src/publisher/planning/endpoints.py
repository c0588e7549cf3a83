"""The HTTP face of planning."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from publisher.domain import Status
from publisher.planning import examples
from publisher.planning.board import Board
from publisher.planning.errors import no_such_post
from publisher.planning.repository import Filters, attempts_of, list_posts
from publisher.planning.schemas import (
    AttemptOut,
    Attempts,
    Campaign,
    Changes,
    Checks,
    Moment,
    NewPosts,
    PostOut,
    PostPage,
    Resolution,
    Retry,
    SettingsBody,
)
from publisher.planning.sharing import Share
from publisher.posts import find
from publisher.settings_of import MerchantSettings
from publisher.settings_of import find as find_settings
from publisher.settings_of import store as store_settings
from social_common.auth import CurrentMerchant
from social_common.errors import Invalid, PreconditionRequired
from social_common.openapi import shows
from social_platforms._core import Platform

router = APIRouter(prefix="/v1", tags=["posts"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Makes a repeated call harmless: a key has one answer for a day, a refusal by content or time "
        "included. After a refusal that may pass (such as 409 connection_not_usable, or a file that could not be "
        "fetched) the same call with the same key is handled anew.",
    ),
]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The post's revision as it was read: its ETag.")]
PostId = Annotated[UUID, Path(description="Of the post.")]


def _board(request: Request) -> Board:
    board: Board = request.app.state.board
    return board


OnBoard = Annotated[Board, Depends(_board)]


@router.post(
    "/posts",
    status_code=201,
    response_model=Campaign,
    **shows(
        asks=examples.NEW_POSTS,
        answers={201: examples.CAMPAIGN},
        refuses=[examples.NO_CONNECTION, examples.UNUSABLE],
    ),
)
async def create_posts(
    request: Request, body: NewPosts, merchant: CurrentMerchant, board: OnBoard, key: IdempotencyKey = None
) -> Response:
    """Makes a campaign: one post per target, all of them or none."""
    return await board.create(
        merchant.user_id,
        key=key,
        method_path="POST /v1/posts",
        raw=await request.body(),
        plan=lambda: board.planner.plan(merchant.user_id, body),
    )


@router.post(
    "/products/share",
    status_code=201,
    response_model=Campaign,
    **shows(
        asks=examples.SHARE,
        answers={201: examples.CAMPAIGN},
        refuses=[examples.NO_CONNECTION, examples.UNUSABLE],
    ),
)
async def share_product(
    request: Request, body: Share, merchant: CurrentMerchant, board: OnBoard, key: IdempotencyKey = None
) -> Response:
    """Shares a product: a text and media per platform, within its limits."""
    return await board.create(
        merchant.user_id,
        key=key,
        method_path="POST /v1/products/share",
        raw=await request.body(),
        plan=lambda: board.sharer.plan(merchant.user_id, body),
    )


@router.post("/posts/validate", **shows(asks=examples.NEW_POSTS, answers={200: examples.CHECKS}))
async def validate_posts(body: NewPosts, merchant: CurrentMerchant, board: OnBoard) -> Checks:
    """Says what each platform would refuse or bend, and what is left of its limits; stores nothing."""
    return await board.planner.validate(merchant.user_id, body)


@router.get("/posts", **shows(answers={200: examples.PAGE}))
async def read_posts(
    merchant: CurrentMerchant,
    board: OnBoard,
    status: Annotated[list[Status] | None, Query(description="Any of these; may be said several times.")] = None,
    platform: Annotated[Platform | None, Query(description="Only this platform's.")] = None,
    connection_id: Annotated[UUID | None, Query(description="Only those for this place.")] = None,
    campaign_id: Annotated[UUID | None, Query(description="Only those of one create call.")] = None,
    product_id: Annotated[
        str | None, Query(max_length=255, pattern=r"^[^\x00]*$", description="Only those that share this product.")
    ] = None,
    from_: Annotated[Moment | None, Query(alias="from", description="Begin of the period, with an offset.")] = None,
    to: Annotated[Moment | None, Query(description="End of the period, not part of it.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> PostPage:
    """The merchant's posts, newest first; `from` and `to` are about the time a calendar would show."""
    filters = Filters(
        statuses=tuple(one.value for one in status or []),
        platform=platform.value if platform else None,
        connection_id=connection_id,
        campaign_id=campaign_id,
        product_id=product_id,
        from_=from_,
        to=to,
    )
    after = board.position_of(cursor) if cursor is not None else None
    async with board.database.read(merchant.user_id) as session:
        found = await list_posts(session, filters, after=after, limit=limit + 1)
    page = found[:limit]
    following = board.cursor_after(page[-1]) if len(found) > limit else None
    return PostPage(posts=[PostOut.of(post) for post in page], next_cursor=following)


@router.get("/posts/{post_id}", **shows(answers={200: examples.PUBLISHED}, etag=True))
async def read_post(post_id: PostId, merchant: CurrentMerchant, board: OnBoard, response: Response) -> PostOut:
    """One post; its revision is the ETag."""
    post = await board.editor.find(merchant.user_id, post_id)
    response.headers["ETag"] = f'"{post.revision}"'
    return PostOut.of(post)


@router.patch(
    "/posts/{post_id}",
    **shows(
        asks=examples.CHANGES,
        answers={200: examples.SCHEDULED},
        refuses=[examples.NOT_NOW, examples.UNUSABLE],
        etag=True,
    ),
)
async def patch_post(
    post_id: PostId,
    body: Changes,
    merchant: CurrentMerchant,
    board: OnBoard,
    response: Response,
    if_match: IfMatch = None,
) -> PostOut:
    """Changes a post that is not out; needs `If-Match` with its revision."""
    revision = _revision(if_match)
    post = await board.editor.patch(merchant.user_id, post_id, body, revision=revision)
    response.headers["ETag"] = f'"{post.revision}"'
    return PostOut.of(post)


@router.delete("/posts/{post_id}", status_code=204, **shows(refuses=[examples.NOT_NOW]))
async def delete_post(post_id: PostId, merchant: CurrentMerchant, board: OnBoard, if_match: IfMatch = None) -> None:
    """Cancels a waiting post, removes one that is not out, hides one that is; needs `If-Match`."""
    await board.editor.delete(merchant.user_id, post_id, revision=_revision(if_match))


@router.post(
    "/posts/{post_id}/publish",
    **shows(answers={200: examples.SCHEDULED}, refuses=[examples.NOT_NOW, examples.UNUSABLE]),
)
async def publish_post(post_id: PostId, merchant: CurrentMerchant, board: OnBoard) -> PostOut:
    """Due at once."""
    return PostOut.of(await board.editor.publish_now(merchant.user_id, post_id))


@router.post(
    "/posts/{post_id}/retry",
    **shows(
        asks=examples.RETRY,
        answers={200: examples.SCHEDULED},
        refuses=[examples.MAY_BE_THERE, examples.UNUSABLE],
    ),
)
async def retry_post(post_id: PostId, merchant: CurrentMerchant, board: OnBoard, body: Retry | None = None) -> PostOut:
    """Another try; of an unknown one the account is read first, and sending again wants a confirmation."""
    confirmed = body is not None and body.confirm_may_duplicate
    return PostOut.of(await board.doubts.retry(merchant.user_id, post_id, confirmed=confirmed))


@router.post(
    "/posts/{post_id}/resolve",
    **shows(asks=examples.RESOLUTION, answers={200: examples.PUBLISHED}, refuses=[examples.NOT_NOW]),
)
async def resolve_post(post_id: PostId, body: Resolution, merchant: CurrentMerchant, board: OnBoard) -> PostOut:
    """The merchant's word on a post that nobody can tell about."""
    post = await board.doubts.resolve(merchant.user_id, post_id, outcome=body.outcome, permalink=body.permalink)
    return PostOut.of(post)


@router.get("/posts/{post_id}/attempts", **shows(answers={200: examples.ATTEMPTS}))
async def read_attempts(post_id: PostId, merchant: CurrentMerchant, board: OnBoard) -> Attempts:
    """What was tried for a post."""
    async with board.database.read(merchant.user_id) as session:
        if await find(session, post_id) is None:
            raise no_such_post()
        rows = await attempts_of(session, post_id)
    return Attempts(attempts=[AttemptOut(**row) for row in rows])


@router.get("/settings", **shows(answers={200: examples.SETTINGS}))
async def read_settings(merchant: CurrentMerchant, board: OnBoard) -> SettingsBody:
    """The merchant's settings, the service's defaults where nothing was said."""
    async with board.database.read(merchant.user_id) as session:
        own = await find_settings(session)
    on_doubt: Literal["ask", "resend"] = "resend" if own.on_doubt == "resend" else "ask"
    return SettingsBody(catch_up_hours=own.catch_up_hours or board.catch_up_hours, on_doubt=on_doubt)


@router.put("/settings", **shows(asks=examples.SETTINGS, answers={200: examples.SETTINGS}))
async def write_settings(body: SettingsBody, merchant: CurrentMerchant, board: OnBoard) -> SettingsBody:
    """Replaces the merchant's settings."""
    wanted = MerchantSettings.of(body.catch_up_hours, body.on_doubt)
    async with board.database.write(merchant.user_id) as session:
        await store_settings(session, merchant.user_id, wanted)
    return body


def _revision(if_match: str | None) -> int:
    if if_match is None:
        raise PreconditionRequired(
            "Say which revision you mean, in If-Match.", field="header.if-match", action="Send the post's ETag."
        )
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 19:  # noqa: PLR2004 - the digits of a BIGINT
        raise Invalid("If-Match is to be the post's revision.", field="header.if-match")
    return int(text)
