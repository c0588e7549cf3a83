"""Business accounts: everybody's personal one, and the location groups."""

from collections.abc import Iterator
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.google.access import PLATFORM
from social_sandbox.google.errors import invalid_argument, not_found, permission_denied
from social_sandbox.google.queries import read_query
from social_sandbox.google_identity.access import Visit
from social_sandbox.model import Account
from social_sandbox.platform import World
from social_sandbox.store import Store

PERSONAL, GROUP = "PERSONAL", "LOCATION_GROUP"
TYPES = (PERSONAL, GROUP, "USER_GROUP", "ORGANIZATION")
_FIRST_NUMBER = 102_900_417_355
_PAGE = 20


class BusinessAccounts:
    """Which accounts exist and whose they are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, person: Account) -> Iterator[dict[str, str]]:
        """The accounts of a person, the personal one first; everybody has that one."""
        self.personal(person)
        yield from (entry for entry in self._table().values() if entry["sub"] == person.account_id)

    def personal(self, person: Account) -> str:
        """The name of somebody's personal account."""
        return self._ensure(person, PERSONAL, person.display_name)

    def group(self, person: Account, title: str) -> str:
        """The name of a person's location group with this title, made when it is new."""
        return self._ensure(person, GROUP, title)

    def find(self, visit: Visit, number: str) -> dict[str, str]:
        """An account of the visitor by its number; raises for none and for somebody else's."""
        mine = {entry["name"]: entry for entry in self.of(visit.person)}
        name = f"accounts/{number}"
        if name not in mine:
            raise permission_denied() if name in self._table() else not_found()
        return mine[name]

    def _ensure(self, person: Account, kind: str, title: str) -> str:
        for name, entry in self._table().items():
            is_it = kind == PERSONAL or entry["accountName"] == title
            if entry["sub"] == person.account_id and entry["type"] == kind and is_it:
                return name
        name = f"accounts/{self._store.next_number('google.account', _FIRST_NUMBER)}"
        self._table()[name] = {"name": name, "sub": person.account_id, "type": kind, "accountName": title}
        return name

    def _table(self) -> dict[str, dict[str, str]]:
        table: dict[str, dict[str, str]] = self._store.bucket(PLATFORM).setdefault("accounts", {})
        return table


class AccountEndpoints:
    """`mybusinessaccountmanagement`: reading accounts."""

    def __init__(self, world: World, accounts: BusinessAccounts) -> None:
        self._world = world
        self._accounts = accounts

    async def listing(self, visit: Visit) -> Answer:
        """The accounts of the person; a filter may name one type."""
        query = read_query(visit.call, "pageSize", "pageToken", "filter", "parentAccount")
        found = list(self._accounts.of(visit.person))
        if query.text("filter"):
            name, _, kind = query.text("filter").replace(" ", "").partition("=")
            kind = kind.strip('"')
            if name != "type" or kind not in TYPES:
                raise invalid_argument("filter", "The type field is the only supported filter.")
            found = [entry for entry in found if entry["type"] == kind]
        if query.text("parentAccount"):
            # Only organisations and user groups have accounts below them, and nobody here has such.
            self._accounts.find(visit, query.text("parentAccount").removeprefix("accounts/"))
            found = []
        page, more = query.page(found, default=_PAGE, most=_PAGE)
        return json_answer(({"accounts": [_json(entry) for entry in page]} if page else {}) | more)

    async def get(self, visit: Visit) -> Answer:
        """One account."""
        read_query(visit.call)
        return json_answer(_json(self._accounts.find(visit, visit.call.params["account"])))


def _json(entry: dict[str, str]) -> dict[str, Any]:
    role = "PRIMARY_OWNER" if entry["type"] == PERSONAL else "OWNER"
    return {
        "name": entry["name"],
        "accountName": entry["accountName"],
        "type": entry["type"],
        "role": role,
        "verificationState": "VERIFIED",
        "vettedState": "NOT_VETTED",
    }
