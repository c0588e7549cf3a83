"""Google Business Profile as the sandbox's gateway sees it: its routes, its people, its words for trouble."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer, html_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.google.access import POSTS_HOST, guarded
from social_sandbox.google.accounts import AccountEndpoints, BusinessAccounts
from social_sandbox.google.errors import api_error, quota_exceeded
from social_sandbox.google.keywords import KeywordEndpoint
from social_sandbox.google.locations import LocationEndpoints
from social_sandbox.google.performance import PerformanceEndpoints
from social_sandbox.google.places import KIND, add_location, check_spec, check_values
from social_sandbox.google.posts import PostEndpoints
from social_sandbox.google.switches import GoogleSwitches
from social_sandbox.google_identity.access import Work
from social_sandbox.google_identity.family import GooglePlatform
from social_sandbox.google_identity.oauth import GoogleOAuth
from social_sandbox.google_identity.people import make_person
from social_sandbox.model import Account, App, Place
from social_sandbox.platform import AccountSpec, PlaceSpec, RefusedByControl, Route, World, check_options

_ACCOUNTS = "mybusinessaccountmanagement.googleapis.com"
_LOCATIONS = "mybusinessbusinessinformation.googleapis.com"
_STANDING = "mybusinessverifications.googleapis.com"
_FIGURES = "businessprofileperformance.googleapis.com"
_POSTS = "/v4/accounts/{account}/locations/{location}/localPosts"
_TROUBLE = {
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
    504: "Deadline exceeded.",
}


class GoogleSimulator(GooglePlatform):
    """The simulated Google Business Profile. A place is a location."""

    name = "google"
    label = "Google Business Profile"
    switches_model = GoogleSwitches

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._oauth = GoogleOAuth(self)
        self._business = BusinessAccounts(world.store)
        self._accounts = AccountEndpoints(world, self._business)
        self._locations = LocationEndpoints(world, self._business)
        self._posts = PostEndpoints(self)
        self._performance = PerformanceEndpoints(self)
        self._keywords = KeywordEndpoint(world)

    def routes(self) -> Sequence[Route]:
        """The identity's hosts and the five of Business Profile."""
        accounts, locations, posts = self._accounts, self._locations, self._posts
        location = "/v1/locations/{location}"
        table: list[tuple[str, str, str, Operation, Work]] = [
            ("GET", _ACCOUNTS, "/v1/accounts", Operation.IDENTITY, accounts.listing),
            ("GET", _ACCOUNTS, "/v1/accounts/{account}", Operation.IDENTITY, accounts.get),
            ("GET", _LOCATIONS, "/v1/accounts/{account}/locations", Operation.IDENTITY, locations.listing),
            ("GET", _LOCATIONS, location, Operation.IDENTITY, locations.get),
            ("GET", _STANDING, f"{location}/VoiceOfMerchantState", Operation.IDENTITY, locations.standing),
            ("POST", POSTS_HOST, _POSTS, Operation.PUBLISH, posts.create),
            ("GET", POSTS_HOST, _POSTS, Operation.READ, posts.listing),
            ("GET", POSTS_HOST, f"{_POSTS}/{{post}}", Operation.READ, posts.get),
            ("PATCH", POSTS_HOST, f"{_POSTS}/{{post}}", Operation.PUBLISH, posts.edit),
            ("DELETE", POSTS_HOST, f"{_POSTS}/{{post}}", Operation.PUBLISH, posts.delete),
            ("POST", POSTS_HOST, f"{_POSTS}:reportInsights", Operation.METRICS, posts.report),
            (
                "GET",
                _FIGURES,
                f"{location}:fetchMultiDailyMetricsTimeSeries",
                Operation.METRICS,
                self._performance.several,
            ),
            ("GET", _FIGURES, f"{location}:getDailyMetricsTimeSeries", Operation.METRICS, self._performance.one),
            (
                "GET",
                _FIGURES,
                f"{location}/searchkeywords/impressions/monthly",
                Operation.METRICS,
                self._keywords.listing,
            ),
        ]
        return self._oauth.routes() + [
            Route(method, host, path, operation, guarded(self, work, host=host))
            for method, host, path, operation, work in table
        ]

    def create_account(self, spec: AccountSpec) -> Account:
        """Make a person with locations, one where none was asked for; without any is a person, too."""
        wished = [PlaceSpec(KIND, spec.display_name or "My shop")] if spec.places is None else list(spec.places)
        for index, place in enumerate(wished):
            check_spec(place, f"places.{index}")
        person = make_person(self.world, self.name, spec, places=())
        for place in wished:
            add_location(self.world.store, self._business, person, place)
        return person

    def demo_accounts(self) -> Sequence[AccountSpec]:
        """A potter with a shop of her own and one in a group, and a baker."""
        shops = (
            PlaceSpec(KIND, "Ada Ceramics"),
            PlaceSpec(KIND, "Ada Ceramics Harbour", options={"group": "Ada Shops"}),
        )
        return (
            AccountSpec("adaceramics", "Ada Ceramics", 900, shops),
            AccountSpec("cornerbakery", "Corner Bakery", 300, (PlaceSpec(KIND, "Corner Bakery"),)),
        )

    def change_place(self, account: Account, place: Place, name: str | None, options: Mapping[str, Any]) -> None:
        """Rename a location, take its role away, delete it, change its standing; it stays in its account."""
        check_values(options, "options")
        if options.get("group", place.options["group"]) != place.options["group"]:
            raise RefusedByControl("options.group", "a location stays where it was made")
        super().change_place(account, place, name, options)

    def catch_up(self) -> None:
        """Let posts become what they are by now."""
        self._posts.settle_all()

    def check_app(self, app: App) -> None:
        """A project may have been approved for Business Profile, or not."""
        super().check_app(app)
        check_options(app.options, {"approved": bool}, where="options", label="Google")

    def api_server_error(self, call: Call) -> Answer:
        """One of the three errors after which nobody knows whether the work was done."""
        del call
        status = self.switches.server_error_status
        return api_error(status, _TROUBLE[status]).answer()

    def api_rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """The project's quota is used up; Google names no wait."""
        del retry_after
        grant = self.grant_of(call)
        limit = self.switches.requests_per_minute
        client_id = grant.client_id if grant else "0"
        return quota_exceeded(call.host, client_id, name="RequestsPerMinutePerProject", limit=limit).answer()

    def not_found(self, call: Call) -> Answer:
        """The page that Google's front end shows for a path no API has."""
        del call
        page = "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p><b>404.</b> That's an error."
        return html_answer(page, 404)

    def too_large(self, call: Call) -> Answer:
        """What Google says to a body beyond any limit."""
        del call
        return api_error(413, "Request payload size exceeds the limit.").answer()
