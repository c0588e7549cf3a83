"""`POST /{page}/videos`, and a video as a node."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.facebook.access import PUBLISH, READ, Visit
from social_sandbox.facebook.errors import invalid_parameter, no_such_field, no_such_object
from social_sandbox.facebook.photos import source_of
from social_sandbox.facebook.publishing import publishing_page, read_text, refuse_abuse
from social_sandbox.facebook.schedule import Release, read_release
from social_sandbox.facebook.shapes import graph_time, permalink
from social_sandbox.facebook.uploads import UploadEndpoints
from social_sandbox.facebook.videos import Video, Videos, a_post_of, ready_at, status_of
from social_sandbox.facebook.wall import FAILED, PROCESSING, PUBLISHED, SCHEDULED, Wall
from social_sandbox.fetch import Unreachable
from social_sandbox.meta.errors import GraphError, graph_error
from social_sandbox.meta.fetching import fetch_media
from social_sandbox.meta.fields import Asked, Fields, fields_of, select
from social_sandbox.meta.paging import a_page, size_of
from social_sandbox.meta.params import moment_of, text_of
from social_sandbox.platform import World
from social_sandbox.probe import Probe, probe

LARGEST_FETCHED = 300 * 1024 * 1024
_LONGEST_S = 4 * 3600
_FIELDS = frozenset(
    {
        "id",
        "status",
        "permalink_url",
        "post_id",
        "published",
        "title",
        "description",
        "created_time",
        "updated_time",
        "length",
        "scheduled_publish_time",
    }
)
_USUAL: Fields = {name: Asked() for name in ("updated_time", "description", "id")}


class VideoEndpoints:
    """Uploading videos, and reading or deleting them as nodes, reels included."""

    def __init__(self, world: World, wall: Wall, videos: Videos, uploads: UploadEndpoints) -> None:
        self._world = world
        self._wall = wall
        self._videos = videos
        self._uploads = uploads

    async def create(self, visit: Visit) -> Answer:
        """Take a video; the answer is its own id, and the post comes when it has been processed."""
        page = publishing_page(visit)
        description = read_text(visit, "description")
        release = read_release(visit, longest_s=visit.switches.video_schedule_longest_s)
        refuse_abuse(page)
        content = await self._content(visit)
        found = judged(content)
        video = self._videos.new(
            page.platform_id, visit.grant.client_id, visit.account.account_id, is_reel=False, now=visit.now
        )
        video.title, video.description = text_of(visit.params, "title"), description
        video.received = video.size = len(content)
        video.length_s = found.duration.total_seconds() if found.duration else 0.0
        video.uploaded_at = video.finished_at = visit.now
        video.processing_s, video.fault = visit.switches.processing_s, visit.switches.video_fault
        release_video(self._world, self._wall, video, release, visit)
        return json_answer({"id": video.video_id})

    async def read(self, visit: Visit, video: Video) -> Answer:
        """Return a video; for a while after its creation it does not exist yet."""
        self._refuse_new(visit, video)
        visit.need(READ, page=visit.account.place(video.page_id))
        fields = fields_of(visit.params) or _USUAL
        return json_answer(select(self._values(visit, video), fields, known=_FIELDS, node="Video"))

    async def reels(self, visit: Visit) -> Answer:
        """Return a page of the published reels."""
        page = visit.own_page()
        visit.need(READ, page=page)
        if not visit.switches.reels_listed:
            raise no_such_field("video_reels", "Page")
        fields = fields_of(visit.params) or _USUAL
        found = self._published_reels(visit, page.platform_id)

        def shown(video: Video) -> dict[str, Any]:
            return select(self._values(visit, video), fields, known=_FIELDS, node="Video")

        size, after = size_of(text_of(visit.params, "limit")), text_of(visit.params, "after")
        return json_answer(a_page(visit.call, found, shown, size=size, after=after))

    async def delete(self, visit: Visit, video: Video) -> Answer:
        """Delete a video with its post."""
        page = visit.page
        visit.need(PUBLISH, code=200, page=page)
        visit.need_task(page, "CREATE_CONTENT")
        post = self._wall.find(video.video_id)
        if post is not None:
            self._wall.remove(post, visit.now)
        self._videos.remove(video)
        return json_answer({"success": True})

    def find(self, visit: Visit, number: str) -> Video | None:
        """A video that the caller's Page, or one of the person's Pages, has; not one whose post was deleted."""
        pages = [visit.page_id] if visit.page_id else [place.platform_id for place in visit.account.places]
        found = (self._videos.find(number, page_id) for page_id in pages)
        video = next((video for video in found if video is not None), None)
        is_gone = video is not None and video.finished_at is not None and self._wall.find(number) is None
        return None if is_gone else video

    def _published_reels(self, visit: Visit, page_id: str) -> Iterator[Video]:
        since, until = moment_of(visit.params, "since"), moment_of(visit.params, "until")
        shown_until = visit.now - timedelta(seconds=visit.switches.list_lag_s)
        for post in self._wall.newest_first(page_id):
            is_within = (since is None or post.created_at >= since) and (until is None or post.created_at <= until)
            video = self._videos.find(post.platform_post_id, page_id)
            if video is not None and video.is_reel and is_within and post.created_at <= shown_until:
                yield video

    def _refuse_new(self, visit: Visit, video: Video) -> None:
        if (visit.now - video.created_at).total_seconds() < visit.switches.node_lag_s:
            raise no_such_object(video.video_id, visit.call.method)

    def _values(self, visit: Visit, video: Video) -> dict[str, Any]:
        post = self._wall.find(video.video_id)
        values: dict[str, Any] = {
            "id": video.video_id,
            "status": status_of(video, post, visit.switches, visit.now),
            "published": post is not None and post.details["state"] == PUBLISHED,
            "created_time": graph_time(video.created_at),
            "updated_time": graph_time(video.finished_at or video.created_at),
            "length": video.length_s,
        }
        if post is not None:
            values["permalink_url"] = permalink(post)
            if post.details["state"] not in {PROCESSING, FAILED}:
                values["post_id"] = post.details["post_id"]
            if post.details["state"] == SCHEDULED:
                values["scheduled_publish_time"] = int(post.details["live_at"])
        optional = {"title": video.title, "description": post.text if post else video.description}
        return values | {name: value for name, value in optional.items() if value}

    async def _content(self, visit: Visit) -> bytes:
        """The bytes of a video: fetched, of this very call, or uploaded before."""
        url, handle = text_of(visit.params, "file_url"), text_of(visit.params, "fbuploader_video_file_chunk")
        source = source_of(visit)
        if sum(map(bool, (url, handle, source))) != 1:
            raise invalid_parameter("One of file_url, source and fbuploader_video_file_chunk is required.")
        if source is not None:
            return source.content
        if url:
            return await fetched(url, visit)
        content = self._uploads.content_of(handle, visit)
        if content is None:
            raise invalid_parameter("Param fbuploader_video_file_chunk is no handle of an uploaded file.")
        return content


def release_video(world: World, wall: Wall, video: Video, release: Release, visit: Visit) -> None:
    """Give a video its post, which is published when both its processing and its time have come."""
    post = a_post_of(world, video, now=visit.now)
    ready = ready_at(video) or visit.now
    if video.fault != "none":
        wall.add(post, state=FAILED)
    elif release.state == PUBLISHED:
        wall.add(post, state=PROCESSING, live_at=ready)
        wall.catch_up()
    else:
        wall.add(post, state=release.state, live_at=max(ready, release.live_at) if release.live_at else None)


async def fetched(url: str, visit: Visit) -> bytes:
    """A video fetched from its address; too slow and not at all are told apart."""
    try:
        return (await fetch_media(url, largest=LARGEST_FETCHED, time_limit=visit.switches.fetch_time_limit)).content
    except Unreachable as error:
        raise _not_fetched(timed_out=error.timed_out) from error


def judged(content: bytes) -> Probe:
    """What a file turned out to be, if that is a video Facebook takes."""
    found = probe(content)
    if found is None or not found.mime.startswith("video/") or found.duration is None:
        raise graph_error(352, "(#352) Sorry, the video file you selected is in a format that we don't support.")
    if found.duration.total_seconds() > _LONGEST_S:
        raise graph_error(352, "(#352) The video is longer than four hours.")
    return found


def _not_fetched(*, timed_out: bool) -> GraphError:
    if timed_out:
        return graph_error(6000, "There was a problem uploading your video file.", subcode=1363030, transient=True)
    return graph_error(389, "(#389) Unable to fetch video file from URL.")
