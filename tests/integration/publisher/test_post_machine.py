"""Everything that can happen to a post, in any order, on the real database: the model says what must come of it."""

from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.integration.publisher.kit import Behaviour
from tests.integration.publisher.post_model import Answer, ModelPost, Place, Shop, told_by
from tests.integration.publisher.post_things import EVERYTHING, SEVEN
from tests.integration.publisher.test_consumers import an_event, end_of, state_of
from tests.integration.publisher.theatre import Theatre, VanishedError, answer_of
from tests.support.postgres import ServiceDatabase

from publisher.domain import OnDoubt
from publisher.planning.schemas import Changes, NewPosts
from publisher.projections.repository import Connection
from publisher.settings_of import MerchantSettings
from publisher.settings_of import store as store_settings
from social_platforms._core import (
    Accepted,
    ErrorCode,
    Live,
    NothingSent,
    OutcomeUnknown,
    PlatformError,
    PostRef,
    Prepared,
    Sighting,
    SightingKind,
)


class PostMachine(RuleBasedStateMachine):
    """One merchant, two places, some posts, two workers."""

    theatre: Theatre

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()
        self.places = [Place(), Place()]
        self.posts: dict[UUID, ModelPost] = {}
        self.seen: dict[UUID, int] = {}
        self.uncertain: set[UUID] = set()
        self.texts = 0
        self.is_sound = False
        self.wrong: list[str] = []

    @initialize()
    def open(self) -> None:
        """A merchant's two posts are due, and of a third nobody can tell whether it is out."""
        self._run(self._open())
        self.create(0, "now", 1)
        self.work(0, "ready", "lost", None, None)
        for engine in (0, 1, 0):
            self.look(engine, "truth", "lost")
        for place in range(2):
            self.create(place, "now", 1)

    @rule(thing=EVERYTHING)
    def go_on(self, thing: dict[str, Any]) -> None:
        """The next thing happens."""
        args = {name: value for name, value in thing.items() if name != "kind"}
        getattr(self, thing["kind"].replace(" ", "_"))(**args)

    async def _open(self) -> None:
        await self.theatre.clear()
        world = self.theatre.world
        self.user_id = await world.a_user()
        self.connections: list[Connection] = [await world.a_connection(self.user_id) for _ in self.places]

    def teardown(self) -> None:
        """Nothing is ever stuck: left alone, every post comes to its end."""
        if self.is_sound:
            self._come_to_rest()

    # --- the merchant ------------------------------------------------------------------------------

    def create(self, place: int, mode: str, later: int) -> None:
        """A post is planned, or kept as a draft that may carry a time."""
        if sum(not post.gone for post in self.posts.values()) < 5:
            self._run(self._create(place, mode, later * SEVEN))

    async def _create(self, place: int, mode: str, later: int) -> None:
        text = self._text()
        body: dict[str, Any] = {"content": text, "mode": mode}
        body["targets"] = [{"connection_id": str(self.connections[place].connection_id)}]
        if mode == "schedule":
            body["scheduled_at"] = await self._in(later)
        post = ModelPost(self.places[place], self.shop, text)
        expected: Answer = "ok"
        if mode != "draft":
            expected = post.plan(later, fresh=True) if mode == "schedule" else post.publish()
        planner, made = self.theatre.board.planner, []

        async def create() -> None:
            planned = await planner.plan(self.user_id, NewPosts(**body))
            async with self.theatre.board.database.write(self.user_id) as session:
                made.extend(await planner.store(session, planned))

        assert await answer_of(create()) == expected
        for one in made:
            self.posts[one.id] = post

    def ask(self, pick: int, **how: Any) -> None:
        """The merchant asks for something, with the revision that stands or with an older one."""
        self._run(self._ask(self._pick(pick), how["command"], fresh=how["fresh"], later=how["later"] * SEVEN))

    def ask_twice(self, pick: int, **how: Any) -> None:
        """A double click."""
        self._run(self._ask_twice(self._pick(pick), how["command"], fresh=True, later=how["later"] * SEVEN))

    def decide(self, pick: int, command: str) -> None:
        """The merchant goes through what nobody can tell about."""
        doubtful = [one for one, post in self.posts.items() if post.status == "unknown"]
        if doubtful:
            self._run(self._ask(doubtful[pick % len(doubtful)], command, fresh=True, later=SEVEN))

    def leases(self) -> None:
        """Whoever held something for too long holds it no more."""
        self._run(self.theatre.let_leases_run_out())

    async def _ask_twice(self, post_id: UUID, command: str, *, fresh: bool, later: int) -> None:
        """A double click: the second of two equal requests finds what the first one left."""
        revision = await self.theatre.revision_of(post_id)
        await self._ask(post_id, command, fresh=fresh, later=later, revision=revision if fresh else revision - 1)
        moved_on = await self.theatre.revision_of(post_id) != revision
        await self._ask(post_id, command, fresh=not moved_on, later=later, revision=revision)

    async def _ask(
        self, post_id: UUID, command: str, *, fresh: bool, later: int, revision: int | None = None
    ) -> Answer:
        if revision is None:
            revision = await self.theatre.revision_of(post_id) - (0 if fresh else 1)
        text, minutes = self._text(), -later if command == "plan for the past" else later
        expected = _expected(self.posts[post_id], command, fresh=fresh, text=text, minutes=minutes)
        answer = await answer_of(self._asked(post_id, command, revision, text=text, at=await self._in(minutes)))
        if answer != expected:
            self.wrong.append(f"{command} was {answer} and not {expected}: {self.posts[post_id]}")
        return answer

    def _asked(self, post_id: UUID, command: str, revision: int, *, text: str, at: str) -> Awaitable[object]:
        editor, doubts, who = self.theatre.board.editor, self.theatre.board.doubts, self.user_id
        match command:
            case "text":
                return editor.patch(who, post_id, Changes(content=text), revision=revision)
            case "plan" | "plan for the past" | "unplan":
                changes = Changes.model_validate({"scheduled_at": None if command == "unplan" else at})
                return editor.patch(who, post_id, changes, revision=revision)
            case "publish":
                return editor.publish_now(who, post_id)
            case "retry" | "confirm":
                return doubts.retry(who, post_id, confirmed=command == "confirm")
            case "there":
                return doubts.resolve(who, post_id, outcome="published", permalink=None)
            case "not there":
                return doubts.resolve(who, post_id, outcome="not_published", permalink=None)
            case _:
                return editor.delete(who, post_id, revision=revision)

    def set(self, *, resend: bool, hours: int) -> None:
        """The merchant's settings."""
        self.shop.resend, self.shop.catch_up = resend, hours * 60
        wanted = MerchantSettings(hours, OnDoubt.RESEND if resend else OnDoubt.ASK)

        async def store() -> None:
            async with self.theatre.board.database.write(self.user_id) as session:
                await store_settings(session, self.user_id, wanted)

        self._run(store())

    # --- time and connections ----------------------------------------------------------------------

    def pass_time(self, later: int) -> None:
        """Product time goes on."""
        self._run(self._pass_time(later * SEVEN))

    async def _pass_time(self, minutes: int) -> None:
        self.shop.now += minutes
        await self.theatre.sql(
            "UPDATE retail_b2c.social_clock SET offset_seconds = offset_seconds + $1", float(minutes * 60)
        )

    def lose(self, place: int, reason: str, *, twice: bool) -> None:
        """A connection ends; its event may come twice."""
        where = self.places[place]
        where.usable, where.revision = False, where.revision + 1
        for post in self._at(where):
            if reason == "user":
                post.disconnected(where.revision)
            else:
                post.connection_lost()
        self.theatre.broker.down[self.connections[place].connection_id] = where.revision
        data = end_of(self.connections[place], revision=where.revision, reason=reason)
        self._run(self._hear("connection.unlinked", data, twice=twice))

    def link(self, place: int, *, twice: bool) -> None:
        """It is connected again; its event may come twice."""
        where = self.places[place]
        where.usable, where.revision = True, where.revision + 1
        self.theatre.broker.down.pop(self.connections[place].connection_id, None)
        data = state_of(self.connections[place], revision=where.revision)
        self._run(self._hear("connection.linked", data, twice=twice))

    async def _hear(self, topic: str, data: dict[str, Any], *, twice: bool) -> None:
        event = an_event(topic, self.user_id, data)
        for _ in range(2 if twice else 1):
            await self.theatre.consumer.handle(event)

    # --- the workers -------------------------------------------------------------------------------

    def work(self, engine: int, prepares: str, call: str, before: str | None, meanwhile: str | None) -> None:
        """A worker takes one due post; its merchant may ask for something before the call, and while it is made."""
        self._run(self._work(engine, prepares, call, before, meanwhile))

    async def _work(self, engine: int, prepares: str, call: str, before: str | None, meanwhile: str | None) -> bool:
        claims = await self.theatre.engines[engine].claim_due(1)
        if not claims:
            assert self._surely_due() == []
            return False
        [claim] = claims
        post = self.posts[claim.post_id]
        assert post.is_due
        platform, asked = self.theatre.platform, []
        goes_on = post.taken()

        async def ask_before() -> None:
            asked.append("prepare")
            if before is not None:
                await self._ask(claim.post_id, before, fresh=True, later=SEVEN)

        platform.while_preparing = ask_before
        platform.next_publish.append(self._first_call(claim.post_id, call, meanwhile))
        if prepares != "ready":
            platform.next_prepare.append(_prepared(prepares))
        await self.theatre.handle(claim, engine=engine)
        if goes_on and asked and prepares != "ready":
            self._not_prepared(claim.post_id, prepares)
        elif goes_on and not post.claim_lost:
            raise AssertionError(f"it was not sent: {post}")
        await self.theatre.forget_limits()
        return True

    def _first_call(self, post_id: UUID, call: str, meanwhile: str | None) -> Behaviour:
        post = self.posts[post_id]

        async def publish(_: PostRef) -> Live | Accepted:
            # What is raised in here is the platform's doing for the worker, so that it is kept for afterwards.
            if post.claim_lost:
                self.wrong.append(f"it was sent although its merchant had changed it: {post}")
            post.sent()
            if meanwhile is not None:
                answer = await self._ask(post_id, meanwhile, fresh=True, later=SEVEN)
                if answer != "conflict":
                    self.wrong.append(f"{meanwhile} while it was published: {answer}")
            return self._called(post, call)

        return publish

    def _not_prepared(self, post_id: UUID, prepares: str) -> None:
        post = self.posts[post_id]
        if post.claim_lost:
            return
        if prepares == "rejected":
            post.attempts += 1
            post.refused()
        elif prepares == "down":
            post.hold("retry")
        else:
            self.uncertain.add(post_id)

    def _called(self, post: ModelPost, call: str) -> Live | Accepted:
        if call in {"live", "lost but out", "accepted", "vanished but out"}:
            post.became_public()
            self.theatre.platform.public.append((self._place_of(post).platform_id, post.text))
        match call:
            case "live":
                post.answered()
                number = len(self.theatre.platform.public)
                return Live(f"p{number}-{self._place_of(post).platform_id}", None)
            case "accepted":
                post.accepted = True
                return Accepted({"container": "c"}, check_after=timedelta(seconds=1))
            case "refused":
                post.refused()
                raise PlatformError(ErrorCode.CONTENT_REJECTED, "Not this.", http_status=400)
            case "limited":
                post.hold("quota")
                raise PlatformError(ErrorCode.RATE_LIMITED, "Too often.", retry_after=timedelta(minutes=15))
            case "token":
                post.hold("retry")
                raise PlatformError(ErrorCode.AUTH_EXPIRED, "The token is no longer good.", http_status=401)
            case "not made":
                post.hold("retry")
                raise NothingSent("The connection was refused.")
            case "lost" | "lost but out":
                raise OutcomeUnknown("reset")
            case _:
                raise VanishedError

    def claim_and_die(self, engine: int) -> None:
        """A worker takes what it may, and is gone."""

        async def claim() -> None:
            self.uncertain.update(one.post_id for one in await self.theatre.engines[engine].claim_due(2))

        self._run(claim())

    def look(self, engine: int, shows: str, call: str) -> None:
        """Somebody looks at the account for one attempt; what follows may be a second call."""
        self._run(self._look(engine, shows, call))

    async def _look(self, engine: int, shows: str, call: str) -> bool:
        await self.theatre.let_leases_run_out()
        claims = await self.theatre.engines[engine].claim_looks(1)
        if not claims:
            return False
        [row] = await self.theatre.sql(
            "SELECT post_id, number FROM retail_b2c.publisher_attempts WHERE id = $1", claims[0].attempt_id
        )
        post = self.posts[row["post_id"]]
        number = row["number"]
        assert (post.status == "publishing" and number == post.attempts) or number in post.doubted
        if shows == "failed" and post.is_public(number):
            shows = "truth"

        async def publish(_: PostRef) -> Live | Accepted:
            return self._called(post, call)

        self.theatre.platform.next_publish.append(publish)
        if shows != "truth" and post.place.usable:
            kind = SightingKind.FAILED if shows == "failed" else SightingKind.PROCESSING
            error = PlatformError(ErrorCode.MEDIA_REJECTED, "No.") if shows == "failed" else None
            self.theatre.platform.next_looks.append(Sighting(kind, error=error))
        self._looked(post, number, shows)
        with suppress(VanishedError):
            await self.theatre.engines[engine].settler.handle(claims[0])
        await self.theatre.forget_limits()
        return True

    def _looked(self, post: ModelPost, number: int, shows: str) -> None:
        is_unsettled = post.status == "publishing"
        if not post.place.usable:
            if is_unsettled:
                post.absent(locked_out=True)
        elif shows == "works on it":
            return
        elif shows == "failed":
            if is_unsettled:
                post.refused()
            else:
                post.given_up(number)
        elif post.is_public(number):
            post.found(number)
        elif is_unsettled:
            post.absent(locked_out=False)

    # --- what always holds -------------------------------------------------------------------------

    @invariant()
    def the_database_is_as_the_model_says(self) -> None:
        """Answers, rows, events, revisions and what is public, after every step."""
        assert self.wrong == []
        if self.posts:
            self._run(self._check())
        self.is_sound = True

    async def _check(self) -> None:
        rows = {row["id"]: row for row in await self.theatre.sql("SELECT * FROM retail_b2c.social_posts")}
        assert set(rows) == {one for one, post in self.posts.items() if not post.gone}
        for post_id, post in self.posts.items():
            told = await self.theatre.told_of(post_id)
            revisions = [revision for _, _, revision in told]
            assert [(topic, detail) for topic, detail, _ in told] == post.story, post
            assert revisions == sorted(revisions)
            assert len(set(revisions)) == len(revisions)
            assert self.theatre.platform.public.count((self._place_of(post).platform_id, post.text)) <= (
                1 + post.risks_taken
            )
            if post.gone:
                continue
            row = rows[post_id]
            assert row["status"] in told_by(post.story)
            stands = (row["status"], row["held_for"], row["content"], row["attempts"], row["hidden"])
            assert stands == (post.status, post.held_for, post.text, post.attempts, post.hidden)
            assert row["revision"] >= max([self.seen.get(post_id, 0), *revisions])
            assert row["claimed_by"] is None or post.status in {"scheduled", "held"}
            self.seen[post_id] = row["revision"]

    def _come_to_rest(self) -> None:
        for place in range(2):
            self.link(place, twice=False)
        self.set(resend=False, hours=6)
        for _ in range(3):
            self.pass_time(300)
            for _ in range(60):
                self._run(self.theatre.let_leases_run_out())
                worked = self._run(self._work(0, "ready", "live", None, None))
                looked = self._run(self._look(1, "truth", "live"))
                self.the_database_is_as_the_model_says()
                if not worked and not looked:
                    break
        assert {post.status for post in self.posts.values()} <= {
            "draft", "published", "failed", "unknown", "missed", "canceled"
        }  # fmt: skip

    # --- inside ------------------------------------------------------------------------------------

    def _run(self, work: Any) -> Any:
        self.is_sound = False
        return self.theatre.run(work)

    def _surely_due(self) -> list[UUID]:
        known = [(one, post) for one, post in self.posts.items() if one not in self.uncertain]
        return [one for one, post in known if post.is_due and post.status == "scheduled"]

    def _pick(self, pick: int) -> UUID:
        living = [one for one, post in self.posts.items() if not post.gone]
        among = living if living and pick > 4 else list(self.posts)
        return among[pick % len(among)]

    def _at(self, place: Place) -> list[ModelPost]:
        return [post for post in self.posts.values() if post.place is place and not post.gone]

    def _place_of(self, post: ModelPost) -> Connection:
        return self.connections[next(n for n, place in enumerate(self.places) if place is post.place)]

    def _text(self) -> str:
        self.texts += 1
        return f"Text {self.texts}"

    async def _in(self, minutes: int) -> str:
        [row] = await self.theatre.sql("SELECT retail_b2c.social_now() AS now")
        moment: datetime = row["now"].astimezone(UTC) + timedelta(minutes=minutes)
        return moment.isoformat()


