"""Refreshers that the tests hold up between the platform's answer and the commit."""

import asyncio
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from tests.integration.auth_linker.world import Json, Merchant, World

from auth_linker.tokens.refreshing import Refresher
from auth_linker.tokens.storing import Storer
from social_common.secrets import Secret
from social_platforms._core import OAuthAdapter, TokenSet
from social_platforms.registry import OAuthApps

LEASE = timedelta(seconds=60)


async def linked(world: World, platform: str = "x") -> tuple[Merchant, Json]:
    """A new merchant with one connection at that platform."""
    merchant = await world.merchant()
    details = {"places": [{"kind": "repository", "name": "kettles"}]} if platform == "github" else {}
    account = await world.account(platform, **details)
    return merchant, await merchant.link(platform, account["username"])


class Gate:
    """A platform's adapter whose refresh answer is held back until the test lets it go."""

    def __init__(self, world: World, platform: str) -> None:
        inner = world.shared.apps.of(platform, "sandbox-client")
        assert inner is not None
        self._inner = inner
        self.apps = OAuthApps({(platform, "sandbox-client"): cast("OAuthAdapter", self)})
        self.answered = asyncio.Event()
        self.go_on = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """The real answer, late."""
        fresh = await self._inner.refresh(tokens)
        assert isinstance(fresh.access_token, Secret)
        self.answered.set()
        await self.go_on.wait()
        return fresh


def refresher(world: World, apps: OAuthApps, *, monotonic: Any = None) -> Refresher:
    """Another process's refresher, with apps and a clock of the test's choice."""
    loop = asyncio.get_running_loop()
    return Refresher(
        world.worker,
        apps=apps,
        vault=world.shared.vault,
        storer=Storer(
            world.shared.vault,
            lead=timedelta(minutes=10),
            retry_first=timedelta(0),
            retry_longest=timedelta(minutes=1),
        ),
        lease=LEASE,
        monotonic=monotonic or loop.time,
    )


async def end_lease(world: World, grant_id: UUID) -> None:
    """The lease of whoever refreshes the grant has run out."""
    await world.admin.execute(
        "UPDATE retail_b2c.grants SET lease_until = clock_timestamp() - interval '1 second' WHERE id = $1", grant_id
    )
