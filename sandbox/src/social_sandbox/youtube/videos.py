"""Reading, changing and deleting videos."""

from collections.abc import Sequence

from social_sandbox.answers import Answer, json_answer
from social_sandbox.model import Post
from social_sandbox.platform import World
from social_sandbox.youtube import figures
from social_sandbox.youtube.access import Visit
from social_sandbox.youtube.body import read_video
from social_sandbox.youtube.errors import bad_request, forbidden, invalid_parameter, refusal, required, video_not_found
from social_sandbox.youtube.ids import etag
from social_sandbox.youtube.metadata import as_details, read_snippet, read_status
from social_sandbox.youtube.paging import list_answer
from social_sandbox.youtube.showing import OWNER_PARTS, PARTS, Showing, duration, moment
from social_sandbox.youtube.video import Videos

_MOST_IDS = 50
_CHANGEABLE = frozenset({"id", "localizations", "paidProductPlacementDetails", "recordingDetails", "snippet", "status"})
_BATCH_PARTS = frozenset({"contentDetails", "id", "snippet", "statistics"})
_LIST_PARAMETERS = ("part", "id", "chart", "myRating", "hl", "maxHeight", "maxWidth", "maxResults", "pageToken")


class VideoEndpoints:
    """`videos.list`, `.batchGetStats`, `.update`, `.delete`."""

    def __init__(self, world: World, videos: Videos, showing: Showing) -> None:
        self._world = world
        self._videos = videos
        self._showing = showing

    async def list(self, visit: Visit) -> Answer:
        """Return the videos of a list of ids that this person may see; the others are not there."""
        visit.query(*_LIST_PARAMETERS)
        parts = visit.parts(PARTS)
        visit.results()
        posts = self._seen(visit, _ids_of(visit))
        if OWNER_PARTS & set(parts) and not all(visit.owns(post.platform_id) for post in posts):
            raise forbidden("Only the owner of a video may see its file, processing and suggestions.")
        items = [self._showing.video(post, parts) for post in posts]
        frame = {"pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)}}
        return list_answer("videoListResponse", items, frame)

    async def batch_get_stats(self, visit: Visit) -> Answer:
        """Return the counters of many videos; one that is not there takes nothing from the others."""
        visit.query("part", "id")
        parts = visit.parts(_BATCH_PARTS)
        items = [self._stats(post, parts) for post in self._seen(visit, _ids_of(visit))]
        return list_answer("batchGetStatsResponse", items)

    async def update(self, visit: Visit) -> Answer:
        """Write whole parts of a video anew; what the body leaves out of them falls back to its default."""
        visit.query("part")
        parts = visit.parts(PARTS)
        unfit = next((part for part in parts if part not in _CHANGEABLE), None)
        if unfit is not None:
            location = ("parameter", "part")
            raise refusal(400, "unexpectedPart", unfit, domain="youtube.part", location=location)
        if visit.call.media_type != "application/json":
            raise bad_request("The content type must be application/json.")
        body = read_video(visit.call.body)
        body.check_parts(parts)
        if not body.id:
            raise video_not_found()
        post = self._own(visit, body.id)
        snippet = read_snippet(body, visit.switches) if "snippet" in parts else None
        status = read_status(body, visit.switches, now=visit.now) if "status" in parts else None
        if snippet is not None:
            post.text = snippet.description
        if status is not None:
            if status.privacy == "public" and post.visibility == "private":
                post.details["published_at"] = visit.now
            post.visibility = status.privacy
        post.details |= as_details(snippet, status)
        self._videos.schedule(post)
        return json_answer(self._showing.video(post, parts))

    async def delete(self, visit: Visit) -> Answer:
        """Take a video away for good."""
        query = visit.query("id")
        if not query.get("id"):
            raise required("id")
        self._own(visit, query["id"]).deleted_at = visit.now
        return Answer(204)

    def _seen(self, visit: Visit, ids: Sequence[str]) -> Sequence[Post]:
        found = (self._videos.find(video_id) for video_id in ids)
        return [post for post in found if post is not None and self._is_seen(visit, post)]

    def _is_seen(self, visit: Visit, post: Post) -> bool:
        if visit.owns(post.platform_id):
            return True
        return post.visibility != "private" and self._videos.channel_of(post).standing == "active"

    def _own(self, visit: Visit, video_id: str) -> Post:
        visit.own_channel()
        post = self._videos.find(video_id)
        if post is None or not self._is_seen(visit, post):
            raise video_not_found()
        if not visit.owns(post.platform_id):
            raise forbidden("The video belongs to another channel.", domain="youtube.video")
        return post

    def _stats(self, post: Post, parts: Sequence[str]) -> dict[str, object]:
        channel = self._videos.channel_of(post)
        sections: dict[str, object] = {
            "snippet": {"publishTime": moment(post.details["published_at"])},
            "contentDetails": {"duration": duration(post.details["duration_s"])},
            "statistics": figures.statistics(self._world, channel, post),
        }
        body = {name: section for name, section in sections.items() if name in parts}
        mark = etag(post.platform_post_id, body)
        return {"kind": "youtube#videoStat", "etag": mark, "id": post.platform_post_id, **body}


def _ids_of(visit: Visit) -> Sequence[str]:
    ids = visit.names("id")
    if not ids:
        message = "No filter selected. Expected one of: chart, id, myRating"
        raise refusal(400, "missingRequiredParameter", message, domain="youtube.parameter")
    if len(ids) > _MOST_IDS:
        raise invalid_parameter("id", f"At most {_MOST_IDS} ids can be asked for at once.")
    return ids
