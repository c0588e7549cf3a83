"""`python -m tests.chaos.crash_matrix`: the whole matrix of crash points on a stack of its own, with its table."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from tests.chaos.crash_points import PLATFORMS
from tests.chaos.crash_run import Walked, table_of, walk_all
from tests.support.kafka import Kafka, running_kafka
from tests.support.stack import World

from social_common.http import HttpClient
from social_stack.config import StackConfig
from social_stack.ports import Ports
from social_stack.up import running_stack

_BEGUN = time.monotonic()


def say(text: str) -> None:
    """One line with the time."""
    print(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}", flush=True)  # noqa: T201


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.crash_matrix", description="Walk every crash point.")
    parser.add_argument("--platforms", default=",".join(PLATFORMS), help="on which, with commas")
    parser.add_argument("--short", action="store_true", help="what make test walks")
    return parser.parse_args()


@asynccontextmanager
async def running_world(folder: Path, kafka: Kafka) -> AsyncIterator[World]:
    """A stack of its own beside that broker."""
    config = StackConfig(
        data_dir=folder / "stack",
        ports=Ports.free(),
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_is_embedded=kafka.embedded,
    )
    async with (
        running_stack(config, say=say) as stack,
        HttpClient(user_agent="crash-matrix", timeout=timedelta(seconds=20)) as http,
    ):
        yield World(stack, http, kafka)


async def _run(folder: Path, kafka: Kafka, *, platforms: tuple[str, ...], is_whole: bool) -> Walked:
    async with running_world(folder, kafka) as world:
        return await walk_all(world, folder / "orders", platforms=platforms, is_whole=is_whole, say=say)


def troubles_of(walked: Walked) -> list[str]:
    """Every broken promise in a line that begins with its kind."""
    lost = {c["id"] for c in walked.evidence.connections if not c["is_connected"]}
    return [
        *(f"NOT PASSED: {text}" for text in walked.walk.not_passed),
        *(f"{finding.kind}: {finding.detail}" for finding in walked.findings),
        *(f"UNKNOWN: {text}" for text in walked.wrongly_unknown),
        *(f"TOKEN: {text}" for text in walked.token_troubles),
        *(f"NOT LOST: {connection}" for connection in walked.walk.may_be_lost - lost),
        *(f"NOT RESTORED: {connection}" for connection in walked.walk.must_come_back & lost),
    ]


def main() -> int:
    """Walks; returns the exit status."""
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="social-crashes-"))
    folder.chmod(0o755)
    platforms = tuple(arguments.platforms.split(","))
    with running_kafka() as kafka:
        walked = asyncio.run(_run(folder, kafka, platforms=platforms, is_whole=not arguments.short))
    troubles = troubles_of(walked)
    for line in ("", *table_of(walked), "", *troubles[:60]):
        print(line)  # noqa: T201
    if troubles:
        print(f"crash points: FAILED, {len(troubles)} findings; logs are kept in {folder / 'stack' / 'logs'}")  # noqa: T201
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(f"crash points: ok, {len(walked.walk.crew.taken)} crashes, nothing lost, nothing twice")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
