"""Instagram's containers: made, looked at until ready, made anew where one failed for a passing reason.

A container is invisible and expires after a day, so losing one costs nothing. Its status is the handle that tells what
became of a publish.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from social_platforms._core import (
    Access,
    ErrorCode,
    JsonObject,
    MediaItem,
    MediaKind,
    PlatformError,
    PostContent,
    PostKind,
)
from social_platforms.answers import Answer, ident, text
from social_platforms.instagram.api import InstagramApi
from social_platforms.instagram.errors import Cause, of_cause

_POLLS: Final = tuple(timedelta(seconds=seconds) for seconds in (2, 2, 3, 5, 10, 20, 30, 60))
_TRIES: Final = 3


class Status(StrEnum):
    """A container's life."""

    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Look:
    """A container's status and, where it failed, why."""

    status: Status
    error: PlatformError | None = None


def new_entry() -> JsonObject:
    """The state of a container that was not made."""
    return {"id": None, "finished": False, "polls": 0, "tries": 0}


class Containers:
    """Makes and reads containers of one account."""

    def __init__(self, api: InstagramApi) -> None:
        self._api = api

    async def look(self, access: Access, container_id: str) -> Look:
        """The status now; PlatformError NOT_FOUND where Instagram no longer knows it."""
        answer = await self._api.call(
            "GET",
            f"/{container_id}",
            bearer=access.token,
            rates=access.rates,
            params={"fields": "status_code,status"},
        )
        try:
            status = Status((text(answer.body, "status_code") or "").upper())
        except ValueError:
            raise self._api.calls.garbled(answer) from None
        error = None
        if status is Status.ERROR:
            error = of_cause(Cause.of_status(text(answer.body, "status")))
            if error.code is ErrorCode.PLATFORM_DOWN:
                error.detail = "Instagram could not prepare the post."
        return Look(status, error)

    async def advance(self, access: Access, entry: JsonObject, parameters: Mapping[str, str]) -> timedelta | None:
        """One step of a container towards FINISHED; how long to wait before the next, None when it is."""
        if entry.get("id") is None:
            if int(entry.get("tries") or 0) >= _TRIES:
                raise PlatformError(
                    ErrorCode.MEDIA_REJECTED,
                    "Instagram could not prepare the picture or video several times over.",
                    action="Check that its address is public, or use another file.",
                )
            entry["tries"] = int(entry.get("tries") or 0) + 1
            entry["id"] = await self._make(access, parameters)
            entry["polls"] = 0
            return _POLLS[0]
        try:
            look = await self.look(access, str(entry["id"]))
        except PlatformError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            look = Look(Status.EXPIRED)
        match look.status:
            case Status.FINISHED | Status.PUBLISHED:
                entry["finished"] = True
                return None
            case Status.IN_PROGRESS:
                polls = int(entry.get("polls") or 0)
                entry |= {"polls": polls + 1, "finished": False}
                return _POLLS[min(polls + 1, len(_POLLS) - 1)]
            case Status.ERROR if look.error is not None and not look.error.retryable:
                raise look.error
            case _:
                entry |= {"id": None, "finished": False}
                return _POLLS[0]

    async def _make(self, access: Access, parameters: Mapping[str, str]) -> str:
        answer: Answer = await self._api.call(
            "POST", f"/{access.platform_id}/media", bearer=access.token, rates=access.rates, form=parameters
        )
        container_id = ident(answer.body, "id")
        if container_id is None:
            raise self._api.calls.garbled(answer)
        return container_id


def parameters_of(content: PostContent, kind: PostKind) -> dict[str, str]:
    """The parameters of a post of one item."""
    item = content.media[0]
    parameters = _source(item)
    match kind:
        case PostKind.STORY:
            return parameters | {"media_type": "STORIES"}
        case PostKind.REEL:
            parameters |= {"media_type": "REELS", "share_to_feed": "true"}
        case _:
            parameters |= _alt_text(item)
    return parameters | _caption(content)


def child_parameters(item: MediaItem) -> dict[str, str]:
    """The parameters of one item of a carousel; a video needs its type named here."""
    parameters = _source(item) | {"is_carousel_item": "true"}
    if item.kind is MediaKind.VIDEO:
        return parameters | {"media_type": "VIDEO"}
    return parameters | _alt_text(item)


def parent_parameters(content: PostContent, children: list[str]) -> dict[str, str]:
    """The parameters of a carousel."""
    return {"media_type": "CAROUSEL", "children": ",".join(children)} | _caption(content)


def _source(item: MediaItem) -> dict[str, str]:
    return {"video_url" if item.kind is MediaKind.VIDEO else "image_url": item.url}


def _alt_text(item: MediaItem) -> dict[str, str]:
    return {"alt_text": item.alt_text} if item.alt_text else {}


def _caption(content: PostContent) -> dict[str, str]:
    return {"caption": content.text} if content.text else {}
