"""As much of PromQL as our rules and dashboards use, read into a tree.

Whatever is not known here is an error, never a guess.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<duration>\d+[smhdw](?:\d+[smhdw])*)|(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-zA-Z_:][\w:]*|\$__\w+)"
    r'|(?P<string>"[^"]*")|(?P<op>=~|!~|!=|==|>=|<=|[-+*/(){}\[\],=<>]))'
)
_COMPARISONS: Final = (">", "<", ">=", "<=", "==", "!=")
_AGGREGATIONS: Final = frozenset({"sum", "max", "min", "avg", "count"})
_PRECEDENCE: Final = (("or",), ("and", "unless"), _COMPARISONS, ("+", "-"), ("*", "/"))


class NotUnderstood(Exception):
    """The expression is wrong, or uses more of PromQL than is known here."""


@dataclass(frozen=True)
class Selector:
    """Series by name and labels; over a range of seconds where there is one."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]
    range_s: float | None = None


@dataclass(frozen=True)
class Call:
    """A function."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Aggregation:
    """Many series made one, or one per value of some labels."""

    function: str
    by: tuple[str, ...]
    of: "Node"


@dataclass(frozen=True)
class Binary:
    """Two sides and what is between them."""

    operator: str
    left: "Node"
    right: "Node"


Node = float | Selector | Call | Aggregation | Binary


def parse(text: str) -> Node:
    """The expression as a tree; raises NotUnderstood."""
    reader = _Reader(text)
    node = reader.binary(0)
    if reader.peek():
        raise NotUnderstood(f"{reader.peek()!r} in {text!r}")
    return node


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    match node:
        case Call(arguments=below):
            for one in below:
                yield from walk(one)
        case Aggregation(of=of):
            yield from walk(of)
        case Binary(left=left, right=right):
            yield from walk(left)
            yield from walk(right)


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                raise NotUnderstood(f"{text[place : place + 20]!r} in {text!r}")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()

    def peek(self) -> str:
        return self._tokens[0][1] if self._tokens else ""

    def take(self, wanted: str | None = None) -> str:
        if not self._tokens or wanted not in {None, self.peek()}:
            raise NotUnderstood(f"{wanted!r} expected where {self.peek()!r} stands")
        return self._tokens.pop(0)[1]

    def binary(self, level: int) -> Node:
        if level == len(_PRECEDENCE):
            return self._one()
        left = self.binary(level + 1)
        while self.peek() in _PRECEDENCE[level]:
            left = Binary(self.take(), left, self.binary(level + 1))
        return left

    def _one(self) -> Node:
        kind = self._tokens[0][0] if self._tokens else ""
        token = self.take()
        match kind:
            case "number":
                return float(token)
            case "op" if token == "(":
                inner = self.binary(0)
                self.take(")")
                return inner
            case "op" if token == "{":
                return self._selector("", opened=True)
            case "name" if token in _AGGREGATIONS:
                return self._aggregation(token)
            case "name" if self.peek() == "(":
                return Call(token, self._arguments())
            case "name":
                return self._selector(token, opened=False)
        raise NotUnderstood(f"{token!r} begins nothing")

    def _aggregation(self, function: str) -> Node:
        by = self._names() if self.peek() == "by" and self.take() else None
        (of,) = self._arguments()
        if by is None and self.peek() == "by" and self.take():
            by = self._names()
        return Aggregation(function, by or (), of)

    def _names(self) -> tuple[str, ...]:
        return tuple(str(one.name) for one in self._arguments() if isinstance(one, Selector))

    def _arguments(self) -> tuple[Node, ...]:
        self.take("(")
        found: list[Node] = []
        while self.peek() != ")":
            found.append(self.binary(0))
            if self.peek() == ",":
                self.take()
        self.take(")")
        return tuple(found)

    def _selector(self, name: str, *, opened: bool) -> Node:
        matchers: list[tuple[str, str, str]] = []
        if opened or (self.peek() == "{" and self.take()):
            while self.peek() != "}":
                matchers.append((self.take(), self.take(), self.take()[1:-1]))
                if self.peek() == ",":
                    self.take()
            self.take("}")
        if self.peek() != "[":
            return Selector(name, tuple(matchers))
        self.take()
        length = self.take()
        self.take("]")
        return Selector(name, tuple(matchers), seconds(length) if length[0] != "$" else 300.0)


def seconds(text: str) -> float:
    """A duration as Prometheus spells it, such as 1h30m."""
    parts = re.findall(r"(\d+)([smhdw])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise NotUnderstood(f"{text!r} is no duration")
    return float(sum(int(number) * _UNITS[unit] for number, unit in parts))
