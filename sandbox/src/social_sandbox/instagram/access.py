"""Who may call graph.instagram.com: token, role, usage, permissions, in that order."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.grants import Grant
from social_sandbox.instagram.errors import (
    graph_error,
    invalid_parameter,
    invalid_token,
    missing_permission,
    unknown_path,
    unsupported_method,
)
from social_sandbox.instagram.switches import InstagramSwitches
from social_sandbox.meta.errors import GraphError, InvalidParameter, error_answer
from social_sandbox.meta.params import read_params, text_of
from social_sandbox.meta.usage import FULL, app_usage, business_usage
from social_sandbox.model import Account
from social_sandbox.platform import Handler, PlatformSimulator
from social_sandbox.store import Window

BASIC = "instagram_business_basic"
PUBLISHING = "instagram_business_content_publish"
INSIGHTS = "instagram_business_manage_insights"

DAY = timedelta(days=1)
_NEWEST_VERSION = 26
_VERSION = re.compile(r"v(\d{1,2})\.0")


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted call: who calls, on which consent, with which parameters, and when."""

    call: Call
    params: Mapping[str, Any]
    account: Account
    grant: Grant
    now: datetime
    switches: InstagramSwitches

    @property
    def ig_id(self) -> str:
        """The id of the professional account, which every path takes."""
        return self.account.places[0].platform_id

    def need(self, permission: str) -> None:
        """Refuse the call unless this permission was granted."""
        if permission not in self.grant.scopes:
            raise missing_permission(permission)


Work = Callable[[Visit], Awaitable[Answer]]


def answering(work: Handler) -> Handler:
    """Turn refusals into answers; for handlers that look at the token themselves."""

    async def handle(call: Call) -> Answer:
        try:
            return await work(call)
        except InvalidParameter as error:
            return error_answer(invalid_parameter(str(error)))
        except GraphError as error:
            return error_answer(error)

    return handle


def admitting(simulator: PlatformSimulator, work: Work) -> Handler:
    """Make a handler of work that needs a token; its answer carries the usage headers."""

    async def handle(call: Call) -> Answer:
        headers: dict[str, str] = {}
        try:
            _check_version(call)
            params = await read_params(call)
            visit = _authenticate(simulator, call, params)
            if visit.switches.unapproved or visit.account.details.get("role_missing"):
                raise unsupported_method("get")
            headers.update(_count(simulator, visit))
            visit.need(BASIC)
            return (await work(visit)).plus(headers)
        except InvalidParameter as error:
            return error_answer(invalid_parameter(str(error))).plus(headers)
        except GraphError as error:
            return error_answer(error).plus(headers)

    return handle


def live_grant(simulator: PlatformSimulator, value: str | None, now: datetime) -> Grant:
    """Return the consent behind a token; raises what Instagram says to a dead one."""
    token = simulator.grants.tokens.get(value or "")
    if token is None:
        raise invalid_token(None, "Invalid OAuth access token - Cannot parse access token")
    grant = simulator.grants.grants[token.grant_id]
    if grant.revoked_at is not None or token.revoked_at is not None:
        raise invalid_token(458, "Error validating access token: The user has not authorized application.")
    if token.expires_at is not None and token.expires_at <= now:
        moment = token.expires_at.strftime("%A, %d-%b-%y %H:%M:%S UTC")
        raise invalid_token(463, f"Error validating access token: Session has expired on {moment}.")
    return grant


def usage_headers(ig_id: str, percent: int, *, regain: timedelta = timedelta(0)) -> dict[str, str]:
    """The two headers that tell how much of the budget is used."""
    return app_usage(percent) | business_usage(ig_id, "instagram", percent, regain=regain)


def too_many_calls(headers: Mapping[str, str]) -> GraphError:
    """The budget of this account is used up."""
    message = (
        "(#80002) There have been too many calls to this Instagram account."
        " Wait a bit and try again. For more info, please refer to the documentation on rate limiting."
    )
    return graph_error(80002, message, kind="OAuthException", headers=headers)


def _check_version(call: Call) -> None:
    match = _VERSION.fullmatch(call.params.get("version", ""))
    if match is None or not 1 <= int(match[1]) <= _NEWEST_VERSION:
        raise unknown_path()


def _authenticate(simulator: PlatformSimulator, call: Call, params: Mapping[str, Any]) -> Visit:
    value = call.bearer() or text_of(params, "access_token") or None
    if value is None:
        raise graph_error(2500, "An active access token must be used to query information about the current user.")
    now = simulator.world.clock.now()
    grant = live_grant(simulator, value, now)
    account = simulator.world.store.account(simulator.name, grant.account_id)
    if account is None:
        raise invalid_token(None, "Invalid OAuth access token - Cannot parse access token")
    return Visit(call, params, account, grant, now, simulator.switches)


def _count(simulator: PlatformSimulator, visit: Visit) -> dict[str, str]:
    windows: dict[str, Window] = simulator.world.store.bucket(simulator.name).setdefault("calls", {})
    window = windows.setdefault(visit.ig_id, Window(DAY.total_seconds()))
    now = visit.now.timestamp()
    used = window.count(now)
    if used >= visit.switches.call_budget:
        regain = timedelta(seconds=window.frees_at(now) - now)
        raise too_many_calls(usage_headers(visit.ig_id, FULL, regain=regain))
    window.add(now)
    return usage_headers(visit.ig_id, FULL * (used + 1) // visit.switches.call_budget)
