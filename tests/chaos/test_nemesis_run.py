"""The nemesis run as a test: a short one each time, longer ones by make test-long."""

import subprocess
import sys

import pytest


def run(minutes: float, seed: int) -> None:
    """One run in a process of its own; fails with its table."""
    command = [sys.executable, "-m", "tests.chaos", "--minutes", f"{minutes:g}", "--seed", str(seed)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=minutes * 60 + 700)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_in_a_short_nemesis_run() -> None:
    """Three quarters of a minute of strikes on everything end with every post told, and none out twice."""
    run(0.75, seed=5)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [7, 23])
def test_nothing_is_lost_or_doubled_in_a_long_nemesis_run(seed: int) -> None:
    """The same for three minutes, with more of it at once."""
    run(3, seed=seed)
