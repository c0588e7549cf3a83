"""`make compose-test`: the images and the compose file from a clean clone, as an operator who has just found them."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

from tests.deploy.compose.engine import EngineFailed, Project, compressed_size, refuse_without_engine, run
from tests.deploy.compose.restarts import Outcome, restart_everything

from social_stack.ports import Ports

ROOT = Path(__file__).parents[3]
IMAGES = ("auth-linker", "publisher", "analytics", "console", "operator", "sandbox")
_PROJECT = "social-test"
_LARGEST = 200_000_000
_BEGUN = time.monotonic()


def say(text: str) -> None:
    """One line with the time."""
    print(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}", flush=True)  # noqa: T201


class PromiseBroken(Exception):
    """A promise was broken; the text says which."""


async def _try_all(folder: Path, *, restarts: bool, keep: bool) -> None:
    await refuse_without_engine()
    if busy := Ports().busy():
        raise PromiseBroken(f"port {next(iter(busy))} is in use; stop what runs there first")
    clone = folder / "social"
    await run("git", "clone", "--quiet", str(ROOT), str(clone))
    project = Project(clone, _PROJECT)
    try:
        await _measured("images built from a clean clone", project.compose("build"))
        await _check_sizes()
        await _measured("`docker compose up --wait`", project.compose("up", "--wait"))
        await _demo()
        if restarts:
            _tell(await restart_everything(project, folder / "stack", say=say))
    finally:
        if not keep:
            await project.compose("down", "--volumes", "--remove-orphans", "--timeout", "45")
    if not keep:
        if left := await project.left_over():
            raise PromiseBroken(f"`docker compose down -v` left {', '.join(left)}")
        say("`docker compose down -v` left nothing")


async def _measured(what: str, work: Awaitable[str]) -> None:
    begun = time.monotonic()
    await work
    say(f"{what}: {time.monotonic() - begun:.0f} s")


async def _check_sizes() -> None:
    packed: dict[str, int] = {}
    for image in IMAGES:
        size = await asyncio.to_thread(compressed_size, f"social-{image}", packed)
        say(f"social-{image}: {size / 1e6:.0f} MB compressed")
        if size >= _LARGEST:
            raise PromiseBroken(f"social-{image} has {size / 1e6:.0f} MB, and not less than {_LARGEST / 1e6:.0f}")


async def _demo() -> None:
    said = (await run(sys.executable, "-m", "social_stack", "demo", "--stack", "http://localhost:8100")).splitlines()
    print("\n".join(said))  # noqa: T201
    if not said[-1].startswith("demo: ok") or "on 7 platforms" not in said[-1]:
        raise PromiseBroken(f"the demo ended with {said[-1]!r}")


def _tell(outcome: Outcome) -> None:
    for name, value in outcome.rows():
        print(f"  {name:<32} {value:>10}")  # noqa: T201
    for trouble, times in outcome.calls.tried_again.most_common():
        print(f"  tried again after {trouble}: {times}")  # noqa: T201
    if problems := outcome.problems():
        raise PromiseBroken("\n  ".join([f"{len(problems)} problems:", *problems[:40]]))


def main() -> int:
    """Runs it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.compose", description="The compose file, tried.")
    parser.add_argument("--no-restarts", action="store_true", help="only up, the demo and down")
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end")
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="social-compose-") as folder:
            asyncio.run(_try_all(Path(folder), restarts=not arguments.no_restarts, keep=arguments.keep))
    except (EngineFailed, PromiseBroken) as error:
        print(f"compose-test: FAILED: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print("compose-test: ok")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
