"""The brokers: reachable, the cluster that events were sent to, topics as declared, a database that is not behind."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from social_cli.command import Refused
from social_cli.doctor.findings import Finding, doubtful, fine, wrong
from social_cli.environment import Environments
from social_cli.services import Service
from social_common.db import SCHEMA, DatabaseUnreachable
from social_common.kafka.cluster import ClusterProbe
from social_common.kafka.declared import DeclarationError, all_specs, read_declaration
from social_common.kafka.differences import find_differences
from social_common.restoring import count_unknown

if TYPE_CHECKING:
    from social_common.settings import ServiceSettings

_CHECK = "kafka"


async def look_at_kafka(
    environments: Environments, known: "Mapping[Service, ServiceSettings]", arguments: argparse.Namespace
) -> Sequence[Finding]:
    """All of it; where no broker answers that is the one finding."""
    settings = next(iter(known.values()))
    servers = settings.kafka_bootstrap_servers
    probe = ClusterProbe(settings.kafka_access)
    try:
        cluster = await probe.cluster_id()
    except (KafkaError, OSError, TimeoutError) as error:
        step = "start the brokers, or put KAFKA_BOOTSTRAP_SERVERS right"
        return [wrong(_CHECK, servers, f"no broker answers ({type(error).__name__})", step=step)]
    finally:
        await probe.close()
    found = [fine(_CHECK, servers, f"cluster {cluster} answers")]
    found += await _topics(settings, arguments)
    for service, own in known.items():
        found += await _of_service(environments, service, own, cluster)
    return found


async def _topics(settings: "ServiceSettings", arguments: argparse.Namespace) -> list[Finding]:
    most = 1 if settings.environment == "development" else arguments.replication
    try:
        specs = all_specs(read_declaration(arguments.topics, most_replicas=most))
    except DeclarationError as error:
        step = "name the file with --topics, or put it right"
        return [wrong("topics", "declaration", str(error), step=step)]
    if settings.kafka_embedded:
        return [fine("topics", "embedded broker", "are made by the workers, and are not compared")]
    found = []
    for one in await find_differences(settings.kafka_access, specs):
        said = f"{one.what} should be {one.wanted}, is {one.found or 'missing'}"
        if one.is_mendable:
            found.append(wrong("topics", one.topic, said, step="run `social topics apply`"))
        else:
            step = "see docs/operating/upgrade.md: partitions and copies are not changed in passing"
            found.append(doubtful("topics", one.topic, said, step=step))
    return found or [fine("topics", "all", f"{len(specs)} are as declared")]


async def _of_service(
    environments: Environments, service: Service, settings: "ServiceSettings", cluster: str
) -> list[Finding]:
    is_embedded = settings.kafka_embedded
    try:
        async with environments.database(service) as database:
            async with database.system() as session:
                sent_to = await session.scalar(f"SELECT {SCHEMA}.{service.package}_relay_cluster()")
            unknown = 0 if is_embedded else await count_unknown(database, settings.kafka_access, service.topics)
    except (Refused, DatabaseUnreachable):
        # That the database does not answer is a finding of its own.
        return []
    found = []
    if sent_to not in {None, cluster} and not is_embedded:
        step = f"run `social events accept-cluster --service {service.name}` once you know what the old one had"
        found.append(wrong("relay", service.name, f"sent to cluster {sent_to} so far", step=step))
    if unknown:
        step = "stop every API and worker and run `social reconcile` (docs/operating/backup.md)"
        found.append(wrong("restore", service.name, "Kafka has events that the database does not know", step=step))
    return found or [fine("relay", service.name, "knows the cluster, and the database what it has")]
