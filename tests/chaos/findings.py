"""What a judge says, and how an order is known again by its text."""

from dataclasses import dataclass

DUPLICATE, LOST = "DUPLICATE", "LOST"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise. `kind` in capitals counts it, `detail` says where to look."""

    kind: str
    detail: str


def tags_in(text: str) -> list[str]:
    """The mark of an order in a text; none or one."""
    start, end = text.find("["), text.find("]")
    return [text[start : end + 1]] if 0 <= start < end else []
