"""Creating and checking posts: all of a campaign or nothing of it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, text

from publisher import posts
from publisher.announcements import announce_scheduled
from publisher.brokerage import Broker, BrokerUnavailableError
from publisher.budgets import Allowance, allowances
from publisher.domain import Status
from publisher.planning.checking import Checker, standing_findings
from publisher.planning.errors import linker_down
from publisher.planning.places import at_place, keep_places
from publisher.planning.plans import (
    check_targets,
    new_post,
    refuse_problems,
    refuse_unusable,
    targets_of,
    when_of,
)
from publisher.planning.schemas import Checks, FindingOut, NewPosts, QuotaOut, TargetCheck, TextLengthOut
from publisher.posts import Post
from publisher.projections.repository import Connection
from publisher.projections.service import learn_missing
from publisher.waking import wake_due
from social_common.db import Database, WriteSession
from social_platforms._core import Finding, PostContent, TextLength

_NO_CONNECTION = Finding("problem", "not_found", "connection_id", "There is no such connection.")
_NAMED_TWICE = Finding("problem", "invalid_request", "connection_id", "This connection is named twice.")
_QUOTA = text(
    "SELECT what, name, subject, window_s, used, most, until"
    " FROM retail_b2c.publisher_allowance(:platform, :grant, :connection)"
)


class Planner:
    """Plans campaigns."""

    def __init__(
        self,
        database: Database,
        *,
        broker: Broker,
        checker: Checker,
        now: Callable[[], Awaitable[datetime]],
        new_id: Callable[[], UUID],
        horizon: timedelta,
        prepare_ahead: timedelta,
    ) -> None:
        self._database = database
        self._broker = broker
        self._checker = checker
        self._now = now
        self._new_id = new_id
        self._horizon = horizon
        self._prepare_ahead = prepare_ahead

    async def plan(self, user_id: UUID, body: NewPosts, *, product_id: str | None = None) -> list[Post]:
        """The campaign's posts, checked and not yet stored; raises what the API answers."""
        now = await self._now()
        when = when_of(body.mode, body.scheduled_at, now=now, horizon=self._horizon)
        planned = targets_of(body, await self.connections(user_id, body))
        is_draft = body.mode == "draft"
        if not is_draft:
            refuse_unusable(planned)
        looked = await self._checker.look_at([] if is_draft else [m for t in planned for m in t.media])
        checked = await check_targets(self._checker, body, planned, looked)
        if not is_draft:
            refuse_problems(body, planned, checked, looked)
        campaign_id = self._new_id()
        return [
            new_post(
                target,
                result,
                user_id=user_id,
                post_id=self._new_id(),
                campaign_id=campaign_id,
                product_id=product_id,
                scheduled_at=when,
                is_draft=is_draft,
                prepare_ahead=self._prepare_ahead,
            )
            for target, result in zip(planned, checked, strict=True)
        ]

    async def store(self, session: WriteSession, planned: Sequence[Post]) -> list[Post]:
        """All rows with their events, in the caller's transaction; 409 where a place has gone since the plan."""
        fields = [(one.connection_id, f"body.targets.{n}.connection_id") for n, one in enumerate(planned)]
        waiting = [field for field, one in zip(fields, planned, strict=True) if one.status is Status.SCHEDULED]
        places = await keep_places(session, waiting)
        now = await posts.product_now(session)
        stored = []
        for post in planned:
            stored.append(await posts.add(session, at_place(post, places)))
            if stored[-1].status is Status.SCHEDULED:
                await announce_scheduled(session, stored[-1], at=now)
        if any(post.status is Status.SCHEDULED for post in stored):
            await wake_due(session)
        return stored

    async def connections(self, user_id: UUID, body: NewPosts) -> dict[UUID, Connection]:
        """The connections of a request, read from auth-linker where no event told of them."""
        try:
            return await learn_missing(
                self._database,
                self._broker,
                user_id=user_id,
                wanted=[target.connection_id for target in body.targets],
            )
        except BrokerUnavailableError as error:
            raise linker_down(error) from error

    async def validate(self, user_id: UUID, body: NewPosts) -> Checks:
        """What each platform would say, without storing anything."""
        now = await self._now()
        due = when_of(body.mode, body.scheduled_at, now=now, horizon=self._horizon) or now
        known = await self.connections(user_id, body)
        media = [item for target in body.targets for item in (body.media if target.media is None else target.media)]
        looked = await self._checker.look_at(media, anew=False)
        results = []
        seen: set[UUID] = set()
        for position, target in enumerate(body.targets):
            connection = known.get(target.connection_id)
            if connection is None or target.connection_id in seen:
                fault = _NO_CONNECTION if connection is None else _NAMED_TWICE
                results.append(_told(target.connection_id, None, None, [fault], [], [], position, counted=None))
                continue
            seen.add(target.connection_id)
            checked = await self._checker.check(
                connection,
                text=body.content if target.content is None else target.content,
                media=body.media if target.media is None else target.media,
                options=target.options,
                looked=looked,
            )
            facts = self._checker.facts_of(connection.platform)
            problems, warnings = standing_findings(connection, facts, due=due)
            quota, limited = await self._quota(connection, checked.content)
            results.append(
                _told(
                    connection.connection_id,
                    connection.platform,
                    checked.kind,
                    [*problems, *checked.problems],
                    [*warnings, *checked.warnings, *limited],
                    quota,
                    position,
                    counted=checked.text,
                )
            )
        return Checks(valid=not any(one.problems for one in results), targets=results)

    async def _quota(self, connection: Connection, content: PostContent) -> tuple[list[QuotaOut], list[Finding]]:
        subject = {
            "platform": connection.platform,
            "grant": str(connection.grant_id or connection.connection_id),
            "connection": str(connection.connection_id),
        }
        facts = self._checker.facts_of(connection.platform)
        async with self._database.read(connection.user_id) as session:
            rows = await session.all(_QUOTA, subject)
        return _quota_of(rows, allowances(facts, self._checker.costs(connection, content)))


