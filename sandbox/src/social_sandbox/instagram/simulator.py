"""Instagram as the sandbox's gateway sees it: its routes, its accounts, its words for trouble."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.instagram.access import Visit, Work, admitting, too_many_calls, usage_headers
from social_sandbox.instagram.account_insights import AccountInsights
from social_sandbox.instagram.containers import Containers
from social_sandbox.instagram.errors import graph_error, no_such_object, unknown_path, unsupported_method
from social_sandbox.instagram.ids import new_account_id, new_app_scoped_id
from social_sandbox.instagram.insights import MediaInsights
from social_sandbox.instagram.media import MediaEndpoints, own_media
from social_sandbox.instagram.oauth import OAuth
from social_sandbox.instagram.profile import ProfileEndpoints
from social_sandbox.instagram.publishing import PublishingEndpoints
from social_sandbox.instagram.switches import InstagramSwitches
from social_sandbox.meta.errors import error_answer
from social_sandbox.meta.params import text_of
from social_sandbox.model import Account, Place
from social_sandbox.platform import AccountSpec, PlatformSimulator, RefusedByControl, Route, World, check_options

HOST = "graph.instagram.com"
_DEFAULT_WAIT = timedelta(hours=1)
_USERNAME = re.compile(r"[A-Za-z0-9._]{1,30}")
_ID = re.compile(r"[0-9]{1,18}")
_DETAILS = {
    "account_type": str,
    "following": int,
    "posts": int,
    "biography": str,
    "hides_likes": bool,
    "no_picture": bool,
    "restricted": bool,
    "role_missing": bool,
}
_TYPES = ("BUSINESS", "MEDIA_CREATOR")


class InstagramSimulator(PlatformSimulator):
    """The simulated Instagram, with Instagram Login. An account is its only place."""

    name = "instagram"
    label = "Instagram"
    switches_model = InstagramSwitches

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._oauth = OAuth(self)
        self._containers = Containers(world.store)
        self._publishing = PublishingEndpoints(world, self._containers)
        self._media = MediaEndpoints(world)
        self._profile = ProfileEndpoints(world)
        self._media_insights = MediaInsights(world)
        self._account_insights = AccountInsights(world)

    def routes(self) -> Sequence[Route]:
        """Every endpoint; node paths also with the trailing slash that Meta's own client sends."""
        table: list[tuple[str, str, Any, Work]] = [
            ("GET", "/{version}/me", Operation.IDENTITY, self._profile.me),
            ("GET", "/{version}/{node}", _reading, self._read_node),
            ("POST", "/{version}/{node}", Operation.PUBLISH, self._change_node),
            ("DELETE", "/{version}/{node}", Operation.PUBLISH, self._delete_node),
            ("GET", "/{version}/{node}/{edge}", _reading_edge, self._read_edge),
            ("POST", "/{version}/{node}/{edge}", _writing_edge, self._write_edge),
        ]
        return self._oauth.routes() + [
            Route(method, HOST, path + slash, operation, admitting(self, work))
            for method, path, operation, work in table
            for slash in ("", "/")
        ]

    def create_account(self, spec: AccountSpec) -> Account:
        """Make a professional account; its one place is itself."""
        store = self.world.store
        places = list(spec.places or ())
        if len(places) > 1 or any(place.kind != "account" for place in places):
            raise RefusedByControl("places", "an account of Instagram has one place, itself, of the kind account")
        ig_id = places[0].platform_id if places and places[0].platform_id else new_account_id(store)
        if _ID.fullmatch(ig_id) is None:
            raise RefusedByControl("places.0.platform_id", "must be digits, eighteen at most")
        options = {**spec.details, **(places[0].options if places else {})}
        _check_details(options, "details")
        username = spec.username or f"merchant{ig_id[-8:]}"
        _check_username(username, "username")
        account = Account(
            platform=self.name,
            account_id=ig_id,
            username=username,
            display_name=spec.display_name or username,
            followers=1203 if spec.followers is None else spec.followers,
            created_at=self.world.clock.now(),
            places=[Place(ig_id, "account", username, dict(options))],
            details={**options, "app_scoped_id": new_app_scoped_id(store)},
        )
        return store.add_account(account)

    def demo_accounts(self) -> Sequence[AccountSpec]:
        """A shop and a creator."""
        return (
            AccountSpec("bluemugshop", "Blue Mug", 1203),
            AccountSpec("potterbynature", "Potter by Nature", 8700, details={"account_type": "MEDIA_CREATOR"}),
        )

    def change_place(self, account: Account, place: Place, name: str | None, options: Mapping[str, Any]) -> None:
        """Rename an account or change its details (a restriction, a missing role)."""
        _check_details(options, "options")
        _check_username(name or place.name, "name")
        super().change_place(account, place, name, options)
        account.username = place.name
        account.details.update(options)

    def revoke_access(self, call: Call) -> None:
        """The person removes the app: every consent to it ends."""
        grant = self.grant_of(call)
        if grant is None:
            return
        for other in self.grants.grants.values():
            if (other.client_id, other.account_id) == (grant.client_id, grant.account_id):
                self.grants.revoke_grant(other, self.world.clock.now())

    def server_error(self, call: Call) -> Answer:
        """Meta's words for its own trouble; the token endpoint says them flat, too."""
        del call
        message = "An unexpected error has occurred. Please retry your request later."
        return error_answer(graph_error(2, message, kind="OAuthException", status=500, transient=True))

    def rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """Code 80002; the wait stands in a header, in minutes."""
        grant = self.grant_of(call)
        wait = _DEFAULT_WAIT if retry_after is None else retry_after
        headers = usage_headers(grant.account_id if grant else "0", 100, regain=wait)
        return error_answer(too_many_calls(headers))

    def not_found(self, call: Call) -> Answer:
        """What the Graph says to a path that names nothing."""
        del call
        return error_answer(unknown_path())

    async def _read_node(self, visit: Visit) -> Answer:
        node = visit.call.params["node"]
        if node == visit.ig_id:
            return await self._profile.me(visit)
        container = self._containers.find(node, visit.ig_id)
        if container is not None:
            return self._publishing.status(visit, container)
        return self._media.one(visit, own_media(self.world.store, visit, node))

    async def _change_node(self, visit: Visit) -> Answer:
        if visit.call.params["node"] == "me":
            raise unsupported_method("post")
        return await self._media.change(visit)

    async def _delete_node(self, visit: Visit) -> Answer:
        """With Instagram Login nothing can be deleted."""
        raise no_such_object(visit.call.params["node"], "delete")

    async def _read_edge(self, visit: Visit) -> Answer:
        node, edge = visit.call.params["node"], visit.call.params["edge"]
        is_account = node in {"me", visit.ig_id}
        edges: dict[str, Work] = {
            "media": self._media.list,
            "stories": self._media.stories,
            "content_publishing_limit": self._publishing.limit,
            "insights": self._account_insights.read,
        }
        if is_account and edge in edges:
            return await edges[edge](visit)
        if edge == "insights":
            return await self._media_insights.read(visit)
        raise unknown_path() if is_account else no_such_object(node)

    async def _write_edge(self, visit: Visit) -> Answer:
        node, edge = visit.call.params["node"], visit.call.params["edge"]
        if node == "me":
            raise unsupported_method("post")
        if node != visit.ig_id:
            raise no_such_object(node, "post")
        match edge:
            case "media":
                return await self._publishing.create(visit)
            case "media_publish":
                return await self._publishing.publish(visit)
            case _:
                raise unknown_path()


def _reading(call: Call) -> Operation:
    """Reading a node for its counts is another thing than reading it back."""
    fields = text_of(call.query, "fields")
    return Operation.METRICS if "like_count" in fields or "followers_count" in fields else Operation.READ


def _reading_edge(call: Call) -> Operation:
    return Operation.METRICS if call.params.get("edge") == "insights" else Operation.READ


def _writing_edge(call: Call) -> Operation:
    return Operation.PUBLISH if call.params.get("edge") == "media_publish" else Operation.MEDIA


def _check_username(username: str, field: str) -> None:
    if _USERNAME.fullmatch(username) is None:
        raise RefusedByControl(field, "must be letters, digits, points and underscores, thirty at most")


def _check_details(details: Mapping[str, Any], field: str) -> None:
    check_options(details, _DETAILS, where=field, label="Instagram")
    if details.get("account_type", "BUSINESS") not in _TYPES:
        raise RefusedByControl(f"{field}.account_type", f"must be one of {', '.join(_TYPES)}")
