"""Reading what a platform answered, however broken: every reader returns None where the shape is not the expected.

Parsed answers are cleaned of what JSON allows and databases refuse (NUL, half surrogates, NaN), so that the raw
payloads can be stored as they are.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from social_common.secrets import Secret

_ID: Final = re.compile(r"[A-Za-z0-9_.:=+-]{1,255}")
_TOKEN: Final = re.compile(r"[!-~]{1,8192}")
_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")
_LARGEST: Final = 2**63 - 1
_LONGEST: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `body` is the parsed JSON, None for an empty or unreadable one."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)
    readable: bool
    text: str = field(repr=False, default="")

    @property
    def is_success(self) -> bool:
        """True for any 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the statuses of success


def parse(content: bytes) -> tuple[Any, bool]:
    """The body as cleaned JSON and whether it was readable; an empty body is readable and None."""
    if not content.strip():
        return None, True
    try:
        return _cleaned(json.loads(content, parse_constant=_refuse)), True
    except (ValueError, RecursionError):
        return None, False


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return _BROKEN.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {_cleaned(key): _cleaned(item) for key, item in value.items()}
        case list():
            return [_cleaned(item) for item in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def at(value: Any, *path: str | int) -> Any:
    """What stands at that path of keys and positions, or None."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text(value: Any, *path: str | int) -> str | None:
    """A text that is not empty."""
    found = at(value, *path)
    return found if isinstance(found, str) and found else None


def ident(value: Any, *path: str | int) -> str | None:
    """An id as text, given as text or number, safe to stand in a path."""
    found = at(value, *path)
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= 10**20:
        return str(found)
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def count(value: Any, *path: str | int) -> int | None:
    """A number of things: whole and not negative."""
    found = at(value, *path)
    if not isinstance(found, int) or isinstance(found, bool):
        return None
    return found if 0 <= found <= _LARGEST else None


def flag(value: Any, *path: str | int) -> bool | None:
    """True or False where the answer says so."""
    found = at(value, *path)
    return found if isinstance(found, bool) else None


def items(value: Any, *path: str | int) -> list[Any]:
    """A list, empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def objects(value: Any, *path: str | int) -> list[dict[str, Any]]:
    """The objects in a list, anything else in it left out."""
    return [item for item in items(value, *path) if isinstance(item, dict)]


def lifetime(value: Any, *path: str | int) -> timedelta | None:
    """A span in seconds, given as number or digits."""
    found = at(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) <= 12:  # noqa: PLR2004
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= _LARGEST:
        return None
    return min(timedelta(seconds=min(found, _LONGEST.total_seconds())), _LONGEST)


def token(value: Any, *path: str | int) -> Secret | None:
    """A token that can be sent in a header; anything else is no token."""
    found = at(value, *path)
    return Secret(found) if isinstance(found, str) and _TOKEN.fullmatch(found) else None


def moment(value: Any, *path: str | int) -> datetime | None:
    """A time with an offset, in UTC."""
    found = at(value, *path)
    if not isinstance(found, str):
        return None
    try:
        parsed = datetime.fromisoformat(found)
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None


def link(value: Any, *path: str | int) -> str | None:
    """A web address."""
    found = text(value, *path)
    if found is None or len(found) > 2048 or any(character.isspace() for character in found):  # noqa: PLR2004
        return None
    return found if found.startswith(("https://", "http://")) else None
