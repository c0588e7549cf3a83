"""Where auth-linker is put together; nothing happens at import."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import FastAPI

from auth_linker.connections import endpoints as connection_endpoints
from auth_linker.connections.service import Attacher
from auth_linker.erasures.service import PlatformUserLeases
from auth_linker.erasures.sweeps import Sweeper
from auth_linker.erasures.worker import ErasureWorker
from auth_linker.events import EVENT_MODELS
from auth_linker.gauges import Gauges
from auth_linker.grants.service import Vault
from auth_linker.linking import endpoints as linking_endpoints
from auth_linker.linking.callback import CallbackHandler
from auth_linker.linking.service import Linker
from auth_linker.linking.siblings import Siblings
from auth_linker.platforms import endpoints as platform_endpoints
from auth_linker.platforms.sunsets import expose_sunsets
from auth_linker.restoring.service import PlacesRestorer
from auth_linker.settings import AuthLinkerSettings
from auth_linker.tokens import doubts
from auth_linker.tokens import endpoints as token_endpoints
from auth_linker.tokens.asking import Asker
from auth_linker.tokens.broker import TokenBroker
from auth_linker.tokens.checking import Checker
from auth_linker.tokens.consumers import CONSUMER, TOPIC, TokenReady
from auth_linker.tokens.looking import Looker
from auth_linker.tokens.loop import PlacesLoop, RefreshLoop
from auth_linker.tokens.refreshing import Refresher
from auth_linker.tokens.storing import Storer
from social_common.app import create_app
from social_common.auth import create_token_verifier
from social_common.clock import ProductClock
from social_common.crypto import KeyRing
from social_common.db import Database
from social_common.health import HealthChecks
from social_common.http import HttpClient
from social_common.idempotency import Idempotency
from social_common.kafka.consumer import Subscription
from social_common.kafka.topics import TopicSpec
from social_common.loops import DueLoop, NotifyListener
from social_common.revision import is_at_least
from social_common.runner import StopEvent, run_worker
from social_common.service_tokens import ServiceTokenVerifier
from social_common.settings import required
from social_common.unfit import BadSetting
from social_platforms.registry import OAuthApps, all_facts, load_apps, oauth_apps

HEAD = "0009"
PARTITIONS = 6


@dataclass(frozen=True, slots=True)
class Shared:
    """What both roles are made of."""

    database: Database
    ring: KeyRing
    vault: Vault
    apps: OAuthApps
    leases: PlatformUserLeases
    refresher: Refresher
    asker: Asker
    looker: Looker


@asynccontextmanager
async def open_shared(
    settings: AuthLinkerSettings, database: Database, http: HttpClient, environ: Mapping[str, str]
) -> AsyncIterator[Shared]:
    """The parts both roles use; the caller owns the database and the HTTP client."""
    path = required(settings.token_keys_file, name="TOKEN_KEYS_FILE")
    ring = await asyncio.to_thread(KeyRing.load, path)
    vault = Vault(ring)
    try:
        apps = oauth_apps(load_apps(environ), http)
    except ValueError as error:
        raise BadSetting(str(error)) from error
    refresher = Refresher(
        database,
        apps=apps,
        vault=vault,
        storer=Storer(
            vault,
            lead=settings.token_ready_lead,
            retry_first=settings.refresh_retry_first,
            retry_longest=settings.refresh_retry_longest,
        ),
        lease=settings.refresh_lease,
        monotonic=time.monotonic,
    )
    asker = Asker(database, apps=apps, vault=vault, refresher=refresher)
    yield Shared(
        database=database,
        ring=ring,
        vault=vault,
        apps=apps,
        leases=PlatformUserLeases(database, life=settings.platform_user_lease),
        refresher=refresher,
        asker=asker,
        looker=Looker(database, apps=apps, vault=vault, asker=asker),
    )


def create_api(
    settings: AuthLinkerSettings, *, environ: Mapping[str, str] | None = None, http: HttpClient | None = None
) -> FastAPI:
    """The HTTP API. `http` takes the place of the real client, for tests."""
    database = Database(
        required(settings.api_database_url, name="API_DATABASE_URL"),
        service=settings.service,
        application_name="auth-linker-api",
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = http or HttpClient()
        async with client, database, open_shared(settings, database, client, environ or os.environ) as shared:
            await _fill_state(app, settings, shared, client)
            yield

    async def is_migrated() -> bool:
        return await is_at_least(database, HEAD)

    return create_app(
        settings,
        title="auth-linker",
        lifespan=lifespan,
        routers=(
            platform_endpoints.router,
            linking_endpoints.router,
            connection_endpoints.router,
            token_endpoints.router,
            token_endpoints.internal,
        ),
        checks=HealthChecks(ready={"database": database.is_reachable}, startup={"migrations": is_migrated}),
    )


async def _fill_state(app: FastAPI, settings: AuthLinkerSettings, shared: Shared, http: HttpClient) -> None:
    app.state.token_verifier = create_token_verifier(
        settings, http=http, clock=ProductClock(shared.database, environment=settings.environment)
    )
    app.state.service_tokens = await asyncio.to_thread(
        ServiceTokenVerifier.load,
        required(settings.service_trust_file, name="SERVICE_TRUST_FILE"),
        audience=settings.service,
    )
    attacher = Attacher(shared.vault, lead=settings.token_ready_lead)
    app.state.database = shared.database
    app.state.idempotency = Idempotency(shared.ring, settings.service)
    app.state.cursor_key = shared.ring.derive("cursor")
    app.state.facts = all_facts()
    app.state.apps = shared.apps
    expose_sunsets(app.state.facts.values())
    app.state.linker = Linker(
        apps=shared.apps,
        vault=shared.vault,
        attacher=attacher,
        allowed_origins=settings.allowed_origins,
        callback_url=settings.callback_url,
        life=settings.link_life,
    )
    app.state.callback = CallbackHandler(
        shared.database,
        apps=shared.apps,
        vault=shared.vault,
        leases=shared.leases,
        callback_url=settings.callback_url,
        life=settings.link_life,
    )
    app.state.siblings = Siblings(shared.database, vault=shared.vault, attacher=attacher, asker=shared.asker)
    app.state.broker = TokenBroker(
        shared.database,
        apps=shared.apps,
        vault=shared.vault,
        refresher=shared.refresher,
        looker=shared.looker,
    )
    app.state.checker = Checker(shared.database, refresher=shared.refresher, looker=shared.looker)


def topics() -> tuple[TopicSpec, ...]:
    """The topics this service writes."""
    return tuple(TopicSpec(name, partitions=PARTITIONS) for name in EVENT_MODELS)


def subscriptions(settings: AuthLinkerSettings, shared: Shared) -> tuple[Subscription, ...]:
    """What this service consumes."""
    ready = TokenReady(shared.database, apps=shared.apps, lead=settings.token_ready_lead)
    doubted = doubts.PlaceDoubts(shared.database, interval=settings.places_check_interval)
    return (
        Subscription(TOPIC, CONSUMER, ready.handle),
        Subscription(doubts.TOPIC, doubts.CONSUMER, doubted.handle),
    )


def create_loops(settings: AuthLinkerSettings, shared: Shared, wake: NotifyListener) -> tuple[DueLoop, ...]:
    """The due work of a worker."""
    refreshing = RefreshLoop(
        shared.database,
        refresher=shared.refresher,
        batch=settings.refresh_batch,
        concurrency=settings.refresh_concurrency,
    )
    looking = PlacesLoop(
        shared.database,
        looker=shared.looker,
        interval=settings.places_check_interval,
        retry=settings.refresh_retry_longest,
        batch=settings.refresh_batch,
        concurrency=settings.refresh_concurrency,
    )
    erasing = ErasureWorker(
        shared.database,
        apps=shared.apps,
        vault=shared.vault,
        leases=shared.leases,
        lease=settings.erasure_lease,
        retry_first=settings.erasure_retry_first,
        retry_longest=settings.erasure_retry_longest,
        tries=settings.erasure_tries,
    )
    sweeper = Sweeper(shared.database)
    gauges = Gauges(shared.database, [facts.platform for facts in all_facts().values()])
    sweeps = settings.sweep_poll
    return (
        DueLoop("refresh", refreshing.run_once, wake=wake, idle=settings.refresh_poll),
        DueLoop("places", looking.run_once, wake=wake, idle=settings.refresh_poll),
        DueLoop("erasures", erasing.run_once, wake=wake, idle=sweeps),
        DueLoop("unfinished-links", sweeper.end_unfinished_links, wake=wake, idle=sweeps),
        DueLoop("deleted-users", sweeper.end_deleted_users, idle=sweeps),
        DueLoop("purge-erased", sweeper.purge_erased, idle=sweeps),
        DueLoop("gauges", gauges.read, idle=timedelta(minutes=1)),
    )


@asynccontextmanager
async def open_subscriptions(settings: AuthLinkerSettings) -> AsyncIterator[Sequence[Subscription]]:
    """What auth-linker consumes, with all that the handlers need open: for one dead letter's retry."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    async with (
        HttpClient() as http,
        Database(url, service=settings.service, pool_size=1) as database,
        open_shared(settings, database, http, os.environ) as shared,
    ):
        yield subscriptions(settings, shared)


