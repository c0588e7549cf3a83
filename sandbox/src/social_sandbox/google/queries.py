"""Query parameters, read as Google binds them: an unknown name is refused, numbers are numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from social_sandbox.calls import Call, read_number
from social_sandbox.google.errors import invalid_argument, invalid_payload

# Parameters that every Google API takes.
_SYSTEM = frozenset({"alt", "prettyPrint", "quotaUser", "key"})
_FIRST_TOKEN = "CAE"  # noqa: S105  (the beginning of a page token)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one call; only known names are in it."""

    values: dict[str, list[str]]

    def text(self, name: str) -> str:
        """A parameter's value, "" where it is not given."""
        return self.values.get(name, [""])[-1]

    def number(self, name: str, *, least: int, most: int, default: int) -> int:
        """A whole number within bounds; zero counts as not given, as it does in a protocol buffer."""
        text = self.text(name)
        if not text:
            return default
        number = read_number(text)
        if number is None:
            raise invalid_payload(f"Invalid value at '{name}' (TYPE_INT32), \"{text}\"", field=name)
        if number and not least <= number <= most:
            raise invalid_argument(name, f"{name} must be between {least} and {most}")
        return number or default

    def day(self, name: str) -> date:
        """A date in its three parameters."""
        year, month, day = (
            self.number(f"{name}.{part}", least=1, most=most, default=0)
            for part, most in (("year", 9999), ("month", 12), ("day", 31))
        )
        try:
            return date(year, month, day)
        except ValueError as error:
            raise invalid_argument(name, f"{name} must be a whole and valid date") from error

    def month(self, name: str) -> date:
        """A month in its two parameters, as its first day; a day may be given and does not count."""
        year = self.number(f"{name}.year", least=1, most=9999, default=0)
        month = self.number(f"{name}.month", least=1, most=12, default=0)
        if not year or not month:
            raise invalid_argument(name, f"{name} must have a year and a month")
        return date(year, month, 1)

    def page(self, items: Sequence[Item], *, default: int, most: int) -> tuple[list[Item], dict[str, Any]]:
        """The asked page of a list, and the token of the next one where there is one."""
        size = self.number("pageSize", least=1, most=most, default=default)
        token = self.text("pageToken")
        offset = read_number(token.removeprefix(_FIRST_TOKEN)) if token.startswith(_FIRST_TOKEN) else None
        if token and offset is None:
            raise invalid_argument("page_token", "The page token is invalid.")
        start = offset or 0
        end = start + size
        return list(items[start:end]), ({"nextPageToken": f"{_FIRST_TOKEN}{end}"} if end < len(items) else {})


def read_query(call: Call, *known: str) -> Query:
    """The query of a call; raises what Google says to a name that the method does not have."""
    values = call.query_lists
    for name in values:
        if name not in known and name not in _SYSTEM:
            message = (
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
                f" Field '{name}' could not be found in request message."
            )
            raise invalid_payload(message, field="")
    if values.get("alt", ["json"])[-1] != "json":
        raise invalid_payload("Invalid value at 'alt': only json is served", field="alt")
    return Query(values)
