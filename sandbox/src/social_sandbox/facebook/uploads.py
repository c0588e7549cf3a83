"""Resumable uploads: a session of the app, its bytes, and the handle that stands for the file."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from social_sandbox.answers import Answer, json_answer
from social_sandbox.facebook.access import Visit
from social_sandbox.facebook.errors import invalid_parameter, no_such_object
from social_sandbox.facebook.transfers import read_length, taken
from social_sandbox.meta.params import text_of
from social_sandbox.store import Store

PREFIX = "upload:"
_TYPES = frozenset({"application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"})


@dataclass(slots=True)
class Session:
    """A file on its way."""

    number: str
    client_id: str
    account_id: str
    mime: str
    length: int
    created_at: datetime
    content: bytes = b""
    handle: str | None = None


class UploadEndpoints:
    """`/{app}/uploads` and `/upload:…`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def start(self, visit: Visit) -> Answer:
        """Open a session; only the token's own app has one."""
        if visit.call.params["node"] != visit.grant.client_id:
            raise no_such_object(visit.call.params["node"], "post")
        mime = text_of(visit.params, "file_type")
        if mime not in _TYPES:
            raise invalid_parameter(f"Param file_type must be one of {{{', '.join(sorted(_TYPES))}}}.")
        length = read_length(text_of(visit.params, "file_length"), "file_length")
        number = PREFIX + "MTph" + re.sub(r"[-_]", "Z", secrets.token_urlsafe(24))
        session = Session(number, visit.grant.client_id, visit.account.account_id, mime, length, visit.now)
        self._sessions()[number] = session
        return json_answer({"id": number})

    async def send(self, visit: Visit) -> Answer:
        """Take bytes from where the last ones ended; the last of them give the handle."""
        session = self._own(visit)
        if session.handle is not None:
            return json_answer({"h": session.handle})
        offset = visit.call.headers.get("file_offset")
        session.content, refusal = taken(
            visit, session.content, offset=offset, name="file_offset", length=session.length
        )
        if refusal is not None:
            raise refusal
        session.handle = "2:c2Ft" + re.sub(r"[-_]", "Z", secrets.token_urlsafe(32))
        self._handles()[session.handle] = session.number
        return json_answer({"h": session.handle})

    async def progress(self, visit: Visit) -> Answer:
        """Tell where to go on."""
        session = self._own(visit)
        return json_answer({"id": session.number, "file_offset": len(session.content)})

    def content_of(self, handle: str, visit: Visit) -> bytes | None:
        """The file behind a handle of the same app."""
        session = self._sessions().get(self._handles().get(handle, ""))
        return session.content if session is not None and session.client_id == visit.grant.client_id else None

    def _own(self, visit: Visit) -> Session:
        number = PREFIX + visit.call.params["upload"]
        session = self._sessions().get(number)
        life = timedelta(seconds=visit.switches.upload_life_s)
        if session is None or session.account_id != visit.account.account_id or visit.now - session.created_at >= life:
            raise no_such_object(number, visit.call.method)
        return session

    def _sessions(self) -> dict[str, Session]:
        sessions: dict[str, Session] = self._store.bucket("facebook").setdefault("uploads", {})
        return sessions

    def _handles(self) -> dict[str, str]:
        handles: dict[str, str] = self._store.bucket("facebook").setdefault("handles", {})
        return handles
