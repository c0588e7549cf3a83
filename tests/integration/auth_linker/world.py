"""auth-linker's API on a real port against the real sandbox on another, and the worker's parts to be run by hand."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from tests.integration.auth_linker.unticking import Unticking
from tests.support.postgres import ServiceDatabase, free_port

from auth_linker.erasures.sweeps import Sweeper
from auth_linker.erasures.worker import ErasureWorker
from auth_linker.main import Shared, create_api, open_shared
from auth_linker.settings import AuthLinkerSettings
from auth_linker.tokens.loop import PlacesLoop, RefreshLoop
from social_common.db import Database
from social_common.http import HttpClient, HttpResponse
from social_common.keyfiles import generate_service_key, generate_token_keys, read_service_key, write_trust
from social_common.secrets import Secret
from social_common.service_tokens import sign_service_token
from social_platforms._core import Platform
from social_sandbox.app import create_app as create_sandbox
from social_sandbox.config import SandboxConfig
from social_sandbox.server import build_server
from social_stack.browser import Landing, consent

RETURN_TO = "https://shop.example/console"
COMMUNITY_APP = "sandbox-community-client"
Json = dict[str, Any]


@dataclass
class Merchant:
    """A signed-in merchant who calls the API."""

    world: "World"
    user_id: UUID
    token: Secret = field(repr=False)

    async def call(self, method: str, path: str, body: Json | None = None, **headers: str) -> HttpResponse:
        """One request with the merchant's token."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.world.http.request(
            method, f"{self.world.api_url}{path}", json=body, bearer=self.token, headers=sent
        )

    async def begin(self, platform: str, **options: Any) -> str:
        """An authorization URL."""
        answer = await self.call("POST", f"/v1/connections/{platform}/authorize", {"return_to": RETURN_TO, **options})
        assert answer.status == 201, answer.text
        url: str = answer.json()["authorization_url"]
        return url

    async def approve(self, url: str, account: str, *, refuse: Collection[str] = ()) -> Landing:
        """The consent in a browser; `refuse` names scopes and places that are unticked."""
        browser = Unticking(self.world.http, refuse)
        return await consent(cast("HttpClient", browser), url, account=account, return_to=RETURN_TO)

    async def complete(self, code: str, platform_ids: list[str] | None = None, **headers: str) -> HttpResponse:
        """The end of a link."""
        body: Json = {"link_code": code}
        if platform_ids is not None:
            body["platform_ids"] = platform_ids
        return await self.call("POST", "/v1/connections/complete", body, **headers)

    async def link(
        self,
        platform: str,
        account: str,
        *,
        pick: list[str] | None = None,
        refuse: Collection[str] = (),
        **options: Any,
    ) -> Json:
        """The whole way; the first connection."""
        landing = await self.approve(await self.begin(platform, **options), account, refuse=refuse)
        assert landing.query["status"] == "authorized", landing.query
        answer = await self.complete(landing.query["link_code"], pick)
        assert answer.status == 201, answer.text
        connection: Json = answer.json()["connections"][0]
        return connection

    async def read(self, connection_id: str) -> Json:
        """The connection as it is now."""
        answer = await self.call("GET", f"/v1/connections/{connection_id}")
        assert answer.status == 200, answer.text
        found: Json = answer.json()
        return found

    async def sign_in_again(self) -> None:
        """A token that is good after the clock was moved."""
        self.token = await self.world.token_of(self.user_id)


