"""HTTP of linking: what merchants call, and where the platforms send browsers back to."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel

from auth_linker.linking import examples
from auth_linker.linking.callback import CallbackHandler, Returned, StateRefused
from auth_linker.linking.schemas import (
    AuthorizeIn,
    AuthorizeOut,
    ChooseOut,
    CompleteIn,
    LinkedOut,
    SiblingsIn,
    SiblingsOut,
)
from auth_linker.linking.service import Linker, LinkWish
from auth_linker.linking.siblings import Siblings
from social_common.auth import CurrentMerchant
from social_common.db import Database
from social_common.idempotency import Idempotency, StoredAnswer
from social_common.openapi import shows
from social_common.secrets import Secret
from social_platforms._core import Capability, Platform

router = APIRouter(prefix="/v1", tags=["linking"])

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", description="Makes a repeated call harmless.")]
ConnectionId = Annotated[UUID, Path(description="Of the connection.")]

_LONGEST_PARAMETER: Final = 4096
_PAGE_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
# No script, no link and nothing of the request in it: whoever made the address decides nothing of what is shown.
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>This link has ended</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }</style>
</head>
<body>
<h1>This link has ended</h1>
<p>It was used already, took longer than ten minutes, or was not begun in this store. Nothing was linked.</p>
<p>Go back to the store and connect the account again.</p>
</body>
</html>
"""


@router.post(
    "/connections/{platform}/authorize",
    status_code=201,
    response_model=AuthorizeOut,
    **shows(asks=examples.AUTHORIZE, answers={201: examples.AUTHORIZED}),
)
async def authorize(
    platform: Annotated[Platform, Path(description="Where the account is.")],
    body: AuthorizeIn,
    merchant: CurrentMerchant,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Begins a link: the address of the platform's consent page, good for ten minutes and one use."""
    database: Database = request.app.state.database
    linker: Linker = request.app.state.linker
    idempotency: Idempotency = request.app.state.idempotency
    wish = LinkWish(
        platform=platform,
        return_to=body.return_to,
        capabilities=frozenset(Capability(name) for name in body.capabilities),
        kinds=tuple(dict.fromkeys(body.kinds)),
        connection_id=body.connection_id,
    )
    async with database.write(merchant.user_id) as session:

        async def produce() -> StoredAnswer:
            begun = await linker.begin(session, wish)
            return _stored(201, AuthorizeOut(authorization_url=begun.authorization_url, expires_at=begun.expires_at))

        answer = await idempotency.run(
            session,
            key=idempotency_key,
            method_path=f"POST /v1/connections/{platform}/authorize",
            body=await request.body(),
            produce=produce,
        )
    return _answer(answer)


@router.get(
    "/oauth/{platform}/callback",
    response_class=RedirectResponse,
    status_code=303,
    responses={
        303: {"headers": {"Location": {"schema": {"type": "string"}, "example": examples.RETURNED}}},
        400: {
            "description": "The link was used, has expired or was not begun here: a page, and no way back.",
            "content": {"text/html": {"schema": {"type": "string"}, "example": _PAGE}},
        },
    },
)
async def callback(
    platform: Annotated[str, Path(description="Where the browser comes from.")],
    request: Request,
    state: Annotated[str, Query(description="What we sent along.")] = "",
    code: Annotated[str, Query(description="The platform's code, where the merchant agreed.")] = "",
    error: Annotated[str, Query(description="The platform's word, where it did not come to that.")] = "",
) -> Response:
    """Where platforms send the browser back to: on to the merchant's page, or to a page of our own."""
    # A browser is sent here, so even what no platform would send ends at a page and not at a problem document.
    if max(len(state), len(code), len(error)) > _LONGEST_PARAMETER:
        return HTMLResponse(_PAGE, status_code=400, headers=_PAGE_HEADERS)
    handler: CallbackHandler = request.app.state.callback
    returned = Returned(platform=platform, state=state, code=Secret.maybe(code), error=error or None)
    try:
        target = await handler.handle(returned)
    except StateRefused:
        return HTMLResponse(_PAGE, status_code=400, headers=_PAGE_HEADERS)
    return RedirectResponse(target, status_code=303, headers=_PAGE_HEADERS)


@router.post(
    "/connections/complete",
    status_code=201,
    response_model=LinkedOut,
    **shows(
        asks=examples.COMPLETE,
        answers={200: examples.CHOICE, 201: examples.LINKED},
        models={200: (ChooseOut, "There are several places: name some of them.")},
        refuses=[examples.LINK_NOT_FOUND, examples.OTHER_ACCOUNT],
    ),
)
async def complete(
    body: CompleteIn, merchant: CurrentMerchant, request: Request, idempotency_key: IdempotencyKey = None
) -> Response:
    """Turns an authorized link into connections. Only the merchant who began it can; it works once."""
    database: Database = request.app.state.database
    linker: Linker = request.app.state.linker
    idempotency: Idempotency = request.app.state.idempotency
    platform_ids = tuple(body.platform_ids) if body.platform_ids is not None else None
    async with database.write(merchant.user_id) as session:

        async def produce() -> StoredAnswer:
            done = await linker.complete(session, link_code=body.link_code, platform_ids=platform_ids)
            if done.connections:
                return _stored(201, LinkedOut.of(done.connections))
            return _stored(200, ChooseOut.of(done.choose))

        answer = await idempotency.run(
            session,
            key=idempotency_key,
            method_path="POST /v1/connections/complete",
            body=await request.body(),
            produce=produce,
        )
    return _answer(answer)


@router.get(
    "/connections/{connection_id}/siblings",
    **shows(answers={200: examples.SIBLINGS}, refuses=[examples.SIGN_IN_GONE, examples.PLATFORM_DOWN]),
)
async def list_siblings(connection_id: ConnectionId, merchant: CurrentMerchant, request: Request) -> SiblingsOut:
    """All places that the connection's grant reaches."""
    siblings: Siblings = request.app.state.siblings
    return SiblingsOut.of(await siblings.look(merchant.user_id, connection_id))


@router.post(
    "/connections/{connection_id}/siblings",
    status_code=201,
    response_model=LinkedOut,
    **shows(
        asks=examples.WANTED,
        answers={201: examples.LINKED},
        refuses=[examples.SIGN_IN_GONE, examples.GRANT_ENDED, examples.PLATFORM_DOWN],
    ),
)
async def add_siblings(
    connection_id: ConnectionId,
    body: SiblingsIn,
    merchant: CurrentMerchant,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Links further places of the same grant, without another consent."""
    database: Database = request.app.state.database
    siblings: Siblings = request.app.state.siblings
    idempotency: Idempotency = request.app.state.idempotency
    reach = await siblings.look(merchant.user_id, connection_id)
    async with database.write(merchant.user_id) as session:

        async def produce() -> StoredAnswer:
            added = await siblings.add(session, reach, platform_ids=tuple(body.platform_ids))
            return _stored(201, LinkedOut.of(added))

        answer = await idempotency.run(
            session,
            key=idempotency_key,
            method_path=f"POST /v1/connections/{connection_id}/siblings",
            body=await request.body(),
            produce=produce,
        )
    return _answer(answer)


def _stored(status: int, body: BaseModel) -> StoredAnswer:
    return StoredAnswer(status, body.model_dump(mode="json"))


def _answer(stored: StoredAnswer) -> JSONResponse:
    return JSONResponse(stored.body, status_code=stored.status, headers={"Cache-Control": "no-store", **stored.headers})
