"""github.com/login/oauth: the consent page and the token endpoint with its 200s that are errors."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from social_sandbox.answers import Answer, form_answer, json_answer, redirect_answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.consent import ScopeChoice, UnclearDecision, consent_page, error_page, read_decision
from social_sandbox.faults import Operation
from social_sandbox.github import tokens
from social_sandbox.github.app_options import SCOPES, AppOptions, normalised, options_of
from social_sandbox.grants import Code, Grant, GrantStore, verifier_matches
from social_sandbox.model import Account, App
from social_sandbox.platform import Route, World

HOST = "github.com"
LABEL = "GitHub"
CODE_LIFE = timedelta(minutes=10)
CHALLENGE_LENGTH = 43
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_DOCS = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#"
_SENTENCES = {
    "incorrect_client_credentials": "The client_id and/or client_secret passed are incorrect.",
    "redirect_uri_mismatch": "The redirect_uri MUST match the registered callback URL for this application.",
    "bad_verification_code": "The code passed is incorrect or expired.",
    "bad_refresh_token": "The refresh token passed is incorrect or expired.",
    "unsupported_grant_type": "The grant type is not supported by this endpoint.",
    "invalid_scope": "A refresh cannot ask for scopes.",
}


class TokenError(Exception):
    """An error of the token endpoint, by its code."""


def token_operation(call: Call) -> Operation:
    """The token endpoint exchanges and refreshes."""
    return Operation.REFRESH if _fields(call).get("grant_type") == "refresh_token" else Operation.TOKEN


def _fields(call: Call) -> Mapping[str, str]:
    """Parameters of the token endpoint, which takes them in the query, a form or JSON."""
    if call.media_type != "application/json":
        return {**call.query, **call.form()}
    try:
        body = call.json()
    except MalformedBody:
        return call.query
    return {**call.query, **{k: v for k, v in body.items() if isinstance(v, str)}} if isinstance(body, dict) else {}


class OAuth:
    """The endpoints on github.com."""

    def __init__(self, world: World, grants: GrantStore) -> None:
        self._world = world
        self._grants = grants

    def routes(self) -> Sequence[Route]:
        """Consent page and token endpoint."""
        authorize, token = "/login/oauth/authorize", "/login/oauth/access_token"
        return (
            Route("GET", HOST, authorize, Operation.AUTHORIZE, self.show_consent),
            Route("POST", HOST, authorize, Operation.AUTHORIZE, self.decide),
            Route("POST", HOST, token, token_operation, self.token),
        )

    async def show_consent(self, call: Call) -> Answer:
        """The page that asks, or one that says why it cannot."""
        checked = self._checked(call)
        if isinstance(checked, Answer):
            return checked
        app, redirect_uri, choices = checked
        return consent_page(
            call,
            platform=LABEL,
            app_name=app.name,
            accounts=self._accounts(call.query.get("login", "")),
            scopes=choices,
            redirect_uri=redirect_uri,
            note="It reaches only the repositories it is installed on." if options_of(app).is_github_app else "",
        )

    async def decide(self, call: Call) -> Answer:
        """The person's answer: back to the app with a code, or with a refusal."""
        checked = self._checked(call)
        if isinstance(checked, Answer):
            return checked
        app, redirect_uri, choices = checked
        try:
            decision = read_decision(call, choices)
        except UnclearDecision as error:
            return error_page(platform=LABEL, title="The form is incomplete", detail=str(error), status=422)
        state = call.query.get("state")
        if not decision.approved:
            return redirect_answer(redirect_uri, {**_denied("access_denied"), "state": state})
        account = self._world.store.find_account("github", decision.account)
        if account is None:
            return error_page(
                platform=LABEL, title="No such account", detail="The field account names nobody.", status=422
            )
        requested = tuple(call.query.get("scope", "").replace(",", " ").split())
        ticked = tuple(scope for scope in requested if scope in decision.scopes)
        code = Code(
            secrets.token_hex(10),
            app.client_id,
            account.account_id,
            self._granted(app, account.account_id, requested=requested, ticked=ticked),
            redirect_uri,
            self._world.clock.now() + CODE_LIFE,
            challenge=call.query.get("code_challenge"),
            challenge_method=call.query.get("code_challenge_method"),
            details={"requested": requested, "redirect_named": "redirect_uri" in call.query},
        )
        self._grants.add_code(code)
        return redirect_answer(redirect_uri, {"code": code.value, "state": state})

    async def token(self, call: Call) -> Answer:
        """Exchange or refresh; errors are 200 with a key `error`."""
        fields = _fields(call)
        app = self._world.store.app("github", fields.get("client_id"))
        if app is None:
            return json_answer({"error": "Not Found"}, 404)
        try:
            body = self._issued(app, fields)
        except TokenError as error:
            name = str(error)
            body = {"error": name, "error_description": _SENTENCES[name], "error_uri": f"{_DOCS}{name}"}
        wants_json = "application/json" in call.headers.get("accept", "")
        answer = json_answer(body) if wants_json else form_answer(body)
        return answer.plus({"cache-control": "no-store"})

    def _checked(self, call: Call) -> Answer | tuple[App, str, list[ScopeChoice]]:
        query = call.query
        app = self._world.store.app("github", query.get("client_id"))
        if app is None:
            return error_page(platform=LABEL, title="Unknown app", detail="No app has this client_id.", status=404)
        options = options_of(app)
        redirect_uri = query.get("redirect_uri") or app.redirect_uris[0]
        if not any(_may_return(redirect_uri, registered, options) for registered in app.redirect_uris):
            detail = "The redirect_uri is not associated with this application."
            return error_page(platform=LABEL, title="Be careful!", detail=detail)
        problem = _pkce_problem(query)
        if problem is not None:
            back = {"error": "invalid_request", "error_description": problem, "state": query.get("state")}
            return redirect_answer(redirect_uri, back)
        return app, redirect_uri, _choices(options, query)

    def _accounts(self, hinted: str) -> list[Account]:
        """Everybody, the hinted login first."""
        return sorted(self._world.store.accounts_of("github"), key=lambda a: a.username.lower() != hinted.lower())

    def _granted(
        self, app: App, account_id: str, *, requested: tuple[str, ...], ticked: tuple[str, ...]
    ) -> tuple[str, ...]:
        if options_of(app).is_github_app:
            return ()
        earlier = self._grants.live_grant(app.client_id, account_id)
        if not requested and earlier is not None:
            return earlier.scopes
        return normalised(ticked)

    def _issued(self, app: App, fields: Mapping[str, str]) -> dict[str, object]:
        if fields.get("client_secret") != app.client_secret:
            raise TokenError("incorrect_client_credentials")
        match fields.get("grant_type"):
            case None | "" | "authorization_code":
                return self._exchange(app, fields)
            case "refresh_token":
                return self._refresh(app, fields)
            case _:
                raise TokenError("unsupported_grant_type")

    def _exchange(self, app: App, fields: Mapping[str, str]) -> dict[str, object]:
        now = self._world.clock.now()
        code = self._grants.codes.get(fields.get("code", ""))
        if code is None or code.client_id != app.client_id or code.used_at is not None or code.expires_at <= now:
            raise TokenError("bad_verification_code")
        if "redirect_uri" in fields and fields["redirect_uri"] != code.redirect_uri:
            raise TokenError("redirect_uri_mismatch")
        if code.challenge is not None and not verifier_matches(fields.get("code_verifier"), code.challenge, "S256"):
            raise TokenError("bad_verification_code")
        code.used_at = now
        grant = self._grants.live_grant(app.client_id, code.account_id)
        if grant is None:
            grant_id = str(self._world.store.next_number("github.grant", 1_000_001))
            grant = self._grants.add_grant(Grant(grant_id, app.client_id, code.account_id, code.scopes, now))
        grant.scopes = code.scopes
        options = options_of(app)
        expiring = tokens.is_expiring(options, code.details["requested"])
        return tokens.issue(self._grants, grant, options, scopes=code.scopes, expiring=expiring, now=now).as_json(now)

    def _refresh(self, app: App, fields: Mapping[str, str]) -> dict[str, object]:
        now = self._world.clock.now()
        token = self._grants.live_token(fields.get("refresh_token"), now, kind="refresh")
        if token is None or self._grants.grants[token.grant_id].client_id != app.client_id:
            raise TokenError("bad_refresh_token")
        if "scope" in fields:
            raise TokenError("invalid_scope")
        grant = self._grants.grants[token.grant_id]
        tokens.end_pair(self._grants, token, now)
        options = options_of(app)
        return tokens.issue(self._grants, grant, options, scopes=token.scopes, expiring=True, now=now).as_json(now)


