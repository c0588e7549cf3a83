"""The whole engine with the real adapters against the simulated platforms: what is there is there once."""

import pytest
from tests.contract.platforms.stage import a_picture
from tests.integration.publisher.platform_theatre import READABLE, SCENES, PlatformTheatre

from social_platforms._core import Platform

everywhere = pytest.mark.parametrize("theatre", SCENES, indirect=True)
where_posts_can_be_read = pytest.mark.parametrize("theatre", READABLE, indirect=True)


@everywhere
async def test_a_due_post_with_a_picture_is_there_once(theatre: PlatformTheatre) -> None:
    """From the due row to the ground truth, on every platform; where there are only videos, with one."""
    is_film = theatre.stage.platform is Platform.YOUTUBE
    media = None if is_film else await a_picture(theatre.stage)
    post_id = await theatre.a_due_post(await theatre.a_merchant(), media=media)

    await theatre.work()

    post = await theatre.world.post(post_id)
    assert post["status"] == "published", post["error"]
    assert await theatre.ids_there() == [post["platform_post_id"]]
    assert post["permalink"].startswith("https://")


@where_posts_can_be_read
async def test_a_lost_answer_is_settled_and_the_post_is_there_once(theatre: PlatformTheatre) -> None:
    """The platform took it and the answer was lost: read back, adopted, not sent again."""
    post_id = await theatre.a_due_post(await theatre.a_merchant())
    await theatre.stage.plan("publish", "commit_then_drop")

    await theatre.work()

    post = await theatre.world.post(post_id)
    assert (post["status"], post["settled_by"]) == ("published", "read_back")
    assert await theatre.ids_there() == [post["platform_post_id"]]


@everywhere
@pytest.mark.parametrize("fault", ["drop", "garbage"])
async def test_a_call_that_made_nothing_never_makes_two(theatre: PlatformTheatre, fault: str) -> None:
    """Sent again where the platform makes that safe, else unknown; in no case twice."""
    post_id = await theatre.a_due_post(await theatre.a_merchant())
    await theatre.stage.plan("publish", fault)

    await theatre.work()

    post = await theatre.world.post(post_id)
    assert post["status"] == ("published" if theatre.scene.is_resend_safe else "unknown")
    assert len(await theatre.ids_there()) == (1 if theatre.scene.is_resend_safe else 0)


@everywhere
async def test_a_rate_limit_holds_the_post_until_it_frees_up(theatre: PlatformTheatre) -> None:
    """A 429 at the publishing call is no failure."""
    post_id = await theatre.a_due_post(await theatre.a_merchant())
    await theatre.stage.plan("publish", "rate_limit", retry_after_s=60)

    engine = theatre.engine()
    for _ in range(8):
        await theatre.world.work_due(engine)
        if (await theatre.world.post(post_id))["status"] == "held":
            break
        await theatre.pass_time(6)
        await theatre.world.sql("UPDATE retail_b2c.social_posts SET due_at = now() WHERE status = 'scheduled'")
    held = await theatre.world.post(post_id)
    await theatre.world.sql("DELETE FROM retail_b2c.publisher_holds")
    await theatre.pass_time(120)
    await theatre.work()

    assert (held["status"], held["held_for"]) == ("held", "quota")
    assert (await theatre.world.post(post_id))["status"] == "published"
    assert len(await theatre.ids_there()) == 1
