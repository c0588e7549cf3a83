"""What a merchant does to a post that exists: change, cancel, publish, retry, resolve.

What needs the outside world (media, auth-linker, reading an account back) happens before the post is locked, and
counts only if the post has not moved on meanwhile.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from publisher import posts, preparations
from publisher.announcements import announce_canceled, announce_scheduled
from publisher.brokerage import Broker, BrokerUnavailableError
from publisher.domain import (
    WAITING,
    CancelReason,
    Command,
    NotAllowedError,
    Status,
    check_allowed,
    deletion_of,
)
from publisher.planning.checking import Checked, Checker
from publisher.planning.errors import linker_down, no_such_post, not_allowed, not_usable, refused_content
from publisher.planning.places import keep_places
from publisher.planning.plans import wanted_time
from publisher.planning.schemas import Changes, MediaIn
from publisher.posts import Post
from publisher.projections.repository import Connection
from publisher.projections.service import learn_missing
from publisher.publishing import looks
from publisher.publishing.contents import stored_media
from publisher.waking import wake_due
from social_common.db import Database, WriteSession
from social_common.errors import PreconditionFailed
from social_common.telemetry import current_traceparent


class Editor:
    """Changes single posts."""

    def __init__(
        self,
        database: Database,
        *,
        broker: Broker,
        checker: Checker,
        now: Callable[[], Awaitable[datetime]],
        horizon: timedelta,
        prepare_ahead: timedelta,
    ) -> None:
        self._database = database
        self._broker = broker
        self._checker = checker
        self._now = now
        self._horizon = horizon
        self._prepare_ahead = prepare_ahead

    async def find(self, user_id: UUID, post_id: UUID) -> Post:
        """The merchant's post; raises NotFound."""
        async with self._database.read(user_id) as session:
            post = await posts.find(session, post_id)
        if post is None:
            raise no_such_post()
        return post

    async def patch(self, user_id: UUID, post_id: UUID, changes: Changes, *, revision: int | None) -> Post:
        """Changes what was named; `revision` is If-Match's, None takes any."""
        before = await self.find(user_id, post_id)
        _check_revision(before, revision)
        named = changes.model_fields_set
        if not named:
            return before
        _check_commands(before, changes, named)
        when = None
        if changes.scheduled_at is not None:
            when = wanted_time(changes.scheduled_at, now=await self._now(), horizon=self._horizon)
        stays_planned = before.status in WAITING and not ("scheduled_at" in named and when is None)
        edited = _edited(before, changes, named)
        connection = await self._connection(before)
        if when is not None and not connection.can_publish:
            raise not_usable("body.scheduled_at")
        checked = None
        if (named - {"scheduled_at"}) or when is not None:
            checked = await self._check(edited, connection, must_fit=when is not None or stays_planned)
        async with self._database.write(user_id) as session:
            if when is not None:
                places = await keep_places(session, [(before.connection_id, "body.scheduled_at")])
                connection = places[before.connection_id]
            current = await _lock_same(session, before, revision)
            return await self._apply(session, current, edited, checked, named=named, when=when, connection=connection)

    async def _apply(
        self,
        session: WriteSession,
        current: Post,
        edited: Post,
        checked: Checked | None,
        *,
        named: set[str],
        when: datetime | None,
        connection: Connection,
    ) -> Post:
        new = current
        if checked is not None and named - {"scheduled_at"}:
            media = [stored_media(item) for item in checked.content.media]
            new = replace(
                new,
                content=edited.content,
                options=edited.options,
                media=media,
                media_url=media[0]["url"] if media else None,
                kind=checked.kind,
                content_revision=current.content_revision + 1,
                # A worker that is preparing the old content finds its claim gone.
                claimed_by=None,
                lease_until=None,
            )
            if new.scheduled_at is not None and new.status is Status.SCHEDULED:
                new = replace(new, prepare_at=new.scheduled_at - self._prepare_ahead)
            await preparations.discard_all(session, current.id)
        if "scheduled_at" in named and when is None and current.status in WAITING:
            new = new.moved(Status.DRAFT, scheduled_at=None, error=None)
            await preparations.discard_all(session, current.id)
            saved = await posts.save(session, current, new)
            now = await posts.product_now(session)
            await announce_canceled(session, saved, CancelReason.UNSCHEDULED, at=now)
            return saved
        if when is not None:
            return await self._schedule(session, current, new, when, connection)
        if "scheduled_at" in named and when is None:
            new = replace(new, scheduled_at=None)
        saved = await posts.save(session, current, new)
        if saved.status in WAITING:
            await wake_due(session)
        return saved

    async def publish_now(self, user_id: UUID, post_id: UUID) -> Post:
        """Due at once, whatever was planned."""
        before = await self.find(user_id, post_id)
        _refuse(before, Command.PUBLISH)
        return await self._due_now(before)

    async def retry(self, user_id: UUID, post_id: UUID) -> Post:
        """Another try of a post that is certainly not out."""
        before = await self.find(user_id, post_id)
        _refuse(before, Command.RETRY)
        return await self._due_now(before)

    async def resend(self, before: Post) -> Post:
        """Another try of a post that may be out already, by the merchant's word; marked so."""
        return await self._due_now(before, may_be_duplicate=True)

    async def _due_now(self, before: Post, **changes: Any) -> Post:
        connection = await self._connection(before)
        if not connection.can_publish:
            raise not_usable(None)
        await self._check(before, connection, must_fit=True)
        async with self._database.write(before.user_id) as session:
            places = await keep_places(session, [(before.connection_id, None)])
            connection = places[before.connection_id]
            current = await _lock_same(session, before, None)
            now = await posts.product_now(session)
            # Nobody looks for an older attempt any more; a look that is under way still counts.
            await looks.drop_looks(session, current.id)
            return await self._schedule(session, current, replace(current, **changes), now, connection)

    async def _schedule(
        self, session: WriteSession, current: Post, new: Post, when: datetime, connection: Connection
    ) -> Post:
        planned = new.rescheduled(
            when,
            due_at=when,
            prepare_at=when - self._prepare_ahead,
            connection_revision=connection.revision,
            grant_id=connection.grant_id,
            refused_token_version=None,
            traceparent=current_traceparent(),
        )
        saved = await posts.save(session, current, planned)
        await announce_scheduled(session, saved, at=await posts.product_now(session))
        await wake_due(session)
        return saved

    async def delete(self, user_id: UUID, post_id: UUID, *, revision: int | None) -> None:
        """Cancels what waits, removes what is not out, hides what is."""
        async with self._database.write(user_id) as session:
            post = await posts.lock(session, post_id)
            if post is None:
                raise no_such_post()
            _check_revision(post, revision)
            try:
                command = deletion_of(post.status)
            except NotAllowedError as error:
                raise not_allowed(error) from error
            await preparations.discard_all(session, post.id)
            match command:
                case Command.CANCEL:
                    canceled = await posts.save(session, post, post.moved(Status.CANCELED, error=None))
                    now = await posts.product_now(session)
                    await announce_canceled(session, canceled, CancelReason.MERCHANT, at=now)
                case Command.HIDE:
                    await posts.save(session, post, replace(post, hidden=True))
                case _:
                    await posts.remove(session, post.id)

    async def _connection(self, post: Post) -> Connection:
        try:
            known = await learn_missing(self._database, self._broker, user_id=post.user_id, wanted=[post.connection_id])
        except BrokerUnavailableError as error:
            raise linker_down(error) from error
        if post.connection_id not in known:
            raise not_usable(None)
        return known[post.connection_id]

    async def _check(self, post: Post, connection: Connection, *, must_fit: bool) -> Checked:
        media = [_as_named(item) for item in post.media]
        looked = await self._checker.look_at(media if must_fit else [])
        checked = await self._checker.check(
            connection, text=post.content, media=media, options=post.options, looked=looked
        )
        if must_fit and checked.problems:
            raise refused_content([(f"body.{one.field}", one) for one in checked.problems])
        return checked


