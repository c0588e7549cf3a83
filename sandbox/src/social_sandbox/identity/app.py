"""The HTTP side of the stand-in for Supabase Auth."""

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from social_sandbox.calls import MalformedBody, read_json
from social_sandbox.identity.errors import AuthError, auth_error_answer
from social_sandbox.identity.people import Person, Session
from social_sandbox.identity.service import Identity, user_json


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = read_json(await request.body())
    except MalformedBody as error:
        raise AuthError(400, "bad_json", f"Could not parse request body as JSON: {error}") from error
    if not isinstance(body, dict):
        raise AuthError(400, "bad_json", "Could not parse request body as JSON: an object was expected")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise AuthError(400, "bad_json", f"Could not parse request body as JSON: {name} must be a string")
    return value


class _Endpoints:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def jwks(self, request: Request) -> Response:
        del request
        return JSONResponse(self._identity.key.jwks(), headers={"cache-control": "public, max-age=600"})

    async def signup(self, request: Request) -> Response:
        body = await _body(request)
        email, password = _text(body, "email"), _text(body, "password")
        metadata = body.get("data") or {}
        if not isinstance(metadata, dict):
            raise AuthError(400, "bad_json", "Could not parse request body as JSON: data must be an object")
        if _text(body, "phone"):
            raise AuthError(400, "phone_provider_disabled", "Phone signups are disabled")
        if not email and not password:
            return JSONResponse(await self._identity.sign_up_anonymously(metadata))
        if not password:
            raise AuthError(400, "validation_failed", "Signup requires a valid password")
        return JSONResponse(await self._identity.sign_up(email, password, metadata))

    async def token(self, request: Request) -> Response:
        match request.query_params.get("grant_type"):
            case "password":
                body = await _body(request)
                session = await self._identity.sign_in(_text(body, "email"), _text(body, "password"))
            case "refresh_token":
                body = await _body(request)
                session = await self._identity.refresh(_text(body, "refresh_token"))
            case _:
                raise AuthError(400, "invalid_credentials", "unsupported_grant_type")
        return JSONResponse(session, headers={"cache-control": "no-store"})

    async def user(self, request: Request) -> Response:
        person, _ = await self._signed_in(request)
        return JSONResponse(user_json(person))

    async def logout(self, request: Request) -> Response:
        person, session = await self._signed_in(request)
        match request.query_params.get("scope", "global"):
            case "global":
                self._identity.people.end_sessions(person.user_id)
            case "local":
                self._identity.people.end_sessions(person.user_id, only=session.session_id)
            case "others":
                self._identity.people.end_sessions(person.user_id, but=session.session_id)
            case other:
                raise AuthError(400, "validation_failed", f"Unsupported logout scope {other!r}")
        return Response(status_code=204)

    async def settings(self, request: Request) -> Response:
        del request
        providers = {"email": True, "phone": False, "anonymous_users": True}
        return JSONResponse({"external": providers, "disable_signup": False, "mailer_autoconfirm": True})

    async def health(self, request: Request) -> Response:
        del request
        return JSONResponse({"name": "GoTrue", "description": "Simulated by the sandbox", "version": "v2.196.0"})

    async def _signed_in(self, request: Request) -> tuple[Person, Session]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
        return await self._identity.person_of(token.strip())


def identity_app(identity: Identity) -> Starlette:
    """The stand-in as an application to mount under `/auth/v1`; any origin may call it, as at Supabase."""
    endpoints = _Endpoints(identity)
    return Starlette(
        routes=[
            Route("/.well-known/jwks.json", endpoints.jwks),
            Route("/signup", endpoints.signup, methods=["POST"]),
            Route("/token", endpoints.token, methods=["POST"]),
            Route("/user", endpoints.user, methods=["GET"]),
            Route("/logout", endpoints.logout, methods=["POST"]),
            Route("/settings", endpoints.settings),
            Route("/health", endpoints.health),
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["X-Supabase-Api-Version"],
            )
        ],
        exception_handlers={AuthError: auth_error_answer},
    )
