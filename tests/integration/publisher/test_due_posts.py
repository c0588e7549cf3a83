"""A due post goes out once, is held when it cannot, and is missed when it is too late."""

from tests.integration.publisher.kit import World


async def test_a_due_post_is_published_with_its_event(world: World) -> None:
    """A due post is live, its attempt is in the ledger, and the event says so."""
    connection = await world.a_connection(await world.a_user())
    post_id = await world.a_post(connection)

    assert await world.work_due() == 1

    post = await world.post(post_id)
    [attempt] = await world.attempts(post_id)
    [(topic, told)] = await world.events(post_id)
    assert world.platform.public == [(connection.platform_id, post["content"])]
    assert (post["status"], post["settled_by"], post["attempts"]) == ("published", "answer", 1)
    assert (attempt["outcome"], attempt["bytes_sent"], attempt["next_look_at"]) == ("live", True, None)
    assert topic == "post.published"
    assert told["platform_post_id"] == post["platform_post_id"]
    assert told["revision"] == post["revision"]
