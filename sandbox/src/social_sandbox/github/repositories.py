"""Repositories: their names over time, their settings, who may do what with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from social_sandbox.github import ids
from social_sandbox.model import Account, Place
from social_sandbox.platform import PlaceSpec, RefusedByControl
from social_sandbox.store import Store

PLATFORM = "github"
KIND = "repository"
_ID = re.compile(r"[0-9]{1,18}")
_NAME = re.compile(r"(?:(?P<owner>[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/)?(?P<name>[\w.-]{1,100})")
_PERMISSIONS = ("read", "write", "admin")

DEFAULT_CATEGORIES = (
    {"slug": "announcements", "name": "Announcements", "answerable": False, "maintainers_only": True},
    {"slug": "general", "name": "General", "answerable": False, "maintainers_only": False},
    {"slug": "ideas", "name": "Ideas", "answerable": False, "maintainers_only": False},
    {"slug": "q-a", "name": "Q&A", "answerable": True, "maintainers_only": False},
)
DEFAULT_OPTIONS: Mapping[str, Any] = {
    "private": False,
    "archived": False,
    "discussions": True,
    "permission": "admin",
    "installed": True,
    "default_branch": "main",
    "categories": [dict(category) for category in DEFAULT_CATEGORIES],
}


@dataclass(frozen=True, slots=True)
class Category:
    """A discussion category."""

    number: int
    slug: str
    name: str
    answerable: bool
    maintainers_only: bool


@dataclass(frozen=True, slots=True)
class Repository:
    """A place as GitHub sees it; `account` is the person whose token reaches it."""

    account: Account
    place: Place

    @property
    def number(self) -> int:
        """The id that never changes."""
        return int(self.place.platform_id)

    @property
    def node_id(self) -> str:
        """The global id."""
        return ids.node_id(ids.REPOSITORY, self.number)

    @property
    def full_name(self) -> str:
        """owner/name as it is now."""
        return self.place.name

    @property
    def owner(self) -> str:
        """The login before the slash: the account itself or an organisation."""
        return self.place.name.partition("/")[0]

    @property
    def name(self) -> str:
        """The name after the slash."""
        return self.place.name.partition("/")[2]

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        return self.account.created_at

    def option(self, name: str) -> Any:
        """One of its settings."""
        return self.place.options[name]

    @property
    def can_write(self) -> bool:
        """Whether its person may push."""
        return self.option("permission") in {"write", "admin"}

    @property
    def categories(self) -> list[Category]:
        """Its discussion categories; none where discussions are off."""
        if not self.option("discussions"):
            return []
        return [
            Category(i, c["slug"], c["name"], bool(c.get("answerable")), bool(c.get("maintainers_only")))
            for i, c in enumerate(self.option("categories"), start=1)
        ]


class Repositories:
    """The directory of all repositories: by number, by name, by a name they once had."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def _names(self) -> dict[str, str]:
        names: dict[str, str] = self._store.bucket(PLATFORM).setdefault("names", {})
        return names

    def make_place(self, login: str, spec: PlaceSpec, *, where: str) -> Place:
        """A checked place for an account with this login; `where` names it in a refusal."""
        if spec.kind != KIND:
            raise RefusedByControl(f"{where}.kind", f"must be {KIND} on GitHub")
        full_name = self._full_name(login, spec.name, where=f"{where}.name")
        if spec.platform_id is not None and _ID.fullmatch(spec.platform_id) is None:
            raise RefusedByControl(f"{where}.platform_id", "must be a number on GitHub, eighteen digits at most")
        options = checked_options(spec.options, where=f"{where}.options")
        number = spec.platform_id or str(self._store.next_number("github.repository", 812_345_001))
        return Place(number, KIND, full_name, {**DEFAULT_OPTIONS, **options})

    def register(self, place: Place) -> None:
        """Make a place known by its name."""
        self._names[place.name.lower()] = place.platform_id

    def rename(self, account: Account, place: Place, name: str) -> None:
        """Give a repository another name; the old one leads to it until somebody takes it."""
        place.name = self._full_name(account.username, name, where="name")
        self.register(place)

    def by_number(self, number: str) -> Repository | None:
        """A repository by its id."""
        found = self._store.find_place(PLATFORM, number)
        return Repository(*found) if found else None

    def by_name(self, full_name: str) -> Repository | None:
        """A repository by its name, or by one it once had: compare `full_name` to tell which."""
        number = self._names.get(full_name.lower())
        return self.by_number(number) if number else None

    def of(self, account: Account) -> list[Repository]:
        """Those an account can reach."""
        return [Repository(account, place) for place in account.places]

    def _full_name(self, login: str, name: str, *, where: str) -> str:
        parts = _NAME.fullmatch(name)
        if parts is None:
            raise RefusedByControl(where, "must be a repository name, alone or as owner/name")
        full_name = f"{parts['owner'] or login}/{parts['name']}"
        taken = self.by_name(full_name)
        if taken is not None and taken.full_name.lower() == full_name.lower():
            raise RefusedByControl(where, f"{full_name} exists already", status=409)
        return full_name


def checked_options(options: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    """Options of a repository as the control interface may set them."""
    for name, value in options.items():
        if name not in DEFAULT_OPTIONS:
            raise RefusedByControl(f"{where}.{name}", f"must be one of {', '.join(DEFAULT_OPTIONS)}")
        if not isinstance(value, type(DEFAULT_OPTIONS[name])):
            raise RefusedByControl(f"{where}.{name}", f"must be a {type(DEFAULT_OPTIONS[name]).__name__}")
    if options.get("permission", "read") not in _PERMISSIONS:
        raise RefusedByControl(f"{where}.permission", f"must be one of {', '.join(_PERMISSIONS)}")
    for index, category in enumerate(options.get("categories", ())):
        if not isinstance(category, dict) or not {"slug", "name"} <= category.keys():
            raise RefusedByControl(f"{where}.categories.{index}", "needs slug and name")
    return dict(options)
