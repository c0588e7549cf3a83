"""How far long work has come, on stderr: a bar on a terminal, else a line per second with count and rate."""

import asyncio
import sys
import time
from types import TracebackType
from typing import Final, Self

_BAR: Final = 24
_EVERY: Final = 1.0
_REDRAW: Final = 0.1


class Progress:
    """Counts what is done; says so while the block lasts. Work that ends within a second says nothing."""

    def __init__(self, what: str, *, total: int | None = None) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._note = ""
        self._began = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._ticker: asyncio.Task[None] | None = None
        self._spoke = False

    async def __aenter__(self) -> Self:
        self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
        if self._is_terminal and self._spoke:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        elif self._spoke:
            self._write()

    def advance(self, count: int = 1, *, note: str = "") -> None:
        """So many more are done."""
        self._done += count
        self._note = note

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_REDRAW if self._is_terminal else _EVERY)
            self._spoke = True
            self._write()

    def _write(self) -> None:
        line = self._line()
        sys.stderr.write(f"\r\x1b[K{line}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()

    def _line(self) -> str:
        rate = self._done / max(time.monotonic() - self._began, 0.001)
        share = min(self._done / self._total, 1.0) if self._total else None
        counted = f"{self._done}" if share is None else f"{self._done} of {self._total}, {share:.0%}"
        bar = ""
        if self._is_terminal and share is not None:
            full = int(share * _BAR)
            bar = f"[{'#' * full}{'.' * (_BAR - full)}] "
        note = f"; {self._note}" if self._note else ""
        return f"{self._what}: {bar}{counted}, {rate:.0f}/s{note}"
