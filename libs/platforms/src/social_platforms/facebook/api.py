"""Facebook's Graph API as all three facets call it. The token travels in the header, its proof beside it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from social_common.http import FilePart, HttpClient
from social_common.secrets import Secret
from social_platforms._core import Access, AppConfig, RateReading
from social_platforms.answers import Answer, at
from social_platforms.calls import Calls, Clock
from social_platforms.facebook.errors import NAME, error_of
from social_platforms.facebook.limits import API_VERSION
from social_platforms.hosts import Hosts
from social_platforms.meta.usage import rates_of

GRAPH: Final = "graph.facebook.com"
VIDEO: Final = "graph-video.facebook.com"
BYTES: Final = "rupload.facebook.com"
PAGES: Final = "www.facebook.com"

_PROOF: Final = "appsecret_proof"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token, the proof that goes with it, and where what is said of limits is kept."""

    token: Secret
    proof: Secret | None
    rates: list[RateReading]

    @classmethod
    def of(cls, access: Access) -> "Bearer":
        """The bearer of a place's access."""
        return cls(access.token, access.proof, access.rates)

    def proofs(self) -> dict[str, str]:
        """The parameter that carries the proof."""
        return {_PROOF: self.proof.reveal()} if self.proof is not None else {}


class FacebookApi:
    """Versioned calls; an error that comes with a status of success is an error, too."""

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock) -> None:
        self.calls = Calls(http, name=NAME, headers={"Accept": "application/json"})
        self.hosts = Hosts.of(app, machine=frozenset({GRAPH, VIDEO, BYTES}), browser=frozenset({PAGES}))
        self.clock = clock

    async def answer(
        self,
        method: str,
        path: str,
        *,
        bearer: Bearer,
        host: str = GRAPH,
        creates: bool = False,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        multipart: Mapping[str, FilePart | str] | None = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """Any answer of a versioned path; the proof stands where the other parameters stand."""
        proofs = bearer.proofs()
        answer = await self.calls.send(
            method,
            self.hosts.url(host, f"/{API_VERSION}{path}"),
            creates=creates,
            params={**(params or {}), **proofs} if form is None and multipart is None else params,
            form=None if form is None else {**form, **proofs},
            multipart=None if multipart is None else {**multipart, **proofs},
            bearer=bearer.token,
            time_limit=time_limit,
        )
        bearer.rates.extend(rates_of(answer))
        return answer

    async def call(
        self,
        method: str,
        path: str,
        *,
        bearer: Bearer,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        multipart: Mapping[str, FilePart | str] | None = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """A successful answer of a versioned path; anything else as PlatformError."""
        answer = await self.answer(
            method, path, bearer=bearer, params=params, form=form, multipart=multipart, time_limit=time_limit
        )
        return self.granted(answer, creating=method == "POST")

    async def read_upload(self, path: str, *, bearer: Bearer, params: Mapping[str, str]) -> Answer:
        """How far an upload session is."""
        answer = await self.calls.send(
            "GET",
            self.hosts.url(GRAPH, f"/{API_VERSION}{path}"),
            params={**params, **bearer.proofs()},
            headers=_oauth(bearer),
        )
        return self.granted(answer)

    async def send_bytes(
        self,
        url: str,
        *,
        bearer: Bearer,
        headers: Mapping[str, str],
        content: AsyncIterator[bytes],
        params: Mapping[str, str] | None = None,
        time_limit: timedelta,
    ) -> Answer:
        """A file's bytes, with the token in the form that the upload endpoints ask for."""
        answer = await self.calls.send(
            "POST",
            url,
            params=params,
            headers={**_oauth(bearer), **headers},
            content=content,
            time_limit=time_limit,
        )
        return self.granted(answer, creating=True)

    def granted(self, answer: Answer, *, creating: bool = False) -> Answer:
        """That answer where it is a success with a body that can be read; raises PlatformError otherwise."""
        if is_refused(answer):
            raise error_of(answer, now=self.clock(), creating=creating)
        if not isinstance(answer.body, dict):
            raise self.calls.garbled(answer)
        return answer


def _oauth(bearer: Bearer) -> dict[str, str]:
    # The upload endpoints are documented with this older form only.
    return {"Authorization": f"OAuth {bearer.token.reveal()}"}


def is_refused(answer: Answer) -> bool:
    """True for an answer that is none of success, whatever its status says."""
    return not answer.is_success or isinstance(at(answer.body, "error"), dict)
