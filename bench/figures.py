"""What a benchmark found: a figure, the baseline of the same run, and what design asks for."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

_NOTHING: Final = "\u2013"
_WORDS: Final = {True: "reached", False: "NOT reached", None: "reported"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `target` bounds the ratio where there is a baseline, else the value."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    target: float | None = None
    better: Literal["more", "less"] = "more"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of its baseline."""
        return self.value / self.baseline if self.baseline else None

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is; None where nothing is asked."""
        if self.target is None:
            return None
        judged = self.value if self.ratio is None else self.ratio
        return judged >= self.target if self.better == "more" else judged <= self.target

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "ratio": self.ratio,
            "target": self.target,
            "reached": self.is_reached,
            "note": self.note,
        }


@dataclass(slots=True)
class Findings:
    """What the lines of a run gather: the table, and the inputs of the scale model."""

    figures: list[Figure] = field(default_factory=list)
    inputs: dict[str, float] = field(default_factory=dict)
    untold: dict[str, str] = field(default_factory=dict)  # lines without a figure, and why


def middle_pair(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Of (value, baseline) pairs measured turn by turn, the one whose ratio is the median."""
    ascending = sorted(pairs, key=lambda pair: pair[0] / pair[1])
    return ascending[len(ascending) // 2]


def share_of(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    ascending = sorted(values)
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def spread(values: Sequence[float]) -> str:
    """How far apart the rounds were."""
    return f"{len(values)} rounds, {min(values):.3g} to {max(values):.3g}"


def median(values: Sequence[float]) -> float:
    """The one in the middle."""
    return statistics.median(values)


def table(findings: Findings) -> list[str]:
    """The lines for people."""
    head = ("what", "figure", "baseline", "ratio", "asked", "")
    rows = [head, *(_row(figure) for figure in findings.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [f"  {figure.name}: {figure.note}" for figure in findings.figures if figure.note]
    return [*lines, *(f"{name}: not measured, {why}" for name, why in findings.untold.items())]


def _row(figure: Figure) -> tuple[str, ...]:
    sign = "≥" if figure.better == "more" else "≤"
    return (
        figure.name,
        f"{number(figure.value)} {figure.unit}",
        _NOTHING if figure.baseline is None else f"{number(figure.baseline)} {figure.unit}",
        _NOTHING if figure.ratio is None else f"{figure.ratio:.2f}",
        _NOTHING if figure.target is None else f"{sign} {figure.target:g}",
        _WORDS[figure.is_reached],
    )


def number(value: float) -> str:
    """Three digits that matter."""
    if abs(value) >= 100:  # noqa: PLR2004
        return f"{value:,.0f}"
    return f"{value:.3g}"
