"""How long to wait before trying again."""

from datetime import timedelta


def back_off(failures: int, *, first: timedelta, longest: timedelta, asked: timedelta | None = None) -> timedelta:
    """How long to wait after that many passing failures in a row, never less than the platform asked for."""
    waited: timedelta = min(longest, first * (2 ** min(max(failures - 1, 0), 20)))
    return max(waited, asked) if asked is not None else waited
