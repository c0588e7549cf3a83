"""Who holds a lease, and until when. Leases run on real time: moving the product clock never frees one."""

import os
import secrets
import socket
from datetime import UTC, datetime, timedelta
from functools import cache


@cache
def worker_id() -> str:
    """This process's name as the owner of leases: readable in a table, never the same twice."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def real_now() -> datetime:
    """The real time, for leases, deadlines and back-off; product time is `ProductClock`'s."""
    return datetime.now(UTC)


def lease_until(duration: timedelta, *, now: datetime | None = None) -> datetime:
    """When a lease taken now ends."""
    return (now or real_now()) + duration


def has_time_left(deadline: datetime, *, needed: timedelta, now: datetime | None = None) -> bool:
    """Whether a call that may take `needed` still ends before the deadline; asked right before sending."""
    return (now or real_now()) + needed <= deadline
