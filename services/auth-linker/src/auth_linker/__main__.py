"""The commands of auth-linker: `python -m auth_linker --help`."""

from auth_linker.roles import ROLES
from auth_linker.settings import MIGRATIONS, AuthLinkerSettings
from social_common.cli import ServiceCommands, run_service

COMMANDS = ServiceCommands(
    package="auth_linker",
    description="Connections: OAuth, token vault, refresh, token broker.",
    settings=AuthLinkerSettings,
    roles=ROLES,
    migrations=MIGRATIONS,
)

if __name__ == "__main__":
    run_service(COMMANDS)
