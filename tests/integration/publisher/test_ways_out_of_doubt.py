"""An unknown post is no dead end: looks and retries go by the attempt that is in doubt."""

import pytest
from tests.integration.publisher.api_kit import Api
from tests.integration.publisher.doubt_kit import FOUND, OUT, an_unknown_post, ends, forbidden, look, lost, retry
from tests.integration.publisher.kit import World

from social_platforms._core import ErrorCode, PlatformError, Sighting, SightingKind


@pytest.mark.parametrize("is_prepared", [True, False])
async def test_a_refused_second_send_leaves_the_first_to_be_found(world: World, api: Api, is_prepared: bool) -> None:
    """The doubt is about the first attempt: it is that one which late looks look for."""
    connection, post_id = await an_unknown_post(world)
    await retry(api, connection, post_id)
    refusal = PlatformError(ErrorCode.PERMISSION_MISSING, "Not this account.", http_status=403)
    if is_prepared:
        world.platform.next_publish.append(forbidden)
    else:
        world.platform.next_prepare.append(refusal)
    await world.work_due()
    assert (await world.post(post_id))["status"] == "unknown"

    await look(world, FOUND)

    assert await ends(world, post_id) == {
        "status": "published", "id": "p1-found", "topic": "post.published", "risky": False
    }  # fmt: skip


async def test_a_retry_looks_for_the_attempt_in_doubt(world: World, api: Api) -> None:
    """Not for the newest, which was refused: what is there is published, what is not is sent again if confirmed."""
    connection, post_id = await an_unknown_post(world)
    await retry(api, connection, post_id)
    world.platform.next_publish.append(forbidden)
    await world.work_due()

    assert await retry(api, connection, post_id, confirmed=False) == (409, "conflict")
    world.platform.public.append((connection.platform_id, (await world.post(post_id))["content"]))
    assert await retry(api, connection, post_id, confirmed=False) == (200, "published")


async def test_a_late_word_that_the_first_failed_ends_the_doubt(world: World, api: Api) -> None:
    """Both attempts are certainly not out then."""
    connection, post_id = await an_unknown_post(world)
    await retry(api, connection, post_id)
    world.platform.next_publish.append(forbidden)
    await world.work_due()

    await look(world, Sighting(SightingKind.FAILED, error=PlatformError(ErrorCode.CONTENT_REJECTED, "Rejected.")))

    assert (await world.post(post_id))["status"] == "failed"


async def test_a_late_look_that_sees_it_live_without_an_id_publishes(world: World) -> None:
    """Its id is looked for from then on, and told when it is found."""
    _, post_id = await an_unknown_post(world)

    await look(world, OUT)
    assert (await ends(world, post_id))["status"] == "published"
    await look(world, FOUND)

    assert (await ends(world, post_id))["id"] == "p1-found"


async def test_a_retry_that_sees_it_live_without_an_id_sends_nothing(world: World, api: Api) -> None:
    """It is out: a second one would be a duplicate."""
    connection, post_id = await an_unknown_post(world)
    world.platform.next_looks.append(OUT)

    assert await retry(api, connection, post_id) == (200, "published")
    await world.work_due()
    await look(world, FOUND)

    assert world.platform.calls.count("publish") == 1
    assert (await ends(world, post_id))["id"] == "p1-found"


async def test_a_retry_beside_an_equal_post_takes_nothing_of_it(world: World, api: Api) -> None:
    """What the look finds is another post's: that is no find, and no error of ours."""
    connection = await world.a_connection(await world.a_user())
    await world.a_post(connection, content="Mugs are back")
    await world.work_due()
    second = await world.a_post(connection, content="Mugs are back")
    world.platform.next_publish.append(lost)
    await world.work_due()
    await world.let_leases_run_out()
    await world.work_looks()

    assert await retry(api, connection, second, confirmed=False) == (409, "conflict")
    assert await retry(api, connection, second) == (200, "scheduled")


async def test_an_ambiguous_doubt_has_its_late_looks_too(world: World) -> None:
    """What is another post's id stays so: it is looked at again as often as any unknown post, and no more."""
    world.settings = world.settings.model_copy(update={"late_look_delays": [3600.0, 7200.0, 14400.0]})
    connection = await world.a_connection(await world.a_user())
    await world.a_post(connection, content="Mugs are back")
    await world.work_due()
    second = await world.a_post(connection, content="Mugs are back")
    world.platform.next_publish.append(lost)
    await world.work_due()

    looks = []
    for _ in range(6):
        await world.let_leases_run_out()
        looks.append(await world.work_looks())

    assert looks == [1, 1, 1, 1, 0, 0]
    assert (await world.post(second))["status"] == "unknown"
