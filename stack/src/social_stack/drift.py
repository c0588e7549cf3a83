"""Do the migrations make the tables that the code declares? Asked of a database made for the question."""

import tempfile
from dataclasses import replace
from pathlib import Path

from social_stack.config import StackConfig
from social_stack.secrets import SERVICES
from social_stack.up import Stack


async def check_migrations() -> None:
    """Bootstraps and migrates an empty database and compares; raises ChildFailed with the differences."""
    with tempfile.TemporaryDirectory(prefix="social-drift-") as folder:
        config = StackConfig.from_environment(free_ports=True)
        stack = Stack(replace(config, data_dir=Path(folder), database_url=None), say=lambda _: None)
        try:
            await stack.start_postgres()
            await stack.prepare_database()
            for service in SERVICES:
                await stack.run_once(service, "migrate", "--check")
        finally:
            await stack.stop()
