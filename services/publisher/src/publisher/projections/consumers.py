"""The consumers of `connection.*`: inbox, projection and posts in one transaction per record."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from publisher.projections.events import LINKED, UNLINKED, UPDATED, ConnectionEnd, ConnectionState
from publisher.projections.service import take_end, take_state
from social_common.db import Database
from social_common.events import CloudEvent
from social_common.inbox import first_time

CONSUMER = "connections"
TOPICS = (LINKED, UPDATED, UNLINKED)


class ConnectionConsumer:
    """Applies auth-linker's events to publisher's projection, under the merchant's own claims."""

    def __init__(self, database: Database, *, probe_after: timedelta) -> None:
        self._database = database
        self._probe_after = probe_after

    def handlers(self) -> dict[str, Callable[[CloudEvent], Awaitable[None]]]:
        """One handler per topic."""
        return dict.fromkeys(TOPICS, self.handle)

    async def handle(self, event: CloudEvent) -> None:
        """Applies one event; a record that cannot be read raises ValidationError and is parked."""
        state = end = None
        if event.topic == UNLINKED:
            end = ConnectionEnd.model_validate(event.data)
        else:
            state = ConnectionState.model_validate(event.data)
        # A merchant who left meanwhile raises UserGone in here, which ends this record's work.
        async with self._database.write(event.user_id) as session:
            if not await first_time(session, consumer=CONSUMER, event=event):
                return
            if end is not None:
                await take_end(session, end, probe_after=self._probe_after)
            elif state is not None:
                await take_state(session, state, is_link=event.topic == LINKED)
