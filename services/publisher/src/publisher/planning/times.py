"""Which times a post may be planned for."""

from datetime import datetime, timedelta


class WrongTimeError(ValueError):
    """The time cannot be planned for; the text says why."""


def check_time(wanted: datetime, *, now: datetime, horizon: timedelta) -> datetime:
    """The wanted time, unless it is past or absurdly far away."""
    if wanted <= now:
        raise WrongTimeError("This time is in the past.")
    if wanted > now + horizon:
        raise WrongTimeError(f"This time is more than {horizon.days} days ahead.")
    return wanted
