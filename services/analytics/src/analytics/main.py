"""The composition root: an API that reads, and a worker that listens, collects and tells."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from fastapi import FastAPI

from analytics.collecting.collector import Collector
from analytics.collecting.rounds import Sources
from analytics.collecting.schedules import build_schedules
from analytics.collecting.tokens import LinkerTokens
from analytics.collecting.upkeep import Upkeep
from analytics.events import EVENT_MODELS
from analytics.projections.consumers import subscriptions
from analytics.projections.departures import Departures
from analytics.reporting.endpoints import router
from analytics.settings import AnalyticsSettings
from social_common.app import create_app
from social_common.auth import create_token_verifier
from social_common.clock import ProductClock
from social_common.crypto import KeyRing
from social_common.db import Database
from social_common.health import HealthChecks
from social_common.http import HttpClient
from social_common.kafka.consumer import Subscription
from social_common.kafka.topics import TopicSpec
from social_common.keyfiles import read_service_key
from social_common.loops import DueLoop, NotifyListener
from social_common.restoring import NothingOwn
from social_common.revision import is_at_least
from social_common.runner import StopEvent, run_worker
from social_common.settings import required
from social_common.unfit import BadSetting
from social_platforms.registry import all_facts, load_apps, metrics_adapters

HEAD: Final = "0006"
TOPICS: Final = tuple(TopicSpec(topic) for topic in EVENT_MODELS)


def create_api(settings: AnalyticsSettings) -> FastAPI:
    """The HTTP API; it needs the database and the issuer's keys, never Kafka."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        url = required(settings.api_database_url, name="API_DATABASE_URL")
        keys = required(settings.token_keys_file, name="TOKEN_KEYS_FILE")
        async with (
            Database(url, service=settings.service, application_name="analytics-api") as database,
            HttpClient() as http,
        ):
            app.state.database = database
            app.state.cursor_key = (await asyncio.to_thread(KeyRing.load, keys)).derive("cursor")
            app.state.token_verifier = create_token_verifier(
                settings, http=http, clock=ProductClock(database, environment=settings.environment)
            )
            yield

    async def is_reachable() -> bool:
        return await _database(app).is_reachable()

    async def is_migrated() -> bool:
        return await is_at_least(_database(app), HEAD)

    app = create_app(
        settings,
        title="Social Connections: analytics",
        lifespan=lifespan,
        routers=[router],
        checks=HealthChecks(ready={"database": is_reachable}, startup={"migrations": is_migrated}),
    )
    return app


@asynccontextmanager
async def open_subscriptions(settings: AnalyticsSettings) -> AsyncIterator[Sequence[Subscription]]:
    """What analytics consumes, with the database open: for one dead letter's retry."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    async with Database(url, service=settings.service, pool_size=1) as database:
        yield subscriptions(database, build_schedules(all_facts().values(), settings.collection_schedule))


@asynccontextmanager
async def open_restorer(settings: AnalyticsSettings, *, stopped_at: datetime) -> AsyncIterator[NothingOwn]:
    """After a restore there is nothing to do but hear the others: numbers are collected anew."""
    yield NothingOwn()


async def work(settings: AnalyticsSettings, stop: StopEvent) -> None:
    """Consumers, relay, collecting and upkeep, until the stop."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    key = await asyncio.to_thread(read_service_key, required(settings.service_key_file, name="SERVICE_KEY_FILE"))
    async with (
        Database(url, service=settings.service, application_name="analytics-worker", pool_size=16) as database,
        HttpClient() as http,
    ):
        tokens = LinkerTokens(http, linker_url=settings.linker_url, key=key)
        sources = create_sources(settings, http, tokens, environ=os.environ)
        collector = Collector(
            database, sources, at_once=settings.collection_concurrency, lease_for=settings.collection_lease
        )
        upkeep = Upkeep(database, tuple(sources.adapters))
        wake = NotifyListener(url, channels=())

        async def is_migrated() -> bool:
            return await is_at_least(database, HEAD)

        await run_worker(
            settings,
            stop,
            database=database,
            subscriptions=subscriptions(database, sources.schedules),
            loops=(
                DueLoop("collect", collector.collect_due, wake=wake, idle=settings.collection_poll),
                DueLoop("departures", Departures(database).forget_departed, idle=settings.departure_scan),
                DueLoop("upkeep", upkeep.keep_tables, idle=timedelta(hours=1)),
                DueLoop("backlog", upkeep.show_backlog, idle=timedelta(seconds=15)),
            ),
            topics=TOPICS,
            ready=HealthChecks(startup={"migrations": is_migrated}),
            head=HEAD,
        )


def create_sources(
    settings: AnalyticsSettings, http: HttpClient, tokens: LinkerTokens, *, environ: Mapping[str, str]
) -> Sources:
    """The platforms that are configured, with their facts and schedules."""
    try:
        apps, facts = load_apps(environ), all_facts(environ)
    except ValueError as error:
        raise BadSetting(str(error)) from error
    return Sources(
        adapters={str(platform): adapter for platform, adapter in metrics_adapters(apps, http).items()},
        facts={str(platform): one for platform, one in facts.items()},
        tokens=tokens,
        schedules=build_schedules(facts.values(), settings.collection_schedule),
    )


def _database(app: FastAPI) -> Database:
    database: Database = app.state.database
    return database
