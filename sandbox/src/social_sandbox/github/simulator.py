"""GitHub as a whole: its endpoints, its accounts, its own words for trouble."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import BaseModel

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.github.app_options import options_of
from social_sandbox.github.applications import Applications
from social_sandbox.github.caller import Door
from social_sandbox.github.discussions import Discussions
from social_sandbox.github.errors import error
from social_sandbox.github.gists import Gists
from social_sandbox.github.graph.endpoint import PATH, GraphEndpoint
from social_sandbox.github.limits import HOUR_S, Budget, Limits, primary_limit, secondary_limit
from social_sandbox.github.oauth import OAuth
from social_sandbox.github.pages import API
from social_sandbox.github.people import PeopleAndRepositories
from social_sandbox.github.releases import Releases
from social_sandbox.github.repositories import KIND, Repositories, checked_options
from social_sandbox.github.service_routes import ServiceRoutes
from social_sandbox.github.switches import GitHubSwitches, LimitStyle
from social_sandbox.github.traffic import Traffic
from social_sandbox.model import Account, App, Place
from social_sandbox.platform import AccountSpec, PlaceSpec, PlatformSimulator, RefusedByControl, Route, World

FIRST_USER = 583_231
MOST_REDIRECTS = 10
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")


class GitHubSimulator(PlatformSimulator):
    """github.com and api.github.com."""

    name = "github"
    label = "GitHub"
    switches_model: ClassVar[type[BaseModel]] = GitHubSwitches

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.repositories = Repositories(world.store)
        self.limits = Limits(world)

    def routes(self) -> Sequence[Route]:
        """Every endpoint of both hosts."""
        world, repositories, limits, grants = self.world, self.repositories, self.limits, self.grants
        discussions = Discussions(world)
        door = Door(world, grants, limits, self.current)
        parts = (
            OAuth(world, grants),
            Applications(world, grants),
            PeopleAndRepositories(world, repositories, door),
            Releases(world, repositories, discussions=discussions, door=door),
            Traffic(world, repositories, door),
            Gists(world, door),
            GraphEndpoint(
                world, repositories, discussions=discussions, door=door, limits=limits, switches=self.current
            ),
            ServiceRoutes(world, grants, limits=limits, switches=self.current),
        )
        return [route for part in parts for route in part.routes()]

    def current(self) -> GitHubSwitches:
        """The switches as they stand."""
        switches: GitHubSwitches = self.switches
        return switches

    def demo_accounts(self) -> Sequence[AccountSpec]:
        """A shop with two repositories, and a person with one whose discussions are off."""
        return (
            AccountSpec("adashop", "Ada's shop", 240, [PlaceSpec(KIND, "shop"), PlaceSpec(KIND, "newsletter")]),
            AccountSpec("bert-makes", "Bert makes", 35, [PlaceSpec(KIND, "tools", options={"discussions": False})]),
        )

    def create_account(self, spec: AccountSpec) -> Account:
        """A user with repositories, one called `shop` where none was asked for."""
        number = self.world.store.next_number("github.user", FIRST_USER)
        username = spec.username or f"merchant-{number}"
        if not _LOGIN.fullmatch(username):
            raise RefusedByControl("username", "must be letters, digits and single hyphens, at most 39")
        wished = [PlaceSpec(KIND, "shop")] if spec.places is None else spec.places
        names = [place.name.lower() for place in wished]
        if len(set(names)) < len(names):
            raise RefusedByControl("places", "name each repository once")
        places = [
            self.repositories.make_place(username, place, where=f"places.{index}") for index, place in enumerate(wished)
        ]
        for place in places:
            self.repositories.register(place)
        account = Account(
            self.name,
            str(number),
            username,
            spec.display_name or username,
            spec.followers if spec.followers is not None else 120,
            self.world.clock.now(),
            places,
            _details(spec.details),
        )
        return self.world.store.add_account(account)

    def check_app(self, app: App) -> None:
        """Options of either flavour; up to ten redirect URIs."""
        options_of(app)
        if len(app.redirect_uris) > MOST_REDIRECTS:
            raise RefusedByControl("redirect_uris", f"must be at most {MOST_REDIRECTS} on GitHub")

    def change_place(self, account: Account, place: Place, name: str | None, options: Mapping[str, Any]) -> None:
        """Rename a repository or change its settings."""
        checked = checked_options(options, where="options")
        if name is not None:
            self.repositories.rename(account, place, name)
        place.options.update(checked)

    def not_found(self, call: Call) -> Answer:
        """GitHub's 404."""
        del call
        return error(404, "Not Found")

    def server_error(self, call: Call) -> Answer:
        """What stands before GitHub gives up after ten seconds; whether the write happened it does not know."""
        status = self.current().server_error_status
        if call.path == PATH:
            message = "Something went wrong while executing your query. This may be the result of a timeout."
            return json_answer({"data": None, "errors": [{"message": message}]}, status)
        return json_answer({"message": "Server Error"}, status)

    def rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """A limit in one of GitHub's ways, as the switches say."""
        if call.host != API:
            wait = {"retry-after": str(int((retry_after or timedelta(seconds=60)).total_seconds()))}
            return error(429, "Too many requests", headers=wait)
        style = self.current().rate_limit_style
        if style is LimitStyle.AUTO:
            style = LimitStyle.PRIMARY if retry_after is None else LimitStyle.SECONDARY
        match style:
            case LimitStyle.SECONDARY:
                return secondary_limit(retry_after or timedelta(seconds=60))
            case LimitStyle.SECONDARY_SILENT:
                return secondary_limit(None)
            case _:
                return self._primary(call, retry_after)

    def _primary(self, call: Call, retry_after: timedelta | None) -> Answer:
        limit = self.current().primary_limit
        wait = retry_after or timedelta(seconds=HOUR_S)
        spent = Budget(limit, limit, int(self.world.clock.timestamp() + wait.total_seconds()))
        grant = self.grant_of(call)
        return primary_limit(grant.account_id if grant else "", spent, "graphql" if call.path == PATH else "core")


def _details(details: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in details.items():
        if name != "following" or not isinstance(value, int):
            raise RefusedByControl(f"details.{name}", "GitHub knows only following, a number")
    return dict(details)