def _expected(post: ModelPost, command: str, *, fresh: bool, text: str, minutes: int) -> Answer:
    match command:
        case "text":
            return post.change_text(text, fresh=fresh)
        case "plan" | "plan for the past":
            return post.plan(minutes, fresh=fresh)
        case "unplan":
            return post.unplan(fresh=fresh)
        case "publish":
            return post.publish()
        case "retry" | "confirm":
            return post.retry(confirmed=command == "confirm")
        case "there" | "not there":
            return post.resolve(published=command == "there")
        case _:
            return post.delete(fresh=fresh)


def _prepared(how: str) -> Exception | Prepared:
    match how:
        case "rejected":
            return PlatformError(ErrorCode.MEDIA_REJECTED, "Not this file.", http_status=400)
        case "down":
            return PlatformError(ErrorCode.PLATFORM_DOWN, "It is down.", retryable=True)
        case _:
            return Prepared({"c": 1}, ready=False, check_after=timedelta(hours=1))


@pytest.fixture
def theatre(publisher_urls: ServiceDatabase) -> Any:
    """The world of the machine."""
    one = Theatre(publisher_urls)
    yield one
    one.close()


def _walk(theatre: Theatre, *, examples: int, steps: int) -> None:
    PostMachine.theatre = theatre
    run_state_machine_as_test(
        PostMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_a_post_stands_where_the_model_says(theatre: Theatre) -> None:
    """A merchant, two workers, a platform, connections and time, in any order and at the worst moments."""
    _walk(theatre, examples=20, steps=30)


@pytest.mark.long
def test_whatever_happens_for_long_a_post_stands_where_the_model_says(theatre: Theatre) -> None:
    """The same for minutes: many more walks, each twice as far."""
    _walk(theatre, examples=80, steps=60)
