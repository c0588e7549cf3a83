"""Facebook as the sandbox's gateway sees it: its routes, its accounts, its words for trouble."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.facebook.app_options import check_app_options
from social_sandbox.facebook.callbacks import Callbacks
from social_sandbox.facebook.dialog import Dialog
from social_sandbox.facebook.errors import server_trouble, unknown_path
from social_sandbox.facebook.graph import Graph
from social_sandbox.facebook.ids import new_id
from social_sandbox.facebook.limits import too_many_app_calls, too_many_page_calls
from social_sandbox.facebook.pages import PageOptions, options_of, read_options
from social_sandbox.facebook.switches import FacebookSwitches
from social_sandbox.facebook.token_endpoint import TokenEndpoint
from social_sandbox.facebook.tokens import DEATHS, PAGE, REMOVALS, Tokens
from social_sandbox.facebook.wall import Wall
from social_sandbox.meta.errors import error_answer
from social_sandbox.model import Account, App, Place
from social_sandbox.platform import AccountSpec, PlaceSpec, PlatformSimulator, RefusedByControl, Route, World

_DEFAULT_WAIT = timedelta(hours=1)
_ID = re.compile(r"[0-9]{1,20}")
_LASTING = frozenset({"valid", "checkpoint", "unconfirmed"})


class FacebookSimulator(PlatformSimulator):
    """The simulated Facebook. An account is a person; the places are the Pages the person works on."""

    name = "facebook"
    label = "Facebook"
    switches_model = FacebookSwitches

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._callbacks = Callbacks(self)
        self._wall = Wall(world, self._callbacks)
        self._tokens = Tokens(self)
        self._dialog = Dialog(self)
        self._token_endpoint = TokenEndpoint(self)
        self._graph = Graph(self, self._wall, tokens=self._tokens, callbacks=self._callbacks)

    def routes(self) -> Sequence[Route]:
        """The dialog, the token endpoints, and the Graph on its hosts."""
        return [*self._dialog.routes(), *self._token_endpoint.routes(), *self._graph.routes()]

    def create_account(self, spec: AccountSpec) -> Account:
        """Make a person with Pages; without any named, one Page of the person's own name."""
        if spec.details:
            raise RefusedByControl("details", "a person on Facebook has none; the Pages have options")
        store = self.world.store
        account_id = new_id(store, "user")
        name = spec.display_name or spec.username or f"Merchant {account_id[-5:]}"
        wished = [PlaceSpec("page", name)] if spec.places is None else list(spec.places)
        account = Account(
            platform=self.name,
            account_id=account_id,
            username=spec.username or f"merchant.{account_id[-8:]}",
            display_name=name,
            followers=1830 if spec.followers is None else spec.followers,
            created_at=self.world.clock.now(),
            places=[self._page(place, index) for index, place in enumerate(wished)],
        )
        for place in account.places:
            if options_of(place).session in _LASTING - {"valid"}:
                account.details["session"] = options_of(place).session
        return store.add_account(account)

    def demo_accounts(self) -> Sequence[AccountSpec]:
        """Somebody with one Page, and somebody with several, one of which may not be posted to."""
        reader = ["ANALYZE", "MODERATE"]
        return (
            AccountSpec(
                "ana.mug",
                "Ana Mug",
                1830,
                (PlaceSpec("page", "Blue Mug Shop", options={"username": "bluemugshop"}),),
            ),
            AccountSpec(
                "ben.many",
                "Ben Many",
                420,
                (
                    PlaceSpec("page", "Green Tea House", options={"likes": 420}),
                    PlaceSpec("page", "Quiet Corner", options={"likes": 12, "followers": 12}),
                    PlaceSpec("page", "Ben's Employer", options={"tasks": reader, "likes": 5200}),
                    PlaceSpec("page", "Agency Client", options={"portfolio": "118300440055066"}),
                ),
            ),
        )

    def change_place(self, account: Account, place: Place, name: str | None, options: Mapping[str, Any]) -> None:
        """Change a Page, and what follows from it: a lost role ends its tokens, a changed session the person's."""
        wished = read_options({**place.options, **options}, where="options")
        now = self.world.clock.now()
        had_role = options_of(place).role
        super().change_place(account, place, name, options)
        if had_role and not wished.role:
            self._tokens.end_page(place.platform_id, now)
        if "session" in options:
            self._change_session(account, wished)
        self._wall.reshade(place)

    def revoke_access(self, call: Call) -> None:
        """The person removes the app, or what else `revoke_cause` says happens to their tokens."""
        grant = self.grant_of(call)
        if grant is None:
            return
        cause, now = self.switches.revoke_cause, self.world.clock.now()
        token = self.grants.tokens.get(call.bearer() or call.query.get("access_token", ""))
        if cause == "role_lost" and token is not None and token.kind == PAGE:
            self._tokens.end_page(token.details["page_id"], now)
            return
        self._end(grant.account_id, cause, client_id=grant.client_id)

    def catch_up(self) -> None:
        """Publish what was scheduled for a moment that has come."""
        self._wall.catch_up()

    def check_app(self, app: App) -> None:
        """Refuse settings that no app has."""
        check_app_options(app)

    def server_error(self, call: Call) -> Answer:
        """Code 2, transient."""
        del call
        return error_answer(server_trouble())

    def rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """Code 80001 for a Page, with the wait in a header, in minutes; code 4 for everybody else."""
        token = self.grants.tokens.get(call.bearer() or call.query.get("access_token", ""))
        if token is None or token.kind != PAGE:
            return error_answer(too_many_app_calls(self.switches.user_limit_code))
        wait = _DEFAULT_WAIT if retry_after is None else retry_after
        return error_answer(too_many_page_calls(token.details["page_id"], wait))

    def not_found(self, call: Call) -> Answer:
        """What the Graph says to a path that names nothing."""
        del call
        return error_answer(unknown_path())

    def _page(self, spec: PlaceSpec, index: int) -> Place:
        if spec.kind != "page":
            raise RefusedByControl(f"places.{index}.kind", "must be page")
        if spec.platform_id is not None and _ID.fullmatch(spec.platform_id) is None:
            raise RefusedByControl(f"places.{index}.platform_id", "must be digits, twenty at most")
        read_options(spec.options, where=f"places.{index}.options")
        page_id = spec.platform_id or new_id(self.world.store, "page")
        return Place(page_id, "page", spec.name, dict(spec.options))

    def _change_session(self, account: Account, wished: PageOptions) -> None:
        account.details["session"] = wished.session if wished.session in _LASTING else "valid"
        if wished.session in DEATHS:
            self._end(account.account_id, wished.session)

    def _end(self, account_id: str, cause: str, *, client_id: str | None = None) -> None:
        """End a person's tokens; the apps that the person removes are told so."""
        now = self.world.clock.now()
        removed = [
            grant
            for grant in self.grants.grants.values()
            if grant.account_id == account_id and grant.revoked_at is None and client_id in {None, grant.client_id}
        ]
        self._tokens.end_person(account_id, cause, now, client_id=client_id)
        if cause in REMOVALS:
            for grant in removed:
                self._callbacks.tell_removal(grant, wants_deletion=cause == "deletion_requested")
