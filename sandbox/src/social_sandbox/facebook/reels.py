"""Reels: begin, send the bytes to another host, finish. Until then nobody sees anything."""

from datetime import timedelta

from social_sandbox.answers import Answer, json_answer
from social_sandbox.facebook.access import Visit
from social_sandbox.facebook.errors import bad_schedule, invalid_parameter, no_such_object, too_many_reels
from social_sandbox.facebook.publishing import publishing_page, read_text, refuse_abuse
from social_sandbox.facebook.schedule import Release, check_window
from social_sandbox.facebook.transfers import read_length, taken
from social_sandbox.facebook.video_endpoints import fetched, release_video
from social_sandbox.facebook.videos import Video, Videos
from social_sandbox.facebook.wall import DRAFT, PUBLISHED, SCHEDULED, Wall
from social_sandbox.meta.params import moment_of, text_of
from social_sandbox.platform import World
from social_sandbox.probe import probe

UPLOAD_HOST = "rupload.facebook.com"
_SHORTEST, _LONGEST = timedelta(seconds=3), timedelta(seconds=90)
_NARROWEST_PIXELS, _LOWEST_PIXELS = 540, 960
_RATIO, _TOLERANCE = 9 / 16, 0.01
_STATES = {"PUBLISHED": PUBLISHED, "DRAFT": DRAFT, "SCHEDULED": SCHEDULED}


class ReelEndpoints:
    """The three phases."""

    def __init__(self, world: World, wall: Wall, videos: Videos) -> None:
        self._world = world
        self._wall = wall
        self._videos = videos

    async def write(self, visit: Visit) -> Answer:
        """Begin a reel, or finish it."""
        phase = text_of(visit.params, "upload_phase").lower()
        match phase:
            case "start":
                return self._start(visit)
            case "finish":
                return self._finish(visit)
            case _:
                raise invalid_parameter("Param upload_phase must be one of {START, FINISH}.")

    async def send(self, visit: Visit) -> Answer:
        """Take the bytes, or fetch them from the address in a header."""
        video = self._videos.find(visit.call.params["node"], visit.page.platform_id)
        if video is None or not video.is_reel or self._is_expired(visit, video):
            raise no_such_object(visit.call.params["node"], visit.call.method)
        if video.uploaded_at is not None:
            return json_answer({"success": True})
        headers = visit.call.headers
        url = headers.get("file_url")
        if url:
            if visit.call.body:
                raise invalid_parameter("With the header file_url there is no body.")
            video.content = await fetched(url, visit)
            video.received = len(video.content)
        else:
            length = read_length(headers.get("file_size", ""), "file_size")
            if video.size not in {None, length}:
                raise invalid_parameter(f"The header file_size must be {video.size}, as before.")
            content, refusal = taken(visit, video.content, offset=headers.get("offset"), name="offset", length=length)
            video.content, video.received, video.size = content, len(content), length
            if refusal is not None:
                raise refusal
        self._judge(visit, video)
        return json_answer({"success": True})

    def _start(self, visit: Visit) -> Answer:
        page = publishing_page(visit)
        video = self._videos.new(
            page.platform_id, visit.grant.client_id, visit.account.account_id, is_reel=True, now=visit.now
        )
        path = f"/video-upload/{visit.call.params['version']}/{video.video_id}"
        return json_answer({"video_id": video.video_id, "upload_url": visit.call.url(UPLOAD_HOST, path)})

    def _finish(self, visit: Visit) -> Answer:
        page = publishing_page(visit)
        video = self._videos.find(text_of(visit.params, "video_id"), page.platform_id)
        if video is None or not video.is_reel or self._is_expired(visit, video):
            raise invalid_parameter("Param video_id must name a reel that was begun.")
        release = _read_state(visit)
        description = read_text(visit, "description")
        if video.finished_at is not None:
            return self._again(visit, video, release)
        if video.uploaded_at is None:
            raise invalid_parameter("The video has not been uploaded yet.")
        refuse_abuse(page)
        self._count(visit, release)
        video.title, video.description = text_of(visit.params, "title"), description
        video.finished_at = visit.now
        video.processing_s = visit.switches.processing_s
        release_video(self._world, self._wall, video, release, visit)
        return json_answer({"success": True})

    def _again(self, visit: Visit, video: Video, release: Release) -> Answer:
        """A draft can still be published; of a reel that was finished otherwise nothing more can come."""
        post = self._wall.find(video.video_id)
        if post is not None and post.details["state"] == DRAFT and release.state == PUBLISHED:
            self._count(visit, release)
            self._wall.publish(post, visit.now)
            return json_answer({"success": True})
        if visit.switches.refinish == "error":
            raise invalid_parameter("The video was finished before.")
        return json_answer({"success": True})

    def _count(self, visit: Visit, release: Release) -> None:
        if release.state == DRAFT:
            return
        reels = self._videos.reels(visit.node)
        if reels.count(visit.now.timestamp()) >= visit.switches.reels_per_day:
            raise too_many_reels()
        reels.add(visit.now.timestamp())

    def _judge(self, visit: Visit, video: Video) -> None:
        """Look at the whole file; what is wrong with it shows only when it is processed."""
        found = probe(video.content)
        video.content = b""
        video.size, video.uploaded_at = video.received, visit.now
        video.fault = visit.switches.video_fault
        if found is None or found.mime != "video/mp4" or found.duration is None:
            video.fault, video.problem = "processing", "The file is not an MP4 video."
            return
        video.length_s = found.duration.total_seconds()
        is_upright = abs(found.ratio - _RATIO) <= _TOLERANCE
        is_large = found.width >= _NARROWEST_PIXELS and found.height >= _LOWEST_PIXELS
        if not (_SHORTEST <= found.duration <= _LONGEST and is_upright and is_large):
            video.fault = "processing"
            video.problem = "A reel takes 3 to 90 seconds, 9:16, and at least 540 by 960 pixels."

    def _is_expired(self, visit: Visit, video: Video) -> bool:
        life = timedelta(seconds=visit.switches.upload_life_s)
        return video.finished_at is None and visit.now - video.created_at >= life


def _read_state(visit: Visit) -> Release:
    state = _STATES.get(text_of(visit.params, "video_state").upper())
    if state is None:
        raise invalid_parameter("Param video_state must be one of {DRAFT, PUBLISHED, SCHEDULED}.")
    when = moment_of(visit.params, "scheduled_publish_time")
    if state == SCHEDULED:
        if when is None:
            raise bad_schedule()
        check_window(visit, when, longest_s=visit.switches.reel_schedule_longest_s)
        return Release(SCHEDULED, when)
    if when is not None:
        raise invalid_parameter("Param scheduled_publish_time needs video_state=SCHEDULED.")
    return Release(state)
