"""Reading posts back: one, and the lists, which lag, rank, and do not all show the same."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import chance, post_metric
from social_sandbox.facebook.access import READ, USER_CONTENT, Visit
from social_sandbox.facebook.errors import no_such_object
from social_sandbox.facebook.photos import Photo
from social_sandbox.facebook.shapes import PHOTO_FIELDS, POST_FIELDS, photo_values, post_values
from social_sandbox.facebook.wall import FAILED, PROCESSING, SCHEDULED, Wall
from social_sandbox.meta.fields import Asked, Fields, fields_of, narrowed, select
from social_sandbox.meta.paging import a_page, size_of
from social_sandbox.meta.params import moment_of, text_of
from social_sandbox.model import Place, Post
from social_sandbox.platform import World

_USUAL: Fields = {name: Asked() for name in ("created_time", "message", "id")}
_USUAL_PHOTO: Fields = {name: Asked() for name in ("created_time", "name", "id")}
_MOST_IN_A_YEAR = 600
_SWAPPED = 0.5
_SUMMARIES = {"reactions": "likes", "comments": "comments"}


class ReadingEndpoints:
    """Posts and photos as nodes, and the edges of a Page that list posts."""

    def __init__(self, world: World, wall: Wall) -> None:
        self._world = world
        self._wall = wall

    def own_post(self, visit: Visit, number: str) -> tuple[Post, Place]:
        """Return a post that the caller may see; raises 100/33, for a while also for a new one."""
        post = self._wall.find(number)
        page = visit.account.place(post.platform_id) if post is not None else None
        if post is None or page is None or visit.page_id not in {None, post.platform_id}:
            raise no_such_object(number, visit.call.method)
        if post.details["state"] in {PROCESSING, FAILED} and number == post.details["post_id"]:
            raise no_such_object(number, visit.call.method)
        if visit.now.timestamp() - post.details["accepted_at"] < visit.switches.node_lag_s:
            raise no_such_object(number, visit.call.method)
        return post, page

    async def one(self, visit: Visit) -> Answer:
        """Return one post."""
        post, page = self.own_post(visit, visit.node)
        visit.need(READ, page=page)
        return json_answer(self._shown(visit, post, page, fields_of(visit.params) or _USUAL))

    async def photo(self, visit: Visit, photo: Photo) -> Answer:
        """Return one photo."""
        page = visit.account.place(photo.page_id)
        visit.need(READ, page=page)
        fields = fields_of(visit.params) or _USUAL_PHOTO
        return json_answer(select(photo_values(photo), fields, known=PHOTO_FIELDS, node="Photo"))

    async def published_posts(self, visit: Visit) -> Answer:
        """Return a page of the Page's published posts; neither reels nor the newest are among them."""
        page = self._readable_page(visit)
        if visit.switches.posts_need_user_content:
            visit.need(USER_CONTENT, page=page)
        return self._listed(visit, page, self._posts(visit, page))

    async def feed(self, visit: Visit) -> Answer:
        """Return what stands on the Page, the unpublished included."""
        page = self._readable_page(visit)
        visit.need(USER_CONTENT, page=page)
        hidden = (post for post in self._wall.hidden(page.platform_id) if _is_shown(post))
        return self._listed(visit, page, chain(hidden, self._posts(visit, page)))

    async def scheduled_posts(self, visit: Visit) -> Answer:
        """Return the posts that wait for their time."""
        page = self._readable_page(visit)
        waiting = [post for post in self._wall.hidden(page.platform_id) if post.details["state"] == SCHEDULED]
        return self._listed(visit, page, iter(waiting))

    def _readable_page(self, visit: Visit) -> Place:
        page = visit.own_page()
        visit.need(READ, page=page)
        return page

    def _posts(self, visit: Visit, page: Place) -> Iterator[Post]:
        since, until = moment_of(visit.params, "since"), moment_of(visit.params, "until")
        shown_until = visit.now - timedelta(seconds=visit.switches.list_lag_s)
        in_year: dict[int, int] = {}

        def is_listed(post: Post) -> bool:
            if post.kind == "reel" or post.created_at > shown_until:
                return False
            in_year[post.created_at.year] = in_year.get(post.created_at.year, 0) + 1
            is_within = (since is None or post.created_at >= since) and (until is None or post.created_at <= until)
            return is_within and in_year[post.created_at.year] <= _MOST_IN_A_YEAR

        found = filter(is_listed, self._wall.newest_first(page.platform_id))
        return _ranked(found) if visit.switches.ranked else found

    def _listed(self, visit: Visit, page: Place, posts: Iterator[Post]) -> Answer:
        fields = fields_of(visit.params) or _USUAL
        size = size_of(text_of(visit.params, "limit"))
        after = text_of(visit.params, "after")
        return json_answer(
            a_page(visit.call, posts, lambda post: self._shown(visit, post, page, fields), size=size, after=after)
        )

    def _shown(self, visit: Visit, post: Post, page: Place, fields: Fields) -> dict[str, Any]:
        values = post_values(self._world, post, page.name, links=visit.switches.links_come_back)
        for name, metric in _SUMMARIES.items():
            if name in fields:
                visit.need(USER_CONTENT, page=page)
                values[name] = self._summary(post, metric, fields[name])
        attachments = fields.get("attachments")
        if attachments is not None and "attachments" in values:
            values["attachments"] = {
                "data": [_narrowed(item, attachments.inner) for item in values["attachments"]["data"]]
            }
        return select(values, fields, known=POST_FIELDS, node="Post")

    def _summary(self, post: Post, metric: str, asked: Asked) -> dict[str, Any]:
        body: dict[str, Any] = {"data": []}
        if "summary" in asked.modifiers:
            body["summary"] = {"total_count": post_metric(self._world, post, metric)}
        return body


def _is_shown(post: Post) -> bool:
    return post.kind != "reel" and post.details["state"] not in {PROCESSING, FAILED}


def _narrowed(attachment: dict[str, Any], fields: Fields) -> dict[str, Any]:
    chosen = narrowed(attachment, fields)
    for name in ("target", "subattachments"):
        inner = fields[name].inner if name in fields else {}
        if name == "target" and name in chosen:
            chosen = {**chosen, name: narrowed(chosen[name], inner)}
        elif name in chosen:
            entries = [_narrowed(item, inner) for item in chosen[name]["data"]]
            chosen = {**chosen, name: {"data": entries}}
    return chosen


def _ranked(posts: Iterator[Post]) -> Iterator[Post]:
    """The same posts, some neighbours the wrong way round: the same ones in every reading."""
    held: Post | None = None
    for post in posts:
        if held is None:
            held = post
        elif chance("rank", post.platform_post_id) < _SWAPPED:
            yield post
        else:
            yield held
            held = post
    if held is not None:
        yield held
