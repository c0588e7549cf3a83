"""Connections: pages by cursor, with GitHub's insistence on `first` or `last` between 1 and 100."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from social_sandbox.calls import read_number
from social_sandbox.github.graph.trouble import GraphTrouble

Item = TypeVar("Item")
Node = TypeVar("Node")
MOST = 100


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page stands."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Edge(Generic[Item]):
    """A node with its cursor."""

    cursor: str
    node: Item


@dataclass(frozen=True, slots=True)
class Connection(Generic[Item]):
    """One page of a list."""

    total_count: int
    nodes: Sequence[Item]
    edges: Sequence[Edge[Item]]
    page_info: PageInfo

    def shown(self, show: Callable[[Item], Node]) -> "Connection[Node]":
        """The same page of something made from each item."""
        edges = [Edge(edge.cursor, show(edge.node)) for edge in self.edges]
        return Connection(self.total_count, [edge.node for edge in edges], edges, self.page_info)


@dataclass(frozen=True, slots=True)
class Window:
    """The paging arguments of a connection."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None

    def check(self, field: str) -> None:
        """Refuse a missing or excessive size."""
        size = self.first if self.first is not None else self.last
        if size is None:
            message = f"You must provide a `first` or `last` value to properly paginate the `{field}` connection."
            raise GraphTrouble("MISSING_PAGINATION_BOUNDARIES", message)
        name = "first" if self.first is not None else "last"
        if size > MOST:
            message = (
                f"Requesting {size} records on the `{field}` connection exceeds the `{name}` limit of {MOST} records."
            )
            raise GraphTrouble("EXCESSIVE_PAGINATION", message)
        if size < 0:
            raise GraphTrouble("ARGUMENT_LIMIT", f"`{name}` on the `{field}` connection cannot be less than zero.")


def connect(items: Sequence[Item], window: Window, *, field: str) -> Connection[Item]:
    """The asked page of a list."""
    window.check(field)
    start = _position(window.after, field, default=-1) + 1
    end = min(_position(window.before, field, default=len(items)), len(items))
    if window.first is not None:
        end = min(end, start + window.first)
    elif window.last is not None:
        start = max(start, end - window.last)
    edges = [Edge(_cursor(place), items[place]) for place in range(start, end)]
    info = PageInfo(
        end < len(items), start > 0, edges[0].cursor if edges else None, edges[-1].cursor if edges else None
    )
    return Connection(len(items), [edge.node for edge in edges], edges, info)


def _cursor(place: int) -> str:
    return base64.b64encode(f"cursor:v2:{place}".encode()).decode()


def _position(cursor: str | None, field: str, *, default: int) -> int:
    if cursor is None:
        return default
    try:
        place = read_number(base64.b64decode(cursor, validate=True).decode().removeprefix("cursor:v2:"))
    except ValueError:
        place = None
    if place is None:
        message = f"`{cursor}` does not appear to be a valid cursor of `{field}`."
        raise GraphTrouble("INVALID_CURSOR_ARGUMENTS", message)
    return place
