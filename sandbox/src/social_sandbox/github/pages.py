"""Pages of a REST list: 30 by default, 100 at most, with a `Link` header that stays under the sandbox's base."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from social_sandbox.calls import Call, read_number

Item = TypeVar("Item")
DEFAULT_SIZE, MOST = 30, 100
API = "api.github.com"


def page_of(call: Call, items: Sequence[Item]) -> tuple[Sequence[Item], Mapping[str, str]]:
    """The asked page of a list, and the header that leads to the others."""
    query = call.query
    size = min(max(_number(query.get("per_page"), DEFAULT_SIZE), 1), MOST)
    page = max(_number(query.get("page"), 1), 1)
    last = max(1, -(-len(items) // size))
    links: dict[str, int] = {}
    if page > 1:
        links |= {"prev": min(page - 1, last), "first": 1}
    if page < last:
        links |= {"next": page + 1, "last": last}
    rendered = ", ".join(f'<{_url(call, query, number)}>; rel="{rel}"' for rel, number in links.items())
    return items[(page - 1) * size : page * size], {"link": rendered} if rendered else {}


def _number(text: str | None, default: int) -> int:
    number = read_number(text)
    return default if number is None else number


def _url(call: Call, query: Mapping[str, Any], page: int) -> str:
    return f"{call.url(API, call.raw_path)}?{urlencode({**query, 'page': page})}"
