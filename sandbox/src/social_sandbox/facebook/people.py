"""The person behind a token: name, permissions, and the Pages they can pick from."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.facebook.access import BUSINESS, LIST, Visit
from social_sandbox.facebook.errors import invalid_parameter, invalid_token, no_such_object
from social_sandbox.facebook.pages import PAGE_FIELDS, options_of, page_values
from social_sandbox.facebook.tokens import DEATHS, Tokens, reaches
from social_sandbox.meta.fields import Asked, Fields, fields_of, narrowed, select
from social_sandbox.meta.paging import MOST, a_page, size_of
from social_sandbox.meta.params import text_of
from social_sandbox.model import Place
from social_sandbox.platform import World

_PERSON_FIELDS = frozenset({"id", "name", "permissions"})
_USUAL_ENTRY: Fields = {name: Asked() for name in ("access_token", "category", "name", "id", "tasks")}
_BUSINESS_FIELDS = frozenset({"id", "name"})


class PeopleEndpoints:
    """What a person's token reads and ends, and the Page as a node."""

    def __init__(self, world: World, tokens: Tokens) -> None:
        self._world = world
        self._tokens = tokens

    async def me(self, visit: Visit) -> Answer:
        """Return the person."""
        values: dict[str, Any] = {"id": visit.account.account_id, "name": visit.account.display_name}
        fields = fields_of(visit.params) or {"name": Asked(), "id": Asked()}
        if "permissions" in fields:
            values["permissions"] = {"data": self._permissions(visit)}
        return json_answer(select(values, fields, known=_PERSON_FIELDS, node="User"))

    async def page(self, visit: Visit, page: Place) -> Answer:
        """Return a Page; a person without a role there is told so, whichever token it is."""
        self._refuse_strangers(visit, page)
        fields = fields_of(visit.params) or {"name": Asked(), "id": Asked()}
        if visit.page_id is not None and visit.page_id != page.platform_id:
            raise no_such_object(page.platform_id, visit.call.method)
        if not reaches(visit.grant, page):
            raise no_such_object(page.platform_id, visit.call.method)
        return json_answer(self._shown(visit, page, fields))

    async def accounts(self, visit: Visit) -> Answer:
        """Return the Pages of the person, each with its token. What is not granted is missing, without a word."""
        fields = fields_of(visit.params) or _USUAL_ENTRY
        found = (page for page in visit.account.places if self._is_listed(visit, page))
        return json_answer(self._listed(visit, found, fields))

    async def businesses(self, visit: Visit) -> Answer:
        """Return the business portfolios whose Pages the person works on."""
        visit.need(BUSINESS)
        held = dict.fromkeys(options_of(place).portfolio for place in visit.account.places)
        fields = fields_of(visit.params) or {"id": Asked(), "name": Asked()}
        entries = ({"id": number, "name": f"Portfolio {number}"} for number in held if number)
        return json_answer(
            a_page(
                visit.call,
                entries,
                lambda entry: select(entry, fields, known=_BUSINESS_FIELDS, node="Business"),
                size=size_of(text_of(visit.params, "limit")),
                after=text_of(visit.params, "after"),
            )
        )

    async def held_pages(self, visit: Visit, *, access: str) -> Answer:
        """Return the Pages a portfolio owns, or works on for clients."""
        visit.need(BUSINESS)
        mine = [place for place in visit.account.places if options_of(place).portfolio == visit.node]
        if not mine:
            raise no_such_object(visit.node)
        found = (
            page
            for page in mine
            if options_of(page).portfolio_access == access and options_of(page).role and reaches(visit.grant, page)
        )
        return json_answer(self._listed(visit, found, fields_of(visit.params) or {"id": Asked(), "name": Asked()}))

    async def permissions(self, visit: Visit) -> Answer:
        """Return what the person granted, declined, and let lapse."""
        if visit.page_id is not None:
            raise invalid_parameter("Tried accessing nonexisting field (permissions) on node type (Page)")
        return json_answer({"data": self._permissions(visit)})

    async def withdraw(self, visit: Visit, permission: str | None) -> Answer:
        """Take back one permission, or the whole consent: then every token of this person dies, those of Pages too."""
        if permission is None:
            self._tokens.end_person(visit.account.account_id, "app_removed", visit.now, client_id=visit.grant.client_id)
            return json_answer({"success": True})
        if permission not in visit.grant.scopes:
            raise invalid_parameter(f"The permission {permission} is not granted.")
        visit.grant.scopes = tuple(scope for scope in visit.grant.scopes if scope != permission)
        declined: list[str] = visit.grant.details.setdefault("declined", [])
        declined.append(permission)
        return json_answer({"success": True})

    def _permissions(self, visit: Visit) -> list[dict[str, str]]:
        used: dict[str, datetime] = visit.grant.details.get("used", {})
        lapse_s = visit.switches.permission_lapse_s

        def status(scope: str) -> str:
            age = visit.now - used.get(scope, visit.grant.created_at)
            return "expired" if lapse_s is not None and age.total_seconds() > lapse_s else "granted"

        granted = [{"permission": scope, "status": status(scope)} for scope in visit.grant.scopes]
        declined = visit.grant.details.get("declined", [])
        return granted + [{"permission": scope, "status": "declined"} for scope in declined]

    def _is_listed(self, visit: Visit, page: Place) -> bool:
        options = options_of(page)
        may_see = LIST in visit.grant.scopes and (options.portfolio is None or BUSINESS in visit.grant.scopes)
        return may_see and options.role and reaches(visit.grant, page)

    def _listed(self, visit: Visit, found: Iterator[Place], fields: Fields) -> dict[str, Any]:
        size = min(size_of(text_of(visit.params, "limit"), most=MOST), visit.switches.accounts_page_most)
        after = text_of(visit.params, "after")
        return a_page(visit.call, found, lambda page: self._shown(visit, page, fields), size=size, after=after)

    def _shown(self, visit: Visit, page: Place, fields: Fields) -> dict[str, Any]:
        values = page_values(self._world, visit.account, page)
        picture = fields.get("picture")
        if picture is not None:
            sizes = {name: int(size) for name, size in picture.modifiers.items() if size.isdigit()}
            data = values["picture"]["data"] | {name: sizes[name] for name in ("width", "height") if name in sizes}
            values["picture"] = {"data": narrowed(data, picture.inner)}
        if visit.page_id is not None:
            values["access_token"] = visit.token.value
        elif "access_token" in fields:
            values["access_token"] = self._tokens.of_page(visit.token, page, now=visit.now).value
        return select(values, fields, known=PAGE_FIELDS, node="Page")

    def _refuse_strangers(self, visit: Visit, page: Place) -> None:
        options = options_of(page)
        if options.deleted:
            raise no_such_object(page.platform_id, visit.call.method)
        if not options.role:
            code, subcode, words = DEATHS["role_lost"]
            raise invalid_token(subcode, words, code=code)
