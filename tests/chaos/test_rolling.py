"""The rolling restart as a test: a minute or two long, so it is run by make test-long."""

import subprocess
import sys

import pytest


@pytest.mark.long
@pytest.mark.timeout(400)
def test_nobody_notices_that_publisher_is_restarted() -> None:
    """All four processes of publisher are rolled under load: no call fails twice, no post is late or doubled."""
    command = [sys.executable, "-m", "tests.chaos.rolling", "--only", "publisher"]

    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=380)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
