"""The Graph: which node and edge a call names, and who answers."""

import re
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.facebook.access import Visit, Work, admitting
from social_sandbox.facebook.callbacks import Callbacks
from social_sandbox.facebook.editing import EditingEndpoints
from social_sandbox.facebook.errors import no_such_field, no_such_object, unknown_path
from social_sandbox.facebook.feed import FeedEndpoints
from social_sandbox.facebook.page_insights import PageInsights
from social_sandbox.facebook.people import PeopleEndpoints
from social_sandbox.facebook.photos import PhotoEndpoints, Photos
from social_sandbox.facebook.post_insights import PostInsights
from social_sandbox.facebook.reading import ReadingEndpoints
from social_sandbox.facebook.reels import UPLOAD_HOST, ReelEndpoints
from social_sandbox.facebook.subscriptions import Subscriptions
from social_sandbox.facebook.tokens import Tokens
from social_sandbox.facebook.uploads import UploadEndpoints
from social_sandbox.facebook.video_endpoints import VideoEndpoints
from social_sandbox.facebook.videos import Videos
from social_sandbox.facebook.wall import Wall
from social_sandbox.faults import Operation
from social_sandbox.meta.params import text_of
from social_sandbox.platform import PlatformSimulator, Route

HOST = "graph.facebook.com"
VIDEO_HOST = "graph-video.facebook.com"
_COUNTERS = frozenset({"followers_count", "fan_count"})
_HIDDEN_PART = re.compile(rb'name="published"\r\n\r\n(?:false|0)\r\n', re.IGNORECASE)


