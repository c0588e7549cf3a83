"""GitHub for analytics: followers of the user, traffic of the repository, reactions of posts, but no views of posts."""

from collections.abc import Sequence
from typing import Any, Final

from social_common.http import HttpClient
from social_platforms._core import (
    Access,
    AccountMetrics,
    AccountReading,
    AppConfig,
    ErrorCode,
    Platform,
    PlatformError,
    PostKind,
    PostMetrics,
    PostsReading,
    PublishedPost,
    RawAnswer,
)
from social_platforms.answers import at, count, items, objects, text
from social_platforms.calls import Clock, utc_now
from social_platforms.github.api import GitHubApi, repository_path

_DISCUSSIONS: Final = """\
query($i:[ID!]!){nodes(ids:$i){... on Discussion{id upvoteCount comments{totalCount} reactions{totalCount}}}}"""
_UNAVAILABLE: Final = frozenset({ErrorCode.PERMISSION_MISSING, ErrorCode.NOT_FOUND})


class GitHubMetrics:
    """Numbers of a repository and its posts; releases take a call each."""

    platform = Platform.GITHUB
    posts_per_call = 20

    def __init__(self, app: AppConfig, http: HttpClient, *, clock: Clock = utc_now) -> None:
        self._api = GitHubApi(app, http, clock=clock)

    async def read_account(self, access: Access) -> AccountReading:
        """Followers are the user's; reach and impressions are the repository's visitors and visits of 14 days.

        Traffic needs the right to push, and is None without it.
        """
        user = await self._api.call("GET", "/user", bearer=access.token, rates=access.rates)
        if not isinstance(user.body, dict):
            raise self._api.calls.garbled(user)
        raw = [RawAnswer("user", user.body)]
        views: Any = None
        try:
            answer = await self._api.call(
                "GET",
                f"{repository_path(access.facts)}/traffic/views",
                bearer=access.token,
                rates=access.rates,
                params={"per": "day"},
            )
        except PlatformError as error:
            if error.code not in _UNAVAILABLE:
                raise
        else:
            views = answer.body
            if isinstance(views, dict):
                raw.append(RawAnswer("traffic/views", views))
        metrics = AccountMetrics(
            followers=count(user.body, "followers"),
            following=count(user.body, "following"),
            reach=count(views, "uniques"),
            impressions=count(views, "count"),
        )
        return AccountReading(metrics, tuple(raw))

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """Discussions in one question, releases one by one."""
        metrics: dict[str, PostMetrics] = {}
        gone: set[str] = set()
        raw: list[RawAnswer] = []
        asked = posts[: self.posts_per_call]
        discussions = [post.platform_post_id for post in asked if post.kind is not PostKind.RELEASE]
        if discussions:
            body = await self._api.query(_DISCUSSIONS, {"i": discussions}, bearer=access.token, rates=access.rates)
            raw.append(RawAnswer("discussions", body))
            gone |= _gone(body, discussions)
            for post_id, node in zip(discussions, items(body, "data", "nodes"), strict=False):
                if isinstance(node, dict):
                    metrics[post_id] = _discussion_metrics(node)
        for post in asked:
            if post.kind is not PostKind.RELEASE:
                continue
            release = await self._release(access, post.platform_post_id)
            if release is None:
                gone.add(post.platform_post_id)
                continue
            raw.append(RawAnswer(f"release {post.platform_post_id}", release))
            metrics[post.platform_post_id] = PostMetrics(likes=count(release, "reactions", "total_count"))
        return PostsReading(metrics, frozenset(gone), tuple(raw))

    async def _release(self, access: Access, number: str) -> dict[str, Any] | None:
        try:
            answer = await self._api.call(
                "GET", f"{repository_path(access.facts)}/releases/{number}", bearer=access.token, rates=access.rates
            )
        except PlatformError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            await self._require_repository(access)
            return None
        if not isinstance(answer.body, dict):
            raise self._api.calls.garbled(answer)
        body: dict[str, Any] = answer.body
        return body

    async def _require_repository(self, access: Access) -> None:
        """A repository that is hidden answers 404 for everything in it; its posts are not gone for that."""
        try:
            await self._api.call("GET", repository_path(access.facts), bearer=access.token, rates=access.rates)
        except PlatformError as error:
            if error.code is ErrorCode.NOT_FOUND:
                error.code = ErrorCode.DESTINATION_GONE
            raise


def _gone(body: Any, wanted: Sequence[str]) -> set[str]:
    """Posts whose node is null with NOT_FOUND; null for another reason may be withheld only."""
    gone = set()
    for error in objects(body, "errors"):
        position = at(error, "path", 1)
        is_position = isinstance(position, int) and 0 <= position < len(wanted)
        if text(error, "type") == "NOT_FOUND" and at(error, "path", 0) == "nodes" and is_position:
            gone.add(wanted[position])
    return gone


def _discussion_metrics(node: dict[str, Any]) -> PostMetrics:
    # Upvotes are no likes: the author's own is always among them. They stay in the raw answer.
    return PostMetrics(likes=count(node, "reactions", "totalCount"), comments=count(node, "comments", "totalCount"))
