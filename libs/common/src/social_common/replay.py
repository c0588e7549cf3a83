"""Replay: events that the outbox still keeps are sent again, for an operator who rebuilds or repairs a consumer."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from social_common.db import SCHEMA, Database
from social_common.settings import ServiceSettings, required


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What to send again: a topic, and optionally one merchant, one aggregate, a time range of writing."""

    topic: str
    user_id: UUID | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    new_ids: bool = False


async def replay(database: Database, request: ReplayRequest) -> int:
    """Have the relay send them again, and return how many; merchants who are gone are skipped.

    With the same ids by default, so that consumers that have seen them drop them; new ids are for those that would.
    """
    async with database.system() as session:
        count: int = await session.scalar(
            f"SELECT {SCHEMA}.{database.service}_outbox_replay(:topic, cast(:user_id AS uuid), cast(:subject AS text), "
            "cast(:since AS timestamptz), cast(:until AS timestamptz), :new_ids)",
            {
                "topic": request.topic,
                "user_id": request.user_id,
                "subject": request.subject,
                "since": request.since,
                "until": request.until,
                "new_ids": request.new_ids,
            },
        )
    return count


async def forget_user(database: Database, user_id: UUID) -> int:
    """Purge the sent events of a merchant who is erased, and return how many."""
    async with database.system() as session:
        count: int = await session.scalar(
            f"SELECT {SCHEMA}.{database.service}_outbox_forget(:user_id)", {"user_id": user_id}
        )
    return count


async def accept_cluster(database: Database, *, cluster: str, resend: bool) -> int:
    """An operator's decision that events go to another cluster from now on; returns how many are sent again."""
    async with database.system() as session:
        count: int = await session.scalar(
            f"SELECT {SCHEMA}.{database.service}_relay_accept(:cluster, :resend)",
            {"cluster": cluster, "resend": resend},
        )
    return count


def add_replay_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `python -m <service> replay`."""
    parser.add_argument("--topic", help="send this topic's events again")
    parser.add_argument("--user", type=UUID, help="only this merchant's")
    parser.add_argument("--subject", help="only this aggregate's")
    parser.add_argument("--from", dest="since", type=_moment, help="only those written from this time on, with offset")
    parser.add_argument("--to", dest="until", type=_moment, help="only those written before this time, with offset")
    parser.add_argument("--new-ids", action="store_true", help="for consumers that would drop ids they have seen")
    parser.add_argument(
        "--accept-cluster", action="store_true", help="send to the cluster that is configured now, from now on"
    )
    parser.add_argument("--resend", action="store_true", help="with --accept-cluster: send it all kept events too")


async def run_replay(settings: ServiceSettings, arguments: argparse.Namespace) -> str:
    """Do what the arguments say, and return the line to print."""
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    async with Database(url, service=settings.service, pool_size=1) as database:
        if arguments.accept_cluster:
            # Kafka's client is heavy, and every command of a service reads the arguments above.
            from social_common.kafka.cluster import ClusterProbe

            probe = ClusterProbe(settings.kafka_bootstrap_servers)
            try:
                cluster = await probe.cluster_id()
            finally:
                await probe.close()
            resent = await accept_cluster(database, cluster=cluster, resend=arguments.resend)
            return f"accepted cluster {cluster}; {resent} events are sent again"
        if arguments.topic is None:
            raise SystemExit("replay: name a --topic, or --accept-cluster")
        count = await replay(
            database,
            ReplayRequest(
                topic=arguments.topic,
                user_id=arguments.user,
                subject=arguments.subject,
                since=arguments.since,
                until=arguments.until,
                new_ids=arguments.new_ids,
            ),
        )
        return f"{count} events of {arguments.topic} are sent again"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError("a time needs its offset, such as 2026-11-01T00:00:00Z")
    return moment


def parse_replay(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments alone, for a command line of its own."""
    parser = argparse.ArgumentParser(prog="replay")
    add_replay_arguments(parser)
    return parser.parse_args(argv)
