"""GitHub's REST and GraphQL as all three facets call them."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import AppConfig, ErrorCode, PlatformError, RateReading
from social_platforms.answers import Answer, at, objects
from social_platforms.calls import Calls, Clock
from social_platforms.github.errors import error_of, graphql_error_of, rates_of
from social_platforms.github.limits import API_VERSION
from social_platforms.hosts import Hosts

API: Final = "api.github.com"
SITE: Final = "github.com"
_MOVED: Final = frozenset({301, 302, 307, 308})
_MOVES: Final = 2
_PAGES: Final = 10
_NEXT: Final = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')


class GitHubApi:
    """Calls with one merchant's token. A renamed repository is followed, to GitHub's own hosts only."""

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock) -> None:
        self.calls = Calls(http, name="GitHub")
        self.hosts = Hosts.of(app, machine=frozenset({API, SITE}), browser=frozenset({SITE}))
        self.clock = clock

    async def answer(
        self,
        method: str,
        path: str,
        *,
        bearer: Secret,
        rates: list[RateReading],
        creates: bool = False,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """Any REST answer but a redirect that leads on; a redirect says that nothing was done yet."""
        url = self.hosts.url(API, path)
        for left in reversed(range(_MOVES + 1)):
            answer = await self.calls.send(
                method,
                url,
                creates=creates,
                params=params,
                headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION},
                json=json,
                bearer=bearer,
                time_limit=time_limit,
            )
            rates += rates_of(answer.headers, now=self.clock())
            target = answer.headers.get("location")
            if answer.status not in _MOVED or target is None or not left:
                break
            url, params = self.hosts.followed(target), None
        return answer

    async def call(
        self,
        method: str,
        path: str,
        *,
        bearer: Secret,
        rates: list[RateReading],
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Answer:
        """A successful REST answer; anything else as PlatformError."""
        answer = await self.answer(method, path, bearer=bearer, rates=rates, params=params, json=json)
        if not answer.is_success:
            raise error_of(answer, now=self.clock())
        return answer

    async def pages(
        self, path: str, *, bearer: Secret, rates: list[RateReading], params: Mapping[str, str]
    ) -> AsyncIterator[Answer]:
        """The pages of a list, following `Link` to GitHub's own hosts, at most ten."""
        answer = await self.call("GET", path, bearer=bearer, rates=rates, params=params)
        yield answer
        for _ in range(_PAGES - 1):
            found = _NEXT.search(answer.headers.get("link", ""))
            if found is None:
                return
            url = self.hosts.followed(found[1])
            answer = await self.calls.send(
                "GET",
                url,
                headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION},
                bearer=bearer,
            )
            rates += rates_of(answer.headers, now=self.clock())
            if not answer.is_success:
                raise error_of(answer, now=self.clock())
            yield answer

    async def query(
        self, query: str, variables: Mapping[str, Any], *, bearer: Secret, rates: list[RateReading]
    ) -> dict[str, Any]:
        """The body of a GraphQL query that brought data, with the errors that may stand beside it."""
        answer = await self._graphql(query, variables, bearer=bearer, rates=rates, creates=False)
        data = at(answer.body, "data")
        if objects(answer.body, "errors") and not _has_data(data):
            raise graphql_error_of(answer, now=self.clock(), mutation=False) or self.calls.garbled(answer)
        if not isinstance(data, dict):
            raise self.calls.garbled(answer)
        body: dict[str, Any] = answer.body
        return body

    async def mutate(
        self,
        name: str,
        query: str,
        variables: Mapping[str, Any],
        *,
        bearer: Secret,
        rates: list[RateReading],
        time_limit: timedelta,
    ) -> dict[str, Any]:
        """The payload of the mutation of that name.

        Errors come with HTTP 200. A mutation whose payload is there has happened whatever errors stand beside it; one
        without payload and without a known refusal is in doubt.
        """
        answer = await self._graphql(query, variables, bearer=bearer, rates=rates, creates=True, time_limit=time_limit)
        payload = at(answer.body, "data", name)
        if isinstance(payload, dict):
            return payload
        raise graphql_error_of(answer, now=self.clock(), mutation=True) or self.calls.garbled(answer, creates=True)

    async def _graphql(
        self,
        query: str,
        variables: Mapping[str, Any],
        *,
        bearer: Secret,
        rates: list[RateReading],
        creates: bool,
        time_limit: timedelta | None = None,
    ) -> Answer:
        answer = await self.calls.send(
            "POST",
            self.hosts.url(API, "/graphql"),
            creates=creates,
            headers={"Accept": "application/json"},
            json={"query": query, "variables": dict(variables)},
            bearer=bearer,
            time_limit=time_limit,
        )
        rates += rates_of(answer.headers, now=self.clock())
        if not answer.is_success:
            doubt = self.calls.doubt(answer) if creates else None
            raise doubt or error_of(answer, now=self.clock(), creating=creates)
        return answer


def _has_data(data: Any) -> bool:
    return isinstance(data, dict) and any(value is not None for value in data.values())


def repository_path(facts: Mapping[str, Any]) -> str:
    """The REST path of the repository a connection is for."""
    owner, _, name = str(facts.get("full_name") or "").partition("/")
    if not owner or not name or "/" in name:
        raise PlatformError(
            ErrorCode.DESTINATION_GONE, "The repository's name is not known.", action="Connect the repository again."
        )
    return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"
