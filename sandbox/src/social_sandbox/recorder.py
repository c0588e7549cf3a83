"""Every request that reached a simulated platform, tokens included, within a bounded memory."""

import base64
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from social_sandbox.calls import Call

KEPT_REQUESTS = 20_000
KEPT_BYTES = 64 * 1024 * 1024
KEPT_BODY_BYTES = 256 * 1024
_OVERHEAD = 1024


@dataclass(slots=True)
class RecordedRequest:
    """One request; `status` is None while it runs and where the connection was cut without an answer."""

    seq: int
    call: Call
    operation: str | None = None
    status: int | None = None
    fault: str | None = None
    body: bytes = b""
    body_size: int = 0

    @property
    def size(self) -> int:
        """How much memory it costs, about: whoever sends long headers fills it, too."""
        call = self.call
        texts = len(call.raw_path) * 2 + len(call.raw_query)
        return len(self.body) + texts + sum(len(name) + len(value) for name, value in call.headers.raw) + _OVERHEAD

    def as_control_json(self) -> dict[str, Any]:
        """The shape `GET /_control/requests` promises; a long body is cut and says so."""
        call = self.call
        answer: dict[str, Any] = {
            "seq": self.seq,
            "at": call.at.isoformat(),
            "platform": call.platform,
            "host": call.host,
            "method": call.method,
            "raw_path": call.raw_path,
            "raw_query": call.raw_query,
            "headers": _joined(call),
            "operation": self.operation,
            "status": self.status,
            "fault": self.fault,
        }
        try:
            answer["body"] = self.body.decode()
        except UnicodeDecodeError:
            answer["body_base64"] = base64.b64encode(self.body).decode()
        if self.body_size > len(self.body):
            answer["body_truncated_from"] = self.body_size
        return answer


def _joined(call: Call) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in call.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


class RequestLog:
    """The last requests, oldest first; the oldest leave when their count or their bytes exceed the limit."""

    def __init__(self, *, kept: int = KEPT_REQUESTS, kept_bytes: int = KEPT_BYTES) -> None:
        self._entries: deque[RecordedRequest] = deque()
        self._kept = kept
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._seq = 0

    def add(self, call: Call) -> RecordedRequest:
        """Record a request on arrival; the gateway fills in what became of it."""
        self._seq += 1
        entry = RecordedRequest(
            self._seq, replace(call, body=b""), body=call.body[:KEPT_BODY_BYTES], body_size=len(call.body)
        )
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > self._kept or (self._bytes > self._kept_bytes and len(self._entries) > 1):
            self._bytes -= self._entries.popleft().size
        return entry

    def select(self, platform: str | None = None, since: datetime | None = None) -> Iterator[RecordedRequest]:
        """The kept requests of a platform, that arrived at or after `since`."""
        for entry in self._entries:
            if platform in {None, entry.call.platform} and (since is None or entry.call.at >= since):
                yield entry

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
        self._bytes = 0
