"""LinkedIn's versioned REST API as all three facets call it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Literal

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import AppConfig, OutcomeUnknown
from social_platforms.answers import Answer
from social_platforms.calls import Calls, Clock
from social_platforms.hosts import Hosts
from social_platforms.linkedin.errors import NAME, error_of, with_trace
from social_platforms.linkedin.limits import API_VERSION
from social_platforms.linkedin.restli import Value, query

API: Final = "api.linkedin.com"
SITE: Final = "www.linkedin.com"
_VERSION_GONE: Final = 426

Method = Literal["CREATE", "GET", "BATCH_GET", "FINDER", "ACTION"]
_VERBS: Final[Mapping[Method, str]] = {"CREATE": "POST", "ACTION": "POST"}


class LinkedInApi:
    """Calls with one merchant's token; queries are written the Rest.li way."""

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock) -> None:
        self.calls = Calls(http, name=NAME, headers={"Accept": "application/json"})
        self.hosts = Hosts.of(app, machine=frozenset({API, SITE}), browser=frozenset({SITE}))
        self.clock = clock

    async def answer(
        self,
        method: Method,
        path: str,
        *,
        bearer: Secret,
        params: Mapping[str, Value] | None = None,
        json: Any = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """Any answer of a resource; ids in `path` are encoded by the caller."""
        url = self.hosts.url(API, f"/rest{path}")
        return await self.calls.send(
            _VERBS.get(method, "GET"),
            f"{url}?{query(params)}" if params else url,
            creates=method == "CREATE",
            headers={
                "LinkedIn-Version": API_VERSION,
                "X-Restli-Protocol-Version": "2.0.0",
                "X-RestLi-Method": method,
            },
            json=json,
            bearer=bearer,
            time_limit=time_limit,
        )

    async def call(
        self,
        method: Method,
        path: str,
        *,
        bearer: Secret,
        params: Mapping[str, Value] | None = None,
        json: Any = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """A successful answer with an object in it; anything else as PlatformError."""
        answer = await self.answer(method, path, bearer=bearer, params=params, json=json, time_limit=time_limit)
        if not answer.is_success:
            raise error_of(answer, now=self.clock(), creating=method == "ACTION")
        if not isinstance(answer.body, dict):
            raise self.calls.garbled(answer)
        return answer

    def doubt(self, answer: Answer) -> OutcomeUnknown | None:
        """The doubt that an unsuccessful answer to a create leaves, None where it is a certain refusal."""
        if answer.status == _VERSION_GONE and isinstance(answer.body, dict):
            return None
        found = self.calls.doubt(answer)
        if found is not None:
            with_trace(found, answer)
        return found
