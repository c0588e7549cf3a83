"""The groups of commands: each is a module, and a line here."""

from typing import Final

from social_cli import connections, doctor, events, keys, migrate, posts, reconcile, topics
from social_cli.command import Group

GROUPS: Final[tuple[Group, ...]] = (
    doctor.GROUP,
    migrate.GROUP,
    topics.GROUP,
    keys.GROUP,
    events.GROUP,
    connections.GROUP,
    posts.GROUP,
    reconcile.GROUP,
)
