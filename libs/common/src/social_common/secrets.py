"""Values that must never be seen: their repr, str and format are blank, so no log or error can show them."""

from typing import Final, Self

_BLANK: Final = "**********"


class Secret:
    """A secret text. Only `reveal` gives it out; equality is by value, hashing is refused on purpose."""

    __slots__ = ("_value",)
    __hash__ = None  # type: ignore[assignment]  # a hash would make secrets usable as keys, and so printable

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def maybe(cls, value: str | None) -> Self | None:
        """A secret of that value, or None for None and the empty text."""
        return cls(value) if value else None

    def reveal(self) -> str:
        """The text itself; call it as late as possible."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __repr__(self) -> str:
        return f"Secret({_BLANK})"

    def __str__(self) -> str:
        return _BLANK

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is never pickled")
