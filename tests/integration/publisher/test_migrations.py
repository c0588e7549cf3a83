"""The migrations make exactly what the code declares."""

import os
import subprocess
import sys

from tests.support.postgres import ServiceDatabase


def test_the_tables_are_as_the_code_declares_them(publisher_urls: ServiceDatabase) -> None:
    """Migrating again changes nothing, and the comparison finds no difference."""
    done = subprocess.run(
        [sys.executable, "-m", "publisher", "migrate", "--check"],
        env={**os.environ, **publisher_urls.environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stdout + done.stderr
