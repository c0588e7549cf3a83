"""`python -m social_stack.crashing`: runs a service's own command, and kills it at a named moment.

    python -m social_stack.crashing --at post.publish.after@x publisher worker
    python -m social_stack.crashing --orders FOLDER auth-linker api

Development only. The services know nothing of it: in the process that is started here, and in no other, the empty
`social_common.checkpoints.passing` is replaced. `--at` ends the command with the kill, so that a person sees what is
left; with `--orders` it is started again each time, as an orchestrator would, and a pause ends by itself.
"""

import argparse
import gc
import importlib
import os
import pkgutil
import select
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from social_common import checkpoints
from social_stack.crash_orders import Order, OrderFolder, Passing, UnknownPoint, points_of
from social_stack.processes import die_with_parent
from social_stack.secrets import SERVICES

_DEVELOPMENT = "development"
_KILLED = b"killed\n"


def main() -> int:
    """Runs it; returns the exit status of the service's command."""
    arguments = _parser().parse_args()
    if os.environ.get("ENVIRONMENT") != _DEVELOPMENT:
        raise SystemExit("crashing: only with ENVIRONMENT=development; nothing else is ever killed on purpose.")
    if arguments.list:
        sys.stdout.write("".join(f"{point}\n" for point in points_of(arguments.service)))
        return 0
    try:
        at = [Order.parse(text, service=arguments.service, pause=arguments.pause) for text in arguments.at]
    except UnknownPoint as error:
        raise SystemExit(f"crashing: {error}") from error
    folder = OrderFolder(arguments.orders) if arguments.orders else None
    run = _command(arguments.service, arguments.role)
    return Supervisor(run, at=at, folder=folder).run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="social_stack.crashing", description="Kill a service at a named moment.")
    parser.add_argument("--at", action="append", default=[], metavar="NAME[@ABOUT][:N]", help="where; may be repeated")
    parser.add_argument("--pause", type=float, help="stand still for so many seconds there instead of ending")
    parser.add_argument("--orders", type=Path, help="the folder that orders come through")
    parser.add_argument("--list", action="store_true", help="print the names of all moments of the service")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("role", choices=("api", "worker"), nargs="?", default="worker")
    return parser


def _command(service: str, role: str) -> Callable[[], None]:
    """The service's own command line; what it needs is imported already, so that a restart takes no second."""
    package = service.replace("-", "_")
    commands = importlib.import_module(f"{package}.__main__").COMMANDS
    for root in ("social_common", "social_platforms", package):
        found = pkgutil.walk_packages(importlib.import_module(root).__path__, f"{root}.")
        for module in [module for module in found if not module.name.endswith("__main__")]:
            importlib.import_module(module.name)
    gc.freeze()  # what is imported is shared with every process to come
    run_service = importlib.import_module("social_common.cli").run_service
    return lambda: run_service(commands, [role])


class Supervisor:
    """Starts the command in a process of its own, and again after each death that was ordered through the folder."""

    def __init__(self, run: Callable[[], None], *, at: list[Order], folder: OrderFolder | None) -> None:
        self._run = run
        self._at = at
        self._folder = folder
        self._child = 0
        self._asked = False
        self._woken, self._wake = os.pipe()

    def run(self) -> int:
        """Until the command ends by itself or by a signal; its status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._pass_on)
        while True:
            told, tell = os.pipe()
            self._child = os.fork()
            if self._child == 0:
                os.close(told)
                self._become(tell)
            os.close(tell)
            if self._asked:
                os.kill(self._child, signal.SIGTERM)
            status, was_ordered = self._wait(told)
            os.close(told)
            if not was_ordered or self._folder is None or self._asked:
                return status if status >= 0 else 128 - status  # as a shell tells a signal

    def _become(self, tell: int) -> None:
        """The command itself, in the new process; never returns."""
        die_with_parent(signal.SIGKILL)()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)

        def obey(pause: float | None) -> None:
            os.write(tell, _KILLED if pause is None else f"{pause}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL if pause is None else signal.SIGSTOP)

        checkpoints.passing = Passing(obey, at=self._at, folder=self._folder)
        status = 0
        try:
            self._run()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _wait(self, told: int) -> tuple[int, bool]:
        """The end's status, and whether it was ordered; a process that stands still is woken in time."""
        while True:
            _, how = os.waitpid(self._child, os.WUNTRACED)
            if os.WIFSTOPPED(how):
                select.select([self._woken], [], [], float(os.read(told, 64)))
                os.kill(self._child, signal.SIGCONT)
                continue
            was_ordered = os.WIFSIGNALED(how) and os.read(told, 64).endswith(_KILLED)
            return os.waitstatus_to_exitcode(how), was_ordered

    def _pass_on(self, number: int, _: object) -> None:
        self._asked = True
        os.write(self._wake, b"!")
        if self._child:  # 0 would be our whole group
            with suppress(ProcessLookupError):
                os.kill(self._child, number)


if __name__ == "__main__":
    sys.exit(main())
