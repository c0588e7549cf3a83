"""What GitHub tells about itself, and pictures of people."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.assets.pictures import avatar
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.github.caller import DEFAULT_VERSION, VERSIONS, checked_headers
from social_sandbox.github.errors import Refusal
from social_sandbox.github.limits import Limits
from social_sandbox.github.pages import API
from social_sandbox.github.shapes import AVATARS
from social_sandbox.github.switches import GitHubSwitches
from social_sandbox.grants import GrantStore
from social_sandbox.platform import Route, World


class ServiceRoutes:
    """`/versions`, `/rate_limit`, avatars."""

    def __init__(
        self, world: World, grants: GrantStore, *, limits: Limits, switches: Callable[[], GitHubSwitches]
    ) -> None:
        self._world = world
        self._grants = grants
        self._limits = limits
        self._switches = switches

    def routes(self) -> Sequence[Route]:
        """Three readings, none of which needs a login."""
        return (
            Route("GET", API, "/versions", Operation.READ, self.versions),
            Route("GET", API, "/rate_limit", Operation.READ, self.rate_limit),
            Route("GET", AVATARS, "/u/{number}", Operation.READ, self.avatar),
        )

    async def versions(self, call: Call) -> Answer:
        """The REST versions."""
        try:
            checked_headers(call)
        except Refusal as refusal:
            return refusal.answer
        return json_answer(list(VERSIONS))

    async def rate_limit(self, call: Call) -> Answer:
        """What is left; asking costs nothing."""
        try:
            version = checked_headers(call)
        except Refusal as refusal:
            return refusal.answer
        token = self._grants.live_token(call.bearer(), self._world.clock.now(), kind="access")
        person = self._grants.grants[token.grant_id].account_id if token else ""
        resources = {name: self._rate(person, name) for name in ("core", "graphql", "search")}
        body: dict[str, Any] = {"resources": resources}
        if version == DEFAULT_VERSION:
            body["rate"] = resources["core"]
        return json_answer(body)

    async def avatar(self, call: Call) -> Answer:
        """A coloured square with a face of two dots."""
        picture = await asyncio.to_thread(avatar, call.params["number"])
        return Answer(200, picture, {"content-type": "image/jpeg", "cache-control": "public, max-age=300"})

    def _rate(self, person: str, resource: str) -> dict[str, Any]:
        budget = self._limits.budget(person, resource, self._switches())
        left = max(0, budget.limit - budget.used)
        return {
            "limit": budget.limit,
            "used": budget.used,
            "remaining": left,
            "reset": budget.resets_at,
            "resource": resource,
        }
