"""Running a process: signals that drain instead of kill, and a worker's parts side by side."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import uvicorn
import uvloop
from fastapi import FastAPI

from social_common.db import Database, DatabaseUnreachable
from social_common.fitness import refuse_missing_topics, refuse_unfit_database
from social_common.health import HealthChecks, health_routes
from social_common.kafka.backlog import Backlog
from social_common.kafka.broker import ServiceBroker, create_broker
from social_common.kafka.cluster import ClusterProbe, wait_for_cluster
from social_common.kafka.consumer import Subscription, subscribe
from social_common.kafka.topics import TopicSpec, declare_topics
from social_common.logging import get_logger
from social_common.loops import DueLoop, backoff, unless_stopped, wait_for
from social_common.metrics import show_metrics
from social_common.plumbing import keep_house
from social_common.relay import create_relay
from social_common.restoring import refuse_older_database
from social_common.settings import ServiceSettings

StopEvent = asyncio.Event
Part = Callable[[StopEvent], Awaitable[None]]

DRAIN: Final = timedelta(seconds=20)
_CLEANING: Final = timedelta(seconds=2)
_LEAVING: Final = 2.0
_STUCK_AFTER: Final = timedelta(minutes=10)

_log = get_logger()


def run_process(main: Callable[[StopEvent], Awaitable[None]]) -> None:
    """Run `main` to its end on uvloop. SIGTERM and SIGINT set its stop event; a second one ends the process at once."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_with_signals(main))


async def _with_signals(main: Callable[[StopEvent], Awaitable[None]]) -> None:
    stop = StopEvent()
    loop = asyncio.get_running_loop()

    def ask(number: signal.Signals) -> None:
        if stop.is_set():
            # Whoever asks twice does not want to wait: nothing is cleaned up, as after a kill.
            os._exit(128 + number)
        _log.info("stopping", signal=number.name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask, number)
    await main(stop)


async def run_parts(
    stop: StopEvent, parts: Sequence[Part], *, drain: timedelta = DRAIN, cleaning: timedelta = _CLEANING
) -> None:
    """Run the parts side by side until the stop, then give them `drain` to finish what is in hand.

    What is cut off then has `cleaning` to let go of what it holds. A part that raises ends the process, so that it is
    started anew; a part that ends by itself is fine.
    """
    tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(part(stop)) for part in parts]
    stopped: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
    try:
        pending: set[asyncio.Future[Any]] = {*tasks}
        while pending and not stop.is_set():
            done, _ = await asyncio.wait({*pending, stopped}, return_when=asyncio.FIRST_COMPLETED)
            pending -= done
            if any(task.exception() is not None for task in done if task is not stopped):
                stop.set()
        if pending:
            _, late = await asyncio.wait(pending, timeout=drain.total_seconds())
            for task in late:
                _log.warning("drain_cut_off")
                task.cancel()
    finally:
        stopped.cancel()
        # Twice: whoever lets go of a broker or a database that hangs would hold the process beyond its time.
        for _ in range(2):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=cleaning.total_seconds())
    for task in tasks:
        if task.done() and not task.cancelled() and isinstance(failure := task.exception(), Exception):
            raise failure


async def run_worker(
    settings: ServiceSettings,
    stop: StopEvent,
    *,
    database: Database,
    subscriptions: Sequence[Subscription] = (),
    loops: Sequence[DueLoop] = (),
    topics: Sequence[TopicSpec] = (),
    ready: HealthChecks | None = None,
    parts: Sequence[Part] = (),
    head: str | None = None,
) -> None:
    """Run a worker: consumers, relay, due-work loops, housekeeping, and probes with metrics on `worker_port`.

    `topics` are those this service writes; with those it reads and its dead letters they are declared where settings
    say so. Kafka may be away at the start: everything that does not need it works, and the rest begins when it
    answers. So may the database; production then waits with everything until it is known to be fit: its role, its
    tables (`head`), its clock, and that it was not restored to an earlier point. What is unfit raises, and nothing has
    begun by then.
    """
    if not await _is_fit(settings, stop, database=database, head=head):
        return
    probe = ClusterProbe(settings.kafka_access)
    broker = create_broker(settings)
    for item in subscriptions:
        subscribe(broker, item.topic, consumer=item.consumer, handler=item.handler)
    # The topics it reads, too: in a local stack no service starts first.
    read = (TopicSpec(item.topic) for item in subscriptions)
    letters = (item.dead_letters() for item in subscriptions)
    declared = tuple({spec.name: spec for spec in (*read, *letters, *topics)}.values())
    await refuse_missing_topics(settings, (spec.name for spec in declared))
    await refuse_older_database(settings, database, (spec.name for spec in topics))
    relay = create_relay(settings, topics=declared)
    house = DueLoop("housekeeping", _house(database), idle=timedelta(hours=1))
    listeners = {id(loop.wake): loop.wake for loop in loops if loop.wake is not None}
    checks = _checks(ready, database=database, probe=probe, loops=[*loops, house])
    try:
        await run_parts(
            stop,
            [
                lambda event: serve_probes(settings, event, checks),
                lambda event: _consume(settings, event, broker=broker, probe=probe, declared=declared),
                relay.run,
                Backlog(settings, subscriptions).run,
                house.run,
                *(listener.run for listener in listeners.values()),
                *(loop.run for loop in loops),
                *parts,
            ],
            drain=DRAIN + timedelta(seconds=2),
        )
    finally:
        await probe.close()


