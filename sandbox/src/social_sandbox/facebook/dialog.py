"""www.facebook.com: where people let an app in, and untick what they do not want, single Pages included."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from social_sandbox.answers import Answer, redirect_answer
from social_sandbox.calls import Call
from social_sandbox.consent import Decision, ScopeChoice, UnclearDecision, consent_page, error_page, read_decision
from social_sandbox.facebook.access import BUSINESS, INSIGHTS, LIST, METADATA, PUBLISH, READ, USER_CONTENT
from social_sandbox.facebook.app_options import options_of as app_options_of
from social_sandbox.faults import Operation
from social_sandbox.grants import Code, Grant
from social_sandbox.model import Account, App
from social_sandbox.platform import PlatformSimulator, Route

HOST = "www.facebook.com"
SCOPES: Mapping[str, str] = {
    "public_profile": "Read your name and profile picture",
    "email": "Read your email address",
    "openid": "Sign you in",
    LIST: "Show a list of the Pages you manage",
    READ: "Read content posted on the Page",
    PUBLISH: "Create and manage content on your Page",
    INSIGHTS: "Read your Page's insights",
    USER_CONTENT: "Read user content on your Page",
    METADATA: "Manage your Page's settings",
    "pages_manage_engagement": "Manage comments on your Page",
    "publish_video": "Publish videos",
    BUSINESS: "Manage your business",
}
_CHALLENGE_LENGTH = 43
_LOCKED = frozenset({"checkpoint", "unconfirmed"})


class Refused(Exception):
    """A request that stays with the person; the text says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """An authorization request that may be asked."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    asks_again: bool
    is_configured: bool
    challenge: str | None

    def choices(self) -> list[ScopeChoice]:
        """What the person may untick: everything."""
        return [ScopeChoice(scope, SCOPES[scope], optional=True) for scope in self.scopes]


class Dialog:
    """The login dialog."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._clock = simulator.world.clock

    def routes(self) -> list[Route]:
        """The page and the form it sends."""
        path = "/{version}/dialog/oauth"
        return [
            Route("GET", HOST, path, Operation.AUTHORIZE, self.ask),
            Route("POST", HOST, path, Operation.AUTHORIZE, self.decide),
        ]

    async def ask(self, call: Call) -> Answer:
        """Show the consent page, or an error that stays with the person."""
        try:
            request = self._request(call)
        except Refused as error:
            return _page_of(str(error))
        return consent_page(
            call,
            platform=self._simulator.label,
            app_name=request.app.name,
            accounts=self._store.accounts_of(self._simulator.name),
            scopes=request.choices(),
            redirect_uri=request.redirect_uri,
            choose_places=True,
        )

    async def decide(self, call: Call) -> Answer:
        """Send the browser back with a code, whatever was unticked, or with the refusal."""
        try:
            request = self._request(call)
            decision = read_decision(call, request.choices())
            if not decision.approved:
                return _denied(request)
            account = self._account(decision)
        except (Refused, UnclearDecision) as error:
            return _page_of(str(error))
        code = self._code(request, self._consented(request, account, decision))
        return redirect_answer(request.redirect_uri, {"code": code.value, "state": request.state}, fragment="_=_")

    def _code(self, request: Request, grant: Grant) -> Code:
        code = Code(
            value="AQB" + re.sub(r"[-_]", "Z", secrets.token_urlsafe(96)),
            client_id=request.app.client_id,
            account_id=grant.account_id,
            scopes=grant.scopes,
            redirect_uri=request.redirect_uri,
            expires_at=self._clock.now() + timedelta(seconds=self._simulator.switches.code_life_s),
            challenge=request.challenge,
            challenge_method="S256" if request.challenge else None,
            details={"grant_id": grant.grant_id},
        )
        return self._simulator.grants.add_code(code)

    def _account(self, decision: Decision) -> Account:
        account = self._store.find_account(self._simulator.name, decision.account)
        if account is None:
            raise Refused("There is no such account.")
        if account.details.get("session") in _LOCKED:
            raise Refused("Log in to www.facebook.com and follow the instructions given.")
        return account

    def _request(self, call: Call) -> Request:
        query = call.query
        app = self._store.app(self._simulator.name, query.get("client_id"))
        if app is None:
            raise Refused("Invalid App ID: the provided app ID does not look like a valid app ID.")
        if query.get("redirect_uri") not in app.redirect_uris:
            raise Refused("URL blocked: this redirect failed because it is not in the app's Valid OAuth Redirect URIs.")
        if query.get("response_type") != "code":
            raise Refused("The response_type must be code.")
        if not query.get("state"):
            raise Refused("The parameter state is required.")
        if re.fullmatch(r"v\d{1,2}\.0", call.params["version"]) is None:
            raise Refused("This version does not exist.")
        scopes = _asked_scopes(app, query)
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown:
            raise Refused(f"Invalid Scopes: {', '.join(unknown)}.")
        return Request(
            app,
            query["redirect_uri"],
            tuple(scopes),
            query["state"],
            asks_again=query.get("auth_type") == "rerequest",
            is_configured="config_id" in query,
            challenge=_challenge(query, scopes),
        )

    def _consented(self, request: Request, account: Account, decision: Decision) -> Grant:
        """Keep what the person chose: a later dialog adds to an earlier consent and chooses the Pages anew."""
        now = self._clock.now()
        grants = self._simulator.grants
        grant = grants.live_grant(request.app.client_id, account.account_id)
        if grant is None:
            grant = Grant(secrets.token_hex(16), request.app.client_id, account.account_id, (), now)
            grants.add_grant(grant)
        declined: list[str] = grant.details.setdefault("declined", [])
        # What was declined once is not asked again, unless the app says so.
        asked = [scope for scope in request.scopes if request.asks_again or scope not in declined]
        ticked = [scope for scope in asked if scope in decision.scopes]
        pages = None
        if decision.places is not None:
            pages = [place.platform_id for place in account.places if place.platform_id in decision.places]
            if not pages:
                # Without a Page a permission for Pages is none; an empty list of targets would mean all.
                ticked = [scope for scope in ticked if not _is_about_pages(scope)]
        kept = [scope for scope in grant.scopes if scope not in asked and not request.is_configured]
        grant.scopes = tuple(dict.fromkeys([*kept, *ticked]))
        refused = [scope for scope in (*declined, *asked) if scope not in grant.scopes]
        grant.details["declined"] = list(dict.fromkeys(refused))
        grant.details["pages"] = pages or None
        grant.details.setdefault("used", {}).update(dict.fromkeys(ticked, now))
        return grant


