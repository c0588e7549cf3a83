"""Who may call: token, project, quota, scopes, the channel's standing, in that order.

The quota stands before the scopes, for every call with a project behind it costs something, also one that is refused.
"""

import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from social_sandbox.answers import Answer
from social_sandbox.calls import Call, MalformedBody, read_number
from social_sandbox.google_identity import scopes
from social_sandbox.google_identity.access import authenticate
from social_sandbox.google_identity.errors import GoogleError
from social_sandbox.grants import Grant
from social_sandbox.platform import Handler, PlatformSimulator
from social_sandbox.youtube.channel import Channel, find_channel
from social_sandbox.youtube.errors import (
    account_closed_to_api,
    api_disabled,
    bad_request,
    invalid_parameter,
    refusal,
    required,
    signup_required,
)
from social_sandbox.youtube.quota import Bucket, charge
from social_sandbox.youtube.switches import YouTubeSwitches

READING = frozenset({scopes.YOUTUBE, scopes.YOUTUBE_READONLY, scopes.YOUTUBE_FORCE_SSL})
UPLOADING = frozenset({scopes.YOUTUBE, scopes.YOUTUBE_UPLOAD, scopes.YOUTUBE_FORCE_SSL})
CHANGING = frozenset({scopes.YOUTUBE, scopes.YOUTUBE_FORCE_SSL})
REPORTING = frozenset({scopes.YOUTUBE, scopes.YOUTUBE_READONLY, scopes.YT_ANALYTICS_READONLY})

# What every Google API takes beside its own parameters; a token in the address is not among what we take.
_ALWAYS = ("alt", "fields", "prettyPrint", "quotaUser", "key", "$.xgafv")
_MOST_RESULTS = 50
_DEFAULT_RESULTS = 5


class YouTubeRefusals:
    """What is wrong with any call, in YouTube's words."""

    def unauthenticated(self) -> GoogleError:
        """The token is missing, unknown, expired or revoked."""
        return refusal(
            401,
            "authError",
            "Invalid Credentials",
            location=("header", "Authorization"),
            rpc_status="UNAUTHENTICATED",
            headers={"www-authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
        )

    def missing_scope(self) -> GoogleError:
        """The token was not granted what the call needs."""
        error = refusal(403, "insufficientPermissions", "Insufficient Permission", rpc_status="PERMISSION_DENIED")
        error.body["error"] |= {
            "message": "Request had insufficient authentication scopes.",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                    "domain": "googleapis.com",
                }
            ],
        }
        error.headers["www-authenticate"] = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
        return error

    def unreadable(self, detail: str) -> GoogleError:
        """The body is not what its content type says."""
        return bad_request(f"The request body could not be read: {detail}")


REFUSALS = YouTubeRefusals()


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted call: on which consent, for which channel, and when."""

    call: Call
    grant: Grant
    channel: Channel | None
    now: datetime
    switches: YouTubeSwitches

    def own_channel(self) -> Channel:
        """The channel the token is bound to; raises what YouTube says to somebody without one."""
        if self.channel is None:
            raise signup_required()
        return self.channel

    def owns(self, channel_id: str) -> bool:
        """Whether a channel is the token's."""
        return self.channel is not None and self.channel.channel_id == channel_id

    def query(self, *known: str) -> dict[str, str]:
        """The query parameters; one that the method does not have is refused, as is a second value."""
        repeatable = {"part", "id"}
        for name, values in self.call.query_lists.items():
            if name not in known and name not in _ALWAYS:
                raise bad_request(f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.')
            if len(values) > 1 and name not in repeatable:
                raise invalid_parameter(name, f"The parameter {name} can only be given once.")
        return self.call.query

    def names(self, parameter: str) -> list[str]:
        """A list parameter: repeated, separated by commas, or both; each name once."""
        given = self.call.query_lists.get(parameter, [])
        return list(dict.fromkeys(name.strip() for value in given for name in value.split(",") if name.strip()))

    def parts(self, known: Iterable[str]) -> list[str]:
        """The required parameter `part`; a name that the resource does not have is refused."""
        found = self.names("part")
        if not found:
            raise required("part")
        for name in found:
            if name not in known:
                raise refusal(400, "unknownPart", f"'{name}'", domain="youtube.part", location=("parameter", "part"))
        return found

    def results(self) -> int:
        """The parameter `maxResults`."""
        text = self.call.query.get("maxResults")
        if text is None:
            return _DEFAULT_RESULTS
        number = read_number(text)
        if number is None or number > _MOST_RESULTS:
            message = f"Invalid value '{text}'. Values must be within the range: [0, {_MOST_RESULTS}]"
            raise invalid_parameter("maxResults", message)
        return number

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean parameter."""
        text = self.call.query.get(name)
        if text is None:
            return default
        if text.lower() not in {"true", "false"}:
            raise bad_request(f"Invalid value at '{name}' (TYPE_BOOL), \"{text}\"")
        return text.lower() == "true"


Work = Callable[[Visit], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Price:
    """What a call costs, and out of which bucket."""

    bucket: Bucket = Bucket.UNITS
    cost: int = 1


LISTING = Price()
WRITING = Price(cost=50)


def answering(work: Handler) -> Handler:
    """Turn refusals into answers; for handlers that need no token."""

    async def handle(call: Call) -> Answer:
        try:
            return await work(call)
        except GoogleError as error:
            return error.answer()
        except MalformedBody as error:
            return REFUSALS.unreadable(str(error)).answer()

    return handle


def admitting(
    simulator: PlatformSimulator,
    work: Work,
    *,
    scopes_any: frozenset[str],
    price: Price | None,
) -> Handler:
    """Make a handler of work that needs a token with at least one of these scopes, and that costs something."""

    async def handle(call: Call) -> Answer:
        store = simulator.world.store
        switches: YouTubeSwitches = simulator.switches
        visit = authenticate(simulator, call, refusals=REFUSALS)
        project = project_number(visit.grant.client_id)
        if not switches.api_enabled:
            raise api_disabled(project)
        if price is not None:
            books = store.bucket(simulator.name).setdefault("quota", {})
            charge(books, project, price.bucket, cost=price.cost, now=visit.now, overrides=switches.quota)
        if scopes_any.isdisjoint(visit.token.scopes):
            raise REFUSALS.missing_scope()
        # Somebody who makes a first channel after the consent reaches it with the token they gave.
        places = visit.account.places if visit.account else []
        bound = visit.channel or next((place.platform_id for place in places), "")
        channel = find_channel(store, bound)
        if channel is not None and channel.standing != "active":
            raise account_closed_to_api(channel.standing)
        simulator.catch_up()
        return await work(Visit(call, visit.grant, channel, visit.now, switches))

    return answering(handle)


def project_number(client_id: str) -> str:
    """The number of a client's Cloud project."""
    return str(700_000_000_000 + zlib.crc32(client_id.encode()))
