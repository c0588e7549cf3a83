"""How a restored database catches up: each service's own tables, then every consumer, and the outboxes last.

Nothing is sent to a platform in between but refreshes of tokens. Whoever breaks off starts again from the beginning.
"""

import argparse
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from social_cli.command import Exit, Refused, WrongUsage
from social_cli.environment import Databases, Environments
from social_cli.output import Output
from social_cli.progress import Progress
from social_cli.reconcile.hearing import hear_others
from social_cli.services import SERVICES, Service
from social_common.kafka.reading import TopicReader
from social_common.restoring import OutboxRestored, read_since, restore_outbox, restored_from

if TYPE_CHECKING:
    from social_common.db import Database
    from social_common.restoring import Restorer

# Worth a look by a person: what was lost, what nobody can tell, what could not be brought together.
_SENTENCES: Final = {
    "posts_brought": "posts were brought to where Kafka says they are",
    "doubts_looked_for": "posts may have gone out unrecorded; the workers look for them before anything else",
    "doubts_unknown": "posts may have gone out unrecorded beside an equal one; their merchants decide",
    "lost_published": "published posts are shown without their text",
    "lost_ended": "posts that had ended are shown without their text",
    "lost_failed": "planned posts are lost with their texts; their merchants are told at the post",
    "lost_unknown": "posts are lost with their texts and may be out; their merchants decide",
    "posts_contradicted": "posts contradict what Kafka tells of them (restore_contradicted in the log names them)",
    "places_lost": "accounts linked since the backup have to be connected again; their merchants are told",
    "places_ended": "accounts given up or lost since the backup are so again",
    "departed": "merchants who had left were back, and are gone from here; delete them from auth.users again",
    "grants_refreshed": "grants that were due were renewed",
    "grants_lost": "grants were spent in between; their merchants are told to reconnect",
    "grants_failed": "grants could not be renewed yet; the workers go on with them",
}


@dataclass(slots=True)
class Report:
    """What one service came to."""

    since: datetime | None
    outbox: OutboxRestored = field(default_factory=OutboxRestored)
    own: Mapping[str, int] = field(default_factory=dict)
    heard: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "read_since": self.since,
            "events_read": self.outbox.read,
            "events_restored": self.outbox.restored,
            "events_confirmed": self.outbox.confirmed,
            "events_unreadable": self.outbox.unreadable,
            "tables": dict(self.own),
            "consumers": dict(self.heard),
        }


async def reconcile(arguments: argparse.Namespace, output: Output) -> Exit:
    """Do it; 1 where something contradicts or could not be heard."""
    if arguments.stopped_at > datetime.now(UTC):
        raise WrongUsage("--stopped-at lies in the future; it is when the last worker on the lost database stopped")
    environments = Environments(local=arguments.local)
    topics = {topic for service in SERVICES for topic in service.topics}
    brokers = environments.settings(SERVICES[0]).kafka_access
    async with (
        AsyncExitStack() as stack,
        Databases(environments) as databases,
        TopicReader(brokers, topics) as reader,
        Progress("reconciling") as progress,
    ):
        for service in SERVICES:
            await _refuse_company(await databases.of(service), service)
        reports = {one: Report(arguments.since or await restored_from(await databases.of(one))) for one in SERVICES}
        restorers = await _open(stack, environments, stopped_at=arguments.stopped_at)
        for service, restorer in restorers.items():
            await _hear_own(reader, service, restorer, progress, since=reports[service].since)
        for restorer in restorers.values():
            await restorer.before_consumers(progress.advance)
        since = _oldest(report.since for report in reports.values())
        for service, report in reports.items():
            report.heard = await hear_others(environments, service, reader, since=since, progress=progress)
        departed: frozenset[UUID] = frozenset().union(*(one.departed for one in restorers.values()))
        for service, restorer in restorers.items():
            await restorer.after_consumers(progress.advance, departed=departed)
            reports[service].own = restorer.outcome()
        # Last: as long as an outbox lacks what Kafka has, no worker of production starts on this database.
        for service, report in reports.items():
            report.outbox = await restore_outbox(
                await databases.of(service), reader, service.topics, since=report.since, advance=progress.advance
            )
    return _tell(output, reports)


async def _open(
    stack: AsyncExitStack, environments: Environments, *, stopped_at: datetime
) -> "Mapping[Service, Restorer]":
    restorers: dict[Service, Restorer] = {}
    for service in SERVICES:
        settings = environments.settings(service)
        # Apps and keys are looked up in the environment.
        with environments.entered(service):
            opened = service.open_restorer(settings, stopped_at=stopped_at)
            restorers[service] = await stack.enter_async_context(opened)
    return restorers


async def _hear_own(
    reader: TopicReader, service: Service, restorer: "Restorer", progress: Progress, *, since: datetime | None
) -> None:
    async for told in read_since(reader, service.topics, since):
        for event in told.events:
            restorer.hear(event)
        progress.advance(len(told.events))


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    found = list(moments)
    return None if None in found else min(moment for moment in found if moment is not None)


async def _refuse_company(database: "Database", service: Service) -> None:
    """A worker or an API that runs meanwhile would send what is not brought together yet."""
    async with database.system() as session:
        names = await session.all(
            "SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename IN (:worker, :api) AND application_name IN (:working, :serving, :relaying)",
            {
                "worker": f"{service.package}_worker",
                "api": f"{service.package}_api",
                "working": f"{service.name}-worker",
                "serving": f"{service.name}-api",
                "relaying": f"{service.package}_relay",
            },
        )
    if names:
        found = ", ".join(sorted(row["name"] for row in names))
        raise Refused(f"{found} is connected to the database; stop every API and worker of all services first")


def _tell(output: Output, reports: Mapping[Service, Report]) -> Exit:
    output.table(
        ("service", "read", "restored", "confirmed", "heard", "failed"),
        [
            (
                service.name,
                report.outbox.read,
                report.outbox.restored,
                report.outbox.confirmed,
                report.heard["handled"],
                report.heard["failed"],
            )
            for service, report in reports.items()
        ],
    )
    counts = {name: count for report in reports.values() for name, count in report.own.items() if count}
    for name, sentence in _SENTENCES.items():
        if name in counts:
            output.say(f"{counts[name]} {sentence}")
    left = sum(report.heard["failed"] for report in reports.values()) + counts.get("posts_contradicted", 0)
    output.say("both sides are together; start the workers" if not left else "see the log for what is left")
    output.document({"left": left, "services": {one.name: report.document() for one, report in reports.items()}})
    return Exit.DONE if not left else Exit.LEFT
