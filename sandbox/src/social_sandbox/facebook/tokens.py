"""How tokens live and die: short and long ones of a person, and those of Pages that hang on them."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.facebook.errors import invalid_token, unreadable_token
from social_sandbox.facebook.pages import options_of
from social_sandbox.grants import Grant, Token
from social_sandbox.meta.errors import GraphError
from social_sandbox.model import App, Place
from social_sandbox.platform import PlatformSimulator

SHORT, LONG, PAGE = "short", "long", "page"
DATA_ACCESS = timedelta(days=90)
REMOVALS = frozenset({"app_removed", "deletion_requested"})

# What the original says, with the subcode of each cause.
DEATHS: dict[str, tuple[int, int | None, str]] = {
    "app_removed": (190, 458, "The user has not authorized application {app}."),
    "deletion_requested": (190, 458, "The user has not authorized application {app}."),
    "password_changed": (
        190,
        460,
        "The session has been invalidated because the user changed their password, or for security reasons.",
    ),
    "logged_out": (190, 467, "The session is invalid because the user logged out."),
    "checkpoint": (
        190,
        459,
        "You cannot access the app till you log in to www.facebook.com and follow the instructions given.",
    ),
    "unconfirmed": (190, 464, "Sessions for the user are not allowed because the user is not a confirmed user."),
    "role_lost": (190, 492, "The user does not have a role on the Page any more."),
    "expired": (190, 463, "Session has expired."),
    "session_ended": (102, None, "Session key invalid or no longer valid"),
    "generic": (190, None, "Invalid OAuth 2.0 Access Token"),
}


class Tokens:
    """Makes tokens, tells what is wrong with one, and ends them."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator

    def of_person(self, grant: Grant, *, kind: str, now: datetime, expires_at: datetime) -> Token:
        """Make a token of a person."""
        token = Token(_value(), kind, grant.grant_id, grant.scopes, issued_at=now, expires_at=expires_at)
        return self._simulator.grants.add_token(token)

    def of_page(self, parent: Token, place: Place, *, now: datetime) -> Token:
        """Return the token of a Page that hangs on a person's: without an end if that is a long one."""
        made: dict[str, str] = parent.details.setdefault("pages", {})
        known = self._simulator.grants.tokens.get(made.get(place.platform_id, ""))
        if known is not None and known.revoked_at is None:
            return known
        expires_at = parent.expires_at if parent.kind == SHORT else None
        token = Token(_value(), PAGE, parent.grant_id, parent.scopes, issued_at=now, expires_at=expires_at)
        token.details["page_id"] = place.platform_id
        made[place.platform_id] = token.value
        return self._simulator.grants.add_token(token)

    def alive(self, value: str | None, now: datetime) -> tuple[Token, Grant]:
        """Return a living token and its consent; raises what Facebook says to a dead one."""
        token = self._simulator.grants.tokens.get(value or "")
        error = self.trouble(token, now)
        if token is None or error is not None:
            raise error or unreadable_token()
        return token, self._simulator.grants.grants[token.grant_id]

    def trouble(self, token: Token | None, now: datetime) -> GraphError | None:
        """What is wrong with a token, if anything is."""
        error = self._trouble(token, now)
        if error is not None:
            error.status = self._simulator.switches.invalid_token_status
        return error

    def _trouble(self, token: Token | None, now: datetime) -> GraphError | None:
        if token is None:
            return unreadable_token()
        grant = self._simulator.grants.grants[token.grant_id]
        cause = token.details.get("death") or grant.details.get("death")
        if cause is None and token.revoked_at is not None:
            cause = "app_removed"
        if cause is not None:
            code, subcode, words = DEATHS[cause]
            return invalid_token(subcode, words.format(app=grant.client_id), code=code)
        if token.expires_at is not None and token.expires_at <= now:
            until = token.expires_at.strftime("%A, %d-%b-%y %H:%M:%S UTC")
            current = now.strftime("%A, %d-%b-%y %H:%M:%S UTC")
            return invalid_token(463, f"Session has expired on {until}. The current time is {current}.")
        return None

    def end_person(self, account_id: str, cause: str, now: datetime, *, client_id: str | None = None) -> None:
        """End every token of a person, at one app or at all; a removed app takes the consent with it."""
        for grant in self._simulator.grants.grants.values():
            if grant.account_id != account_id or client_id not in {None, grant.client_id}:
                continue
            if cause in REMOVALS and grant.revoked_at is None:
                grant.details["death"] = cause
                grant.revoked_at = now
            self._end(self._simulator.grants.tokens_of(grant.grant_id), cause, now)

    def end_page(self, page_id: str, now: datetime) -> None:
        """End every token of a Page, because the person's role is gone."""
        mine = [token for token in self._simulator.grants.tokens.values() if token.details.get("page_id") == page_id]
        self._end(mine, "role_lost", now)

    def _end(self, tokens: list[Token], cause: str, now: datetime) -> None:
        for token in tokens:
            if token.revoked_at is None:
                token.revoked_at = now
                token.details["death"] = cause

    def described(self, token: Token, now: datetime) -> dict[str, Any]:
        """Return what `debug_token` tells about a token."""
        simulator = self._simulator
        grant = simulator.grants.grants[token.grant_id]
        app = simulator.world.store.app(simulator.name, grant.client_id)
        wrong = self.trouble(token, now)
        data: dict[str, Any] = {
            "app_id": grant.client_id,
            "type": "PAGE" if token.kind == PAGE else "USER",
            "application": app.name if app else "",
            "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
            "data_access_expires_at": int((grant.created_at + DATA_ACCESS).timestamp()),
            "is_valid": wrong is None,
            "issued_at": int(token.issued_at.timestamp()),
            "user_id": grant.account_id,
            "scopes": list(grant.scopes),
            "granular_scopes": granular(grant),
        }
        if token.kind == PAGE:
            data["profile_id"] = token.details["page_id"]
        if wrong is not None:
            error = wrong.body["error"]
            told = {"code": error["code"], "message": error["message"], "subcode": error.get("error_subcode")}
            data["error"] = {name: value for name, value in told.items() if value is not None}
        return data


def granular(grant: Grant) -> list[dict[str, Any]]:
    """For which Pages each permission was granted; without targets for all of them."""
    chosen = grant.details.get("pages")
    about_pages = [scope for scope in grant.scopes if scope.startswith("pages_") or scope == "read_insights"]
    if chosen is None:
        return [{"scope": scope} for scope in about_pages]
    return [{"scope": scope, "target_ids": list(chosen)} for scope in about_pages]


def reaches(grant: Grant, place: Place) -> bool:
    """Whether a consent covers a Page."""
    chosen = grant.details.get("pages")
    return (chosen is None or place.platform_id in chosen) and not options_of(place).deleted


def proof_of(app: App, token: str) -> str:
    """The proof that a call with this token comes from the app's own server."""
    return hmac.new(app.client_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _value() -> str:
    return "EAAB" + re.sub(r"[-_]", "Z", secrets.token_urlsafe(120))
