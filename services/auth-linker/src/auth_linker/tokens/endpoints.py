"""HTTP of the broker (our own services only) and of a merchant's wish for fresh tokens."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from auth_linker.connections.examples import CONNECTION
from auth_linker.connections.service import ConnectionNotFound, ConnectionOut, find_connection
from auth_linker.tokens import examples
from auth_linker.tokens.broker import MAY_ASK, CallerRefused, ReconnectNeeded, TokenBroker, Wanted
from auth_linker.tokens.checking import Checker
from auth_linker.tokens.metrics import BROKERED
from auth_linker.tokens.results import Outcome
from auth_linker.tokens.schemas import TokenIn, TokenOut
from social_common.auth import CurrentMerchant
from social_common.db import Database
from social_common.errors import Unavailable
from social_common.openapi import shows
from social_common.service_tokens import calling_service

internal = APIRouter(prefix="/internal/v1", tags=["internal"])
router = APIRouter(prefix="/v1", tags=["connections"])

ConnectionId = Annotated[UUID, Path(description="Of the connection.")]
Caller = Annotated[str, Depends(calling_service(lambda request: request.app.state.service_tokens))]


@internal.post(
    "/connections/{connection_id}/token",
    response_model_exclude_none=False,
    **shows(
        asks=examples.WANTED,
        answers={200: examples.GIVEN},
        refuses=[examples.REFUSED, examples.NOT_GRANTED, examples.RECONNECT, examples.PLATFORM_DOWN],
    ),
)
async def give_token(
    connection_id: ConnectionId, body: TokenIn, caller: Caller, request: Request, response: Response
) -> TokenOut:
    """A token that lasts at least `min_valid_s`; naming a refused version forces a refresh."""
    if body.capability not in MAY_ASK.get(caller, frozenset()):
        raise CallerRefused(f"{caller} may not ask for a token to {body.capability}.")
    broker: TokenBroker = request.app.state.broker
    wanted = Wanted(
        capability=body.capability,
        min_valid=timedelta(seconds=body.min_valid_s),
        refused_version=body.refused_token_version,
    )
    try:
        given = await broker.token(body.user_id, connection_id, wanted)
    except (ReconnectNeeded, Unavailable) as refusal:
        BROKERED.labels(caller, refusal.code).inc()
        raise
    BROKERED.labels(caller, "given").inc()
    response.headers["Cache-Control"] = "no-store"
    return TokenOut(
        access_token=given.token.reveal(),
        expires_at=given.expires_at,
        token_version=given.token_version,
        platform=given.connection.platform,
        platform_id=given.connection.platform_id,
        kind=given.connection.kind,
        facts=dict(given.facts),
        proof=given.proof.reveal() if given.proof is not None else None,
    )


@internal.get("/connections/{connection_id}", **shows(answers={200: CONNECTION}, refuses=[examples.REFUSED]))
async def read_connection(
    connection_id: ConnectionId,
    user_id: Annotated[UUID, Query(description="The merchant whose connection it is.")],
    caller: Caller,
    request: Request,
) -> ConnectionOut:
    """The connection as its merchant sees it, for a service whose event has not come yet."""
    if caller not in MAY_ASK:
        raise CallerRefused(f"{caller} may not read connections.")
    database: Database = request.app.state.database
    async with database.read(user_id) as session:
        found = await find_connection(session, connection_id)
    if found is None:
        raise ConnectionNotFound
    return ConnectionOut.of(found)


@router.post(
    "/connections/{connection_id}/refresh",
    **shows(answers={200: CONNECTION}, refuses=[examples.RECONNECT, examples.PLATFORM_DOWN]),
)
async def refresh_connection(connection_id: ConnectionId, merchant: CurrentMerchant, request: Request) -> ConnectionOut:
    """Renews the tokens where the platform allows it, and looks who and what they still reach."""
    checker: Checker = request.app.state.checker
    result = await checker.check(merchant.user_id, connection_id)
    database: Database = request.app.state.database
    async with database.read(merchant.user_id) as session:
        found = await find_connection(session, connection_id)
    if found is None:
        raise ConnectionNotFound
    if not found.is_connected:
        raise ReconnectNeeded(found)
    if result.outcome in {Outcome.FAILED, Outcome.BUSY}:
        raise Unavailable(
            "The platform could not be asked just now; the connection stays as it is.",
            code="platform_down",
            retry_after=result.wait or timedelta(seconds=5),
        )
    return ConnectionOut.of(found)
