"""`social events accept-cluster`: an operator's decision that events go to another Kafka cluster from now on."""

import argparse

from social_cli.command import Exit, Subcommands, add_command
from social_cli.environment import Environments
from social_cli.output import Output
from social_cli.services import service_named


def add(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "accept-cluster",
        summary="have a service's relay send to the Kafka cluster that is configured now",
        example="social events accept-cluster --service publisher --resend",
        run=accept,
    )
    parser.add_argument("--service", required=True, help="whose relay it is")
    parser.add_argument("--resend", action="store_true", help="send the new cluster all events that are kept, too")


async def accept(arguments: argparse.Namespace, output: Output) -> Exit:
    """Ask the brokers who they are, and note it."""
    from social_common.kafka.cluster import ClusterProbe
    from social_common.replay import accept_cluster

    service = service_named(arguments.service)
    environments = Environments(local=arguments.local)
    probe = ClusterProbe(environments.settings(service).kafka_access)
    try:
        cluster = await probe.cluster_id()
    finally:
        await probe.close()
    async with environments.database(service) as database:
        resent = await accept_cluster(database, cluster=cluster, resend=arguments.resend)
    output.say(f"{service.name} sends to cluster {cluster} from now on; {resent} events are sent again")
    output.document({"service": service.name, "cluster": cluster, "resent": resent})
    return Exit.DONE
