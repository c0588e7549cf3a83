"""What the endpoints work with, put together once per process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.responses import JSONResponse

from publisher.planning.changes import Editor
from publisher.planning.doubts import Doubts
from publisher.planning.schemas import Campaign, PostOut
from publisher.planning.service import Planner
from publisher.planning.sharing import Sharer
from publisher.posts import Post
from social_common.cursor import decode_cursor, encode_cursor
from social_common.db import Database
from social_common.errors import Invalid
from social_common.idempotency import Idempotency, StoredAnswer


class _FirstTimeError(Exception):
    """The key was not used before; raising it takes the trial claim back."""


@dataclass(frozen=True, slots=True)
class Board:
    """The use cases behind the API."""

    database: Database
    planner: Planner
    sharer: Sharer
    editor: Editor
    doubts: Doubts
    idempotency: Idempotency
    cursor_key: bytes
    catch_up_hours: int

    async def create(
        self,
        user_id: UUID,
        *,
        key: str | None,
        method_path: str,
        raw: bytes,
        plan: Callable[[], Awaitable[list[Post]]],
    ) -> JSONResponse:
        """Plans and stores a campaign, or gives the answer that this key got before.

        The plan fetches media and asks auth-linker, so it is made before the transaction; a repeated key is answered
        without it.
        """
        answer = None if key is None else await self._answered_before(user_id, key, method_path, raw)
        if answer is None:
            planned = await plan()
            async with self.database.write(user_id) as session:

                async def produce() -> StoredAnswer:
                    stored = await self.planner.store(session, planned)
                    body = Campaign(campaign_id=stored[0].campaign_id, posts=[PostOut.of(post) for post in stored])
                    return StoredAnswer(201, body.model_dump(mode="json"))

                answer = await self.idempotency.run(
                    session, key=key, method_path=method_path, body=raw, produce=produce
                )
        return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers)

    async def _answered_before(self, user_id: UUID, key: str, method_path: str, raw: bytes) -> StoredAnswer | None:
        async def is_new() -> StoredAnswer:
            raise _FirstTimeError

        try:
            async with self.database.write(user_id) as session:
                return await self.idempotency.run(session, key=key, method_path=method_path, body=raw, produce=is_new)
        except _FirstTimeError:
            return None

    def cursor_after(self, post: Post) -> str:
        """Where a list goes on after this post."""
        created = post.created_at.isoformat() if post.created_at else ""
        return encode_cursor(self.cursor_key, {"at": created, "id": str(post.id)})

    def position_of(self, cursor: str) -> tuple[datetime, UUID]:
        """The sort values of a cursor; raises Invalid."""
        values = decode_cursor(self.cursor_key, cursor)
        try:
            return datetime.fromisoformat(str(values["at"])), UUID(str(values["id"]))
        except (KeyError, ValueError) as error:
            raise Invalid("This cursor belongs to another list.", field="query.cursor") from error
