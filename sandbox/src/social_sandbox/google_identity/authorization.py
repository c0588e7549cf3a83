"""The authorization endpoint on accounts.google.com, and what it asks a person.

Where a YouTube scope is asked for, the channel is chosen here: the page lists every channel as an identity of its own,
as Google does; a script names it in the field `channel`. The consent is bound to it (`details["channel"]`).
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from social_sandbox.answers import Answer, redirect_answer
from social_sandbox.calls import Call
from social_sandbox.consent import UnclearDecision, consent_page, error_page, read_decision
from social_sandbox.google_identity.people import channels_of, find_person, people
from social_sandbox.google_identity.projects import find_project
from social_sandbox.google_identity.scopes import (
    CHANNEL,
    IDENTITY,
    asked_scopes,
    choices,
    granted_text,
    redirect_text,
    unknown_scopes,
)
from social_sandbox.grants import Code, Grant
from social_sandbox.model import Account
from social_sandbox.platform import PlatformSimulator

_PROMPTS = frozenset({"none", "consent", "select_account"})
_CHALLENGES = {"S256": re.compile(r"[A-Za-z0-9_-]{43}"), "plain": re.compile(r"[A-Za-z0-9._~-]{43,128}")}
_EMBEDDED = re.compile(r"; wv\)|\bFBAN/|\bFBAV/|\bInstagram ")
_BETWEEN = "~"
_FLAGS = frozenset({"true", "false"})


class AuthorizationEndpoint:
    """`/o/oauth2/v2/auth`: the page and its form."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store
        self._clock = simulator.world.clock

    async def ask(self, call: Call) -> Answer:
        """Show the consent page, or an error that stays with the person."""
        early = self._refused(call)
        if early is not None:
            return early
        query = call.query
        project = find_project(self._store, query["client_id"])
        testing = self._simulator.switches.testing
        return consent_page(
            call,
            platform="Google",
            app_name=project.name if project else "",
            accounts=self._identities(call),
            scopes=choices(asked_scopes(query["scope"])),
            redirect_uri=query["redirect_uri"],
            note="Google hasn't verified this app: it is being tested." if testing else "",
        )

    async def decide(self, call: Call) -> Answer:
        """Send the browser back with a code, or with the refusal."""
        early = self._refused(call)
        if early is not None:
            return early
        query = call.query
        try:
            decision = read_decision(call, choices(asked_scopes(query["scope"])))
        except UnclearDecision as error:
            return _page("invalid_request", str(error))
        kept = [scope for scope in decision.scopes if scope not in self._simulator.switches.withheld_scopes]
        if not decision.approved or not kept:
            return _back(call, error="access_denied")
        sub, _, chosen = decision.account.partition(_BETWEEN)
        account = find_person(self._store, sub)
        if account is None:
            return _page("invalid_request", "There is no such account.")
        channel = self._channel(account, call.form().get("channel") or chosen, kept)
        if channel is None:
            return _page("invalid_request", "This account has no such channel.")
        code = self._agree(call, account, scopes=kept, channel=channel)
        return _back(
            call, code=code.value, scope=redirect_text(code.scopes), authuser="0", prompt=query.get("prompt", "consent")
        )

    def _agree(self, call: Call, account: Account, *, scopes: Sequence[str], channel: str) -> Code:
        """Note the consent, and make the code that will be worth tokens."""
        query = call.query
        grants = self._simulator.grants
        now = self._clock.now()
        client_id = query["client_id"]
        is_first = grants.live_grant(client_id, account.account_id) is None
        if query.get("include_granted_scopes") == "true":
            earlier = (grants.grants[number] for number in grants.by_person.get((client_id, account.account_id), ()))
            merged = (scope for grant in earlier if grant.revoked_at is None for scope in grant.scopes)
            scopes = list(dict.fromkeys([*scopes, *merged]))
        details = {"channel": channel} if channel else {}
        ordered = tuple(granted_text(scopes).split())
        grant = Grant(secrets.token_hex(16), client_id, account.account_id, ordered, now, details=dict(details))
        grants.add_grant(grant)
        is_asked_again = "consent" in query.get("prompt", "").split()
        offline = query.get("access_type") == "offline" and (is_asked_again or is_first)
        code = Code(
            value=f"4/0A{secrets.token_urlsafe(52)}",
            client_id=client_id,
            account_id=account.account_id,
            scopes=ordered,
            redirect_uri=query["redirect_uri"],
            expires_at=now + timedelta(seconds=self._simulator.switches.code_life_s),
            challenge=query.get("code_challenge"),
            challenge_method=query.get("code_challenge_method", "plain"),
            details={**details, "grant_id": grant.grant_id, "offline": offline, "nonce": query.get("nonce")},
        )
        return grants.add_code(code)

    def _channel(self, account: Account, wished: str, scopes: Sequence[str]) -> str | None:
        """The channel a consent is for: the wished one or the first, "" where there is none to choose."""
        channels = channels_of(self._store, account.account_id)
        if CHANNEL.isdisjoint(scopes):
            return ""
        if wished:
            return next((place.platform_id for place in channels if place.platform_id == wished), None)
        return channels[0].platform_id if channels else ""

    def _identities(self, call: Call) -> list[Account]:
        """Everybody, the hinted one first; with YouTube scopes, every channel of theirs on a line of its own."""
        hinted = find_person(self._store, call.query.get("login_hint", ""))
        everybody = sorted(people(self._store), key=lambda a: hinted is None or a.account_id != hinted.account_id)
        shown = [replace(account, places=[]) for account in everybody]
        if CHANNEL.isdisjoint(asked_scopes(call.query["scope"])):
            return shown
        lines: list[Account] = []
        for account in shown:
            channels = channels_of(self._store, account.account_id)
            lines += [
                replace(
                    account, account_id=f"{account.account_id}{_BETWEEN}{place.platform_id}", display_name=place.name
                )
                for place in channels
            ] or [account]
        return lines

    def _refused(self, call: Call) -> Answer | None:
        """What is wrong with a request before anybody is asked; a stranger's address is never sent anything."""
        lists = call.query_lists
        doubled = next((name for name, values in lists.items() if len(values) > 1), None)
        if doubled is not None:
            return _page("invalid_request", f"OAuth 2 parameters can only have a single value: {doubled}")
        query = call.query
        project = find_project(self._store, query.get("client_id"))
        if not query.get("client_id"):
            return _page("invalid_request", "Missing required parameter: client_id")
        if project is None:
            return _page("invalid_client", "The OAuth client was not found.", status=401)
        if not query.get("redirect_uri"):
            return _page("invalid_request", "Missing required parameter: redirect_uri")
        if query["redirect_uri"] not in project.redirect_uris:
            detail = "The redirect URI in the request does not match the ones authorized for the OAuth client."
            return _page("redirect_uri_mismatch", detail)
        wrong = _wrong_parameter(call)
        if wrong is not None:
            return _page(*wrong)
        return self._barred(call)

    def _barred(self, call: Call) -> Answer | None:
        switches = self._simulator.switches
        if _EMBEDDED.search(call.headers.get("user-agent", "")):
            return _page("disallowed_useragent", "Use a browser: this one is part of another app.", status=403)
        if switches.org_internal:
            return _page("org_internal", "This app is restricted to users within its organization.", status=403)
        beyond = set(asked_scopes(call.query["scope"])) - IDENTITY
        if switches.admin_policy and beyond:
            return _page("admin_policy_enforced", "Your administrator has restricted access to this app.")
        if "none" in call.query.get("prompt", "").split():
            return _back(call, error="login_required")
        return None


