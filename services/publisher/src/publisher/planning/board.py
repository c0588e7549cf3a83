"""What the endpoints work with, put together once per process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from starlette.responses import JSONResponse

from publisher.planning.changes import Editor
from publisher.planning.doubts import Doubts
from publisher.planning.schemas import Campaign, PostOut
from publisher.planning.service import Planner
from publisher.planning.sharing import Sharer
from publisher.posts import Post
from social_common.cursor import decode_cursor, encode_cursor
from social_common.db import Database, WriteSession
from social_common.errors import IdempotencyConflict, Invalid, ServiceError
from social_common.idempotency import Idempotency, StoredAnswer
from social_common.problems import MEDIA_TYPE, problem_body


class _FirstTimeError(Exception):
    """The key was not used before; raising it takes the trial claim back."""


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A request that may be repeated with its key."""

    user_id: UUID
    key: str | None
    method_path: str
    raw: bytes


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
        """Plans and stores a campaign, or gives the answer that this key got before, a refusal included.

        The plan fetches media and asks auth-linker, so it is made before the transaction; a repeated key is answered
        without it. Of two requests with one key that are under way together, whichever ends first answers for both:
        a merchant who was told that nothing was made must not find it made by the slower one.
        """
        request = _Keyed(user_id, key, method_path, raw)
        answer = await self._answered_before(request)
        if answer is None:
            try:
                answer = await self._answer(request, plan=plan)
            except IdempotencyConflict:
                raise
            except ServiceError as refusal:
                if key is None or refusal.retryable:
                    raise
                answer = await self._keep_refusal(request, refusal)
        media_type = MEDIA_TYPE if answer.status >= HTTPStatus.BAD_REQUEST else None
        return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers, media_type=media_type)

    async def _answer(self, request: _Keyed, *, plan: Callable[[], Awaitable[list[Post]]]) -> StoredAnswer:
        planned = await plan()
        async with self.database.write(request.user_id) as session:

            async def produce() -> StoredAnswer:
                stored = await self.planner.store(session, planned)
                body = Campaign(campaign_id=stored[0].campaign_id, posts=[PostOut.of(post) for post in stored])
                return StoredAnswer(201, body.model_dump(mode="json"))

            return await self._once(session, request, produce)

    async def _keep_refusal(self, request: _Keyed, refusal: ServiceError) -> StoredAnswer:
        async def produce() -> StoredAnswer:
            path = request.method_path.partition(" ")[2]
            return StoredAnswer(refusal.status, problem_body(refusal, instance=path), refusal.headers)

        async with self.database.write(request.user_id) as session:
            return await self._once(session, request, produce)

    async def _answered_before(self, request: _Keyed) -> StoredAnswer | None:
        async def is_new() -> StoredAnswer:
            raise _FirstTimeError

        if request.key is None:
            return None
        try:
            async with self.database.write(request.user_id) as session:
                return await self._once(session, request, is_new)
        except _FirstTimeError:
            return None

    async def _once(
        self, session: WriteSession, request: _Keyed, produce: Callable[[], Awaitable[StoredAnswer]]
    ) -> StoredAnswer:
        return await self.idempotency.run(
            session, key=request.key, method_path=request.method_path, body=request.raw, produce=produce
        )

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