def _denied(error: str) -> dict[str, str]:
    return {
        "error": error,
        "error_description": "The user has denied your application access.",
        "error_uri": "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/"
        "#access-denied",
    }


def _pkce_problem(query: Mapping[str, str]) -> str | None:
    if "code_challenge" not in query and "code_challenge_method" not in query:
        return None
    if query.get("code_challenge_method") != "S256":
        return "The code_challenge_method must be S256."
    if len(query.get("code_challenge", "")) != CHALLENGE_LENGTH:
        return f"The code_challenge must be {CHALLENGE_LENGTH} characters long."
    return None


def _choices(options: AppOptions, query: Mapping[str, str]) -> list[ScopeChoice]:
    if options.is_github_app:
        return [ScopeChoice(f"{name}: {level}") for name, level in options.permissions.items()]
    asked = dict.fromkeys(query.get("scope", "").replace(",", " ").split())
    return [ScopeChoice(name, SCOPES[name].description, optional=True) for name in asked if name in SCOPES]


def _may_return(redirect_uri: str, registered: str, options: AppOptions) -> bool:
    if redirect_uri == registered:
        return True
    if options.is_github_app:
        return False
    wished, known = urlsplit(redirect_uri), urlsplit(registered)
    same_host = wished.hostname == known.hostname and wished.scheme == known.scheme
    same_port = wished.port == known.port or wished.hostname in _LOOPBACK
    below = options.wildcard and wished.path.startswith(known.path.rstrip("/") + "/") and ".." not in wished.path
    return same_host and same_port and (wished.path == known.path or below)
