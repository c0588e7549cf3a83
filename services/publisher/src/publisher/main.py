"""The composition root: an API that plans, and a worker that listens, publishes and settles."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import uuid4

from fastapi import FastAPI

from publisher.brokerage import Broker, LinkerBroker
from publisher.engagement.consumers import CONSUMER as ENGAGEMENT
from publisher.engagement.consumers import EngagementConsumer
from publisher.engine import Engine, Outside, default_limits, late_look_of
from publisher.events import EVENT_MODELS
from publisher.media import GuardedMedia
from publisher.planning.board import Board
from publisher.planning.changes import Editor
from publisher.planning.checking import Checker
from publisher.planning.doubts import Doubts
from publisher.planning.endpoints import router
from publisher.planning.service import Planner
from publisher.planning.sharing import Sharer
from publisher.posts import product_now
from publisher.projections.consumers import CONSUMER as CONNECTIONS
from publisher.projections.consumers import ConnectionConsumer
from publisher.publishing.looking import Looker, NoNotes
from publisher.publishing.results import Results
from publisher.restoring.service import PostsRestorer
from publisher.sealing import Seals
from publisher.settings import PublisherSettings
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
from social_common.keyfiles import read_service_key
from social_common.media_fetch import MediaFetcher
from social_common.revision import is_at_least
from social_common.runner import StopEvent, run_worker
from social_common.settings import required
from social_common.unfit import BadSetting
from social_platforms.registry import all_facts, load_apps, posts_adapters

HEAD: Final = "0012"
TOPIC_SPECS: Final = tuple(TopicSpec(topic) for topic in EVENT_MODELS)


def create_api(settings: PublisherSettings) -> FastAPI:
    """The HTTP API; it needs the database, the issuer's keys and auth-linker, never Kafka."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        url = required(settings.api_database_url, name="API_DATABASE_URL")
        async with (
            Database(url, service=settings.service, application_name="publisher-api") as database,
            HttpClient() as http,
            _fetcher(settings) as fetcher,
        ):
            clock = ProductClock(database, environment=settings.environment)
            app.state.database = database
            app.state.token_verifier = create_token_verifier(settings, http=http, clock=clock)
            outside, ring = await _outside(settings, http, fetcher)
            app.state.board = create_board(settings, database, outside, ring=ring)
            yield

    async def is_reachable() -> bool:
        database: Database = app.state.database
        return await database.is_reachable()

    async def is_migrated() -> bool:
        return await is_at_least(app.state.database, HEAD)

    app = create_app(
        settings,
        title="Social Connections: publisher",
        lifespan=lifespan,
        routers=[router],
        checks=HealthChecks(ready={"database": is_reachable}, startup={"migrations": is_migrated}),
    )
    return app


def create_board(settings: PublisherSettings, database: Database, outside: Outside, *, ring: KeyRing) -> Board:
    """The use cases of the API; what is past or due is said by the database's clock, as for the workers."""

    async def now() -> datetime:
        async with database.read(None) as session:
            return await product_now(session)

    checker = Checker(
        adapters=outside.adapters,
        facts=outside.facts,
        media=outside.media,
        broker=outside.broker,
        look_limit=settings.media_timeout,
    )
    planner = Planner(
        database,
        broker=outside.broker,
        checker=checker,
        now=now,
        new_id=uuid4,
        horizon=settings.schedule_horizon,
        prepare_ahead=settings.prepare_ahead,
    )
    editor = Editor(
        database,
        broker=outside.broker,
        checker=checker,
        now=now,
        horizon=settings.schedule_horizon,
        prepare_ahead=settings.prepare_ahead,
    )
    return Board(
        database=database,
        planner=planner,
        sharer=Sharer(planner, checker),
        editor=editor,
        doubts=Doubts(
            database,
            broker=outside.broker,
            looker=Looker(seals=outside.seals, adapters=outside.adapters, holds=NoNotes()),
            results=Results(
                database,
                outside.seals,
                default_limits=default_limits(settings),
                late_look=late_look_of(settings),
            ),
            editor=editor,
        ),
        idempotency=Idempotency(ring, settings.service),
        cursor_key=ring.derive("cursor"),
        catch_up_hours=settings.catch_up_hours,
    )


@asynccontextmanager
async def open_subscriptions(settings: PublisherSettings) -> AsyncIterator[Sequence[Subscription]]:
    """What publisher consumes, with the database open: for one dead letter's retry."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    async with Database(url, service=settings.service, pool_size=1) as database:
        yield subscriptions(settings, database)


@asynccontextmanager
async def open_restorer(settings: PublisherSettings, *, stopped_at: datetime) -> AsyncIterator[PostsRestorer]:
    """What brings a restored database together with Kafka and the platforms."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    async with Database(url, service=settings.service, pool_size=1) as database:
        yield PostsRestorer(database, stopped_at=stopped_at)


async def work(settings: PublisherSettings, stop: StopEvent) -> None:
    """Consumers, relay, publishing and settling, until the stop."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    pool_size = max(16, settings.publish_concurrency // 2 + 8)
    async with (
        Database(url, service=settings.service, application_name="publisher-worker", pool_size=pool_size) as database,
        HttpClient() as http,
        _fetcher(settings) as fetcher,
    ):
        outside, _ = await _outside(settings, http, fetcher)
        engine = Engine(settings, database, outside, stop=stop)

        async def is_migrated() -> bool:
            return await is_at_least(database, HEAD)

        await run_worker(
            settings,
            stop,
            database=database,
            subscriptions=subscriptions(settings, database),
            loops=engine.loops(),
            topics=TOPIC_SPECS,
            ready=HealthChecks(startup={"migrations": is_migrated}),
            head=HEAD,
        )


def subscriptions(settings: PublisherSettings, database: Database) -> tuple[Subscription, ...]:
    """What publisher listens to."""
    connections = ConnectionConsumer(database, probe_after=settings.held_probe_interval)
    engagement = EngagementConsumer(database)
    return (
        *(Subscription(topic, CONNECTIONS, handler) for topic, handler in connections.handlers().items()),
        *(Subscription(topic, ENGAGEMENT, handler) for topic, handler in engagement.handlers().items()),
    )


async def _outside(
    settings: PublisherSettings, http: HttpClient, fetcher: MediaFetcher, *, environ: Mapping[str, str] | None = None
) -> tuple[Outside, KeyRing]:
    keys = required(settings.token_keys_file, name="TOKEN_KEYS_FILE")
    ring = await asyncio.to_thread(KeyRing.load, keys)
    own_key = required(settings.service_key_file, name="SERVICE_KEY_FILE")
    key = await asyncio.to_thread(read_service_key, own_key)
    known = os.environ if environ is None else environ
    try:
        apps, facts = load_apps(known), all_facts(known)
    except ValueError as error:
        raise BadSetting(str(error)) from error
    broker: Broker = LinkerBroker(http, url=settings.linker_url, key=key, caller=settings.service)
    outside = Outside(
        broker=broker,
        adapters={platform.value: adapter for platform, adapter in posts_adapters(apps, http).items()},
        facts={platform.value: one for platform, one in facts.items()},
        media=GuardedMedia(fetcher),
        seals=Seals(ring),
    )
    return outside, ring


def _fetcher(settings: PublisherSettings) -> MediaFetcher:
    return MediaFetcher(
        allow_hosts=frozenset(settings.media_allow_hosts),
        max_bytes=settings.media_max_bytes,
        timeout=settings.media_timeout,
    )
