"""The operator's page: how every part is, what waits to be sent, read and published, and what was put aside."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel

from social_common.auth import CurrentMerchant
from social_common.errors import Forbidden
from social_common.http import HttpClient
from social_console.identity import is_operator
from social_console.probing import PartReport, PartState, probe_parts
from social_console.readings import highest, highest_by_label
from social_console.settings import PartAddress

_GLANCE_S: Final = 2.0


class PartOut(BaseModel):
    """One part of the product."""

    name: str
    role: str
    state: PartState
    detail: str | None = None
    replicas: int
    replicas_up: int


class OutboxOut(BaseModel):
    """Events a service has noted and not sent yet; null where nobody can say."""

    service: str
    unsent: int | None
    oldest_s: float | None


class ConsumerOut(BaseModel):
    """Events that one consumer has not read yet; a service whose worker is away has one entry of nulls."""

    service: str
    topic: str | None
    group: str | None
    lag: int | None


class DeadLettersOut(BaseModel):
    """Records that stand on a dead letter topic, settled ones included until the topic forgets them."""

    service: str
    topic: str | None
    depth: int | None


class DueOut(BaseModel):
    """Posts: past their time and in no attempt, how long the oldest of them is, and attempts whose outcome is open."""

    due_now: int | None
    oldest_due_s: float | None
    unsettled: int | None


class PostsOut(BaseModel):
    """Posts of all merchants in one state on one platform; an estimate where there are very many."""

    platform: str
    status: str
    posts: int | None


class StatusOut(BaseModel):
    """Everything at one moment. What cannot be known right now is null, never 0."""

    checked_at: AwareDatetime
    parts: list[PartOut]
    outbox: list[OutboxOut]
    consumers: list[ConsumerOut]
    dead_letters: list[DeadLettersOut]
    due: DueOut
    posts: list[PostsOut]


class Watch:
    """Looks at the parts that the settings name."""

    def __init__(self, http: HttpClient, addresses: Sequence[PartAddress]) -> None:
        self._http = http
        self._addresses = tuple(addresses)
        self._lock = asyncio.Lock()
        self._glanced_at: float | None = None
        self._glance: Mapping[str, str] = {}

    async def look(self) -> StatusOut:
        """The whole page."""
        reports = await probe_parts(self._http, self._addresses, with_metrics=True)
        workers = [report for report in reports if report.role == "worker"]
        return StatusOut(
            checked_at=datetime.now(UTC),
            parts=[_part(report) for report in reports],
            outbox=[_outbox(report) for report in workers],
            consumers=[row for report in workers for row in _consumers(report)],
            dead_letters=[row for report in workers for row in _dead_letters(report)],
            due=_due(workers),
            posts=_posts(workers),
        )

    async def glance(self) -> Mapping[str, str]:
        """Which parts are up, for everybody; asked at most once in two seconds, however many want to know."""
        async with self._lock:
            if self._glanced_at is None or time.monotonic() - self._glanced_at > _GLANCE_S:
                reports = await probe_parts(self._http, self._addresses, with_metrics=False)
                self._glance = {_label(one): "up" if one.state is PartState.UP else "not ready" for one in reports}
                self._glanced_at = time.monotonic()
            return self._glance


router = APIRouter(tags=["operator"])


@router.get("/operator/status", operation_id="get_operator_status")
async def show_status(request: Request, caller: CurrentMerchant) -> StatusOut:
    """How everything is; only for those whose token says, in what users cannot change, that they operate it."""
    if not is_operator(caller.claims.get("app_metadata")):
        raise Forbidden("This page is for those who run the product.")
    watch: Watch = request.app.state.watch
    return await watch.look()


@router.get("/status", include_in_schema=False)
async def show_glance(request: Request) -> Mapping[str, str]:
    """Which parts are up, in one word each."""
    watch: Watch = request.app.state.watch
    return await watch.glance()


def _label(report: PartReport) -> str:
    role = {"api": " API", "worker": " worker"}.get(report.role, "")
    return f"{report.name}{role}"


def _part(report: PartReport) -> PartOut:
    return PartOut(
        name=report.name,
        role=report.role,
        state=report.state,
        detail=report.detail,
        replicas=len(report.replicas),
        replicas_up=report.up,
    )


def _outbox(report: PartReport) -> OutboxOut:
    return OutboxOut(
        service=report.name,
        unsent=_whole(highest(report.readings, "social_outbox_unsent")),
        oldest_s=highest(report.readings, "social_outbox_oldest_unsent_seconds"),
    )


def _consumers(report: PartReport) -> list[ConsumerOut]:
    found = highest_by_label(report.readings, "social_consumer_lag", ("topic", "group"))
    return [
        ConsumerOut(service=report.name, topic=topic, group=group, lag=_whole(lag))
        for (topic, group), lag in sorted(found.items())
    ] or [ConsumerOut(service=report.name, topic=None, group=None, lag=None)]


def _dead_letters(report: PartReport) -> list[DeadLettersOut]:
    found = highest_by_label(report.readings, "social_dead_letters_depth", ("topic",))
    return [
        DeadLettersOut(service=report.name, topic=topic, depth=_whole(depth))
        for (topic,), depth in sorted(found.items())
    ] or [DeadLettersOut(service=report.name, topic=None, depth=None)]


def _due(workers: Sequence[PartReport]) -> DueOut:
    readings = [one for report in workers for one in report.readings]
    oldest = highest(readings, "publisher_oldest_due_seconds")
    return DueOut(
        due_now=_whole(highest(readings, "publisher_overdue_posts")),
        # Negative while the next post is still ahead.
        oldest_due_s=None if oldest is None else max(0.0, oldest),
        unsettled=_whole(highest(readings, "publisher_unsettled_attempts")),
    )


def _posts(workers: Sequence[PartReport]) -> list[PostsOut]:
    readings = [one for report in workers for one in report.readings]
    found = highest_by_label(readings, "publisher_posts", ("platform", "status"))
    return [
        PostsOut(platform=platform, status=status, posts=_whole(posts))
        for (platform, status), posts in sorted(found.items())
    ]


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
