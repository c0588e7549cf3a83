"""The channel on which a worker hears, at the commit, that something is due sooner than it thought."""

from typing import Final

from social_common.db import WriteSession

CHANNEL: Final = "publisher_due"


async def wake_due(session: WriteSession) -> None:
    """Wakes the workers when this transaction commits."""
    await session.execute("SELECT pg_notify(:channel, '')", {"channel": CHANNEL})
