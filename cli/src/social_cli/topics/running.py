"""What `social topics` does: the file is read, and the cluster is compared with it or brought to it."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from social_cli.command import Exit, WrongUsage
from social_cli.environment import Environments
from social_cli.output import Output
from social_cli.services import SERVICES
from social_common.kafka.declared import DeclarationError, all_specs, read_declaration
from social_common.kafka.differences import Difference, apply_topics, find_differences
from social_common.kafka.topics import TopicSpec
from social_common.kafka_access import KafkaAccess


def list_topics(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print what is declared."""
    specs = _declared(arguments)
    columns = ("topic", "partitions", "copies", "in_sync", "days", "largest_record")
    rows = [
        (s.name, s.partitions, s.replication, s.min_insync_replicas, s.retention.days, s.largest_record) for s in specs
    ]
    output.table(columns, rows)
    output.document({"topics": [dict(zip(columns, row, strict=True)) for row in rows]})
    return Exit.DONE


async def diff_topics(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print what differs; 1 where something does."""
    found = await find_differences(_brokers(arguments), _declared(arguments))
    _tell(output, found)
    return Exit.LEFT if found else Exit.DONE


async def apply_all(arguments: argparse.Namespace, output: Output) -> Exit:
    """Bring the cluster's topics to the declaration, and print what is left; 1 where something is."""
    specs = _declared(arguments)
    brokers = _brokers(arguments)
    before = await find_differences(brokers, specs)
    if any(one.is_mendable for one in before):
        await apply_topics(brokers, specs)
    left = await find_differences(brokers, specs) if before else []
    output.say(f"{len(before) - len(left)} differences mended")
    _tell(output, left)
    return Exit.LEFT if left else Exit.DONE


def _declared(arguments: argparse.Namespace) -> Sequence[TopicSpec]:
    try:
        return all_specs(read_declaration(arguments.file, most_replicas=arguments.replication))
    except DeclarationError as error:
        raise WrongUsage(str(error)) from error


def _brokers(arguments: argparse.Namespace) -> KafkaAccess:
    return Environments(local=arguments.local).settings(SERVICES[0]).kafka_access


def _tell(output: Output, found: Sequence[Difference]) -> None:
    output.table(("topic", "what", "declared", "found"), [(d.topic, d.what, d.wanted, d.found) for d in found])
    output.say("the cluster's topics are as declared" if not found else "")
    if any(not one.is_mendable for one in found):
        output.remark("partitions and copies of a topic are not changed here; docs/operating/upgrade.md says how")
    output.document({"differences": [asdict(one) for one in found]})
