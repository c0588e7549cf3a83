"""The groups of commands: each is a module, and a line here."""

from typing import Final

from social_cli import events, keys, migrate, reconcile, topics
from social_cli.command import Group

GROUPS: Final[tuple[Group, ...]] = (migrate.GROUP, topics.GROUP, keys.GROUP, events.GROUP, reconcile.GROUP)