def _wrong_parameter(call: Call) -> tuple[str, str] | None:
    """The first parameter that Google would not take, as an error code and its text."""
    query = call.query
    scope = query.get("scope", "")
    prompts = query.get("prompt", "").split()
    challenge = query.get("code_challenge")
    pattern = _CHALLENGES.get(query.get("code_challenge_method", "plain"))
    bad = "Invalid parameter value for"
    has_response_type = bool(query.get("response_type"))
    is_prompt = set(prompts) <= _PROMPTS and (len(prompts) == 1 or "none" not in prompts)
    has_form = pattern is not None and (challenge is None or pattern.fullmatch(challenge) is not None)
    checks = (
        (has_response_type, "invalid_request", "Missing required parameter: response_type"),
        (query.get("response_type") == "code", "unsupported_response_type", "The response_type must be code."),
        (bool(scope.split()), "invalid_request", "Missing required parameter: scope"),
        (not unknown_scopes(scope), "invalid_scope", "Some requested scopes were invalid."),
        (query.get("access_type", "online") in {"online", "offline"}, "invalid_request", f"{bad} access_type"),
        (is_prompt, "invalid_request", f"{bad} prompt"),
        (query.get("include_granted_scopes", "false") in _FLAGS, "invalid_request", f"{bad} include_granted_scopes"),
        (pattern is not None, "invalid_request", f"{bad} code_challenge_method"),
        (has_form, "invalid_request", f"{bad} code_challenge"),
        (
            challenge is not None or "code_challenge_method" not in query,
            "invalid_request",
            "Missing required parameter: code_challenge",
        ),
    )
    return next(((code, detail) for holds, code, detail in checks if not holds), None)


def _back(call: Call, **params: str | None) -> Answer:
    """Send the browser to the app with the state exactly as it came."""
    return redirect_answer(call.query["redirect_uri"], {**params, "state": call.query.get("state")})


def _page(code: str, detail: str, status: int = 400) -> Answer:
    title = "Access blocked: authorization error"
    return error_page(platform="Google", title=title, detail=f"{detail} Error {status}: {code}", status=status)
