"""What PromQL's trees say over samples, for tests of rules where promtool is not installed."""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from tests.deploy.observability.promql import Aggregation, Binary, Call, Node, NotUnderstood, Selector

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
NAME: Final = "__name__"
_LOOKBACK: Final = 300.0
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_ARITHMETIC: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else (math.nan if not a or math.isnan(a) else math.copysign(math.inf, a)),
}
_AGGREGATIONS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "sum": sum,
    "max": max,
    "min": min,
    "avg": lambda values: sum(values) / len(values),
    "count": len,
}
RANGE_FUNCTIONS: Final = frozenset({"rate", "increase", "min_over_time", "max_over_time", "avg_over_time"})


@dataclass
class Samples:
    """Series with their samples in the order of time."""

    series: dict[Labels, tuple[list[float], list[float]]] = field(default_factory=dict)

    def add(self, labels: Labels, at: float, value: float) -> None:
        """One more sample of a series."""
        times, values = self.series.setdefault(labels, ([], []))
        times.append(at)
        values.append(value)

    def select(self, selector: Selector) -> Iterator[tuple[Labels, list[float], list[float]]]:
        """The series that the selector names."""
        for labels, (times, values) in self.series.items():
            known = dict(labels)
            if selector.name in {"", known[NAME]} and all(_fits(known, one) for one in selector.matchers):
                yield labels, times, values


def evaluate(node: Node, samples: Samples, at: float) -> Vector | float:
    """What the expression says at that moment."""
    match node:
        case float() | int():
            return float(node)
        case Selector(range_s=None):
            return {
                labels: values[place - 1]
                for labels, times, values in samples.select(node)
                if (place := bisect_right(times, at)) and times[place - 1] > at - _LOOKBACK
            }
        case Aggregation():
            return _aggregate(node, _vector(evaluate(node.of, samples, at)))
        case Binary():
            return _combine(node.operator, evaluate(node.left, samples, at), evaluate(node.right, samples, at))
        case Call(function="absent", arguments=(of,)):
            return {} if _vector(evaluate(of, samples, at)) else {_named_by(of): 1.0}
        case Call(function=function, arguments=(Selector(range_s=float(range_s)) as over,)) if (
            function in RANGE_FUNCTIONS
        ):
            found = {
                _without_name(labels): _over(function, times[first:last], values[first:last], at=at, range_s=range_s)
                for labels, times, values in samples.select(over)
                if (first := bisect_right(times, at - range_s)) < (last := bisect_right(times, at))
            }
            return {labels: value for labels, value in found.items() if value is not None}
    raise NotUnderstood(f"{node} cannot be evaluated here")


def _over(function: str, times: Sequence[float], values: Sequence[float], *, at: float, range_s: float) -> float | None:
    match function:
        case "min_over_time":
            return min(values)
        case "max_over_time":
            return max(values)
        case "avg_over_time":
            return sum(values) / len(values)
    if len(values) < 2:
        return None
    grown = values[-1] - values[0] + sum(a for a, b in pairwise(values) if b < a)
    # As Prometheus does: on to the ends of the range where samples come close to them, never below zero.
    sampled = times[-1] - times[0]
    between = sampled / (len(times) - 1)
    before, after = times[0] - (at - range_s), at - times[-1]
    if before >= between * 1.1:
        before = between / 2
    if grown > 0 and values[0] >= 0:
        before = min(before, sampled * values[0] / grown)
    if after >= between * 1.1:
        after = between / 2
    grown *= (sampled + before + after) / sampled
    return grown if function == "increase" else grown / range_s


def _aggregate(node: Aggregation, vector: Vector) -> Vector:
    groups: dict[Labels, list[float]] = {}
    for labels, value in vector.items():
        groups.setdefault(frozenset(one for one in labels if one[0] in node.by), []).append(value)
    return {labels: float(_AGGREGATIONS[node.function](values)) for labels, values in groups.items()}


def _combine(operator: str, left: Vector | float, right: Vector | float) -> Vector | float:
    if isinstance(left, float) and isinstance(right, float):
        return _ARITHMETIC[operator](left, right)
    match operator:
        case "and":
            shared = {_without_name(labels) for labels in _vector(right)}
            return {labels: value for labels, value in _vector(left).items() if _without_name(labels) in shared}
        case "unless":
            shared = {_without_name(labels) for labels in _vector(right)}
            return {labels: value for labels, value in _vector(left).items() if _without_name(labels) not in shared}
        case "or":
            known = {_without_name(labels) for labels in _vector(left)}
            return {**{k: v for k, v in _vector(right).items() if _without_name(k) not in known}, **_vector(left)}
    pairs: list[tuple[Labels, float, float]]
    if isinstance(right, float):
        pairs = [(labels, value, right) for labels, value in _vector(left).items()]
    elif isinstance(left, float):
        pairs = [(labels, left, value) for labels, value in right.items()]
    else:
        by_labels = {_without_name(labels): value for labels, value in right.items()}
        pairs = [(k, v, by_labels[_without_name(k)]) for k, v in left.items() if _without_name(k) in by_labels]
    if operator in _COMPARISONS:
        kept = left if isinstance(right, float) or not isinstance(left, float) else right
        return {k: _vector(kept)[k] for k, a, b in pairs if _COMPARISONS[operator](a, b)}
    return {_without_name(k): _ARITHMETIC[operator](a, b) for k, a, b in pairs}


def _vector(value: Vector | float) -> Vector:
    if isinstance(value, float):
        raise NotUnderstood("a number where series are needed")
    return value


def _without_name(labels: Labels) -> Labels:
    return frozenset(one for one in labels if one[0] != NAME)


def _named_by(node: Node) -> Labels:
    """The labels that `absent` tells: those that a bare selector asks for by equality."""
    matchers = node.matchers if isinstance(node, Selector) else ()
    return frozenset((name, value) for name, how, value in matchers if how == "=")


def _fits(labels: Mapping[str, str], matcher: tuple[str, str, str]) -> bool:
    name, how, wanted = matcher
    value = labels.get(name, "")
    match how:
        case "=":
            return value == wanted
        case "!=":
            return value != wanted
        case "=~":
            return re.fullmatch(wanted, value) is not None
        case _:
            return re.fullmatch(wanted, value) is None