@asynccontextmanager
async def open_restorer(settings: AuthLinkerSettings, *, stopped_at: datetime) -> AsyncIterator[PlacesRestorer]:
    """What brings a restored database together with Kafka and the platforms."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    async with (
        HttpClient() as http,
        Database(url, service=settings.service, pool_size=settings.refresh_concurrency + 1) as database,
        open_shared(settings, database, http, os.environ) as shared,
    ):
        yield PlacesRestorer(
            database,
            apps=shared.apps,
            refresher=shared.refresher,
            stopped_at=stopped_at,
            concurrency=settings.refresh_concurrency,
        )


async def work(settings: AuthLinkerSettings, stop: StopEvent, *, environ: Mapping[str, str] | None = None) -> None:
    """The worker: consumer, relay, refresh loop, revocations and sweeps, until told to stop."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")

    async def is_migrated() -> bool:
        return await is_at_least(database, HEAD)

    async with (
        HttpClient() as http,
        Database(url, service=settings.service, application_name="auth-linker-worker") as database,
        open_shared(settings, database, http, environ or os.environ) as shared,
    ):
        await run_worker(
            settings,
            stop,
            database=database,
            subscriptions=subscriptions(settings, shared),
            loops=create_loops(settings, shared, NotifyListener(url, channels=("auth_linker_erasures",))),
            topics=topics(),
            ready=HealthChecks(startup={"migrations": is_migrated}),
            head=HEAD,
        )
