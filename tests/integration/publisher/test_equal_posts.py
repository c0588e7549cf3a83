"""Two equal posts by the merchant's own wish: two where the platform takes them, and never one under the other's id."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from tests.integration.publisher.kit import World
from tests.integration.publisher.platform_theatre import SCENES, PlatformTheatre

from publisher.projections.repository import Connection
from social_platforms._core import (
    ErrorCode,
    Evidence,
    Live,
    OutcomeUnknown,
    Platform,
    PlatformError,
    PostRef,
    Sighting,
    SightingKind,
)

WORDS = "Mugs are back"
everywhere = pytest.mark.parametrize("theatre", SCENES, indirect=True)


@everywhere
@pytest.mark.parametrize("when", ["at once", "later"])
async def test_two_equal_posts_stay_two_or_the_second_is_refused(theatre: PlatformTheatre, when: str) -> None:
    """As the platform has it: two posts with an id each, or one post and one `duplicate_post`."""
    connection = await theatre.a_merchant()
    first = await theatre.a_due_post(connection)
    if when == "later":
        await theatre.work()
    second = await theatre.a_due_post(connection)

    await theatre.work(rounds=20)

    posts = [await theatre.world.post(one) for one in (first, second)]
    there = await theatre.ids_there()
    if theatre.scene.takes_equals:
        assert sorted(post["platform_post_id"] or "" for post in posts) == sorted(there)
        assert len(there) == 2
        return
    [refused] = [post for post in posts if post["status"] == "failed"]
    [live] = [post for post in posts if post["status"] == "published"]
    assert json.loads(refused["error"])["code"] == "duplicate_post"
    assert refused["platform_post_id"] is None
    assert there == [live["platform_post_id"]]
    assert await theatre.story(refused["id"]) == [("post.failed", "failed", "answer", False)]


@everywhere
@pytest.mark.parametrize("fault", ["drop", "commit_then_drop"])
async def test_a_doubt_beside_an_equal_post_never_takes_its_id(theatre: PlatformTheatre, fault: str) -> None:
    """The second's answer is lost: found by what only it has, or unknown; the first's post settles nothing."""
    connection = await theatre.a_merchant()
    first = await theatre.a_due_post(connection)
    await theatre.work()
    await theatre.pass_time(120)
    second = await theatre.a_due_post(connection)
    await theatre.stage.plan("publish", fault)

    await theatre.work(rounds=16)

    one, other = await theatre.world.post(first), await theatre.world.post(second)
    there = await theatre.ids_there()
    is_made = theatre.scene.is_resend_safe or (fault == "commit_then_drop" and theatre.scene.takes_equals)
    assert one["status"] == "published"
    assert other["status"] == ("published" if is_made else "unknown"), other["error"]
    assert there == [one["platform_post_id"], *([other["platform_post_id"]] if is_made else [])]


@pytest.mark.parametrize("theatre", ["x", "facebook", "linkedin-page", "google"], indirect=True)
async def test_a_late_list_that_shows_the_first_only_now_settles_nothing(theatre: PlatformTheatre) -> None:
    """When the second was prepared the list did not show the first yet; then it does, and the second was never made."""
    connection = await theatre.a_merchant()
    first = await theatre.a_due_post(connection)
    await theatre.stage.switch(**{theatre.scene.lag: 30})
    await theatre.send(rounds=1)
    if theatre.stage.platform is Platform.GOOGLE:
        await theatre.pass_time(6)
        await theatre.world.let_leases_run_out()
        await theatre.world.work_looks(theatre.engine())
    second = await theatre.a_due_post(connection)
    await theatre.stage.plan("publish", "drop")
    await theatre.send(rounds=1)
    await theatre.pass_time(60)

    await theatre.world.work_looks(theatre.engine(), rounds=3)

    one, other = await theatre.world.post(first), await theatre.world.post(second)
    assert await theatre.ids_there() == [one["platform_post_id"]]
    assert (one["status"], other["status"], other["platform_post_id"]) == ("published", "unknown", None)


async def lost(_: PostRef) -> Live:
    """The answer never came."""
    raise OutcomeUnknown("reset")


async def a_duplicate(_: PostRef) -> Live:
    """The platform has this text already."""
    raise PlatformError(ErrorCode.DUPLICATE_POST, "X has this text already.", action="Change it.", http_status=403)


async def without_an_id(_: PostRef) -> Live:
    """It is live, and the platform does not say as what."""
    return Live(None, None)


async def an_equal_pair(world: World) -> tuple[Connection, UUID, UUID]:
    """Two posts of one place with the same words, the first of which is sent."""
    connection = await world.a_connection(await world.a_user())
    first = await world.a_post(connection, content=WORDS)
    await world.work_due()
    second = await world.a_post(connection, content=WORDS)
    return connection, first, second


async def test_a_duplicate_of_another_posts_doubt_is_a_refusal(world: World) -> None:
    """The first is unknown; that it seems to be there does not make the second doubtful, nor published."""
    world.platform.next_publish += [lost, a_duplicate]
    connection, first, second = await an_equal_pair(world)
    await world.work_looks(rounds=3)
    world.platform.public.append((connection.platform_id, WORDS))

    await world.work_due()
    await world.work_looks()

    one, other = await world.post(first), await world.post(second)
    assert (one["status"], other["status"]) == ("unknown", "failed")
    assert json.loads(other["error"])["code"] == "duplicate_post"
    await world.let_leases_run_out()
    await world.work_looks()
    assert (await world.post(first))["status"] == "published"


@pytest.mark.parametrize(
    ("evidence", "status", "taken"),
    [
        (Evidence.SURE, "published", "p7"),
        (Evidence.OUT, "published", None),
        (Evidence.ALIKE, "unknown", None),
    ],
)
async def test_a_look_alike_may_be_the_one_of_an_equal_post(
    world: World, evidence: Evidence, status: str, taken: str | None
) -> None:
    """Beside an equal post whose id nobody told only what rests on more than looks settles a doubt."""
    world.platform.next_publish += [without_an_id, lost]
    _, first, second = await an_equal_pair(world)
    await world.work_due()
    found = Live("p7", "https://example.test/7")
    await world.sql("UPDATE retail_b2c.publisher_attempts SET next_look_at = NULL WHERE post_id = $1", first)
    world.platform.next_looks.append(Sighting(SightingKind.LIVE, live=found, evidence=evidence))

    await world.work_looks()

    post = await world.post(second)
    assert (post["status"], post["platform_post_id"]) == (status, taken)


async def test_a_look_alike_failure_may_be_the_one_of_an_equal_post(world: World) -> None:
    """A refused post that looks the same does not say that this one is not out."""
    world.platform.next_publish += [without_an_id, lost]
    _, first, second = await an_equal_pair(world)
    await world.work_due()
    await world.sql("UPDATE retail_b2c.publisher_attempts SET next_look_at = NULL WHERE post_id = $1", first)
    refused = PlatformError(ErrorCode.CONTENT_REJECTED, "Not this.")
    world.platform.next_looks.append(Sighting(SightingKind.FAILED, error=refused, evidence=Evidence.ALIKE))

    await world.work_looks()

    assert (await world.post(second))["status"] == "unknown"


async def test_an_equal_post_of_long_ago_is_no_rival(world: World) -> None:
    """What was settled well before the sending cannot have made what is found after it."""
    world.platform.next_publish += [without_an_id, lost]
    _, first, second = await an_equal_pair(world)
    await world.work_due()
    await world.sql(
        "UPDATE retail_b2c.publisher_attempts SET next_look_at = NULL, started_at = started_at - $2::interval, "
        "sent_at = sent_at - $2::interval, finished_at = finished_at - $2::interval WHERE post_id = $1",
        first,
        timedelta(minutes=11),
    )
    found = Sighting(SightingKind.LIVE, live=Live("p7", None), evidence=Evidence.ALIKE)
    world.platform.next_looks.append(found)

    await world.work_looks()

    assert (await world.post(second))["platform_post_id"] == "p7"
