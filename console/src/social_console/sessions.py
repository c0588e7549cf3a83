"""The browser's session: the access token goes to the page, the refresh token into a cookie no script can read."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr
from starlette.responses import JSONResponse, Response

from social_common.errors import Forbidden, ServiceError, Unauthenticated
from social_common.logging import get_logger
from social_common.problems import problem_response
from social_common.secrets import Secret
from social_console.identity import ConfirmationNeeded, IdentityClient, SessionRefused, SignedIn
from social_console.settings import ConsoleSettings

PATH: Final = "/session"
_JSON: Final = "application/json"
_ACCEPTED: Final = 202
_NO_CONTENT: Final = 204
_UNSUPPORTED: Final = 415
_LONGEST_COOKIE: Final = 1024


class SignIn(BaseModel):
    """Email and password; `sign_up` makes the account first."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: str = Field(min_length=3, max_length=320)
    password: SecretStr = Field(min_length=1, max_length=1000)
    sign_up: bool = False


class UserOut(BaseModel):
    """Who is signed in."""

    id: str
    email: str | None
    is_operator: bool = Field(description="Whether the operator's page is shown; its data is guarded by itself.")


class SessionOut(BaseModel):
    """What the page keeps in memory."""

    access_token: str
    expires_at: AwareDatetime
    expires_in: int = Field(description="Seconds from now; does not depend on the browser's clock.")
    user: UserOut


class SessionCookie:
    """The cookie of the refresh token: only for these routes, never for scripts, never from other sites."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._secure = not settings.is_local
        self._life = settings.console_session_life
        self.name = "__Secure-seftec_session" if self._secure else "seftec_session"

    def read(self, request: Request) -> Secret | None:
        """The refresh token that the browser sent."""
        value = request.cookies.get(self.name)
        return Secret(value) if value and len(value) <= _LONGEST_COOKIE and value.isprintable() else None

    def set(self, response: Response, token: Secret) -> None:
        """Has the browser keep this one from now on."""
        self._write(response, token.reveal(), life=self._life)

    def clear(self, response: Response) -> None:
        """Has the browser forget it."""
        self._write(response, "", life=timedelta(0))

    def _write(self, response: Response, value: str, *, life: timedelta) -> None:
        response.set_cookie(
            self.name,
            value,
            max_age=int(life.total_seconds()),
            path=PATH,
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )


class Refreshes:
    """Refreshes under way: tabs that show the same cookie at the same moment share one call and its answer."""

    def __init__(self, identity: IdentityClient) -> None:
        self._identity = identity
        self._running: dict[str, asyncio.Task[SignedIn]] = {}

    async def next_of(self, token: Secret) -> SignedIn:
        """The session's next pair; one tab that gives up takes nothing from the others."""
        key = hashlib.sha256(token.reveal().encode()).hexdigest()
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._identity.refresh(token))
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def _forget(self, key: str, done: asyncio.Task[SignedIn]) -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, even where every tab that waited has gone


async def from_own_page(request: Request) -> None:
    """Refuses what another site's page sent: by what the browser says of the sender, and by a type forms cannot have.

    Whoever says nothing of where it comes from is no browser, and holds nobody's cookie.
    """
    settings: ConsoleSettings = request.app.state.settings
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    is_own = site == "same-origin" if site else origin is None or origin.lower() == settings.origin
    if not is_own:
        raise Forbidden("Sessions are begun and ended on the console's own page only.", action=settings.public_url)
    sent_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and sent_type != _JSON:
        raise ServiceError(
            f"Send the body as {_JSON}.", code="invalid_request", status=_UNSUPPORTED, title="Unsupported media type"
        )


router = APIRouter(prefix=PATH, tags=["session"], dependencies=[Depends(from_own_page)])


def _identity(request: Request) -> IdentityClient:
    identity: IdentityClient = request.app.state.identity
    return identity


def _refreshes(request: Request) -> Refreshes:
    refreshes: Refreshes = request.app.state.refreshes
    return refreshes


def _cookie(request: Request) -> SessionCookie:
    cookie: SessionCookie = request.app.state.session_cookie
    return cookie


Identity = Annotated[IdentityClient, Depends(_identity)]
RefreshesOf = Annotated[Refreshes, Depends(_refreshes)]
Cookie = Annotated[SessionCookie, Depends(_cookie)]


@router.post("", operation_id="sign_in", response_model=SessionOut)
async def sign_in(request: Request, body: SignIn, identity: Identity, cookie: Cookie) -> Response:
    """Signs in, or up where that is allowed. 202 where the new account first has to confirm its address."""
    settings: ConsoleSettings = request.app.state.settings
    if body.sign_up and not settings.console_sign_up:
        raise Forbidden("Accounts are not made on this page.", action="Ask whoever runs this shop.")
    await request.app.state.sign_ins.hit_address(request.scope)
    password = Secret(body.password.get_secret_value())
    enter = identity.sign_up if body.sign_up else identity.sign_in
    try:
        return _answer(await enter(body.email.strip(), password), cookie)
    except ConfirmationNeeded:
        return JSONResponse({"confirm": "email"}, status_code=_ACCEPTED)


@router.post("/refresh", operation_id="refresh_session", response_model=SessionOut)
async def refresh(request: Request, refreshes: RefreshesOf, cookie: Cookie) -> Response:
    """A new access token for the cookie's session; 401 and no cookie any more where that has ended.

    204 without a cookie: a first visit is no failure, and the browser would report it as one.
    """
    token = cookie.read(request)
    if token is None:
        return Response(status_code=_NO_CONTENT)
    try:
        return _answer(await refreshes.next_of(token), cookie)
    except SessionRefused:
        refusal = Unauthenticated("The session has ended.", action="Sign in again.")
        response = problem_response(refusal, instance=request.url.path)
        cookie.clear(response)
        return response


@router.delete("", operation_id="sign_out", status_code=_NO_CONTENT)
async def sign_out(request: Request, identity: Identity, refreshes: RefreshesOf, cookie: Cookie) -> Response:
    """Ends the session here, and at the identity where that answers."""
    token = cookie.read(request)
    if token is not None:
        try:
            session = await refreshes.next_of(token)
            await identity.sign_out(session.access_token)
        except SessionRefused:
            get_logger().debug("session_had_ended")
        except ServiceError:
            # The next person at this machine matters more than the identity's books: the cookie goes in any case.
            get_logger().warning("session_not_ended_at_identity")
    response = Response(status_code=_NO_CONTENT)
    cookie.clear(response)
    return response


def _answer(session: SignedIn, cookie: SessionCookie) -> Response:
    user = UserOut(id=session.user.id, email=session.user.email, is_operator=session.user.is_operator)
    shown = SessionOut(
        access_token=session.access_token.reveal(),
        expires_at=session.expires_at,
        expires_in=session.expires_in,
        user=user,
    )
    response = JSONResponse(shown.model_dump(mode="json"))
    cookie.set(response, session.refresh_token)
    return response
