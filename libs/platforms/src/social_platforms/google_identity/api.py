"""Google's APIs as the adapters call them: bearer in the header, errors by the platform's own reading."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final

from social_common.http import HttpClient, Params
from social_common.secrets import Secret
from social_platforms._core import AppConfig, PlatformError, RateReading
from social_platforms.answers import Answer
from social_platforms.calls import Calls, Clock
from social_platforms.google_identity.errors import exhausted_rate
from social_platforms.hosts import Hosts

TOKENS: Final = "oauth2.googleapis.com"
USERINFO: Final = "openidconnect.googleapis.com"
PAGES: Final = "accounts.google.com"
IDENTITY_HOSTS: Final = frozenset({TOKENS, USERINFO})


class GoogleApi(ABC):
    """Calls with one merchant's token. A platform says its name, its hosts, its lists, and how it reads errors."""

    name: ClassVar[str]
    machine: ClassVar[frozenset[str]]
    lists: ClassVar[frozenset[str]]

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock) -> None:
        self.calls = Calls(http, name=self.name, headers={"Accept": "application/json"})
        self.hosts = Hosts.of(app, machine=self.machine | IDENTITY_HOSTS, browser=frozenset({PAGES}))
        self.clock = clock

    async def answer(
        self,
        method: str,
        host: str,
        path: str,
        *,
        bearer: Secret,
        creates: bool = False,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """Any answer."""
        return await self.calls.send(
            method,
            self.hosts.url(host, path),
            creates=creates,
            params=params,
            headers=headers,
            json=json,
            bearer=bearer,
            time_limit=time_limit,
        )

    async def call(
        self,
        method: str,
        host: str,
        path: str,
        *,
        bearer: Secret,
        rates: list[RateReading],
        bucket: str,
        params: Params | None = None,
    ) -> dict[str, Any]:
        """The body of a successful answer; anything else as PlatformError."""
        answer = await self.answer(method, host, path, bearer=bearer, params=params)
        if not answer.is_success:
            raise self.refusal(answer, rates=rates, bucket=bucket)
        if not isinstance(answer.body, dict) or not self.is_readable(answer.body):
            raise self.calls.garbled(answer)
        return answer.body

    def is_readable(self, body: Mapping[str, Any]) -> bool:
        """False for an error under a status of success, and for lists that are none: either would read as nothing."""
        lists = (body[name] for name in self.lists if name in body)
        return "error" not in body and all(
            isinstance(found, list) and all(isinstance(item, dict) for item in found) for found in lists
        )

    def refusal(
        self, answer: Answer, *, rates: list[RateReading], bucket: str, creating: bool = False
    ) -> PlatformError:
        """What an unsuccessful answer means; a limit that it names is appended to `rates`."""
        error = self.error_of(answer, creating=creating)
        rates += exhausted_rate(error, bucket=bucket)
        return error

    @abstractmethod
    def error_of(self, answer: Answer, *, creating: bool = False) -> PlatformError:
        """What an unsuccessful answer means on this platform."""
