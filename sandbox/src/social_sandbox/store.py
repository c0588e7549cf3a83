"""Everything the simulated platforms remember, in memory, in one place.

A simulator keeps no state of its own: what does not fit here goes into `bucket(platform)`, a dict of plain data. That
is why `reset` is complete and a restart can put everything back. Handlers run on one event loop and change the store
without awaiting in between, so no locks are needed.
"""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from social_sandbox.grants import GrantStore
from social_sandbox.model import Account, App, Place, Post

Metrics = dict[str, int]


@dataclass(slots=True)
class Store:
    """Apps, accounts, posts, grants and what else the platforms know."""

    apps: dict[tuple[str, str], App] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    posts: dict[str, dict[str, Post]] = field(default_factory=dict)
    families: dict[str, GrantStore] = field(default_factory=dict)
    switches: dict[str, dict[str, Any]] = field(default_factory=dict)
    post_metrics: dict[tuple[str, str], Metrics] = field(default_factory=dict)
    account_metrics: dict[tuple[str, str], Metrics] = field(default_factory=dict)
    buckets: dict[str, dict[str, Any]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    by_place: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    place_owners: dict[tuple[str, str], str] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything but where the counters stood: the product may still know what the old ids meant.

        The grant stores stay the same objects, for simulators hold on to theirs.
        """
        for family in self.families.values():
            family.clear()
        for name in self.__dataclass_fields__:
            if name not in {"families", "counters"}:
                getattr(self, name).clear()

    def app(self, platform: str, client_id: str | None) -> App | None:
        """The app registered under this id at that platform."""
        return self.apps.get((platform, client_id or ""))

    def add_app(self, app: App) -> App:
        """Register an app; the same id again replaces it."""
        self.apps[app.platform, app.client_id] = app
        return app

    def account(self, platform: str, account_id: str) -> Account | None:
        """The account with this id."""
        return self.accounts.get((platform, account_id))

    def add_account(self, account: Account) -> Account:
        """Keep an account and remember whose its places are."""
        self.accounts[account.platform, account.account_id] = account
        for place in account.places:
            self.place_owners[account.platform, place.platform_id] = account.account_id
        return account

    def add_place(self, account: Account, place: Place) -> Place:
        """Give an account one more place."""
        account.places.append(place)
        self.place_owners[account.platform, place.platform_id] = account.account_id
        return place

    def accounts_of(self, platform: str) -> list[Account]:
        """A platform's accounts in the order they were made."""
        return [account for (name, _), account in self.accounts.items() if name == platform]

    def find_account(self, platform: str, name: str) -> Account | None:
        """An account by its id or its username, as the consent form sends it."""
        found = self.account(platform, name)
        lowered = name.lower()
        return found or next((a for a in self.accounts_of(platform) if a.username.lower() == lowered), None)

    def find_place(self, platform: str, platform_id: str) -> tuple[Account, Place] | None:
        """A place and its owner, by the place's id."""
        account = self.accounts.get((platform, self.place_owners.get((platform, platform_id), "")))
        place = account.place(platform_id) if account else None
        return (account, place) if account and place else None

    def grants(self, family: str) -> GrantStore:
        """The codes, grants and tokens of an OAuth family (a platform's name, where it shares none)."""
        return self.families.setdefault(family, GrantStore())

    def bucket(self, platform: str) -> dict[str, Any]:
        """Where a simulator keeps what only it knows: containers, uploads, windows."""
        return self.buckets.setdefault(platform, {})

    def add_post(self, post: Post) -> Post:
        """Put a post on its platform."""
        self.posts.setdefault(post.platform, {})[post.platform_post_id] = post
        self.by_place.setdefault((post.platform, post.platform_id), []).append(post.platform_post_id)
        return post

    def post(self, platform: str, platform_post_id: str) -> Post | None:
        """A post that exists (was not deleted)."""
        post = self.posts.get(platform, {}).get(platform_post_id)
        return post if post and post.deleted_at is None else None

    def posts_of(self, platform: str | None = None, account_id: str | None = None) -> Iterator[Post]:
        """Existing posts, oldest first within a platform, by platform and account where given."""
        for name, posts in self.posts.items():
            if platform in {None, name}:
                yield from (
                    post for post in posts.values() if post.deleted_at is None and account_id in {None, post.account_id}
                )

    def posts_at(self, platform: str, platform_id: str) -> list[Post]:
        """The posts that exist at one place, in the order they were made."""
        found = (self.post(platform, number) for number in self.by_place.get((platform, platform_id), ()))
        return [post for post in found if post is not None]

    def next_number(self, counter: str, start: int = 1) -> int:
        """The next value of a named counter that never repeats."""
        self.counters[counter] = self.counters.get(counter, start - 1) + 1
        return self.counters[counter]


@dataclass(slots=True)
class Window:
    """A rolling window of moments, for limits. Times are seconds since the epoch, by the sandbox's clock."""

    length_s: float
    moments: list[float] = field(default_factory=list)

    def count(self, now: float) -> int:
        """How many moments lie within the window ending now."""
        del self.moments[: bisect.bisect_right(self.moments, now - self.length_s)]
        return len(self.moments)

    def add(self, now: float) -> None:
        """Count one more."""
        bisect.insort(self.moments, now)

    def frees_at(self, now: float) -> float:
        """When the oldest counted moment leaves the window."""
        return self.moments[0] + self.length_s if self.count(now) else now
