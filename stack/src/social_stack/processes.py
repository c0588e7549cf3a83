"""Child processes that never outlive the stack: stopped in order, and killed by the kernel if the stack itself dies."""

import asyncio
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypedDict

_PR_SET_PDEATHSIG = 1


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """For Linux: the kernel sends `sig` when the parent is gone, however it went."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def before_exec() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)

    return before_exec


class Identity(TypedDict, total=False):
    """Who a process runs as."""

    user: int
    group: int
    extra_groups: list[int]


def identity(user: str | None) -> Identity:
    """The arguments that start a process as that user with its own group only; none to stay who we are."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class ChildFailed(Exception):
    """A part of the stack ended or did not come up; the text says which, and where its log is."""


@dataclass(slots=True)
class Child:
    """One process of the stack. Its output goes to `log`."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    cwd: Path | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it in a session of its own, so that a Ctrl-C reaches only the stack, which stops all in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  # our own commands, no shell
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**self.env},
                cwd=self.cwd,
                **identity(self.user),
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),  # noqa: PLW1509  # one prctl, no locks
            )

    @property
    def pid(self) -> int:
        """Its process id; it must have been started."""
        if self.process is None:
            raise ChildFailed(f"{self.name} was not started")
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """True between start and end."""
        return self.process is not None and self.process.poll() is None

    def send(self, sig: signal.Signals) -> None:
        """Sends a signal, if it still runs."""
        if self.is_running:
            os.kill(self.pid, sig)

    async def stop(self, *, within: timedelta = timedelta(seconds=30)) -> None:
        """Asks it to end, waits, and kills it when the time is up."""
        self.send(self.stop_signal)
        if not await self.ended(within=within):
            self.send(signal.SIGKILL)
            await self.ended(within=timedelta(seconds=5))

    async def ended(self, *, within: timedelta) -> bool:
        """Waits for the end; False when it still runs after that time."""
        if self.process is None:
            return True
        try:
            await asyncio.to_thread(self.process.wait, within.total_seconds())
        except subprocess.TimeoutExpired:
            return False
        return True

    def tail(self, lines: int = 12) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


async def wait_until(
    ready: Callable[[], "asyncio.Future[bool]"] | Callable[[], object],
    *,
    child: Child | None,
    within: timedelta,
    what: str,
) -> None:
    """Asks `ready` until it says yes. Fails with the child's last lines when it ended or the time is up."""
    deadline = asyncio.get_running_loop().time() + within.total_seconds()
    while True:
        answer = ready()
        if asyncio.iscoroutine(answer) or asyncio.isfuture(answer):
            answer = await answer
        if answer:
            return
        if child is not None and not child.is_running:
            raise ChildFailed(f"{child.name} ended while starting. Its last lines ({child.log}):\n{child.tail()}")
        if asyncio.get_running_loop().time() > deadline:
            where = f" See {child.log}." if child else ""
            raise ChildFailed(f"{what} was not ready within {within.total_seconds():.0f} s.{where}")
        await asyncio.sleep(0.05)
