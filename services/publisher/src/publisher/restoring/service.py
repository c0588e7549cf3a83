"""The steps of a restore in publisher, in their order; each may be broken off and begun again.

Before consumers: posts are brought to where Kafka says they are, and those that may be out are taken for sent. Were a
merchant's disconnect heard first, it would cancel posts that are live. After consumers, when the places are known
again: posts that were made after the backup.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from publisher.restoring.doubts import Doubted, doubt, find_due, mark_open_attempts
from publisher.restoring.lost import keep
from publisher.restoring.stories import Stories, Story
from publisher.restoring.telling import Found, bring
from social_common.db import Database, UserGone
from social_common.events import CloudEvent
from social_common.logging import get_logger

# Two machines' clocks differ by less, and the last worker was told to stop before it stopped.
_SLACK: Final = timedelta(minutes=1)

_log = get_logger()


class PostsRestorer:
    """Brings publisher's tables together with what Kafka and the platforms know. Workers and APIs stand still."""

    def __init__(self, database: Database, *, stopped_at: datetime) -> None:
        self._database = database
        self._until = stopped_at + _SLACK
        self._stories = Stories()
        self._lost: list[Story] = []
        self._counts: Counter[str] = Counter()

    @property
    def departed(self) -> frozenset[UUID]:
        """Nobody: that merchants left is auth-linker's to tell."""
        return frozenset()

    def hear(self, event: CloudEvent) -> None:
        """One of publisher's own events since the backup."""
        self._stories.hear(event)

    async def before_consumers(self, advance: Callable[[int], None]) -> None:
        """Posts take their told state; what may be out is looked for by the workers later."""
        self._counts["attempts_marked"] += await mark_open_attempts(self._database)
        for story in self._stories:
            self._counts[f"posts_{await self._bring(story)}"] += 1
            advance(1)
        after = UUID(int=0)
        while due := await find_due(self._database, until=self._until, after=after):
            for post_id, user_id in due:
                self._counts[f"doubts_{await self._doubt(post_id, user_id)}"] += 1
                advance(1)
            after = due[-1][0]

    async def after_consumers(self, advance: Callable[[int], None], *, departed: frozenset[UUID]) -> None:
        """Posts that were made after the backup are shown without their text; of who left, nothing is."""
        for story in self._lost:
            if story.user_id in departed:
                continue
            try:
                async with self._database.write(story.user_id) as session:
                    kept = await keep(session, story, until=self._until)
            except UserGone:
                self._counts["lost_merchant_gone"] += 1
            else:
                self._counts[f"lost_{kept}"] += 1
            advance(1)

    def outcome(self) -> Mapping[str, int]:
        """What it came to, in numbers."""
        return {"posts_told": len(self._stories), "unreadable": self._stories.unreadable, **self._counts}

    async def _bring(self, story: Story) -> Found:
        try:
            async with self._database.write(story.user_id) as session:
                found = await bring(session, story)
        except UserGone:
            return Found.KNOWN
        except IntegrityError:
            found = Found.CONTRADICTED
        if found is Found.LOST:
            self._lost.append(story)
        if found is Found.CONTRADICTED:
            _log.warning("restore_contradicted", post_id=str(story.post_id), told=story.status.value)
        return found

    async def _doubt(self, post_id: UUID, user_id: UUID) -> Doubted:
        async with self._database.write(user_id) as session:
            return await doubt(session, post_id)
