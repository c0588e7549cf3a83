"""A consent that is given in part."""

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, urlencode

from social_common.http import HttpClient, HttpResponse


class Unticking:
    """A browser whose user unticks some of a consent form's boxes before sending it."""

    def __init__(self, http: HttpClient, refused: Collection[str]) -> None:
        self._http = http
        self._refused = frozenset(refused)

    async def request(self, method: str, url: str, *, content: bytes | None = None, **rest: Any) -> HttpResponse:
        """The request, without what was unticked."""
        if content is not None:
            form = [pair for pair in parse_qsl(content.decode()) if pair[1] not in self._refused]
            content = urlencode(form).encode()
        return await self._http.request(method, url, content=content, **rest)
