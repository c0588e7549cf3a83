"""What a command prints: tables and sentences for people, or one JSON document for programs. Remarks go to stderr."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID


class Output:
    """Gathers a command's answer; with `--json` only the document reaches stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def say(self, line: str = "") -> None:
        """A line for people."""
        if not self.as_json:
            sys.stdout.write(f"{line}\n")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table for people, unless it would be empty; numbers stand to the right."""
        if not rows:
            return
        cells = [[_text(cell) for cell in row] for row in rows]
        widths = [max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(columns)]
        right = [all(isinstance(row[i], int) for row in rows) for i in range(len(columns))]
        for line in ([name.upper() for name in columns], *cells):
            fields = zip(line, widths, right, strict=True)
            self.say("  ".join(text.rjust(w) if r else text.ljust(w) for text, w, r in fields).rstrip())

    def document(self, answer: Mapping[str, Any]) -> None:
        """The answer for programs."""
        if self.as_json:
            json.dump(answer, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
            sys.stdout.write("\n")

    @staticmethod
    def remark(line: str) -> None:
        """Something beside the answer: a warning, a next step."""
        sys.stderr.write(f"{line}\n")


def moment_text(moment: datetime) -> str:
    """A time as people read it here: UTC, to the second."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(cell: object) -> str:
    match cell:
        case None:
            text = "-"
        case datetime():
            text = moment_text(cell)
        case _:
            text = str(cell)
    # A terminal must not act on what came with a record.
    return "".join(char if char.isprintable() else "�" for char in text)


def _plain(value: object) -> object:
    match value:
        case datetime() | date():
            return value.isoformat().replace("+00:00", "Z")
        case UUID():
            return str(value)
        case Enum():
            return value.value
        case _:
            raise TypeError(f"{type(value).__name__} has no place in an answer")
