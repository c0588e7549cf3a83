"""What a post draws from the budgets: each that publisher has a share of, and no other."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.platforms.fakes import an_app

from social_common.http import HttpClient
from social_platforms import registry
from social_platforms._core import MediaItem, MediaKind, Platform, PostContent, PostsAdapter

PICTURE = MediaItem("https://shop.example/k.jpg", MediaKind.IMAGE)
FILM = MediaItem("https://shop.example/k.mp4", MediaKind.VIDEO)
CONTENTS = [
    PostContent("Hello"),
    PostContent("Hello", (PICTURE,)),
    PostContent("Hello", (PICTURE, PICTURE)),
    PostContent("Hello", (FILM,)),
    PostContent("Hello", options={"kind": "release"}),
]
# Nothing here searches, and a reel is known by its file, which these contents do not tell.
NOT_DRAWN = {"youtube": {"search.list"}, "facebook": {"POST /{page-id}/video_reels"}}


@pytest.fixture(params=list(Platform))
async def publishing(request: pytest.FixtureRequest) -> AsyncIterator[PostsAdapter]:
    """Each platform's facet of publishing."""
    async with HttpClient() as http:
        yield registry.posts_adapters({request.param: an_app()}, http)[request.param]


def drawn_from(publishing: PostsAdapter, content: PostContent) -> set[str]:
    """The budgets that such a post draws from, wherever it is published."""
    kinds = registry.all_facts()[publishing.platform].place_kinds
    costs = [publishing.costs(content, kind) for kind in kinds]
    return {endpoint for cost in costs for endpoint, units in cost.items() if units > 0}


async def test_every_post_draws_on_shares_of_publisher(publishing: PostsAdapter) -> None:
    """No post is free, and none is paid from what belongs to another service."""
    budgets = registry.all_facts()[publishing.platform].budgets
    shared = {budget.endpoint for budget in budgets if budget.shares.get("publisher")}

    for content in CONTENTS:
        assert drawn_from(publishing, content)
        assert drawn_from(publishing, content) <= shared


async def test_every_share_of_publisher_is_drawn_on(publishing: PostsAdapter) -> None:
    """A share that nothing counts would not be kept."""
    budgets = registry.all_facts()[publishing.platform].budgets
    shared = {budget.endpoint for budget in budgets if budget.shares.get("publisher")}
    drawn = {endpoint for content in CONTENTS for endpoint in drawn_from(publishing, content)}

    assert shared - drawn == NOT_DRAWN.get(publishing.platform, set())
