"""The way out of `unknown`: the platform is read once more, or the merchant says what is true."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from publisher import posts
from publisher.announcements import announce_failed, announce_published
from publisher.brokerage import Broker, BrokerUnavailableError, NoAccessError
from publisher.domain import Command, NotAllowedError, Outcome, Problem, SettledBy, Status, check_allowed
from publisher.planning.changes import Editor
from publisher.planning.errors import linker_down, no_such_post, not_allowed, not_usable
from publisher.posts import Post
from publisher.publishing import ledger, looks
from publisher.publishing.domain import Seen
from publisher.publishing.ledger import Attempt
from publisher.publishing.looking import Look, Looker
from publisher.publishing.neighbours import neighbours_of
from publisher.publishing.results import Results
from social_common.db import Database, constraint_name
from social_common.errors import Conflict, Unavailable
from social_platforms._core import Live

_TOKEN_LIFE = timedelta(minutes=1)
_LOOK_FOR_ID = timedelta(seconds=30)
_SAID_NOT_OUT = Problem(
    "outcome_unknown", "You looked, and it is not on the account.", "Retry it, if it should be published."
)


class Doubts:
    """Retry and resolve of posts that nobody can tell about."""

    def __init__(self, database: Database, *, broker: Broker, looker: Looker, results: Results, editor: Editor) -> None:
        self._database = database
        self._broker = broker
        self._looker = looker
        self._results = results
        self._editor = editor

    async def retry(self, user_id: UUID, post_id: UUID, *, confirmed: bool) -> Post:
        """Reads back first: what is found is published; what is not is sent again only when that was confirmed."""
        post = await self._editor.find(user_id, post_id)
        if post.status is not Status.UNKNOWN:
            return await self._editor.retry(user_id, post_id)
        if await self._find_it(post):
            return await self._editor.find(user_id, post_id)
        if not confirmed:
            raise Conflict(
                "The post was not found on the account, which does not prove that it is not there.",
                action="Look at the account; then resolve it, or retry with confirm_may_duplicate: true.",
            )
        return await self._editor.resend(post)

    async def resolve(
        self,
        user_id: UUID,
        post_id: UUID,
        *,
        outcome: Literal["published", "not_published"],
        permalink: str | None,
    ) -> Post:
        """The merchant's word ends the doubt."""
        async with self._database.write(user_id) as session:
            post = await posts.lock(session, post_id)
            if post is None:
                raise no_such_post()
            try:
                check_allowed(Command.RESOLVE, post.status)
            except NotAllowedError as error:
                raise not_allowed(error) from error
            attempt = await ledger.last_of(session, post_id)
            now = await posts.product_now(session)
            if attempt is not None:
                await ledger.finish(
                    session, attempt, Outcome.RESOLVED, error=attempt.error, settled_by=SettledBy.MERCHANT
                )
            await looks.end_doubts(session, post_id)
            await looks.drop_looks(session, post_id)
            if outcome == "published":
                sent_at = attempt.started_at if attempt is not None else now
                published = _published(post, permalink, posted_at=min(sent_at, now))
                saved = await posts.save(session, post, published)
                await announce_published(session, saved, at=now)
                return saved
            failed = post.moved(Status.FAILED, error=_SAID_NOT_OUT.as_json())
            saved = await posts.save(session, post, failed)
            await announce_failed(session, saved, at=now, settled_by=SettledBy.MERCHANT)
            return saved

    async def _find_it(self, post: Post) -> bool:
        """Whether a look found one of the attempts in doubt, so that the post is published by now.

        Raises where it could not look.
        """
        async with self._database.read(post.user_id) as session:
            doubted = [(one, await neighbours_of(session, one)) for one in await ledger.in_doubt(session, post.id)]
        if not doubted:
            return False
        try:
            brokered = await self._broker.access(post.connection_id, post.user_id, min_valid=_TOKEN_LIFE)
        except BrokerUnavailableError as error:
            raise linker_down(error) from error
        except NoAccessError as error:
            raise not_usable(None) from error
        for attempt, among in doubted:
            look = await self._looker.look(attempt, brokered, among=among)
            if look.seen is Seen.BLIND:
                raise _cannot_look(look)
            if look.seen is Seen.LIVE and await self._went_live(attempt, look.live or Live(None, None)):
                return True
        return False

    async def _went_live(self, attempt: Attempt, live: Live) -> bool:
        try:
            return await self._results.went_live(attempt, live, settled_by=SettledBy.READ_BACK, look_after=_LOOK_FOR_ID)
        except IntegrityError as error:
            if constraint_name(error) != "uq_social_posts_platform_post":
                raise
            # That post is another one's: this look found nothing of ours.
            return False


def _published(post: Post, permalink: str | None, *, posted_at: datetime) -> Post:
    return post.moved(
        Status.PUBLISHED,
        permalink=permalink,
        posted_at=posted_at,
        settled_by=SettledBy.MERCHANT,
        error=None,
    )


def _cannot_look(look: Look) -> Unavailable:
    return Unavailable(
        "The account cannot be read at the moment, and without reading it nothing is sent again.",
        code=look.error.code.value if look.error else "platform_down",
        retry_after=look.check_after or timedelta(seconds=30),
        action="Try again later.",
    )