class Graph:
    """Nodes and edges."""

    def __init__(self, simulator: PlatformSimulator, wall: Wall, *, tokens: Tokens, callbacks: Callbacks) -> None:
        world = simulator.world
        self._simulator = simulator
        self._wall = wall
        self._photos = Photos(world.store)
        self._people = PeopleEndpoints(world, tokens)
        self._reading = ReadingEndpoints(world, wall)
        self._editing = EditingEndpoints(world, wall, self._photos, self._reading)
        feed = FeedEndpoints(world, wall, self._photos)
        photos = PhotoEndpoints(world, wall, self._photos)
        videos = Videos(world.store)
        self._uploads = UploadEndpoints(world.store)
        self._videos = VideoEndpoints(world, wall, videos, self._uploads)
        self._reels = ReelEndpoints(world, wall, videos)
        self._post_insights = PostInsights(world, self._reading)
        self._subscriptions = Subscriptions(callbacks)
        self._page_reads: dict[str, Work] = {
            "feed": self._reading.feed,
            "posts": self._reading.published_posts,
            "published_posts": self._reading.published_posts,
            "scheduled_posts": self._reading.scheduled_posts,
            "video_reels": self._videos.reels,
            "insights": PageInsights(world, wall).read,
            "subscribed_apps": self._subscriptions.list,
        }
        self._page_writes: dict[str, Work] = {
            "feed": feed.create,
            "photos": photos.create,
            "videos": self._videos.create,
            "video_reels": self._reels.write,
            "uploads": self._uploads.start,
            "subscribed_apps": self._subscriptions.subscribe,
        }

    def routes(self) -> list[Route]:
        """Every endpoint, also with the trailing slash that Meta's own client sends."""
        node, edge = "/{version}/{node}", "/{version}/{node}/{edge}"
        table: list[tuple[str, str, Any, Work]] = [
            ("GET", node, self._reading_node, self._read_node),
            ("POST", node, Operation.PUBLISH, self._editing.change),
            ("DELETE", node, Operation.PUBLISH, self._delete_node),
            ("GET", edge, self._reading_edge, self._read_edge),
            ("POST", edge, _writing_edge, self._write_edge),
            ("DELETE", edge, Operation.REVOKE, self._delete_edge),
            ("DELETE", edge + "/{permission}", Operation.REVOKE, self._delete_edge),
        ]
        nodes = [
            Route(method, HOST, path + slash, operation, admitting(self._simulator, work))
            for method, path, operation, work in table
            for slash in ("", "/")
        ]
        create_video = admitting(self._simulator, self._videos.create)
        videos = [
            Route("POST", VIDEO_HOST, f"/{{version}}/{{node}}/videos{slash}", Operation.PUBLISH, create_video)
            for slash in ("", "/")
        ]
        # Before the nodes: the session's name would be taken for one.
        return [*self._transfers(), *videos, *nodes]

    def _transfers(self) -> list[Route]:
        """Where bytes go; these want the scheme OAuth."""
        send = admitting(self._simulator, self._uploads.send, oauth_header=True)
        progress = admitting(self._simulator, self._uploads.progress, oauth_header=True)
        reel = admitting(self._simulator, self._reels.send, oauth_header=True)
        paths = [f"/{{version}}/upload{colon}{{upload}}" for colon in (":", "%3A", "%3a")]
        return [
            *(Route("POST", HOST, path, Operation.MEDIA, send) for path in paths),
            *(Route("GET", HOST, path, Operation.MEDIA, progress) for path in paths),
            Route("POST", UPLOAD_HOST, "/video-upload/{version}/{node}", Operation.MEDIA, reel),
        ]

    async def _read_node(self, visit: Visit) -> Answer:
        node = visit.node
        page = visit.account.place(node)
        if page is not None:
            return await self._people.page(visit, page)
        if node == visit.account.account_id:
            return await self._people.me(visit)
        photo = self._photos.find(node, visit.page_id or "")
        if photo is not None:
            return await self._reading.photo(visit, photo)
        video = self._videos.find(visit, node)
        if video is not None:
            return await self._videos.read(visit, video)
        return await self._reading.one(visit)

    async def _delete_node(self, visit: Visit) -> Answer:
        video = self._videos.find(visit, visit.node)
        if video is not None:
            return await self._videos.delete(visit, video)
        return await self._editing.delete(visit)

    async def _read_edge(self, visit: Visit) -> Answer:
        edge = visit.call.params["edge"]
        if visit.account.place(visit.node) is not None:
            if edge not in self._page_reads:
                raise no_such_field(edge, "Page")
            return await self._page_reads[edge](visit)
        if visit.node == visit.account.account_id:
            return await self._read_person(visit, edge)
        match edge:
            case "owned_pages":
                return await self._people.held_pages(visit, access="owned")
            case "client_pages":
                return await self._people.held_pages(visit, access="client")
            case "insights" | "video_insights" if self._videos.find(visit, visit.node) is not None:
                return await self._post_insights.of_video(visit, edge=edge)
            case "insights":
                return await self._post_insights.of_post(visit)
            case _:
                raise no_such_object(visit.node)

    async def _read_person(self, visit: Visit, edge: str) -> Answer:
        match edge:
            case "accounts":
                return await self._people.accounts(visit)
            case "permissions":
                return await self._people.permissions(visit)
            case "businesses":
                return await self._people.businesses(visit)
            case _:
                raise no_such_field(edge, "User")

    async def _write_edge(self, visit: Visit) -> Answer:
        work = self._page_writes.get(visit.call.params["edge"])
        if work is None:
            raise unknown_path()
        return await work(visit)

    async def _delete_edge(self, visit: Visit) -> Answer:
        if visit.call.params["edge"] == "permissions" and visit.node == visit.account.account_id:
            return await self._people.withdraw(visit, visit.call.params.get("permission"))
        if visit.call.params["edge"] == "subscribed_apps":
            return await self._subscriptions.unsubscribe(visit)
        raise no_such_object(visit.node, "delete")

    def _reading_node(self, call: Call) -> Operation:
        """Reading a Page is identity, or metrics where only its counters are asked for; anything else is read back."""
        fields = {name for name in re.split(r"[,{}.()]", text_of(call.query, "fields")) if name}
        node = call.params.get("node", "")
        if node == "me" or self._simulator.world.store.find_place(self._simulator.name, node) is not None:
            return Operation.METRICS if fields and fields <= _COUNTERS | {"id"} else Operation.IDENTITY
        return Operation.METRICS if fields & {"reactions", "comments", "shares"} else Operation.READ

    def _reading_edge(self, call: Call) -> Operation:
        match call.params.get("edge"):
            case "insights" | "video_insights":
                return Operation.METRICS
            case "accounts" | "permissions" | "businesses" | "owned_pages" | "client_pages":
                return Operation.IDENTITY
            case _:
                return Operation.READ


def _writing_edge(call: Call) -> Operation:
    """Uploading what nobody sees yet is media; everything else publishes."""
    edge = call.params.get("edge")
    given = _given(call)
    is_hidden = given.get("published") in {"false", "0", "False"} or _HIDDEN_PART.search(call.body) is not None
    if edge == "uploads" or (edge == "video_reels" and given.get("upload_phase") == "start"):
        return Operation.MEDIA
    if edge == "photos" and is_hidden and not given.get("scheduled_publish_time"):
        return Operation.MEDIA
    return Operation.PUBLISH


def _given(call: Call) -> dict[str, str]:
    if call.media_type != "application/json":
        return {**call.query, **call.form()}
    try:
        body = call.json()
    except MalformedBody:
        return call.query
    found = body if isinstance(body, dict) else {}
    return {**call.query, **{name: text_of(found, name) for name in found}}
