"""The API in this process: real app, real database role, real tokens, our own platform and broker."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
from tests.integration.publisher.kit import RING, NoMedia, World

from publisher.engine import Outside
from publisher.main import create_board
from publisher.planning.endpoints import router
from publisher.sealing import Seals
from social_common.app import create_app
from social_common.auth import TokenVerifier
from social_common.clock import ProductClock
from social_common.db import Database
from social_common.http import HttpClient, HttpResponse
from social_common.secrets import Secret
from social_platforms._core import MediaReader
from social_platforms.registry import all_facts

SECRET = "a-secret-for-tests-that-is-long-enough-for-hs256"
ISSUER = "http://identity.test/auth/v1"


@dataclass
class Api:
    """A merchant's view of the API."""

    http: HttpClient
    user_id: UUID | None = None

    def as_merchant(self, user_id: UUID) -> "Api":
        """The same API, another caller."""
        return Api(self.http, user_id)

    async def call(
        self, method: str, path: str, *, json: Any = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> HttpResponse:
        """One request with the merchant's token."""
        sent = dict(headers or {})
        if self.user_id is not None:
            sent["Authorization"] = f"Bearer {token_for(self.user_id)}"
        return await self.http.request(method, f"http://api.test{path}", json=json, headers=sent, **more)


def token_for(user_id: UUID) -> str:
    """An access token as Supabase would issue it."""
    claims = {
        "sub": str(user_id),
        "aud": "authenticated",
        "role": "authenticated",
        "iss": ISSUER,
        "iat": int(time.time()) - 3600,
        "exp": int(time.time()) + 3600,
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")


def create_test_api(world: World, database: Database, *, media: MediaReader | None = None) -> Any:
    """The app, put together as main does, with the outside replaced."""
    outside = Outside(
        broker=world.broker,
        adapters={world.platform.platform.value: world.platform},
        facts={platform.value: facts for platform, facts in all_facts().items()},
        media=media or NoMedia(),
        seals=Seals(RING),
    )
    clock = ProductClock(database, environment="development")
    app = create_app(world.settings, title="publisher", routers=[router])
    app.state.database = database
    app.state.token_verifier = TokenVerifier(jwks=None, issuer=ISSUER, hs256_secret=Secret(SECRET), clock=clock)
    app.state.board = create_board(world.settings, database, outside, ring=RING)
    return app
