"""A merchant and a worker want the same post at once: one of them has it, and nothing of either is lost."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.publisher.theatre import Theatre, answer_of
from tests.support.postgres import ServiceDatabase

from publisher.planning.schemas import Changes
from social_platforms._core import ErrorCode, Live, OutcomeUnknown, PlatformError, PostRef

WHEN = ["claimed", "token", "prepare", "publish", "answered"]
WHAT = ["text", "later", "unplan", "publish", "delete"]


class Merchant:
    """What a merchant does to one post, each time with the revision that was read before."""

    def __init__(self, theatre: Theatre, user_id: UUID, post_id: UUID) -> None:
        self.theatre = theatre
        self.user_id = user_id
        self.post_id = post_id

    async def does(self, what: str, *, text: str = "New text", revision: int | None = None) -> str:
        """The answer to one command."""
        editor = self.theatre.board.editor
        if revision is None:
            revision = await self.theatre.revision_of(self.post_id)
        changes = {
            "text": Changes(content=text),
            "later": Changes(scheduled_at=datetime.now(UTC) + timedelta(hours=3)),
            "unplan": Changes(scheduled_at=None),
        }
        if what in changes:
            return await answer_of(editor.patch(self.user_id, self.post_id, changes[what], revision=revision))
        if what == "publish":
            return await answer_of(editor.publish_now(self.user_id, self.post_id))
        return await answer_of(editor.delete(self.user_id, self.post_id, revision=revision))


async def at_the_moment(theatre: Theatre, when: str, act: Callable[[], Awaitable[None]], engine: int = 0) -> None:
    """A worker takes the post, and the merchant acts at exactly that moment of its way."""
    [claim] = await theatre.engines[engine].claim_due(5)
    platform, broker = theatre.platform, theatre.broker
    give = broker.access

    async def with_token(*args: Any, **named: Any) -> Any:
        if when == "token":
            await act()
        return await give(*args, **named)

    async def call(_: PostRef) -> Live:
        if when == "publish":
            await act()
        text = (await theatre.sql("SELECT snapshot->>'text' AS text FROM retail_b2c.publisher_attempts"))[-1]["text"]
        platform.public.append(("place", text))
        return Live(f"p-{len(platform.public)}", None)

    platform.next_publish.append(call)
    platform.while_preparing = act if when == "prepare" else None
    broker.access = with_token  # type: ignore[method-assign]
    if when == "claimed":
        await act()
    await theatre.handle(claim, engine=engine)
    if when == "answered":
        await act()
    broker.access = give  # type: ignore[method-assign]
    await theatre.forget_limits()


@pytest.fixture
def theatre(publisher_urls: ServiceDatabase) -> Any:
    """The world, with an API and two workers on connections of their own."""
    one = Theatre(publisher_urls)
    one.run(one.clear())
    yield one
    one.close()


async def a_due_post(theatre: Theatre, text: str = "Old text") -> Merchant:
    """A merchant with one post that is due."""
    user_id = await theatre.world.a_user()
    post_id = await theatre.world.a_post(await theatre.world.a_connection(user_id), content=text)
    return Merchant(theatre, user_id, post_id)


async def stands(theatre: Theatre, merchant: Merchant) -> dict[str, Any]:
    """The post as it stands, and how often it is public."""
    row = await theatre.world.post(merchant.post_id)
    return {"status": row["status"], "text": row["content"], "public": [text for _, text in theatre.platform.public]}


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("when", WHEN)
def test_a_command_at_any_moment_of_the_way_counts_or_is_refused(theatre: Theatre, when: str, what: str) -> None:
    """Before the attempt it counts and the worker sends nothing old; from the attempt on it is refused."""

    async def play() -> tuple[str, dict[str, Any], dict[str, Any]]:
        await theatre.clear()
        merchant = await a_due_post(theatre)
        answers: list[str] = []

        async def act() -> None:
            answers.append(await merchant.does(what))

        await at_the_moment(theatre, when, act)
        first = await stands(theatre, merchant)
        while await theatre.world.work_due(theatre.engines[1]):
            pass
        return answers[0], first, await stands(theatre, merchant)

    answer, first, end = theatre.run(play())

    if when == "answered" and what == "delete":
        assert (answer, end["status"], end["public"]) == ("ok", "published", ["Old text"])
    elif when in {"publish", "answered"}:
        assert (answer, end) == ("conflict", {"status": "published", "text": "Old text", "public": ["Old text"]})
    else:
        ends = {"text": "published", "later": "scheduled", "unplan": "draft", "publish": "published",
                "delete": "canceled"}  # fmt: skip
        text = "New text" if what == "text" else "Old text"
        out = [text] if ends[what] == "published" else []
        assert (answer, first["public"]) == ("ok", [])
        assert end["status"] == ends[what]
        assert [text for _, text in theatre.platform.public] == out


@pytest.mark.parametrize("seed", range(4))
def test_whoever_is_first_there_is_exactly_one_outcome(theatre: Theatre, seed: int) -> None:
    """Worker and merchant on connections of their own, with no order between them, again and again."""
    dice = random.Random(seed)

    async def one(what: str) -> tuple[str, dict[str, Any]]:
        await theatre.clear()
        merchant = await a_due_post(theatre)
        revision = await theatre.revision_of(merchant.post_id)

        async def worker() -> None:
            await asyncio.sleep(dice.random() * 0.01)
            await theatre.world.work_due(theatre.engines[0])

        async def asks() -> str:
            await asyncio.sleep(dice.random() * 0.03)
            return await merchant.does(what, revision=revision)

        _, answer = await asyncio.gather(worker(), asks())
        while await theatre.world.work_due(theatre.engines[1]):
            pass
        return answer, await stands(theatre, merchant)

    for _ in range(6):
        what = dice.choice(["text", "delete", "unplan"])
        answer, end = theatre.run(one(what))
        if answer == "ok" and end["status"] != "published":
            assert (end["status"], end["public"]) == ({"delete": "canceled", "unplan": "draft"}[what], [])
        elif answer == "ok" and what == "text":
            assert (end["text"], end["public"]) == ("New text", ["New text"])
        else:
            assert answer in {"stale", "conflict", "ok"}
            assert (end["status"], end["text"], end["public"]) == ("published", "Old text", ["Old text"])


def test_of_changes_with_the_same_revision_exactly_one_counts(theatre: Theatre) -> None:
    """Ten patches at once, each with the revision that was read: one wins, nine are told, no update is lost."""

    async def play() -> tuple[list[str], dict[str, Any]]:
        merchant = await a_due_post(theatre)
        revision = await theatre.revision_of(merchant.post_id)
        texts = [f"Text {number}" for number in range(10)]
        answers = await asyncio.gather(*(merchant.does("text", text=text, revision=revision) for text in texts))
        return list(answers), await stands(theatre, merchant)

    answers, end = theatre.run(play())

    assert sorted(answers) == ["ok"] + ["stale"] * 9
    assert end["text"] == f"Text {answers.index('ok')}"


def test_two_cancels_at_once_are_one(theatre: Theatre) -> None:
    """A double click on cancel: one event, one end."""

    async def play() -> tuple[list[str], list[str]]:
        merchant = await a_due_post(theatre)
        revision = await theatre.revision_of(merchant.post_id)
        answers = await asyncio.gather(*(merchant.does("delete", revision=revision) for _ in range(5)))
        return list(answers), [topic for topic, _, _ in await theatre.told_of(merchant.post_id)]

    answers, told = theatre.run(play())

    assert sorted(answers) == ["ok"] + ["stale"] * 4
    assert told == ["post.canceled"]


def test_two_retries_at_once_send_once(theatre: Theatre) -> None:
    """A double click on retry of a failed post: one new attempt, the other is told that the post moved on."""

    async def play() -> tuple[list[str], int]:
        merchant = await a_due_post(theatre)

        async def refuse(_: PostRef) -> Live:
            raise PlatformError(ErrorCode.CONTENT_REJECTED, "Not this.")

        theatre.platform.next_publish.append(refuse)
        await theatre.world.work_due(theatre.engines[0])
        retry = theatre.board.doubts.retry
        answers = await asyncio.gather(
            *(answer_of(retry(merchant.user_id, merchant.post_id, confirmed=False)) for _ in range(5))
        )
        await asyncio.gather(*(theatre.world.work_due(engine) for engine in theatre.engines))
        return list(answers), len(theatre.platform.public)

    answers, public = theatre.run(play())

    assert answers.count("ok") == 1
    assert set(answers) <= {"ok", "stale", "conflict"}
    assert public == 1


def test_a_merchants_word_ends_every_doubt_of_the_post(theatre: Theatre) -> None:
    """Two attempts ended in doubt, the merchant looked and says no: a refused third try is `failed`, not `unknown`."""

    async def play() -> list[str]:
        merchant = await a_due_post(theatre)
        states = []

        async def lost(_: PostRef) -> Live:
            raise OutcomeUnknown("reset")

        async def refuse(_: PostRef) -> Live:
            raise PlatformError(ErrorCode.CONTENT_REJECTED, "Not this.")

        theatre.platform.next_publish += [lost, lost, refuse]
        await theatre.sql(
            "INSERT INTO retail_b2c.publisher_settings (user_id, on_doubt) VALUES ($1, 'resend')", merchant.user_id
        )
        await theatre.world.work_due(theatre.engines[0])
        for _ in range(6):
            await theatre.let_leases_run_out()
            await theatre.world.work_looks(theatre.engines[0])
        states.append((await stands(theatre, merchant))["status"])
        doubts = theatre.board.doubts
        await doubts.resolve(merchant.user_id, merchant.post_id, outcome="not_published", permalink=None)
        await doubts.retry(merchant.user_id, merchant.post_id, confirmed=False)
        await theatre.world.work_due(theatre.engines[0])
        return [*states, (await stands(theatre, merchant))["status"]]

    assert theatre.run(play()) == ["unknown", "failed"]
