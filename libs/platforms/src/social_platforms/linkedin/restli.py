"""Rest.li's way of writing ids, lists and objects into a URL.

Inside a value everything but letters, digits and `-._~` is percent-encoded, while the parentheses, commas and colons
that build lists and objects stay as they are. A general URL encoder does either too little or too much.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

Value = str | int | Sequence["Value"] | Mapping[str, "Value"]


def encoded(value: Value) -> str:
    """A value for a path or a query: `urn%3Ali%3Ashare%3A7`, `List(a,b)`, `(key:value)`."""
    match value:
        case str():
            return quote(value, safe="")
        case int():
            return str(value)
        case Mapping():
            return f"({','.join(f'{encoded(key)}:{encoded(item)}' for key, item in value.items())})"
        case _:
            return f"List({','.join(encoded(item) for item in value)})"


def query(params: Mapping[str, Value]) -> str:
    """A query string."""
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in params.items())
