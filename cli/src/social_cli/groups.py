"""The groups of commands: each is a module, and a line here."""

from typing import Final

from social_cli import events, reconcile
from social_cli.command import Group

GROUPS: Final[tuple[Group, ...]] = (events.GROUP, reconcile.GROUP)
