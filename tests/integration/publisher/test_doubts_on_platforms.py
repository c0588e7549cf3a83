"""What becomes of a doubt on every platform: what was told first, what settles it, and by whose word."""

from collections.abc import AsyncIterator
from typing import Any, Literal
from uuid import UUID

import pytest
from tests.integration.publisher.platform_theatre import READABLE, SCENES, PlatformTheatre

from publisher.planning.board import Board
from publisher.projections.repository import Connection
from social_common.db import Database
from social_common.errors import Conflict
from social_platforms._core import Platform

UNKNOWN = ("post.failed", "unknown", None, False)
AT_RISK = ("x", "facebook", "linkedin-page")

everywhere = pytest.mark.parametrize("theatre", SCENES, indirect=True)


def at(*scenes: str) -> pytest.MarkDecorator:
    """On those platforms only."""
    return pytest.mark.parametrize("theatre", scenes, indirect=True)


async def a_doubt(
    theatre: PlatformTheatre,
    connection: Connection,
    *,
    fault: str = "commit_then_drop",
    options: dict[str, str] | None = None,
) -> UUID:
    """A post whose call did not tell its end, and nobody has looked yet."""
    post_id = await theatre.a_due_post(connection, options=options)
    await theatre.stage.plan("publish", fault)
    await theatre.send()
    assert (await theatre.world.post(post_id))["step"] == "settling"
    return post_id


async def an_unknown_post(theatre: PlatformTheatre, connection: Connection, **how: Any) -> UUID:
    """A post that nobody can tell about after the last look."""
    post_id = await a_doubt(theatre, connection, **how)
    await theatre.go_blind()
    await theatre.world.work_looks(theatre.engine(), rounds=3)
    assert (await theatre.world.post(post_id))["status"] == "unknown"
    return post_id


@pytest.mark.parametrize("theatre", READABLE, indirect=True)
async def test_an_unknown_post_that_is_found_later_is_published(theatre: PlatformTheatre) -> None:
    """First that nobody can tell, then that it is live, with a higher revision; and it is there once."""
    post_id = await an_unknown_post(theatre, await theatre.a_merchant())
    await theatre.see_again()
    await theatre.pass_time(60)

    await theatre.look_late()

    post = await theatre.world.post(post_id)
    assert await theatre.ids_there() == [post["platform_post_id"]]
    assert await theatre.story(post_id) == [UNKNOWN, ("post.published", "published", "read_back", False)]


@at("youtube", "instagram", "google", "github-release")
async def test_an_unknown_post_that_the_platform_gave_up_has_failed(theatre: PlatformTheatre) -> None:
    """Where the platform itself says that nothing came of it, the merchant need not be asked."""
    connection = await theatre.a_merchant()
    fault, options = "commit_then_drop", dict[str, str]()
    match theatre.scene.platform:
        case Platform.YOUTUBE:
            await theatre.stage.switch(processing_ends="failed")
        case Platform.GOOGLE:
            await theatre.stage.switch(rejects="all")
        case Platform.GITHUB:
            fault, options = "drop", {"tag": "v1.0"}
            await theatre.a_due_post(connection, options=options)
            await theatre.work()
        case Platform.INSTAGRAM:
            fault = "drop"
    post_id = await an_unknown_post(theatre, connection, fault=fault, options=options)
    if theatre.scene.platform is Platform.INSTAGRAM:
        await theatre.stage.switch(container_life_s=60)
    await theatre.see_again()
    await theatre.pass_time(120)

    await theatre.look_late()

    [attempt] = await theatre.world.attempts(post_id)
    assert await theatre.story(post_id) == [UNKNOWN, ("post.failed", "failed", "read_back", False)]
    assert (attempt["outcome"], attempt["next_look_at"]) == ("refused", None)


@everywhere
@pytest.mark.parametrize("outcome", ["published", "not_published"])
async def test_the_merchants_word_ends_the_doubt(
    theatre: PlatformTheatre, api_board: Board, outcome: Literal["published", "not_published"]
) -> None:
    """It is told as the merchant's, and no look goes behind it."""
    connection = await theatre.a_merchant()
    post_id = await an_unknown_post(theatre, connection)
    link = "https://example.test/posts/1"

    is_out = outcome == "published"
    await api_board.doubts.resolve(connection.user_id, post_id, outcome=outcome, permalink=link if is_out else None)
    await theatre.see_again()
    await theatre.pass_time(60)
    await theatre.look_late()

    post, [attempt] = await theatre.world.post(post_id), await theatre.world.attempts(post_id)
    said = ("post.published", "published") if is_out else ("post.failed", "failed")
    assert await theatre.story(post_id) == [UNKNOWN, (*said, "merchant", False)]
    assert (post["permalink"], post["platform_post_id"]) == (link if is_out else None, None)
    assert (attempt["outcome"], attempt["settled_by"]) == ("resolved", "merchant")


