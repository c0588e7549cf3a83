"""The consent page of LinkedIn: confidential clients without PKCE, and all the asked scopes or nothing.

A wrong client or redirect URI stays with the person on an error page; what the member or the app's products refuse
goes back in the redirect. Consenting to another set of scopes ends the member's earlier tokens for the app.
"""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

from social_sandbox.answers import Answer, redirect_answer
from social_sandbox.calls import Call
from social_sandbox.consent import ScopeChoice, UnclearDecision, consent_page, error_page, read_decision
from social_sandbox.faults import Operation
from social_sandbox.grants import Code
from social_sandbox.linkedin.app_options import SCOPES, options_of
from social_sandbox.linkedin.people import PLATFORM
from social_sandbox.model import App
from social_sandbox.platform import PlatformSimulator, Route

WEB = "www.linkedin.com"
PATH = "/oauth/v2/authorization"
_CANCELLED = {
    "user_cancelled_authorize": "The user cancelled the authorization",
    "user_cancelled_login": "The user cancelled LinkedIn login",
}


class Consent:
    """The page and what comes back from it."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._clock = simulator.world.clock

    def routes(self) -> list[Route]:
        """The page, and the form it posts to itself."""
        return [
            Route("GET", WEB, PATH, Operation.AUTHORIZE, self.ask),
            Route("POST", WEB, PATH, Operation.AUTHORIZE, self.decide),
        ]

    async def ask(self, call: Call) -> Answer:
        """Show the consent page, an error page, or send back what the app's products do not allow."""
        app = self._store.app(PLATFORM, call.query.get("client_id"))
        wrong = _wrong_request(call, app)
        if app is None or wrong is not None:
            return _page(wrong or "")
        return self._unauthorized(call, app) or consent_page(
            call,
            platform=self._simulator.label,
            app_name=app.name,
            accounts=self._store.accounts_of(PLATFORM),
            scopes=_choices(call),
            redirect_uri=call.query["redirect_uri"],
        )

    async def decide(self, call: Call) -> Answer:
        """Send the browser back with a code, or with the member's refusal."""
        app = self._store.app(PLATFORM, call.query.get("client_id"))
        wrong = _wrong_request(call, app)
        if app is None or wrong is not None:
            return _page(wrong or "")
        unauthorized = self._unauthorized(call, app)
        if unauthorized is not None:
            return unauthorized
        try:
            decision = read_decision(call, _choices(call))
        except UnclearDecision as error:
            return _page(str(error))
        switches = self._simulator.switches
        if not decision.approved:
            return _back(call, error=switches.cancel_error, error_description=_CANCELLED[switches.cancel_error])
        account = self._store.find_account(PLATFORM, decision.account)
        if account is None:
            return _page("There is no such account.")
        now = self._clock.now()
        self._end_other_scopes(app.client_id, account.account_id, decision.scopes)
        code = Code(
            value=f"AQ{secrets.token_urlsafe(64)}",
            client_id=app.client_id,
            account_id=account.account_id,
            scopes=decision.scopes,
            redirect_uri=without_query(call.query["redirect_uri"]),
            expires_at=now + timedelta(seconds=switches.code_life_s),
        )
        self._simulator.grants.add_code(code)
        return _back(call, code=code.value)

    def _unauthorized(self, call: Call, app: App) -> Answer | None:
        allowed = options_of(app).scopes
        refused = next((scope for scope in call.query["scope"].split() if scope not in allowed), None)
        if refused is None:
            return None
        text = f'Scope "{refused}" is not authorized for your application'
        return _back(call, error="unauthorized_scope_error", error_description=text)

    def _end_other_scopes(self, client_id: str, account_id: str, scopes: tuple[str, ...]) -> None:
        grants = self._simulator.grants
        for grant_id in grants.by_person.get((client_id, account_id), ()):
            earlier = grants.grants[grant_id]
            if set(earlier.scopes) != set(scopes):
                grants.revoke_grant(earlier, self._clock.now())


def without_query(uri: str) -> str:
    """A redirect URI as LinkedIn compares and follows it: the query is ignored."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _back(call: Call, **params: str) -> Answer:
    return redirect_answer(without_query(call.query["redirect_uri"]), {**params, "state": call.query.get("state")})


def _wrong_request(call: Call, app: App | None) -> str | None:
    query = call.query
    redirect = query.get("redirect_uri", "")
    registered = {without_query(uri) for uri in app.redirect_uris} if app else set()
    checks = (
        (app is not None, "The passed in client_id is invalid."),
        ("#" not in redirect and without_query(redirect) in registered, "The redirect_uri is not registered."),
        (query.get("response_type") == "code", "The response_type must be code."),
        (bool(query.get("scope", "").split()), "The scope is missing."),
        ("code_challenge" not in query, "PKCE is not enabled for this application."),
    )
    return next((text for holds, text in checks if not holds), None)


def _choices(call: Call) -> list[ScopeChoice]:
    asked = dict.fromkeys(call.query["scope"].split())
    return [ScopeChoice(scope, SCOPES[scope]) for scope in asked]


def _page(detail: str) -> Answer:
    return error_page(platform="LinkedIn", title="Something went wrong", detail=detail)