def _edited(post: Post, changes: Changes, named: set[str]) -> Post:
    edited = post
    if "content" in named:
        edited = replace(edited, content=changes.content)
    if "media" in named:
        edited = replace(edited, media=[item.model_dump() for item in changes.media])
    if "options" in named:
        edited = replace(edited, options=changes.options)
    return edited


def _as_named(stored: Mapping[str, Any]) -> MediaIn:
    # A kind that was only guessed, because nobody looked at the file yet, must not contradict what is found.
    was_guessed = "mime" in stored and stored["mime"] is None
    kind = None if was_guessed else stored.get("kind")
    return MediaIn(url=stored["url"], kind=kind, alt_text=stored.get("alt_text") or "")


def _check_commands(post: Post, changes: Changes, named: set[str]) -> None:
    if named - {"scheduled_at"}:
        _refuse(post, Command.PATCH_CONTENT)
    if "scheduled_at" not in named:
        return
    if changes.scheduled_at is not None:
        _refuse(post, Command.PATCH_TIME)
    elif post.status is not Status.DRAFT:
        _refuse(post, Command.UNSCHEDULE)


def _refuse(post: Post, command: Command) -> None:
    try:
        check_allowed(command, post.status)
    except NotAllowedError as error:
        raise not_allowed(error) from error


def _check_revision(post: Post, revision: int | None) -> None:
    if revision is not None and post.revision != revision:
        raise PreconditionFailed("The post has changed since it was read.", action="Read it again, then repeat.")


async def _lock_same(session: WriteSession, before: Post, revision: int | None) -> Post:
    """The post as it was when it was checked; a worker's claim in between changes nothing a merchant sees."""
    current = await posts.lock(session, before.id)
    if current is None:
        raise no_such_post()
    _check_revision(current, revision)
    if current.status is not before.status or current.content_revision != before.content_revision:
        raise PreconditionFailed("The post has changed meanwhile.", action="Read it again, then repeat.")
    return current
