"""The nemesis run as a test: minutes long, so it is run by make test-long."""

import subprocess
import sys

import pytest


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [7, 23])
def test_nothing_is_lost_or_doubled_under_the_nemesis(seed: int) -> None:
    """Three minutes of kills, pauses and faults end with every post told, and none on a platform twice."""
    command = [sys.executable, "-m", "tests.chaos", "--minutes", "3", "--seed", str(seed)]

    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=1100)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
