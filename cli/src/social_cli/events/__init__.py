"""`social events`: what stands in the event log, and what could not be handled of it."""

from typing import Final

from social_cli.command import Group, Subcommands, add_group
from social_cli.events import cluster, dlt, replay


def _add(commands: Subcommands) -> None:
    summary = "dead letters, replays, the cluster that events go to"
    inner = add_group(commands, "events", summary=summary, example="social events dlt list")
    dlt.add(inner)
    replay.add(inner)
    cluster.add(inner)


GROUP: Final = Group("events", _add)
