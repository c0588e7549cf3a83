"""Members and the ids by which apps know them: each app knows the same human by another one."""

import base64
import hashlib

from social_sandbox.model import Account, Place
from social_sandbox.store import Store

MEMBER, ORGANIZATION = "member", "organization"
PLATFORM = "linkedin"
POSTING_ROLES = frozenset({"ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"})
ADMINISTRATOR = frozenset({"ADMINISTRATOR"})
NO_ROLE = "NONE"
ROLES = POSTING_ROLES | {"ANALYST", NO_ROLE}
STATES = frozenset({"APPROVED", "REQUESTED"})
_SUB_LENGTH = 10


def sub_of(account_id: str, client_id: str) -> str:
    """The member's id for one app."""
    digest = hashlib.sha256(f"{account_id}\x00{client_id}".encode()).digest()
    text = base64.b64encode(digest).decode().replace("+", "").replace("/", "")
    return text[:_SUB_LENGTH]


def person_urn(account_id: str, client_id: str) -> str:
    """The URN by which the member is the author of posts made through one app."""
    return f"urn:li:person:{sub_of(account_id, client_id)}"


def organizations_of(account: Account) -> list[Place]:
    """The organizations a member has ever had to do with, in whatever role."""
    return [place for place in account.places if place.kind == ORGANIZATION]


def has_role(place: Place, roles: frozenset[str]) -> bool:
    """Whether the member's role at an organization is approved and one of these."""
    return place.options.get("state") == "APPROVED" and place.options.get("role") in roles


def find_organization(store: Store, urn: str) -> Place | None:
    """An organization, whoever is its administrator."""
    found = store.find_place(PLATFORM, urn)
    return found[1] if found and found[1].kind == ORGANIZATION else None
