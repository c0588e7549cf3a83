"""`make chaos minutes=N seed=S`: the whole product under a nemesis, then judged. The same seed strikes the same way."""

import argparse
import asyncio
import os
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.run import Plan, run_once

from social_stack.kafka import has_java

_BEGUN = time.monotonic()


def say(text: str) -> None:
    """One line with the time."""
    print(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}", flush=True)  # noqa: T201


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="The nemesis run.")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long it disturbs")
    parser.add_argument("--seed", type=int, default=None, help="what decides everything; random where left out")
    parser.add_argument("--rate", type=float, default=1.2, help="create requests per second")
    return parser.parse_args()


def main() -> int:
    """Runs it; returns the exit status."""
    arguments = _arguments()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)
    plan = Plan(arguments.minutes, seed, arguments.rate)
    say(f"seed {seed}; the same again with: {plan.again}")
    if has_java():
        os.environ.setdefault("SOCIAL_KAFKA", "apache")
    folder = Path(tempfile.mkdtemp(prefix="social-chaos-"))
    folder.chmod(0o755)
    kept = f"logs are kept in {folder / 'logs'}; again with: {plan.again}"
    try:
        findings = asyncio.run(run_once(folder, plan, say=say))
    except BaseException:
        say(kept)
        raise
    if findings:
        print(f"chaos: FAILED with {len(findings)} findings, seed {seed}; {kept}", flush=True)  # noqa: T201
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(f"chaos: ok, seed {seed}: nothing lost, nothing twice, nothing stuck", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
