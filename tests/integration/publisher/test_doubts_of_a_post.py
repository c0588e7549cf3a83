"""Several attempts of one post: what one of them made is told as out, and is not sent again."""

from typing import Any

import pytest
from tests.integration.publisher.api_kit import Api
from tests.integration.publisher.doubt_kit import (
    NOT_THERE,
    LateLook,
    a_duplicate,
    an_unknown_post,
    ends,
    forbidden,
    look,
    lost,
    retry,
)
from tests.integration.publisher.kit import World

from social_platforms._core import Live, PostRef


@pytest.mark.parametrize("is_claimed", [False, True])
async def test_what_is_found_while_it_waits_to_be_sent_again_is_not_sent(
    world: World, api: Api, is_claimed: bool
) -> None:
    """A look under way finds the first after the merchant's retry: published, also under a worker's very hands."""
    connection, post_id = await an_unknown_post(world)
    engine = world.engine()
    claims = []
    async with LateLook(world):
        assert await retry(api, connection, post_id) == (200, "scheduled")
        if is_claimed:
            claims = list(await engine.claim_due(10))

    for claim in claims:
        await engine.due.handle(claim)
    await world.work_due(engine)

    assert await ends(world, post_id) == {
        "status": "published", "id": "p1-found", "topic": "post.published", "risky": False
    }  # fmt: skip
    assert world.platform.calls.count("publish") == 1


async def test_what_is_found_while_it_is_held_is_not_sent(world: World, api: Api) -> None:
    """Also where the second send waits for its connection."""
    connection, post_id = await an_unknown_post(world)
    async with LateLook(world):
        await retry(api, connection, post_id)
        await world.sql(
            "UPDATE retail_b2c.social_posts SET status = 'held', held_for = 'connection' WHERE id = $1", post_id
        )

    assert (await ends(world, post_id))["status"] == "published"


async def test_what_is_found_while_it_is_sent_again_is_published(world: World, api: Api) -> None:
    """The first is found while the second call is on its way, and that one is refused as a duplicate."""
    connection, post_id = await an_unknown_post(world)
    late = LateLook(world)

    async def found_meanwhile(ref: PostRef) -> Live:
        await late.__aexit__()
        return await a_duplicate(ref)

    await late.__aenter__()
    await retry(api, connection, post_id)
    world.platform.next_publish.append(found_meanwhile)
    await world.work_due()

    first, second = await world.attempts(post_id)
    assert await ends(world, post_id) == {
        "status": "published", "id": "p1-found", "topic": "post.published", "risky": True
    }  # fmt: skip
    assert (first["outcome"], second["outcome"], second["next_look_at"]) == ("live", "refused", None)


@pytest.mark.parametrize("answer", [a_duplicate, forbidden, lost])
async def test_a_post_whose_older_attempt_is_live_never_ends_as_failed(world: World, api: Api, answer: Any) -> None:
    """The words were changed before the second send, which comes to nothing: what is out is told by its id."""
    connection, post_id = await an_unknown_post(world)
    merchant = api.as_merchant(connection.user_id)
    async with LateLook(world):
        await retry(api, connection, post_id)
        match = {"If-Match": f'"{(await world.post(post_id))["revision"]}"'}
        changed = await merchant.call("PATCH", f"/v1/posts/{post_id}", json={"content": "Better"}, headers=match)
        assert changed.status == 200
    assert (await world.post(post_id))["status"] == "scheduled"

    world.platform.next_publish.append(answer)
    await world.work_due()
    if answer is lost:
        await look(world, NOT_THERE, NOT_THERE, NOT_THERE)

    end = await ends(world, post_id)
    assert (end["status"], end["id"], end["topic"]) == ("published", "p1-found", "post.published")
    assert len(await world.attempts(post_id)) == 2


async def test_a_late_sender_publishes_what_is_sent_again(world: World) -> None:
    """Paused beyond its lease, it wakes with good news after its successor has begun the second send."""
    connection = await world.a_connection(await world.a_user())
    await world.sql(
        "INSERT INTO retail_b2c.publisher_settings (user_id, on_doubt) VALUES ($1, 'resend')", connection.user_id
    )
    post_id = await world.a_post(connection)
    other = world.engine(name="other")

    async def paused(_: PostRef) -> Live:
        for _round in range(3):
            world.platform.next_looks.append(NOT_THERE)
            await world.let_leases_run_out()
            await world.work_looks(other)
        return Live("p1-late", None)

    world.platform.next_publish += [paused, a_duplicate]
    await world.work_due()
    await world.let_leases_run_out()
    await world.work_looks()

    assert (await ends(world, post_id))["status"] == "published"
    assert "failed" not in [told.get("status") for _, told in await world.events(post_id)]
