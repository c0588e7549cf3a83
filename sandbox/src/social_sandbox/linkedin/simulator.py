"""LinkedIn as the sandbox's gateway sees it: its routes, its two apps, its members, its words for trouble."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.linkedin.app_options import options_of
from social_sandbox.linkedin.assets import Assets
from social_sandbox.linkedin.errors import refused, request_id
from social_sandbox.linkedin.identity import Identity
from social_sandbox.linkedin.limits import throttled
from social_sandbox.linkedin.media import MediaEndpoints
from social_sandbox.linkedin.member_analytics import MemberAnalytics
from social_sandbox.linkedin.oauth import Consent
from social_sandbox.linkedin.page_statistics import PageStatistics
from social_sandbox.linkedin.people import MEMBER, ORGANIZATION, ROLES, STATES, person_urn
from social_sandbox.linkedin.posts import PostEndpoints
from social_sandbox.linkedin.reading import ReadingEndpoints
from social_sandbox.linkedin.resources import Resource
from social_sandbox.linkedin.switches import LinkedInSwitches
from social_sandbox.linkedin.tokens import Tokens
from social_sandbox.linkedin.uploads import Uploads
from social_sandbox.model import DEMO_CLIENT_ID, Account, App, Place
from social_sandbox.platform import (
    AccountSpec,
    PlaceSpec,
    PlatformSimulator,
    RefusedByControl,
    Route,
    World,
    check_options,
)

COMMUNITY_CLIENT_ID = "sandbox-community-client"
COMMUNITY_CLIENT_SECRET = "sandbox-community-secret"  # noqa: S105  (the documented default, worth nothing outside)
FIRST_ORGANIZATION = 5555
FIRST_MEMBER = 910_001
_ORGANIZATION = re.compile(r"urn:li:organization:[1-9][0-9]{0,17}")
_OPTIONS = {"role": str, "state": str, "vanity_name": str, "followers": int}


class LinkedInSimulator(PlatformSimulator):
    """www.linkedin.com and api.linkedin.com. A member's places are the member and the organizations."""

    name = "linkedin"
    label = "LinkedIn"
    switches_model = LinkedInSwitches

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._assets = Assets(world.store)
        # As the default app of every platform does, the second one follows the ports of today.
        community = world.store.app(self.name, COMMUNITY_CLIENT_ID)
        if community is not None:
            callbacks = world.config.callbacks(self.name)
            community.redirect_uris = tuple(dict.fromkeys((*callbacks, *community.redirect_uris)))

    def routes(self) -> Sequence[Route]:
        """Every endpoint of both hosts."""
        identity, media = Identity(self), MediaEndpoints(self._assets)
        parts = (Consent(self), Tokens(self), Uploads(self, self._assets), identity)
        figures = (PageStatistics(self.world), MemberAnalytics(self.world))
        resources = [self._posts(), *(one for part in (identity, media, *figures) for one in part.resources())]
        fixed = [route for part in parts for route in part.routes()]
        return fixed + [route for resource in resources for route in resource.routes(self)]

    def _posts(self) -> Resource:
        writing = PostEndpoints(self.world.store, self._assets)
        reading = ReadingEndpoints(self.world.store)
        return Resource(
            "posts",
            "partnerApiPostsExternal",
            {
                "CREATE": (Operation.PUBLISH, writing.create),
                "PARTIAL_UPDATE": (Operation.PUBLISH, writing.edit),
                "DELETE": (Operation.PUBLISH, writing.delete),
                "GET": (Operation.READ, reading.one),
                "BATCH_GET": (Operation.READ, reading.many),
                "FINDER-author": (Operation.READ, reading.by_author),
            },
        )

    def seed(self) -> None:
        """The self-serve app, the app with the Community Management API, and the demo members."""
        super().seed()
        self.world.store.apps[self.name, DEMO_CLIENT_ID].options = {"products": ("sign_in", "share")}
        self.world.store.add_app(
            App(
                self.name,
                COMMUNITY_CLIENT_ID,
                COMMUNITY_CLIENT_SECRET,
                self.world.config.callbacks(self.name),
                "Seftec Social Pages",
                {"products": ("sign_in", "community_management")},
            )
        )

    def demo_accounts(self) -> Sequence[AccountSpec]:
        """A member with two organizations, and one with none."""
        pages = [
            PlaceSpec(ORGANIZATION, "Copper & Co"),
            PlaceSpec(ORGANIZATION, "Tea House", options={"followers": 65}),
        ]
        return (
            AccountSpec("anacosta", "Ana Costa", 961, pages),
            AccountSpec("noorbakker", "Noor Bakker", 140, []),
        )

    def create_account(self, spec: AccountSpec) -> Account:
        """A member with organizations, one where none was named; the member is a place, too."""
        store = self.world.store
        account_id = str(store.next_number("linkedin.member", FIRST_MEMBER))
        username = spec.username or f"member-{account_id}"
        if spec.details:
            raise RefusedByControl(f"details.{next(iter(spec.details))}", "LinkedIn knows no details of a member")
        display_name = spec.display_name or username
        followers = 320 if spec.followers is None else spec.followers
        wished = [PlaceSpec(ORGANIZATION, display_name)] if spec.places is None else list(spec.places)
        members = [place for place in wished if place.kind == MEMBER]
        if len(members) > 1:
            raise RefusedByControl("places", "a member is one place, not several")
        if members and (members[0].platform_id or members[0].options):
            raise RefusedByControl("places", "the id of a member differs per app and cannot be chosen")
        urn = person_urn(account_id, DEMO_CLIENT_ID)
        places = [Place(urn, MEMBER, display_name)]
        taken = {place.platform_id for place in wished if place.platform_id}
        for index, place in enumerate(wished):
            if place.kind != MEMBER:
                places.append(self._organization(place, f"places.{index}", followers, taken=taken))
        account = Account(self.name, account_id, username, display_name, followers, self.world.clock.now(), places)
        return store.add_account(account)

    def change_place(self, account: Account, place: Place, name: str | None, options: Mapping[str, Any]) -> None:
        """Rename a member or an organization, or change the member's role there."""
        if place.kind == MEMBER and options:
            raise RefusedByControl(f"options.{next(iter(options))}", "LinkedIn knows no options of a member")
        _check_options(options, "options")
        super().change_place(account, place, name, options)
        if place.kind == MEMBER:
            account.display_name = place.name

    def check_app(self, app: App) -> None:
        """Products that go together, and absolute https redirect URIs, or such on loopback."""
        options_of(app)
        loopback = ("http://127.0.0.1", "http://localhost", "http://[::1]")
        for index, uri in enumerate(app.redirect_uris):
            if not uri.startswith(("https://", *loopback)) or "#" in uri or not _has_host(uri):
                raise RefusedByControl(f"redirect_uris.{index}", "must be absolute and https, or http on loopback")

    def revoke_access(self, call: Call) -> None:
        """The member removes the app under permitted services: every consent to it ends."""
        grant = self.grant_of(call)
        if grant is None:
            return
        for number in self.grants.by_person[grant.client_id, grant.account_id]:
            self.grants.revoke_grant(self.grants.grants[number], self.world.clock.now())

    def server_error(self, call: Call) -> Answer:
        """The envelope for LinkedIn's own trouble."""
        del call
        return refused(500, None, "Internal Server Error").answer().plus(request_id())

    def rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """A daily quota is used up. LinkedIn documents no Retry-After; it is sent where a fault names one."""
        del call
        wait = {} if retry_after is None else {"retry-after": str(int(retry_after.total_seconds()))}
        return throttled(self.switches).answer().plus({**request_id(), **wait})

    def not_found(self, call: Call) -> Answer:
        """What LinkedIn says to a resource it does not have."""
        return refused(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for {call.path}").answer()

    def too_large(self, call: Call) -> Answer:
        """What LinkedIn says to a body beyond any limit."""
        del call
        return refused(413, None, "Request Entity Too Large").answer()

    def _organization(self, spec: PlaceSpec, where: str, followers: int, *, taken: set[str]) -> Place:
        if spec.kind != ORGANIZATION:
            raise RefusedByControl(f"{where}.kind", f"must be {ORGANIZATION} or {MEMBER}")
        urn = spec.platform_id or self._free_urn(taken)
        if _ORGANIZATION.fullmatch(urn) is None:
            raise RefusedByControl(f"{where}.platform_id", "must be urn:li:organization: and a number")
        _check_options(spec.options, f"{where}.options")
        vanity = re.sub(r"[^a-z0-9]+", "-", spec.name.lower()).strip("-") or f"page-{urn.rsplit(':', 1)[1]}"
        usual = {"role": "ADMINISTRATOR", "state": "APPROVED", "vanity_name": vanity, "followers": followers}
        return Place(urn, ORGANIZATION, spec.name, {**usual, **spec.options})

    def _free_urn(self, taken: set[str]) -> str:
        while True:
            urn = f"urn:li:organization:{self.world.store.next_number('linkedin.organization', FIRST_ORGANIZATION)}"
            if urn not in taken and self.world.store.find_place(self.name, urn) is None:
                return urn


def _has_host(uri: str) -> bool:
    try:
        return bool(urlsplit(uri).hostname)
    except ValueError:
        return False


def _check_options(options: Mapping[str, Any], field: str) -> None:
    check_options(options, _OPTIONS, where=field, label="LinkedIn")
    if options.get("role", "ADMINISTRATOR") not in ROLES:
        raise RefusedByControl(f"{field}.role", f"must be one of {', '.join(sorted(ROLES))}")
    if options.get("state", "APPROVED") not in STATES:
        raise RefusedByControl(f"{field}.state", f"must be one of {', '.join(sorted(STATES))}")
