"""What the endpoints work with, put together once per process.

A create call with an Idempotency-Key has one answer for a day, where it was made or is refused for good: by its content
or its time. A refusal that may pass (a connection that is down, a file that could not be fetched) is kept too, but
only for requests that were under way before it was there; one that begins after it, and so finds it, is handled anew
in its place.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from starlette.responses import JSONResponse

from publisher.planning.changes import Editor
from publisher.planning.doubts import Doubts
from publisher.planning.errors import may_pass
from publisher.planning.schemas import Campaign, PostOut
from publisher.planning.service import Planner
from publisher.planning.sharing import Sharer
from publisher.posts import Post
from social_common.cursor import decode_cursor, encode_cursor
from social_common.db import SCHEMA, Database, WriteSession
from social_common.errors import IdempotencyConflict, Invalid, ServiceError
from social_common.idempotency import KEPT, Idempotency, StoredAnswer
from social_common.problems import MEDIA_TYPE, problem_body


class _FirstTimeError(Exception):
    """The key was not used before; raising it takes the trial claim back."""


# Marks a kept refusal that may pass; it never goes out.
_MARK: Final = "x-may-pass"
_KEYS: Final = f"{SCHEMA}.publisher_idempotency"


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A request that may be repeated with its key; `passed` is when the refusal was kept that it takes the place of."""

    user_id: UUID
    key: str | None
    method_path: str
    raw: bytes
    passed: datetime | None = None


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
        a merchant who was told that nothing was made must not find it made by the slower one. A refusal that may pass
        counts for those only, and not for a request that begins after it.
        """
        request, answer = await self._begin(_Keyed(user_id, key, method_path, raw))
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
        headers = {name: value for name, value in answer.headers.items() if name != _MARK}
        return JSONResponse(answer.body, status_code=answer.status, headers=headers, media_type=media_type)

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
            headers = refusal.headers | ({_MARK: "1"} if may_pass(refusal) else {})
            return StoredAnswer(refusal.status, problem_body(refusal, instance=path), headers)

        async with self.database.write(request.user_id) as session:
            return await self._once(session, request, produce)

    async def _begin(self, request: _Keyed) -> tuple[_Keyed, StoredAnswer | None]:
        """The answer that the key got before, if it still counts; else the request as it is to be handled."""

        async def is_new() -> StoredAnswer:
            raise _FirstTimeError

        if request.key is None:
            return request, None
        try:
            async with self.database.write(request.user_id) as session:
                answer = await self._once(session, request, is_new)
                if _MARK not in answer.headers:
                    return request, answer
                kept_at: datetime = await session.scalar(
                    f"SELECT created_at FROM {_KEYS} WHERE user_id = :user_id AND key = :key",
                    {"user_id": request.user_id, "key": request.key},
                )
        except _FirstTimeError:
            return request, None
        return replace(request, passed=kept_at), None

    async def _once(
        self, session: WriteSession, request: _Keyed, produce: Callable[[], Awaitable[StoredAnswer]]
    ) -> StoredAnswer:
        if request.passed is not None:
            # Too old to count from here on. What another request has put in its place meanwhile has another time.
            await session.execute(
                f"UPDATE {_KEYS} SET created_at = created_at - make_interval(secs => :kept)"
                " WHERE user_id = :user_id AND key = :key AND created_at = :passed",
                {
                    "user_id": request.user_id,
                    "key": request.key,
                    "passed": request.passed,
                    "kept": 2 * KEPT.total_seconds(),
                },
            )
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
