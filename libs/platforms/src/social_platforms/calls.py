"""Calls to a platform, with what can go wrong said as the adapters' callers need it.

A call that creates something and whose answer is lost is `OutcomeUnknown`; the same loss elsewhere is a passing
failure. `NothingSent` stands for both where no byte left. Redirects are never followed here.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from social_common.http import (
    FilePart,
    HttpClient,
    HttpDropped,
    HttpError,
    HttpNothingSent,
    HttpTimeout,
    Params,
)
from social_common.secrets import Secret
from social_platforms._core import ErrorCode, NothingSent, OutcomeUnknown, PlatformError
from social_platforms.answers import Answer, parse
from social_platforms.statuses import evidence_of

Clock = Callable[[], datetime]

# Statuses that say for certain that a create was refused. Anything else but success leaves it open.
_REFUSALS: Final = frozenset({400, 401, 402, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422, 429, 451})
# Said by the status alone, whatever stands in the body.
_PLAIN_REFUSALS: Final = frozenset({401, 429})


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(UTC)


class Calls:
    """Sends requests to one platform, named in every error's words."""

    def __init__(self, http: HttpClient, *, name: str, headers: Mapping[str, str] | None = None) -> None:
        self._http = http
        self._name = name
        self._headers = dict(headers or {})

    async def send(
        self,
        method: str,
        url: str,
        *,
        creates: bool = False,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        multipart: Mapping[str, FilePart | str] | None = None,
        basic: tuple[str, Secret] | None = None,
        bearer: Secret | None = None,
        time_limit: timedelta | None = None,
    ) -> Answer:
        """One call and its answer, whatever its status; raises PlatformError only."""
        try:
            response = await self._http.request(
                method,
                url,
                params=params,
                headers=self._headers | dict(headers or {}),
                json=json,
                form=form,
                content=content,
                multipart=multipart,
                basic=basic,
                bearer=bearer,
                timeout=time_limit,
            )
        except HttpNothingSent:
            raise NothingSent(f"{self._name} could not be reached.") from None
        except HttpError as error:
            raise self._lost(error, creates=creates) from None
        except UnicodeError:
            # A half surrogate in a text fails while the request is built, before anything is sent.
            raise PlatformError(
                ErrorCode.CONTENT_REJECTED,
                "The text holds characters that cannot be sent.",
                action="Remove broken characters from the text.",
            ) from None
        body, readable = parse(response.content)
        return Answer(response.status, response.headers, body, readable, response.text)

    def _lost(self, error: HttpError, *, creates: bool) -> PlatformError:
        match error:
            case HttpTimeout():
                words = f"{self._name} did not answer in time."
            case HttpDropped():
                words = f"The connection to {self._name} broke off."
            case _:
                words = f"{self._name} answered in a form that cannot be read."
        if creates:
            return OutcomeUnknown(f"{words} Whether the request was carried out is not known yet.")
        return PlatformError(ErrorCode.PLATFORM_DOWN, words, retryable=True)

    def garbled(self, answer: Answer, *, creates: bool = False) -> PlatformError:
        """The error for an answer whose status is fine and whose body is not what was promised."""
        words = f"{self._name} answered in a form that cannot be read."
        if creates:
            return OutcomeUnknown(
                f"{words} Whether the request was carried out is not known yet.",
                http_status=answer.status,
                evidence=evidence_of(answer),
            )
        return PlatformError(ErrorCode.PLATFORM_DOWN, words, retryable=True, http_status=answer.status)

    def doubt(self, answer: Answer) -> OutcomeUnknown | None:
        """The doubt that an unsuccessful answer to a create leaves, None where it is a certain refusal."""
        if answer.status in _PLAIN_REFUSALS or (answer.status in _REFUSALS and isinstance(answer.body, dict)):
            return None
        return OutcomeUnknown(
            f"{self._name} failed while it worked on the request. Whether it was carried out is not known yet.",
            http_status=answer.status,
            evidence=evidence_of(answer),
        )
