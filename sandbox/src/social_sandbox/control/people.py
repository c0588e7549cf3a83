"""People of the identity stand-in, for commands and tests that need a known user."""

from typing import Any

from fastapi import APIRouter

from social_sandbox.control.schemas import NewSession, NewUser
from social_sandbox.identity.errors import AuthError
from social_sandbox.identity.service import Identity
from social_sandbox.platform import RefusedByControl


def router(identity: Identity) -> APIRouter:
    """Routes for users and sessions."""
    routes = APIRouter()

    @routes.post("/users", status_code=201)
    async def make_user(body: NewUser) -> dict[str, Any]:
        user_id = None if body.id is None else str(body.id)
        if user_id is not None and identity.people.find(user_id):
            raise RefusedByControl("id", "is taken", status=409)
        try:
            session = await identity.sign_up(body.email, body.password, {}, user_id=user_id, roles=body.roles)
        except AuthError as error:
            raise RefusedByControl("email", error.message, status=error.status) from error
        return {"id": session["user"]["id"], "email": session["user"]["email"]}

    @routes.post("/sessions", status_code=201)
    async def open_session(body: NewSession) -> dict[str, Any]:
        """A session without a password, shaped as the identity's own; the person is made when new."""
        if body.user_id is None and body.email is None:
            raise RefusedByControl("user_id", "name a user_id or an email")
        user_id = None if body.user_id is None else str(body.user_id)
        return await identity.session_for(user_id, body.email, roles=body.roles)

    return routes
