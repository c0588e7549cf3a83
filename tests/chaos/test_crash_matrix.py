"""The whole matrix of crash points and platforms as a test: minutes long, so it is run by make test-long."""

import subprocess
import sys

import pytest


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_crash_point_holds_on_every_platform() -> None:
    """Each moment on each platform ends one process; nothing is lost, nothing twice, nothing left over."""
    command = [sys.executable, "-m", "tests.chaos.crash_matrix"]

    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=1750)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
