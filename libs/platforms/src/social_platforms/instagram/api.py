"""Instagram's Graph API as all three facets call it, in the flavour "Instagram Login"."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import AppConfig, RateReading
from social_platforms.answers import Answer
from social_platforms.calls import Calls, Clock
from social_platforms.hosts import Hosts
from social_platforms.instagram.errors import error_of
from social_platforms.instagram.limits import API_VERSION
from social_platforms.meta.usage import rates_of

GRAPH: Final = "graph.instagram.com"
TOKENS: Final = "api.instagram.com"
PAGES: Final = "www.instagram.com"


class InstagramApi:
    """Calls with one merchant's token, which travels in the header only."""

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock) -> None:
        self.calls = Calls(http, name="Instagram", headers={"Accept": "application/json"})
        self.hosts = Hosts.of(app, machine=frozenset({GRAPH, TOKENS}), browser=frozenset({PAGES}))
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
        form: Mapping[str, str] | None = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """Any answer of a versioned path."""
        answer = await self.calls.send(
            method,
            self.hosts.url(GRAPH, f"/{API_VERSION}{path}"),
            creates=creates,
            params=params,
            form=form,
            bearer=bearer,
            time_limit=time_limit,
        )
        rates += rates_of(answer)
        return answer

    async def call(
        self,
        method: str,
        path: str,
        *,
        bearer: Secret,
        rates: list[RateReading],
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """A successful answer of a versioned path; anything else as PlatformError."""
        answer = await self.answer(
            method, path, bearer=bearer, rates=rates, params=params, form=form, time_limit=time_limit
        )
        if not answer.is_success:
            raise error_of(answer, now=self.clock(), creating=method == "POST")
        if not isinstance(answer.body, dict):
            raise self.calls.garbled(answer)
        return answer
