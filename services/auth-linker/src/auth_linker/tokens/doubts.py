"""`post.failed`: what publishing heard of a place is a reason to look at the grant's places now, not at their turn."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from auth_linker.connections.service import find_connection
from auth_linker.grants import service as grants
from social_common.db import Database, UserGone
from social_common.events import CloudEvent
from social_common.inbox import first_time
from social_platforms._core import ErrorCode

TOPIC: Final = "post.failed"
CONSUMER: Final = "place-doubts"
_DOUBTS: Final = frozenset({ErrorCode.DESTINATION_GONE, ErrorCode.PERMISSION_MISSING, ErrorCode.ACCOUNT_RESTRICTED})


class Cause(BaseModel):
    """Why a post failed."""

    code: str


class PostFailed(BaseModel):
    """What is read of the event; unknown fields are no business of ours."""

    connection_id: UUID
    error: Cause


class PlaceDoubts:
    """Lets the worker's next look take up a grant of whose place a platform said that it is gone or closed to us.

    The refusal itself ends nothing: the platform is asked about the place first.
    """

    def __init__(self, database: Database, *, interval: timedelta) -> None:
        self._database = database
        self._interval = interval

    async def handle(self, event: CloudEvent) -> None:
        """One event; repeated, of another cause or for an unknown connection it changes nothing."""
        post = PostFailed.model_validate(event.data)
        if post.error.code not in _DOUBTS:
            return
        try:
            async with self._database.write(event.user_id) as session:
                if not await first_time(session, consumer=CONSUMER, event=event):
                    return
                connection = await find_connection(session, post.connection_id)
                if connection is None:
                    return
                await grants.see_places_in(session, connection.grant_id, wait=timedelta(0), interval=self._interval)
        except UserGone:
            return
