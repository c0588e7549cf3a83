"""The form in which Meta's Graph API tells an error."""

from dataclasses import dataclass
from typing import Any, Final

from social_platforms.answers import at, flag, text

TOKEN_REFUSED: Final = 190
BAD_PARAMETER: Final = 100
MISSING_OBJECT: Final = 33  # with BAD_PARAMETER: it is not there, or may not be seen


@dataclass(frozen=True, slots=True)
class GraphError:
    """What an error body says; all empty for anything that is no error body."""

    code: int | None = None
    subcode: int | None = None
    is_transient: bool = False
    kind: str = ""
    message: str = ""

    @classmethod
    def of(cls, body: Any) -> "GraphError":
        """The error told in that body."""
        error = at(body, "error")
        return cls(
            code=_number(error, "code"),
            subcode=_number(error, "error_subcode"),
            is_transient=flag(error, "is_transient") or False,
            kind=text(error, "type") or "",
            message=text(error, "message") or "",
        )

    @property
    def is_missing_object(self) -> bool:
        """True where what was asked for is not there, or not to be seen."""
        return self.code == BAD_PARAMETER and self.subcode == MISSING_OBJECT


def _number(value: Any, key: str) -> int | None:
    found = at(value, key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