def _is_about_pages(scope: str) -> bool:
    return scope.startswith("pages_") or scope == INSIGHTS


def _asked_scopes(app: App, query: Mapping[str, str]) -> list[str]:
    """The scopes of the request, or of the configuration in the app's dashboard that it names."""
    config_id = query.get("config_id")
    if config_id is None:
        return list(dict.fromkeys(scope for scope in re.split(r"[,\s]+", query.get("scope", "")) if scope))
    configured = app_options_of(app).configurations.get(config_id)
    if configured is None:
        raise Refused("There is no such configuration (config_id).")
    return list(configured)


def _challenge(query: Mapping[str, str], scopes: list[str]) -> str | None:
    """PKCE belongs to the variant with `openid`; the classic flow takes no notice of it."""
    if "openid" not in scopes:
        return None
    challenge = query.get("code_challenge")
    if not query.get("nonce"):
        raise Refused("The parameter nonce is required with openid.")
    if challenge is not None and (query.get("code_challenge_method") != "S256" or len(challenge) != _CHALLENGE_LENGTH):
        raise Refused("The code_challenge must be one of the method S256.")
    return challenge


def _denied(request: Request) -> Answer:
    refusal = {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "Permissions error",
        "error_code": "200",
    }
    return redirect_answer(request.redirect_uri, {**refusal, "state": request.state}, fragment="_=_")


def _page_of(detail: str) -> Answer:
    return error_page(platform="Facebook", title="Facebook Login is currently unavailable for this app", detail=detail)
