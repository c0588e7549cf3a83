"""Who may call the Graph: version, token, proof, budget, in that order; permissions and tasks where they are needed."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.calls import Call, Upload
from social_sandbox.facebook.callbacks import Callbacks
from social_sandbox.facebook.errors import (
    bad_proof,
    invalid_parameter,
    missing_permission,
    missing_task,
    no_such_object,
    page_token_required,
    unknown_path,
)
from social_sandbox.facebook.limits import Limits
from social_sandbox.facebook.pages import options_of
from social_sandbox.facebook.switches import FacebookSwitches
from social_sandbox.facebook.tokens import PAGE, Tokens, proof_of, reaches
from social_sandbox.grants import Grant, Token
from social_sandbox.meta.errors import GraphError, InvalidParameter, error_answer, graph_error
from social_sandbox.meta.params import read_params_and_files, text_of
from social_sandbox.model import Account, Place
from social_sandbox.platform import Handler, PlatformSimulator

LIST = "pages_show_list"
READ = "pages_read_engagement"
PUBLISH = "pages_manage_posts"
INSIGHTS = "read_insights"
USER_CONTENT = "pages_read_user_content"
METADATA = "pages_manage_metadata"
BUSINESS = "business_management"

_NEWEST_VERSION = 26
_VERSION = re.compile(r"v(\d{1,2})\.0")


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted call: who calls, with which token, on which consent, with which parameters and files, and when."""

    call: Call
    params: Mapping[str, Any]
    files: Mapping[str, Upload]
    account: Account
    token: Token
    grant: Grant
    now: datetime
    switches: FacebookSwitches

    @property
    def node(self) -> str:
        """The first part of the path; `me` stands for whom the token is of."""
        node = self.call.params["node"]
        return self.own_id if node == "me" else node

    @property
    def own_id(self) -> str:
        """The id of the Page, or of the person, whose token this is."""
        return self.page_id or self.account.account_id

    @property
    def page_id(self) -> str | None:
        """The Page whose token this is; nothing for a person's token."""
        return self.token.details["page_id"] if self.token.kind == PAGE else None

    @property
    def page(self) -> Place:
        """The Page whose token this is; raises 210 for a person's token, 100/33 once the Page is deleted."""
        if self.page_id is None:
            raise page_token_required()
        place = self.account.place(self.page_id)
        if place is None or options_of(place).deleted:
            raise no_such_object(self.page_id, self.call.method)
        return place

    def own_page(self) -> Place:
        """The Page that the path names and the token is of."""
        page = self.page
        if self.node != page.platform_id:
            raise no_such_object(self.node, self.call.method)
        return page

    def need(self, permission: str, *, code: int = 10, page: Place | None = None) -> None:
        """Refuse the call unless this permission was granted, for that Page, and has not lapsed."""
        grant = self.grant
        if permission not in grant.scopes or (page is not None and not reaches(grant, page)):
            raise missing_permission(permission, code=code)
        used: dict[str, datetime] = grant.details.setdefault("used", {})
        lapse_s = self.switches.permission_lapse_s
        if lapse_s is not None and self.now - used.get(permission, grant.created_at) > timedelta(seconds=lapse_s):
            raise missing_permission(permission, code=10)
        used[permission] = self.now

    def need_task(self, page: Place, task: str) -> None:
        """Refuse the call unless the person has this task on the Page."""
        if task not in options_of(page).tasks:
            raise missing_task(task)


Work = Callable[[Visit], Awaitable[Answer]]


def answering(simulator: PlatformSimulator, work: Handler) -> Handler:
    """Turn refusals into answers; for handlers that look at tokens themselves."""
    callbacks = Callbacks(simulator)

    async def handle(call: Call) -> Answer:
        simulator.catch_up()
        try:
            check_version(call)
            return await work(call)
        except InvalidParameter as error:
            return error_answer(invalid_parameter(str(error)))
        except GraphError as error:
            return error_answer(error)
        finally:
            await callbacks.send_waiting()

    return handle


def admitting(simulator: PlatformSimulator, work: Work, *, oauth_header: bool = False) -> Handler:
    """Make a handler of work that needs a token; its answer carries the usage headers.

    With `oauth_header` the token must stand in an Authorization header of the scheme OAuth, as uploads want it.
    """
    limits, tokens, callbacks = Limits(simulator), Tokens(simulator), Callbacks(simulator)

    async def handle(call: Call) -> Answer:
        headers: dict[str, str] = {}
        simulator.catch_up()
        try:
            check_version(call)
            visit = await _authenticate(simulator, tokens, call, oauth_header=oauth_header)
            headers.update(_count(limits, visit))
            return (await work(visit)).plus(headers)
        except InvalidParameter as error:
            return error_answer(invalid_parameter(str(error))).plus(headers)
        except GraphError as error:
            return error_answer(error).plus(headers)
        finally:
            await callbacks.send_waiting()

    return handle


def check_version(call: Call) -> None:
    """Every version up to the newest is served; retired ones silently by a living one."""
    match = _VERSION.fullmatch(call.params.get("version", ""))
    if match is None or not 1 <= int(match[1]) <= _NEWEST_VERSION:
        raise unknown_path()


def token_in(call: Call, params: Mapping[str, Any]) -> str | None:
    """The token of a call: of its header, which may say Bearer or OAuth, or of its parameters."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "oauth"} and value.strip():
        return value.strip()
    return text_of(params, "access_token") or None


def check_proof(simulator: PlatformSimulator, params: Mapping[str, Any], client_id: str, token: str) -> None:
    """A proof that is sent must be right, of this very token; the app may require one."""
    proof = text_of(params, "appsecret_proof")
    app = simulator.world.store.app(simulator.name, client_id)
    if not proof:
        if simulator.switches.require_appsecret_proof:
            raise bad_proof("API calls from the server require an appsecret_proof argument")
        return
    if app is None or proof.encode() != proof_of(app, token).encode():
        raise bad_proof("Invalid appsecret_proof provided in the API argument")


async def _authenticate(simulator: PlatformSimulator, tokens: Tokens, call: Call, *, oauth_header: bool) -> Visit:
    if oauth_header:
        # The body is the file itself.
        params: dict[str, Any] = dict(call.query)
        files: dict[str, Upload] = {}
        scheme = call.headers.get("authorization", "").partition(" ")[0]
        value = token_in(call, {}) if scheme.lower() == "oauth" else None
    else:
        params, files = await read_params_and_files(call)
        value = token_in(call, params)
    if value is None:
        raise graph_error(2500, "An active access token must be used to query information about the current user.")
    now = simulator.world.clock.now()
    token, grant = tokens.alive(value, now)
    account = simulator.world.store.account(simulator.name, grant.account_id)
    if account is None:
        raise no_such_object(grant.account_id, call.method)
    if not oauth_header or "appsecret_proof" in params:
        check_proof(simulator, params, grant.client_id, token.value)
    return Visit(call, params, files, account, token, grant, now, simulator.switches)


def _count(limits: Limits, visit: Visit) -> dict[str, str]:
    if visit.page_id is not None:
        return limits.count_page(visit.grant, visit.page_id, visit.now)
    node = visit.call.params.get("node", "")
    page = node if visit.account.place(node) is not None else None
    return limits.count_person(visit.grant.client_id, visit.account.account_id, visit.now, page=page)
