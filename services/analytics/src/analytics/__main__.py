"""The commands of analytics: `python -m analytics --help`."""

from analytics.roles import ROLES
from analytics.settings import MIGRATIONS, AnalyticsSettings
from social_common.cli import ServiceCommands, run_service

COMMANDS = ServiceCommands(
    package="analytics",
    description="Metrics: collect, derive, report.",
    settings=AnalyticsSettings,
    roles=ROLES,
    migrations=MIGRATIONS,
)

if __name__ == "__main__":
    run_service(COMMANDS)