def _quota_of(rows: Sequence[RowMapping], windows: Sequence[Allowance]) -> tuple[list[QuotaOut], list[Finding]]:
    used: dict[tuple[str, int, bool], int] = {
        (row["name"], row["window_s"], row["subject"] == ""): row["used"] for row in rows if row["what"] == "budget"
    }
    told, is_short = [], any(row["what"] == "hold" for row in rows)
    for window in windows:
        left = max(0, window.most - used.get((window.endpoint, window.window_s, window.per == "app"), 0))
        told.append(
            QuotaOut(
                endpoint=window.endpoint,
                counted_by="us",
                limit=window.most,
                left=left,
                window_s=window.window_s,
                resets_at=None,
            )
        )
        is_short = is_short or left < window.units
    for row in rows:
        if row["what"] == "rate":
            told.append(
                QuotaOut(
                    endpoint=row["name"],
                    counted_by="platform",
                    limit=row["most"],
                    left=row["used"],
                    window_s=None,
                    resets_at=row["until"],
                )
            )
            is_short = is_short or row["used"] == 0
    return told, [_quota_warning()] if is_short else []


def _quota_warning() -> Finding:
    words = "The platform's limit is used up for now; the post waits until it frees up."
    return Finding("warning", "quota_exhausted", "connection_id", words)


def _told(
    connection_id: UUID,
    platform: str | None,
    kind: str | None,
    problems: Sequence[Finding],
    warnings: Sequence[Finding],
    quota: list[QuotaOut],
    position: int,
    *,
    counted: TextLength | None,
) -> TargetCheck:
    def out(one: Finding) -> FindingOut:
        return FindingOut(code=one.code, field=f"targets.{position}.{one.field}", detail=one.detail)

    return TargetCheck(
        connection_id=connection_id,
        platform=platform,
        kind=kind,
        text=TextLengthOut(length=counted.length, limit=counted.limit) if counted else None,
        problems=[out(one) for one in problems],
        warnings=[out(one) for one in warnings],
        quota=quota,
    )
