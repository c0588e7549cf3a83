"""What a create call asks for, target by target, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from publisher.domain import CampaignId, ConnectionId, PostId, UserId
from publisher.planning.checking import Checked, Checker, Looked
from publisher.planning.errors import not_usable, refused_content, unknown_connection
from publisher.planning.schemas import MediaIn, NewPosts, Target
from publisher.planning.times import WrongTimeError, check_time
from publisher.posts import Post
from publisher.projections.repository import Connection
from publisher.publishing.contents import stored_media
from social_common.errors import Invalid
from social_platforms._core import Finding


@dataclass(frozen=True, slots=True)
class PlannedTarget:
    """One target with its connection and contents."""

    position: int
    connection: Connection
    text: str
    media: tuple[MediaIn, ...]
    options: Mapping[str, Any]

    def field(self, finding_field: str, target: Target) -> str:
        """Where in the request a finding of this target belongs."""
        head = finding_field.split(".", 1)[0]
        if head == "content" and target.content is None:
            return "body.content"
        if head == "media" and target.media is None:
            return f"body.{finding_field}"
        if head == "scheduled_at":
            return "body.scheduled_at"
        return f"body.targets.{self.position}.{finding_field}"


def when_of(mode: str, scheduled_at: datetime | None, *, now: datetime, horizon: timedelta) -> datetime | None:
    """The planned time of a create call; raises Invalid naming the field."""
    if mode == "now":
        if scheduled_at is not None:
            raise Invalid("With mode `now` there is no time to name.", field="body.scheduled_at")
        return now
    if scheduled_at is None:
        if mode == "schedule":
            raise Invalid("With mode `schedule` a time is needed.", field="body.scheduled_at")
        return None
    return wanted_time(scheduled_at, now=now, horizon=horizon)


def wanted_time(scheduled_at: datetime, *, now: datetime, horizon: timedelta) -> datetime:
    """A time the merchant named; raises Invalid naming the field."""
    try:
        return check_time(scheduled_at, now=now, horizon=horizon)
    except WrongTimeError as error:
        raise Invalid(str(error), field="body.scheduled_at") from error


def targets_of(body: NewPosts, connections: Mapping[UUID, Connection]) -> list[PlannedTarget]:
    """The targets with their connections; one that is unknown or named twice is refused by its field."""
    planned: list[PlannedTarget] = []
    seen: set[UUID] = set()
    for position, target in enumerate(body.targets):
        field = f"body.targets.{position}.connection_id"
        connection = connections.get(target.connection_id)
        if connection is None:
            raise unknown_connection(field)
        if target.connection_id in seen:
            raise Invalid("This connection is named twice.", field=field)
        seen.add(target.connection_id)
        planned.append(
            PlannedTarget(
                position=position,
                connection=connection,
                text=body.content if target.content is None else target.content,
                media=tuple(body.media if target.media is None else target.media),
                options=target.options,
            )
        )
    return planned


def refuse_unusable(planned: Sequence[PlannedTarget]) -> None:
    """409 for the first connection that cannot publish now."""
    for target in planned:
        if not target.connection.can_publish:
            raise not_usable(f"body.targets.{target.position}.connection_id")


async def check_targets(
    checker: Checker, body: NewPosts, planned: Sequence[PlannedTarget], looked: Looked
) -> list[Checked]:
    """Each target's contents, checked as its platform counts."""
    return [
        await checker.check(
            target.connection, text=target.text, media=target.media, options=target.options, looked=looked
        )
        for target in planned
    ]


def refuse_problems(
    body: NewPosts, planned: Sequence[PlannedTarget], checked: Sequence[Checked], looked: Looked
) -> None:
    """422 with every field that a platform would refuse."""
    findings: list[tuple[str, Finding]] = []
    for target, result in zip(planned, checked, strict=True):
        for one in result.problems:
            field = target.field(one.field, body.targets[target.position])
            if (field, one.detail) not in [(known, other.detail) for known, other in findings]:
                findings.append((field, one))
    if findings:
        raise refused_content(findings, passes=looked.may_pass)


def new_post(
    target: PlannedTarget,
    checked: Checked,
    *,
    user_id: UUID,
    post_id: UUID,
    campaign_id: UUID,
    product_id: str | None,
    scheduled_at: datetime | None,
    is_draft: bool,
    prepare_ahead: timedelta,
) -> Post:
    """The row of one target."""
    connection = target.connection
    media = [stored_media(item) for item in checked.content.media]
    post = Post(
        id=PostId(post_id),
        user_id=UserId(user_id),
        campaign_id=CampaignId(campaign_id),
        connection_id=ConnectionId(connection.connection_id),
        grant_id=connection.grant_id,
        connection_revision=connection.revision,
        platform=connection.platform,
        platform_id=connection.platform_id,
        kind=checked.kind,
        content=target.text,
        media=media,
        media_url=media[0]["url"] if media else None,
        options=dict(target.options),
        product_id=product_id,
        scheduled_at=scheduled_at,
    )
    if is_draft or scheduled_at is None:
        return post
    return post.rescheduled(scheduled_at, due_at=scheduled_at, prepare_at=scheduled_at - prepare_ahead)
