"""X's API as all three facets call it: where it is, how an answer is judged, and its two vocabularies.

In August 2026 the published specification renamed tweet words to post words, and the changelog says nothing of it. The
parameter's name is a setting, a 400 that names it is answered once with the other one, and both spellings of every
renamed key are read.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from social_common.http import FilePart, HttpClient
from social_common.secrets import Secret
from social_platforms._core import AppConfig, Platform, RateReading
from social_platforms.answers import Answer
from social_platforms.calls import Calls, Clock
from social_platforms.hosts import Hosts
from social_platforms.x.errors import error_of, rates_of
from social_platforms.x.limits import API_VERSION

API: Final = "api.x.com"
PAGES: Final = "x.com"
_VOCABULARIES: Final = ("post.fields", "tweet.fields")
_OLD_FIELDS: Final = {"note_post": "note_tweet"}
_BAD_REQUEST: Final = 400


def hosts_of(app: AppConfig) -> Hosts:
    """X's hosts as that app's settings move them."""
    return Hosts.of(app, machine=frozenset({API}), browser=frozenset({PAGES}))


class XApi:
    """Calls with one merchant's token; every answer's limits are appended to `rates`."""

    platform = Platform.X

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock) -> None:
        self.calls = Calls(http, name="X", headers={"Accept": "application/json"})
        self.hosts = hosts_of(app)
        self.clock = clock
        first = app.extras.get("X_POST_FIELDS_PARAM", _VOCABULARIES[0])
        self._vocabularies = (first, *(name for name in _VOCABULARIES if name != first))

    async def call(
        self,
        method: str,
        path: str,
        *,
        endpoint: str,
        bearer: Secret,
        rates: list[RateReading],
        creates: bool = False,
        creating: bool = False,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        multipart: Mapping[str, FilePart | str] | None = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """A successful answer. `creates` says that a lost answer leaves a doubt, `creating` that content is judged."""
        answer = await self.calls.send(
            method,
            self.hosts.url(API, f"/{API_VERSION}{path}"),
            creates=creates,
            params=params,
            json=json,
            multipart=multipart,
            bearer=bearer,
            time_limit=time_limit,
        )
        rates += rates_of(answer, endpoint=endpoint, now=self.clock())
        if answer.is_success:
            return answer
        doubt = self.calls.doubt(answer) if creates else None
        raise doubt or error_of(answer, now=self.clock(), creating=creates or creating)

    async def read_posts(
        self,
        path: str,
        *,
        endpoint: str,
        bearer: Secret,
        rates: list[RateReading],
        fields: Sequence[str],
        params: Mapping[str, str],
    ) -> Answer:
        """A successful answer about posts, asked in the configured vocabulary and once in the other."""
        first, second = self._vocabularies[:2]
        url = self.hosts.url(API, f"/{API_VERSION}{path}")
        answer = await self.calls.send("GET", url, params={**params, first: _spelled(fields, first)}, bearer=bearer)
        if answer.status == _BAD_REQUEST and first in answer.text:
            answer = await self.calls.send(
                "GET", url, params={**params, second: _spelled(fields, second)}, bearer=bearer
            )
        rates += rates_of(answer, endpoint=endpoint, now=self.clock())
        if not answer.is_success:
            raise error_of(answer, now=self.clock())
        return answer


def _spelled(fields: Sequence[str], vocabulary: str) -> str:
    return ",".join(_OLD_FIELDS.get(name, name) if vocabulary == "tweet.fields" else name for name in fields)
