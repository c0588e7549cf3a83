"""`python -m social_stack`: what `make run`, `make demo`, `make token` and `make clean` call."""

import argparse
import asyncio
import contextlib
import shutil
import signal
import sys
import time
from pathlib import Path

from social_stack.browser import ConsentFailed
from social_stack.config import BadSetting, StackConfig
from social_stack.contracts import drifted, release, render_contracts, unmeant_breaks, write_contracts
from social_stack.demo import DemoFailed, run_demo
from social_stack.drift import check_migrations
from social_stack.merchant import CallFailed
from social_stack.processes import ChildFailed
from social_stack.secrets import SERVICES
from social_stack.token import print_token
from social_stack.up import Progress, Stack, plain, running_stack

_PLAIN_ERRORS = (BadSetting, ChildFailed, DemoFailed, CallFailed, ConsentFailed)


def _progress() -> Progress:
    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - begun:5.1f} s] {text}", flush=True)  # noqa: T201

    return say


async def _watch(stack: Stack, stop: asyncio.Event) -> None:
    """Returns when asked to stop; fails when a part ends by itself."""
    while not stop.is_set():
        dead = stack.first_dead()
        if dead is not None:
            raise ChildFailed(f"{dead.name} ended by itself. Its last lines ({dead.log}):\n{dead.tail()}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=1)


async def _run() -> None:
    say = _progress()
    stop = asyncio.Event()
    task = asyncio.current_task()

    def on_signal() -> None:
        if stop.is_set() and task is not None:
            return  # already on the way down, in order
        stop.set()
        say("stopping everything; this takes a few seconds")
        if starting and task is not None:
            task.cancel()

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, on_signal)
    starting = True
    with contextlib.suppress(asyncio.CancelledError):
        async with running_stack(StackConfig.from_environment(), say=say) as stack:
            starting = False
            _print_urls(stack)
            await _watch(stack, stop)
    say("stopped")


def _print_urls(stack: Stack) -> None:
    environment = stack.environment
    lines = [("console", environment.console_url)]
    lines += [(service, environment.api_url(service)) for service in SERVICES]
    lines += [("sandbox", environment.sandbox_url), ("logs", str(stack.config.data_dir / "logs"))]
    for name, url in lines:
        print(f"  {name:<12} {url}")  # noqa: T201
    print(f"ready: {environment.console_url}", flush=True)  # noqa: T201


def _clean() -> None:
    for folder in (StackConfig.from_environment().data_dir, Path(".build")):
        shutil.rmtree(folder, ignore_errors=True)


def _contracts(*, write: bool, released: bool) -> None:
    root = Path.cwd()
    rendered = render_contracts(root)
    if write:
        for path in write_contracts(root, rendered):
            print(f"wrote {path}")  # noqa: T201
    elif paths := drifted(root, rendered):
        raise BadSetting(f"These contracts differ from the code; run `make contracts`: {', '.join(paths)}")
    if released:
        release(root, rendered)
        print("contracts/released is what the code says now")  # noqa: T201
    elif breaks := unmeant_breaks(root, rendered):
        raise BadSetting(
            "These changes break those who built against contracts/released; mend them, or name them with a reason in "
            "contracts/intended-changes.toml:\n  " + "\n  ".join(breaks)
        )


def main() -> int:
    """Runs one command; returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="social_stack", description="The local stack of Social Connections.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything and stay until Ctrl-C")
    commands.add_parser("clean", help="remove the stack's data")
    demo = commands.add_parser("demo", help="link, share, publish and measure without a hand")
    demo.add_argument("--stack", help="the console's URL of a running stack; without it one is started")
    contracts = commands.add_parser("contracts", help="compare the exported contracts with the code")
    contracts.add_argument("--write", action="store_true", help="write those that differ")
    contracts.add_argument("--release", action="store_true", help="take them as what later changes must not break")
    commands.add_parser("migrations", help="compare the tables that the migrations make with the code's")
    token = commands.add_parser("token", help="print an access token for the running stack")
    token.add_argument("--user", required=True, help="the merchant's id, a UUID; created when new")
    token.add_argument("--operator", action="store_true", help="give the user the operator's role first")
    arguments = parser.parse_args()
    failed = False
    try:
        _carry_out(arguments)
    except* _PLAIN_ERRORS as group:
        failed = True
        for line in plain(group):
            print(f"error: {line}", file=sys.stderr)  # noqa: T201
    return 1 if failed else 0


def _carry_out(arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "run":
            asyncio.run(_run())
        case "clean":
            _clean()
        case "migrations":
            asyncio.run(check_migrations())
        case "contracts":
            _contracts(write=arguments.write, released=arguments.release)
        case "demo":
            asyncio.run(run_demo(stack_url=arguments.stack, say=_progress()))
        case _:
            asyncio.run(print_token(arguments.user, operator=arguments.operator))


if __name__ == "__main__":
    sys.exit(main())
