"""The commands of publisher: `python -m publisher --help`."""

from publisher.roles import ROLES
from publisher.settings import MIGRATIONS, PublisherSettings
from social_common.cli import ServiceCommands, run_service

COMMANDS = ServiceCommands(
    package="publisher",
    description="Posts: plan, schedule, publish, settle.",
    settings=PublisherSettings,
    roles=ROLES,
    migrations=MIGRATIONS,
)

if __name__ == "__main__":
    run_service(COMMANDS)
