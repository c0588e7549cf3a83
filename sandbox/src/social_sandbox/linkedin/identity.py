"""Who the member is, for whom they may act, and what an organization is called."""

import base64
import hashlib
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.linkedin.access import UNVERSIONED, Visit, authenticate
from social_sandbox.linkedin.errors import Refusal, invalid_parameter, not_found, not_permitted, request_id
from social_sandbox.linkedin.limits import count_call
from social_sandbox.linkedin.people import STATES, find_organization, organizations_of, sub_of
from social_sandbox.linkedin.reading import page_of
from social_sandbox.linkedin.resources import API, Resource
from social_sandbox.model import Account, Place
from social_sandbox.platform import PlatformSimulator, Route

_LOCALE = {"country": "PT", "language": "pt"}


class Identity:
    """`/v2/userinfo`, `/rest/organizationAcls`, `/rest/organizations`."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator

    def routes(self) -> list[Route]:
        """The unversioned endpoint."""
        return [Route("GET", API, "/v2/userinfo", Operation.IDENTITY, self.userinfo)]

    def resources(self) -> list[Resource]:
        """The versioned ones."""
        identity = Operation.IDENTITY
        return [
            Resource("organizationAcls", "organizationAcls", {"FINDER-roleAssignee": (identity, self.roles)}),
            Resource("organizations", "organizations", {"GET": (identity, self.organization)}),
        ]

    async def userinfo(self, call: Call) -> Answer:
        """The member behind a token, as far as its scopes tell."""
        try:
            answer = self._userinfo(call)
        except Refusal as refusal:
            answer = refusal.answer()
        return answer.plus(request_id())

    def _userinfo(self, call: Call) -> Answer:
        visit = authenticate(self._simulator, call, version=UNVERSIONED)
        endpoint = "userinfo.GET"
        count_call(
            self._simulator.world.store,
            endpoint,
            app=visit.grant.client_id,
            member=visit.account.account_id,
            options=visit.options,
            switches=visit.switches,
            now=visit.now,
        )
        if "openid" not in visit.grant.scopes:
            raise not_permitted(endpoint, UNVERSIONED)
        return json_answer(self._about(visit))

    def _about(self, visit: Visit) -> dict[str, Any]:
        account = visit.account
        sub = sub_of(account.account_id, visit.grant.client_id)
        told: dict[str, Any] = {"sub": sub}
        if "profile" in visit.grant.scopes:
            first, _, last = account.display_name.partition(" ")
            told |= {"name": account.display_name, "given_name": first, "family_name": last}
            is_object = visit.switches.locale_form == "object"
            told["locale"] = _LOCALE if is_object else "{}_{}".format(_LOCALE["language"], _LOCALE["country"])
            told["picture"] = _picture(account, int(visit.now.timestamp()))
        if "email" in visit.grant.scopes:
            told |= {"email": f"{account.username}@example.com", "email_verified": True}
        return told

    async def roles(self, visit: Visit) -> Answer:
        """The organizations at which the member has, or has asked for, a role."""
        visit.only("q", "role", "state", "start", "count")
        visit.need("r_organization_admin", "rw_organization_admin")
        role, state = visit.text("role", ""), visit.text("state", "")
        if state and state not in STATES:
            raise invalid_parameter("state", f"must be one of {', '.join(sorted(STATES))}")
        start, count = page_of(visit)
        found = [
            {
                "roleAssignee": visit.person,
                "state": place.options["state"],
                "role": place.options["role"],
                visit.switches.organization_key: place.platform_id,
            }
            for place in organizations_of(visit.account)
            if place.options["role"] != "NONE"
            and role in {"", place.options["role"]}
            and state in {"", place.options["state"]}
        ]
        paging = {"start": start, "count": count, "links": []}
        return json_answer({"paging": paging, "elements": found[start : start + count]})

    async def organization(self, visit: Visit) -> Answer:
        """What everybody may know about an organization."""
        visit.only()
        visit.need("r_organization_admin", "rw_organization_admin", "r_organization_social", "w_organization_social")
        place = find_organization(self._simulator.world.store, f"urn:li:organization:{visit.key}")
        if place is None:
            raise not_found(f"organization {visit.key}")
        return json_answer(_shown(place, visit.key))


def _shown(place: Place, number: str) -> dict[str, Any]:
    return {
        "id": int(number),
        "localizedName": place.name,
        "vanityName": place.options["vanity_name"],
        "logoV2": {"original": f"urn:li:digitalmediaAsset:C5{number}"},
    }


def _picture(account: Account, now: int) -> str:
    """A signed address that is another one each hour, as LinkedIn's expire."""
    expires = (now // 3600 + 2) * 3600
    digest = hashlib.sha256(f"{account.account_id}:{expires}".encode()).digest()
    return f"https://media.licdn.com/dms/image/{account.account_id}/p.jpg?e={expires}&t={_text(digest)}"


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
