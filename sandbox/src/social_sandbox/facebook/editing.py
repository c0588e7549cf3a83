"""Changing posts: their text, their time, and whether they exist."""

from social_sandbox.answers import Answer, json_answer
from social_sandbox.facebook.access import PUBLISH, Visit
from social_sandbox.facebook.errors import empty_post, invalid_parameter, missing_permission
from social_sandbox.facebook.photos import Photo, Photos
from social_sandbox.facebook.publishing import read_text
from social_sandbox.facebook.reading import ReadingEndpoints
from social_sandbox.facebook.schedule import check_window
from social_sandbox.facebook.shapes import graph_time
from social_sandbox.facebook.wall import DRAFT, SCHEDULED, UNPUBLISHED, Wall
from social_sandbox.meta.params import flag_of, moment_of
from social_sandbox.model import Place, Post
from social_sandbox.platform import World

_EDITABLE = ("message", "scheduled_publish_time", "is_published")


class EditingEndpoints:
    """`POST` and `DELETE` of posts, photos and videos."""

    def __init__(self, world: World, wall: Wall, photos: Photos, reading: ReadingEndpoints) -> None:
        self._world = world
        self._wall = wall
        self._photos = photos
        self._reading = reading

    async def change(self, visit: Visit) -> Answer:
        """Change a post; only those of the same app can be."""
        post, page = self._writable(visit, visit.node)
        if post.details["client_id"] != visit.grant.client_id:
            raise missing_permission(PUBLISH, code=200)
        if not any(name in visit.params for name in _EDITABLE):
            raise invalid_parameter("Nothing to change was given.")
        text = read_text(visit, "message") if "message" in visit.params else None
        self._move(visit, post)
        if text is not None:
            post.text = text
            post.details["updated_time"] = graph_time(visit.now)
            self._wall.tell_edit(post)
        del page
        return json_answer({"success": True})

    async def delete(self, visit: Visit) -> Answer:
        """Delete a post, a photo with the post it alone makes up, or a video with its post."""
        photo = self._photo(visit)
        if photo is not None:
            self._delete_photo(visit, photo)
            return json_answer({"success": True})
        post, _ = self._writable(visit, visit.node)
        self._wall.remove(post, visit.now)
        return json_answer({"success": True})

    def _move(self, visit: Visit, post: Post) -> None:
        when = moment_of(visit.params, "scheduled_publish_time")
        if when is not None:
            if post.details["state"] != SCHEDULED:
                raise invalid_parameter("Only a scheduled post has a scheduled publish time.")
            longest = {"video": visit.switches.video_schedule_longest_s, "reel": visit.switches.reel_schedule_longest_s}
            check_window(visit, when, longest_s=longest.get(post.kind, visit.switches.schedule_longest_s))
            self._wall.set_live(post, when)
        if flag_of(visit.params, "is_published"):
            if post.details["state"] in {UNPUBLISHED, DRAFT, SCHEDULED} and not visit.switches.two_phase:
                raise invalid_parameter("Param is_published is not available for this post.")
            if post.details["state"] in {UNPUBLISHED, DRAFT, SCHEDULED}:
                self._wall.publish(post, visit.now)
        elif "is_published" in visit.params:
            raise invalid_parameter("A post cannot be unpublished.")
        if "message" in visit.params and visit.params["message"] is None:
            raise empty_post()

    def _writable(self, visit: Visit, number: str) -> tuple[Post, Place]:
        post, page = self._reading.own_post(visit, number)
        _need_rights(visit, page)
        return post, page

    def _photo(self, visit: Visit) -> Photo | None:
        page = visit.page
        return self._photos.find(visit.node, page.platform_id)

    def _delete_photo(self, visit: Visit, photo: Photo) -> None:
        _need_rights(visit, visit.page)
        post = self._wall.find(photo.post_id) if photo.post_id else None
        if post is not None:
            post.media = [item for item in post.media if item["media_id"] != photo.photo_id]
            if not post.media:
                self._wall.remove(post, visit.now)
        self._photos.remove(photo)


def _need_rights(visit: Visit, page: Place) -> None:
    visit.need(PUBLISH, code=200, page=page)
    visit.need_task(page, "CREATE_CONTENT")