async def _is_fit(settings: ServiceSettings, stop: StopEvent, *, database: Database, head: str | None) -> bool:
    failures = 0
    while not stop.is_set():
        try:
            await refuse_unfit_database(settings, database, role="worker", head=head)
        except DatabaseUnreachable as exc:
            if settings.environment != "production":
                return True
            failures += 1
            _log.warning("database_unreachable", error=str(exc), failures=failures)
            await wait_for(stop, seconds=backoff(failures, longest=timedelta(seconds=10)))
        else:
            return True
    return False


def _house(database: Database) -> Callable[[], Awaitable[timedelta | None]]:
    async def work() -> None:
        await keep_house(database)

    return work


async def _consume(
    settings: ServiceSettings,
    stop: StopEvent,
    *,
    broker: ServiceBroker,
    probe: ClusterProbe,
    declared: Sequence[TopicSpec],
) -> None:
    """Keep the broker running; on the embedded one, start it anew when it is another cluster."""
    failures = 0
    while not stop.is_set():
        if not await wait_for_cluster(probe, stop):
            return
        try:
            cluster = await probe.cluster_id()
            if not await unless_stopped(stop, _start(settings, broker, declared)):
                # Nothing was read yet, so nobody waits long for a broker that does not let go either.
                await asyncio.wait({asyncio.gather(broker.stop(), return_exceptions=True)}, timeout=_LEAVING)
                return
        except Exception as exc:  # noqa: BLE001 - Kafka may be half up; what is wrong stays wrong and is logged each time
            failures += 1
            _log.warning("consumers_not_started", error=type(exc).__name__, failures=failures)
            await wait_for(stop, seconds=backoff(failures))
            continue
        failures = 0
        _log.info("consumers_started", consumers=len(broker.pipelines))
        try:
            await _until_other_cluster(settings, stop, probe=probe, cluster=cluster)
        finally:
            await broker.stop()


async def _start(settings: ServiceSettings, broker: ServiceBroker, declared: Sequence[TopicSpec]) -> None:
    if settings.kafka_auto_declare_topics and declared:
        await declare_topics(settings.kafka_access, declared)
    await broker.start()


async def _until_other_cluster(
    settings: ServiceSettings, stop: StopEvent, *, probe: ClusterProbe, cluster: str
) -> None:
    if not settings.kafka_embedded:
        await stop.wait()
        return
    # Offsets of the old cluster mean nothing in the new one: a consumer that kept them would skip.
    while not await wait_for(stop, seconds=1):
        if await probe.is_reachable() and await probe.cluster_id() != cluster:
            _log.info("embedded_broker_is_new")
            return


def _checks(
    given: HealthChecks | None, *, database: Database, probe: ClusterProbe, loops: Sequence[DueLoop]
) -> HealthChecks:
    given = given or HealthChecks()

    async def loops_move() -> bool:
        return all(loop.busy_for() < _STUCK_AFTER for loop in loops)

    return HealthChecks(
        live={"loops": loops_move, **given.live},
        ready={"database": database.is_reachable, "kafka": probe.is_reachable, **given.ready},
        startup=given.startup,
    )


async def serve_probes(settings: ServiceSettings, stop: StopEvent, checks: HealthChecks) -> None:
    """Serve `/livez`, `/readyz`, `/startupz` and `/metrics` of a worker until the stop."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(health_routes(checks))
    app.add_route("/metrics", show_metrics)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.api_host,
            port=settings.worker_port,
            access_log=False,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
    )
    serving = asyncio.ensure_future(_serve(server))
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    server.should_exit = True
    await serving


async def _serve(server: uvicorn.Server) -> None:
    began = time.monotonic()
    try:
        # The runner has the signals; uvicorn's own handlers would take them away.
        await server._serve()  # noqa: SLF001 - `serve` installs signal handlers and nothing else
    except SystemExit as exc:
        raise OSError(f"the port of the probes is taken (after {time.monotonic() - began:.1f} s)") from exc