@everywhere
async def test_a_retry_reads_back_and_then_wants_the_risk_confirmed(theatre: PlatformTheatre, api_board: Board) -> None:
    """Nothing is there: without the merchant's word it is not sent again, with it once, and marked."""
    connection = await theatre.a_merchant()
    post_id = await an_unknown_post(theatre, connection, fault="drop")
    await theatre.see_again()

    with pytest.raises(Conflict):
        await api_board.doubts.retry(connection.user_id, post_id, confirmed=False)
    await api_board.doubts.retry(connection.user_id, post_id, confirmed=True)
    await theatre.work()

    post = await theatre.world.post(post_id)
    assert await theatre.story(post_id) == [UNKNOWN, ("post.published", "published", "answer", True)]
    assert await theatre.ids_there() == [post["platform_post_id"]]


@pytest.mark.parametrize("theatre", READABLE, indirect=True)
async def test_a_retry_of_what_is_there_sends_nothing(theatre: PlatformTheatre, api_board: Board) -> None:
    """The look before it finds the post, whatever was confirmed."""
    connection = await theatre.a_merchant()
    post_id = await an_unknown_post(theatre, connection)
    await theatre.see_again()
    await theatre.pass_time(60)

    await api_board.doubts.retry(connection.user_id, post_id, confirmed=True)
    await theatre.work()

    post = await theatre.world.post(post_id)
    assert await theatre.story(post_id) == [UNKNOWN, ("post.published", "published", "read_back", False)]
    assert await theatre.ids_there() == [post["platform_post_id"]]


@everywhere
async def test_a_second_send_by_setting_is_told_apart_from_a_safe_one(theatre: PlatformTheatre) -> None:
    """Nothing had arrived: sent again in any case where a handle makes it safe, elsewhere at the merchant's risk."""
    post_id = await a_doubt(theatre, await theatre.a_merchant(on_doubt="resend"), fault="drop")

    await theatre.work()

    is_risky = not theatre.scene.is_resend_safe
    post, attempts = await theatre.world.post(post_id), await theatre.world.attempts(post_id)
    assert await theatre.story(post_id) == [("post.published", "published", "answer", is_risky)]
    assert [one["outcome"] for one in attempts] == ["unknown" if is_risky else "doubtful", "live"]
    assert [one["may_be_duplicate"] for one in attempts] == [False, is_risky]
    assert await theatre.ids_there() == [post["platform_post_id"]]


@at(*AT_RISK)
async def test_a_second_send_that_is_refused_as_a_duplicate_leads_to_the_first(theatre: PlatformTheatre) -> None:
    """The first had arrived, and the list did not show it yet: the refusal makes it looked for once more."""
    post_id = await a_doubt(theatre, await theatre.a_merchant(on_doubt="resend"))
    await theatre.go_blind()
    await theatre.pass_time(300)
    await theatre.world.work_looks(theatre.engine(), rounds=3)
    _, second = await theatre.world.attempts(post_id)
    await theatre.see_again()

    await theatre.world.work_looks(theatre.engine())

    post = await theatre.world.post(post_id)
    assert second["outcome"] == "doubtful"
    assert await theatre.story(post_id) == [("post.published", "published", "read_back", True)]
    assert await theatre.ids_there() == [post["platform_post_id"]]


@at("google", "linkedin-profile")
async def test_a_risk_that_was_taken_is_told(theatre: PlatformTheatre) -> None:
    """Where equal posts are taken it stands there twice, where nothing can be read nobody can tell: both say so."""
    post_id = await a_doubt(theatre, await theatre.a_merchant(on_doubt="resend"))
    await theatre.go_blind()
    await theatre.pass_time(300)

    await theatre.work()

    is_refused = not theatre.scene.takes_equals
    told = ("post.failed", "unknown", None, True) if is_refused else ("post.published", "published", "answer", True)
    assert await theatre.story(post_id) == [told]
    assert len(await theatre.ids_there()) == (1 if is_refused else 2)


@pytest.fixture
async def api_board(theatre: PlatformTheatre) -> AsyncIterator[Board]:
    """The use cases behind the API, as its role."""
    database = Database(theatre.world.urls.secret("api"), service="publisher", pool_size=2)
    yield theatre.board(database)
    await database.close()