@dataclass
class World:
    """Everything that runs in one test."""

    database: ServiceDatabase
    settings: AuthLinkerSettings
    api_url: str
    sandbox_url: str
    http: HttpClient
    admin: asyncpg.Connection
    worker: Database
    shared: Shared
    api: Any
    key_file: Path

    async def control(self, method: str, path: str, body: Json | None = None) -> Any:
        """The sandbox's control interface."""
        answer = await self.http.request(method, f"{self.sandbox_url}/_control{path}", json=body)
        assert answer.status // 100 == 2, answer.text
        return answer.json() if answer.content else None

    async def account(self, platform: str, **details: Any) -> Json:
        """A new account at a platform."""
        username = f"shop{secrets.token_hex(4)}"
        made: Json = await self.control("POST", "/accounts", {"platform": platform, "username": username, **details})
        return made

    async def fault(self, platform: str, operation: str, kind: str, count: int = 1) -> None:
        """The next such calls go wrong."""
        await self.control(
            "POST", "/faults", {"platform": platform, "operation": operation, "kind": kind, "count": count}
        )

    async def change_place(self, platform: str, platform_id: str, **options: Any) -> None:
        """Something happens to a place at its platform."""
        await self.control("POST", "/places", {"platform": platform, "platform_id": platform_id, "options": options})

    async def advance(self, step: timedelta) -> None:
        """Moves product time for everybody."""
        await self.control("POST", "/clock", {"advance_s": step.total_seconds()})

    async def requests(self, platform: str, path: str) -> list[Json]:
        """What the platform was asked at that path."""
        found = await self.control("GET", f"/requests?platform={platform}")
        return [request for request in found["requests"] if path in request["raw_path"]]

    async def token_of(self, user_id: UUID) -> Secret:
        """A fresh access token of that user."""
        session = await self.control("POST", "/sessions", {"user_id": str(user_id)})
        return Secret(session["access_token"])

    async def merchant(self) -> Merchant:
        """A new merchant."""
        user_id = uuid4()
        return Merchant(self, user_id, await self.token_of(user_id))

    async def broker(self, connection_id: str, user_id: UUID, caller: str = "publisher", **body: Any) -> HttpResponse:
        """Asks the token broker as one of our services."""
        asked = {"user_id": str(user_id), "capability": "publish", "min_valid_s": 60, **body}
        return await self.http.request(
            "POST",
            f"{self.api_url}/internal/v1/connections/{connection_id}/token",
            json=asked,
            bearer=self.service_token(caller),
        )

    def service_token(self, caller: str = "publisher") -> Secret:
        """A signed service token."""
        return sign_service_token(read_service_key(self.key_file), iss=caller, aud="auth-linker")

    async def events(self, user_id: UUID, topic: str | None = None) -> list[Json]:
        """What stands in the outbox for a merchant, oldest first, with the topic beside the data."""
        rows = await self.admin.fetch(
            "SELECT topic, payload FROM retail_b2c.auth_linker_outbox WHERE user_id = $1 ORDER BY id", user_id
        )
        found = [{"topic": row["topic"], **json.loads(row["payload"])} for row in rows]
        return [event for event in found if topic in {None, event["topic"]}]

    async def grant(self, connection_id: str) -> asyncpg.Record:
        """The grant's row of a connection."""
        row = await self.admin.fetchrow(
            "SELECT g.* FROM retail_b2c.grants g JOIN retail_b2c.social_connections c ON c.grant_id = g.id"
            " WHERE c.id = $1",
            UUID(connection_id),
        )
        assert row is not None
        return row

    async def proofs(self, user_id: UUID) -> list[tuple[str, str | None]]:
        """Reason and proof of what was erased for a merchant, in order; nothing finished may hold a token."""
        rows = await self.admin.fetch(
            "SELECT reason, proof, access_token, finished_at FROM retail_b2c.erasures WHERE user_id = $1"
            " ORDER BY created_at, id",
            user_id,
        )
        assert all(row["finished_at"] is None or row["access_token"] is None for row in rows)
        return [(row["reason"], row["proof"]) for row in rows]

    def refresh_loop(self) -> RefreshLoop:
        """The worker's refresh loop."""
        return RefreshLoop(self.worker, refresher=self.shared.refresher, batch=50, concurrency=4)

    def places_loop(self) -> PlacesLoop:
        """The worker's look at places, of all that were not looked at within the last hour."""
        return PlacesLoop(
            self.worker,
            looker=self.shared.looker,
            interval=timedelta(hours=1),
            retry=timedelta(minutes=5),
            batch=50,
            concurrency=4,
        )

    async def look_at_places(self) -> None:
        """An hour passes, and the worker looks."""
        await self.advance(timedelta(hours=1, seconds=1))
        await self.places_loop().run_once()

    def sweeper(self) -> Sweeper:
        """The worker's sweeps."""
        return Sweeper(self.worker)

    def erasure_worker(self) -> ErasureWorker:
        """The worker's revocations, tried again at once."""
        return ErasureWorker(
            self.worker,
            apps=self.shared.apps,
            vault=self.shared.vault,
            leases=self.shared.leases,
            lease=timedelta(minutes=2),
            retry_first=timedelta(0),
            retry_longest=timedelta(0),
            tries=3,
        )


@asynccontextmanager
async def open_world(database: ServiceDatabase, folder: Path) -> AsyncIterator[World]:
    """Starts everything and ends it again."""
    sandbox_port, api_port = free_port(), free_port()
    sandbox_url, api_url = f"http://127.0.0.1:{sandbox_port}", f"http://127.0.0.1:{api_port}"
    key_file, trust, token_keys = folder / "key.json", folder / "trust.json", folder / "tokens.json"
    generate_token_keys(token_keys)
    generate_service_key(key_file)
    write_trust(trust, {"publisher": key_file, "analytics": key_file, "stranger": key_file})
    settings = AuthLinkerSettings(
        environment="development",
        api_database_url=database.secret("api"),
        worker_database_url=database.secret("worker"),
        token_keys_file=token_keys,
        service_key_file=key_file,
        service_trust_file=trust,
        public_url=api_url,
        return_to_allowed=("https://shop.example",),
        supabase_issuer=f"{sandbox_url}/auth/v1",
        refresh_retry_first=timedelta(0),
        token_ready_lead=timedelta(minutes=30),
        rate_limit_per_minute=100_000,
    )
    environ: dict[str, str] = {}
    for platform in Platform:
        environ |= {
            f"{platform.upper()}_CLIENT_ID": "sandbox-client",
            f"{platform.upper()}_CLIENT_SECRET": "sandbox-secret",
            f"{platform.upper()}_BASE_URL": f"{sandbox_url}/{platform}",
        }
    environ |= {
        "LINKEDIN_COMMUNITY_CLIENT_ID": COMMUNITY_APP,
        "LINKEDIN_COMMUNITY_CLIENT_SECRET": "sandbox-community-secret",
        "LINKEDIN_COMMUNITY_OPENID": "true",
    }
    config = SandboxConfig(public_url=sandbox_url, callback_bases=(api_url,), database_url=database.sandbox)
    api = create_api(settings, environ=environ)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            _serve(build_server(create_sandbox(config), host="127.0.0.1", port=sandbox_port))
        )
        await stack.enter_async_context(
            _serve(uvicorn.Server(uvicorn.Config(api, host="127.0.0.1", port=api_port, log_config=None)))
        )
        http = await stack.enter_async_context(HttpClient())
        worker = await stack.enter_async_context(Database(database.secret("worker"), service="auth-linker"))
        shared = await stack.enter_async_context(open_shared(settings, worker, http, environ))
        admin = await asyncpg.connect(database.superuser)
        stack.push_async_callback(admin.close)
        yield World(database, settings, api_url, sandbox_url, http, admin, worker, shared, api, key_file)


@asynccontextmanager
async def _serve(server: uvicorn.Server) -> AsyncIterator[None]:
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await running
