"""Idempotency keys: a request repeated with its key gets the first answer again and does nothing twice.

The key's row is written first, in the transaction that does the work. A second request with the same key waits on that
row until the first one commits, and then finds its answer; if the first one rolls back, the second does the work.
Answers are stored encrypted and count for a day.
"""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from social_common.crypto import KeyRing
from social_common.db import SCHEMA, WriteSession, sql_name
from social_common.errors import IdempotencyConflict, Invalid
from social_common.secrets import Secret

KEPT: Final = timedelta(hours=24)
_KEY: Final = re.compile(r"[!-~]{1,255}")
_SERVICE: Final = re.compile(r"[a-z_]+")


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it goes out: its status, its JSON body, headers worth repeating (`ETag`, `Location`)."""

    status: int
    body: Any = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    replayed: bool = False


class Idempotency:
    """One service's idempotency keys, in its table `<service>_idempotency`."""

    def __init__(self, ring: KeyRing, service: str) -> None:
        name = sql_name(service)
        if not _SERVICE.fullmatch(name):
            raise ValueError("a service's name is lower-case letters")
        self._ring = ring
        self._table = f"{SCHEMA}.{name}_idempotency"

    async def run(
        self,
        session: WriteSession,
        *,
        key: str | None,
        method_path: str,
        body: bytes,
        produce: Callable[[], Awaitable[StoredAnswer]],
    ) -> StoredAnswer:
        """The answer of `produce`, or the stored one where this merchant's key was used before.

        `method_path` is such as `POST /v1/posts`. Without a key it is just `produce`. Raises IdempotencyConflict when
        the key belongs to another request, Invalid for a key that is none. An error of `produce` must roll the session
        back, and the key with it.
        """
        if key is None:
            return await produce()
        if not _KEY.fullmatch(key):
            raise Invalid("An Idempotency-Key has 1 to 255 visible ASCII characters.", field="header.idempotency-key")
        if session.user_id is None:
            raise ValueError("idempotency keys belong to a merchant's session")
        request_hash = sha256(method_path.encode() + b"\0" + body).hexdigest()
        row_id = f"{session.user_id}:{key}"
        if not await self._claim(session, user_id=session.user_id, key=key, request_hash=request_hash):
            return await self._stored(session, user_id=session.user_id, key=key, request_hash=request_hash)
        answer = await produce()
        text = Secret(json.dumps({"body": answer.body, "headers": answer.headers}))
        await session.execute(
            f"UPDATE {self._table} SET answer = :answer, status = :status WHERE user_id = :user_id AND key = :key",
            {
                "answer": self._ring.encrypt(text, table=self._table, column="answer", row_id=row_id),
                "status": answer.status,
                "user_id": session.user_id,
                "key": key,
            },
        )
        return answer

    async def _claim(self, session: WriteSession, *, user_id: UUID, key: str, request_hash: str) -> bool:
        """Whether the key is ours to use: new, or left from longer ago than answers are kept."""
        row = await session.one_or_none(
            f"INSERT INTO {self._table} AS kept (user_id, key, request_hash) VALUES (:user_id, :key, :request_hash)"
            " ON CONFLICT (user_id, key) DO UPDATE"
            " SET request_hash = excluded.request_hash, answer = NULL, status = NULL, created_at = now()"
            " WHERE kept.created_at < now() - make_interval(secs => :kept)"
            " RETURNING kept.key",
            {"user_id": user_id, "key": key, "request_hash": request_hash, "kept": KEPT.total_seconds()},
        )
        return row is not None

    async def _stored(self, session: WriteSession, *, user_id: UUID, key: str, request_hash: str) -> StoredAnswer:
        row = await session.one(
            f"SELECT request_hash, answer, status FROM {self._table} WHERE user_id = :user_id AND key = :key",
            {"user_id": user_id, "key": key},
        )
        if row["request_hash"] != request_hash:
            raise IdempotencyConflict(
                "This Idempotency-Key was used with another request.", action="Send a new key with a new request."
            )
        text = self._ring.decrypt(row["answer"], table=self._table, column="answer", row_id=f"{user_id}:{key}")
        stored = json.loads(text.reveal())
        return StoredAnswer(row["status"], stored["body"], stored["headers"], replayed=True)
