"""What the platforms know, kept in a file across restarts, so that yesterday's connections still work today.

Written when the server stops and every few seconds while something changes; readable by its owner only, for it holds
(sandbox) tokens. A file of another release that no longer fits is left aside, and the platforms start afresh.
"""

import asyncio
import dataclasses
import logging
import os
import pickle
import time
from datetime import timedelta
from pathlib import Path

from social_sandbox.store import Store

FILE_NAME = "platforms.pickle"
EVERY = timedelta(seconds=5)
PAUSE_PER_WORK = 100

_log = logging.getLogger(__name__)


def _is_whole(value: object) -> bool:
    """Whether no object in it lacks a field: a class that has gained one since would fail much later, amid a call."""
    if isinstance(value, dict):
        return all(map(_is_whole, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_whole, value))
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return all(hasattr(value, name) and _is_whole(getattr(value, name)) for name in names)
    return True


class Snapshots:
    """The file of one store."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE_NAME
        self._last = b""

    def load(self) -> Store:
        """The kept store, or an empty one."""
        if not self._path.exists():
            return Store()
        try:
            kept = pickle.loads(self._path.read_bytes())  # noqa: S301  (our own file, mode 0600, in our own directory)
            if isinstance(kept, Store) and _is_whole(kept):
                return kept
            _log.warning("the kept state of the platforms is of another release and was left aside")
        except Exception as error:  # noqa: BLE001  (a broken pickle can raise anything, and nothing of it is kept)
            _log.warning("the kept state of the platforms is unreadable and was left aside: %s", error)
        return Store()

    def save(self, store: Store) -> None:
        """Write the store, if it changed since the last time; the file is whole at any moment."""
        content = pickle.dumps(store)
        if content == self._last:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        beside.replace(self._path)
        self._last = content

    async def run(self, store: Store) -> None:
        """Save every few seconds until cancelled; the larger the store, the more rarely, so as not to hold up calls."""
        pause = EVERY.total_seconds()
        while True:
            await asyncio.sleep(pause)
            began = time.perf_counter()
            try:
                self.save(store)
            except OSError as error:
                _log.warning("the state of the platforms was not kept: %s", error)
            pause = max(EVERY.total_seconds(), (time.perf_counter() - began) * PAUSE_PER_WORK)
