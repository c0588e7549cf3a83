"""Cursors of the list of posts: where a page ended, good only for the same list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from analytics.reporting.domain import Sort, SortKey
from analytics.reporting.repository import PageAfter
from social_common.cursor import CursorValue, decode_cursor, encode_cursor
from social_common.errors import Invalid


@dataclass(frozen=True, slots=True)
class PostList:
    """Which list of posts is asked for; a cursor of one list is refused by another."""

    sort: Sort
    start: datetime | None
    end: datetime | None
    platform: str | None
    connection_id: UUID | None

    def cursor_after(self, key: bytes, row: Mapping[str, Any]) -> str:
        """The cursor for the page that follows this row."""
        value = row["sort_value"]
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return encode_cursor(key, self._name() | {"v": None if value is None else text, "id": str(row["post_id"])})

    def page_after(self, key: bytes, cursor: str | None) -> PageAfter | None:
        """Where the page begins; raises Invalid for a cursor of another list."""
        if cursor is None:
            return None
        values = decode_cursor(key, cursor)
        if {name: values.get(name) for name in self._name()} != self._name():
            raise Invalid(
                "This cursor belongs to another list.",
                field="query.cursor",
                action="Repeat the sort and filters of the first page, or start again from it.",
            )
        return PageAfter(_value(self.sort.key, values["v"]), UUID(str(values["id"])))

    def _name(self) -> dict[str, CursorValue]:
        return {
            "s": str(self.sort),
            "f": self.start.isoformat() if self.start else None,
            "t": self.end.isoformat() if self.end else None,
            "p": self.platform,
            "c": str(self.connection_id) if self.connection_id else None,
        }


def _value(key: SortKey, text: CursorValue) -> datetime | Decimal | int | None:
    if text is None:
        return None
    match key:
        case SortKey.POSTED_AT:
            return datetime.fromisoformat(str(text))
        case SortKey.ENGAGEMENT_RATE:
            return Decimal(str(text))
        case _:
            return int(str(text))
