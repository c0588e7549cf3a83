"""The public keys that tokens are signed with, fetched once and kept.

An unknown key id asks the issuer again, at most once per cooldown, so that made-up ids cannot make us flood it. While
the issuer is down, keys that are known keep working.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from social_common.http import HttpClient, HttpError
from social_common.logging import get_logger

_OK: Final = 200
# While no key is known every caller is refused: then the issuer is asked again before they are told to come back.
_FIRST_COOLDOWN_S: Final = 2.0


class JwksUnavailable(Exception):
    """The keys have never been fetched, and cannot be now."""


class JwksCache:
    """Keys by id. Give it a `monotonic` clock of your own in tests."""

    def __init__(
        self,
        http: HttpClient,
        url: str,
        *,
        cooldown: timedelta = timedelta(seconds=30),
        max_age: timedelta = timedelta(minutes=10),
        timeout: timedelta = timedelta(seconds=5),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._url = url
        self._cooldown = cooldown.total_seconds()
        self._max_age = max_age.total_seconds()
        self._timeout = timeout
        self._monotonic = monotonic
        self._keys: Mapping[str, PyJWK] | None = None
        self._fetched_at = 0.0
        self._tried_at: float | None = None
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> PyJWK | None:
        """The key of that id, None if the issuer has none; raises JwksUnavailable while nothing is known at all."""
        # Whoever has a key goes on with it; without one, a fetch that is under way is waited for.
        if not self._is_fresh(kid) and not (self._knows(kid) and self._fetching.locked()):
            async with self._fetching:
                if self._wants_fetch(kid):
                    await self._fetch()
        if self._keys is None:
            raise JwksUnavailable("the issuer's keys cannot be fetched")
        return self._keys.get(kid)

    def _knows(self, kid: str) -> bool:
        return self._keys is not None and kid in self._keys

    def _is_fresh(self, kid: str) -> bool:
        return self._knows(kid) and self._monotonic() - self._fetched_at <= self._max_age

    def _wants_fetch(self, kid: str) -> bool:
        if self._is_fresh(kid):
            return False
        cooldown = self._cooldown if self._keys is not None else min(self._cooldown, _FIRST_COOLDOWN_S)
        return self._tried_at is None or self._monotonic() - self._tried_at >= cooldown

    async def _fetch(self) -> None:
        self._tried_at = self._monotonic()
        try:
            answer = await self._http.request("GET", self._url, timeout=self._timeout)
            keys = parse_keys(answer.json()) if answer.status == _OK else None
        except HttpError as error:
            get_logger().warning("jwks_fetch_failed", reason=error.detail)
            return
        if not keys:
            get_logger().warning("jwks_fetch_failed", reason="no usable key in the answer", http_status=answer.status)
            return
        self._keys = keys
        self._fetched_at = self._monotonic()


def parse_keys(document: Any) -> dict[str, PyJWK]:
    """Every key of the set that can verify and has an id; what cannot be read is left out."""
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str, PyJWK] = {}
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        if entry.get("kty") not in {"EC", "RSA"} or entry.get("use", "sig") != "sig":
            continue
        try:
            keys[entry["kid"]] = PyJWK(entry)
        except (PyJWTError, ValueError, TypeError, KeyError):
            continue
    return keys
