"""X as the sandbox's gateway sees it: its routes, its accounts, its words for trouble."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.model import Account, App, Place
from social_sandbox.platform import AccountSpec, PlatformSimulator, RefusedByControl, Route, World, check_options
from social_sandbox.x.access import MEDIA, READING, WRITING, Work, admitting
from social_sandbox.x.analytics import AnalyticsEndpoint
from social_sandbox.x.errors import problem, rate_limited
from social_sandbox.x.ids import is_id, new_snowflake
from social_sandbox.x.limits import DOCUMENTED, QUARTER, USER
from social_sandbox.x.lookup import LookupEndpoints
from social_sandbox.x.media import MediaEndpoints
from social_sandbox.x.oauth import OAuth
from social_sandbox.x.posts import PostEndpoints
from social_sandbox.x.showing import Showing
from social_sandbox.x.switches import XSwitches
from social_sandbox.x.uploads import Uploads
from social_sandbox.x.users import UserEndpoints

API_HOSTS = ("api.x.com", "api.twitter.com")
_MOST_REDIRECTS = 10
_SUBSCRIPTIONS = ("None", "Basic", "Premium", "PremiumPlus")
_USERNAME = re.compile(r"[A-Za-z0-9_]{1,15}")
_DETAILS = {
    "subscription_type": str,
    "protected": bool,
    "verified": bool,
    "verified_type": str,
    "following": int,
    "posts": int,
    "restricted": bool,
    "description": str,
}


class XSimulator(PlatformSimulator):
    """The simulated X. An account is its only place; `details` and place options hold its subscription and state."""

    name = "x"
    label = "X"
    switches_model = XSwitches

    def __init__(self, world: World) -> None:
        super().__init__(world)
        uploads = Uploads(world)
        showing = Showing(world, uploads)
        self._oauth = OAuth(self)
        self._media = MediaEndpoints(uploads)
        self._posts = PostEndpoints(world, uploads, showing)
        self._lookup = LookupEndpoints(world, showing)
        self._users = UserEndpoints(world, showing)
        self._analytics = AnalyticsEndpoint(world)

    def routes(self) -> Sequence[Route]:
        """Every endpoint, on the API's host and on its old alias."""
        media, posts, lookup, users = self._media, self._posts, self._lookup, self._users
        table: list[tuple[str, str, Any, Work, str, frozenset[str]]] = [
            ("GET", "/2/users/me", Operation.IDENTITY, users.me, "me", READING),
            ("GET", "/2/users/{id}", Operation.METRICS, users.one, "user", READING),
            ("GET", "/2/users/{id}/tweets", _reading, lookup.timeline, "timeline", READING),
            ("POST", "/2/tweets", Operation.PUBLISH, posts.create, "create", WRITING),
            ("GET", "/2/tweets", _reading, lookup.many, "posts", READING),
            ("GET", "/2/tweets/analytics", Operation.METRICS, self._analytics.series, "analytics", READING),
            ("GET", "/2/tweets/{id}", _reading, lookup.one, "post", READING),
            ("DELETE", "/2/tweets/{id}", Operation.PUBLISH, posts.delete, "delete", WRITING),
            ("POST", "/2/media/upload", Operation.MEDIA, media.one_shot, "media_one_shot", MEDIA),
            ("GET", "/2/media/upload", Operation.MEDIA, media.status, "media_status", MEDIA),
            ("POST", "/2/media/upload/initialize", Operation.MEDIA, media.initialize, "media_chunked", MEDIA),
            ("POST", "/2/media/upload/{id}/append", Operation.MEDIA, media.append, "media_chunked", MEDIA),
            ("POST", "/2/media/upload/{id}/finalize", Operation.MEDIA, media.finalize, "media_chunked", MEDIA),
            ("POST", "/2/media/metadata", Operation.MEDIA, media.annotate, "media_one_shot", MEDIA),
        ]
        return self._oauth.routes() + [
            Route(method, host, path, operation, admitting(self, work, endpoint=endpoint, scopes=scopes))
            for host in API_HOSTS
            for method, path, operation, work, endpoint, scopes in table
        ]

    def create_account(self, spec: AccountSpec) -> Account:
        """Make an account; its one place is itself."""
        now = self.world.clock.now()
        _check_details(spec.details, "details")
        places = list(spec.places or ())
        if len(places) > 1 or any(place.kind != "account" for place in places):
            raise RefusedByControl("places", "an account of X has one place, itself, of the kind account")
        account_id = places[0].platform_id if places and places[0].platform_id else new_snowflake(self.world.store, now)
        if not is_id(account_id):
            raise RefusedByControl("places.0.platform_id", "must be digits, nineteen at most")
        username = spec.username or f"shop{account_id[-8:]}"
        _check_username(username, "username")
        options = {**spec.details, **(places[0].options if places else {})}
        _check_details(options, "places.0.options")
        account = Account(
            platform=self.name,
            account_id=account_id,
            username=username,
            display_name=spec.display_name or username,
            followers=120 if spec.followers is None else spec.followers,
            created_at=now,
            places=[Place(account_id, "account", username, options)],
            details=options,
        )
        return self.world.store.add_account(account)

    def demo_accounts(self) -> Sequence[AccountSpec]:
        """A small shop and one that pays for longer posts."""
        return (
            AccountSpec("kettleco", "Kettle & Co", 120),
            AccountSpec(
                "copperworks", "Copper Works", 5400, details={"subscription_type": "Premium", "verified": True}
            ),
        )

    def change_place(self, account: Account, place: Place, name: str | None, options: Mapping[str, Any]) -> None:
        """Rename an account or change its details (a subscription, a restriction)."""
        _check_details(options, "options")
        _check_username(name or place.name, "name")
        super().change_place(account, place, name, options)
        account.username = place.name
        account.details.update(options)

    def check_app(self, app: App) -> None:
        """X registers at most ten redirect URIs, https ones or such on loopback."""
        if not 1 <= len(app.redirect_uris) <= _MOST_REDIRECTS:
            raise RefusedByControl("redirect_uris", "X takes one to ten of them")
        loopback = ("http://127.0.0.1", "http://localhost", "http://[::1]")
        for index, uri in enumerate(app.redirect_uris):
            if not uri.startswith(("https://", *loopback)):
                raise RefusedByControl(f"redirect_uris.{index}", "must be https, or http on loopback")

    def revoke_access(self, call: Call) -> None:
        """The person removes the app under connected apps: every consent to it ends."""
        grant = self.grant_of(call)
        if grant is None:
            return
        for other in self.grants.grants.values():
            if (other.client_id, other.account_id) == (grant.client_id, grant.account_id):
                self.grants.revoke_grant(other, self.world.clock.now())

    def server_error(self, call: Call) -> Answer:
        """X's problem document for its own trouble."""
        del call
        return problem(500, "Internal Server Error", "Something is broken. Please try again later.").answer()

    def rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """A 429 whose headers name the reset; X sends no Retry-After."""
        del call
        reset = self.world.clock.now() + (QUARTER if retry_after is None else retry_after)
        headers = {
            "x-rate-limit-limit": str(DOCUMENTED["create"][USER]),
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int(reset.timestamp())),
        }
        return rate_limited(headers, legacy=self.switches.legacy_rate_limit).answer()

    def not_found(self, call: Call) -> Answer:
        """What X says to a path or a version that it does not have."""
        del call
        return problem(404, "Not Found", "Not Found").answer()

    def too_large(self, call: Call) -> Answer:
        """What X says to a body beyond any limit."""
        del call
        return problem(413, "Payload Too Large", "The request is too large.").answer()


def _reading(call: Call) -> Operation:
    """Reading posts for their figures is another thing than reading them back."""
    asked = f"{call.query.get('tweet.fields', '')},{call.query.get('post.fields', '')}"
    return Operation.METRICS if "_metrics" in asked else Operation.READ


def _check_username(username: str, field: str) -> None:
    if _USERNAME.fullmatch(username) is None:
        raise RefusedByControl(field, "must be letters, digits and underscores, fifteen at most")


def _check_details(details: Mapping[str, Any], field: str) -> None:
    check_options(details, _DETAILS, where=field, label="X")
    if details.get("subscription_type", "None") not in _SUBSCRIPTIONS:
        raise RefusedByControl(f"{field}.subscription_type", f"must be one of {', '.join(_SUBSCRIPTIONS)}")
