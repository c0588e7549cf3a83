"""YouTube as the sandbox's gateway sees it: its routes, its people and their channels, its words for trouble."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.google_identity.family import GooglePlatform
from social_sandbox.google_identity.oauth import GoogleOAuth
from social_sandbox.google_identity.people import make_person
from social_sandbox.grants import Grant
from social_sandbox.model import Account, Place
from social_sandbox.platform import AccountSpec, PlaceSpec, Route, World
from social_sandbox.youtube.access import (
    CHANGING,
    LISTING,
    READING,
    REPORTING,
    UPLOADING,
    WRITING,
    Price,
    Work,
    admitting,
    answering,
)
from social_sandbox.youtube.channel import KIND, check_channel_options, check_title, make_channel
from social_sandbox.youtube.channels import ChannelEndpoints
from social_sandbox.youtube.errors import backend_error, refusal, too_large, too_many_calls
from social_sandbox.youtube.playlists import PlaylistEndpoints
from social_sandbox.youtube.quota import Bucket
from social_sandbox.youtube.ranges import insert_operation, put_operation
from social_sandbox.youtube.reports import ReportEndpoint
from social_sandbox.youtube.searching import SearchEndpoint
from social_sandbox.youtube.showing import Showing
from social_sandbox.youtube.switches import YouTubeSwitches
from social_sandbox.youtube.thumbnails import ThumbnailEndpoint
from social_sandbox.youtube.uploads import Uploads
from social_sandbox.youtube.video import Videos
from social_sandbox.youtube.videos import VideoEndpoints

DATA_HOSTS = ("www.googleapis.com", "youtube.googleapis.com")
ANALYTICS_HOST = "youtubeanalytics.googleapis.com"
_UPLOAD_PATHS = ("/upload/youtube/v3", "/resumable/upload/youtube/v3")
_UPLOAD = Price(Bucket.UPLOADS)
_LARGEST_BODY = 64 * 1024 * 1024


class YouTubeSimulator(GooglePlatform):
    """The simulated YouTube. Places are channels; a person may have any number of them, also none."""

    name = "youtube"
    label = "YouTube"
    switches_model = YouTubeSwitches

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._oauth = GoogleOAuth(self)
        self._videos = Videos(world)
        showing = Showing(world, self._videos)
        self._uploads = Uploads(self, self._videos, showing)
        self._video_endpoints = VideoEndpoints(world, self._videos, showing)
        self._channels = ChannelEndpoints(world, self._videos)
        self._playlists = PlaylistEndpoints(self._videos)
        self._search = SearchEndpoint(world, self._videos, showing)
        self._thumbnails = ThumbnailEndpoint(self._videos)
        self._reports = ReportEndpoint(world, self._videos)

    def routes(self) -> Sequence[Route]:
        """Every endpoint, the data API's on both of its hosts."""
        videos, uploads = self._video_endpoints, self._uploads
        stats, search = Price(Bucket.STATS), Price(Bucket.SEARCH)
        data: list[tuple[str, str, Any, Work, frozenset[str], Price]] = [
            ("GET", "/channels", _reading_channels, self._channels.list, READING, LISTING),
            ("GET", "/videos", _reading_videos, videos.list, READING, LISTING),
            ("GET", "/videos:batchGetStats", Operation.METRICS, videos.batch_get_stats, READING, stats),
            ("GET", "/playlistItems", Operation.READ, self._playlists.list, READING, LISTING),
            ("GET", "/search", Operation.READ, self._search.list, READING, search),
            ("POST", "/videos", Operation.PUBLISH, uploads.insert_nothing, UPLOADING, _UPLOAD),
            ("PUT", "/videos", Operation.PUBLISH, videos.update, CHANGING, WRITING),
            ("DELETE", "/videos", Operation.PUBLISH, videos.delete, CHANGING, WRITING),
        ]
        routes = [*self._oauth.routes()]
        for host in DATA_HOSTS:
            routes += [
                Route(
                    method,
                    host,
                    f"/youtube/v3{path}",
                    operation,
                    admitting(self, work, scopes_any=scopes, price=price),
                )
                for method, path, operation, work, scopes, price in data
            ]
            routes += self._upload_routes(host)
        report = admitting(self, self._reports.query, scopes_any=REPORTING, price=None)
        return [*routes, Route("GET", ANALYTICS_HOST, "/v2/reports", Operation.METRICS, report)]

    def create_account(self, spec: AccountSpec) -> Account:
        """Make a person with their channels; one of the person's name where none are named."""
        wished = spec.places
        if wished is None:
            wished = [PlaceSpec(KIND, spec.display_name or spec.username or "My channel")]
        places = [make_channel(self.world.store, place, where=f"places.{index}") for index, place in enumerate(wished)]
        return make_person(self.world, self.name, spec, places=places)

    def demo_accounts(self) -> Sequence[AccountSpec]:
        """A shop, and somebody with a channel of their own and one of a brand."""
        return (
            AccountSpec("adashop", "Ada Shop", 1240),
            AccountSpec(
                "claystudio",
                "Clay Studio",
                8650,
                places=[PlaceSpec(KIND, "Clay Studio"), PlaceSpec(KIND, "Glaze Lab", options={"subscribers": 310})],
            ),
        )

    def change_place(self, account: Account, place: Place, name: str | None, options: Mapping[str, Any]) -> None:
        """Rename a channel or change its options (its standing, long uploads, hidden counters)."""
        check_channel_options(options, "options")
        if name is not None:
            check_title(name, "name")
        super().change_place(account, place, name, options)

    def catch_up(self) -> None:
        """Make public the videos whose publishing time has come."""
        self._videos.publish_due(self.world.clock.now())

    def grant_of(self, call: Call) -> Grant | None:
        """The consent behind a call's token, or behind the upload session whose address was called."""
        session = self._uploads.session_of(call)
        return super().grant_of(call) or (self.grants.grants[session["grant_id"]] if session else None)

    def api_server_error(self, call: Call) -> Answer:
        """YouTube's words for its own trouble."""
        del call
        return backend_error().answer()

    def api_rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """A passing limit; the wait is named only where one was planned."""
        del call
        headers = {} if retry_after is None else {"retry-after": str(int(retry_after.total_seconds()))}
        return too_many_calls(headers).answer()

    def not_found(self, call: Call) -> Answer:
        """What the API says to a path or a version that it does not have."""
        del call
        return refusal(404, "notFound", "Not Found").answer()

    def too_large(self, call: Call) -> Answer:
        """What the API says to a body beyond any limit."""
        del call
        return too_large(_LARGEST_BODY).answer()

    def _upload_routes(self, host: str) -> list[Route]:
        """Sessions and their bytes, under both spellings of the path."""
        uploads = self._uploads
        insert = admitting(self, uploads.insert, scopes_any=UPLOADING, price=_UPLOAD)
        picture = admitting(self, self._thumbnails.set, scopes_any=UPLOADING, price=WRITING)
        routes = [Route("POST", host, f"{_UPLOAD_PATHS[0]}/thumbnails/set", Operation.MEDIA, picture)]
        for base in _UPLOAD_PATHS:
            path = f"{base}/videos"
            routes += [
                Route("POST", host, path, insert_operation, insert),
                Route("PUT", host, path, put_operation, answering(uploads.put)),
                Route("DELETE", host, path, Operation.MEDIA, answering(uploads.cancel)),
            ]
        return routes


def _reading_channels(call: Call) -> Operation:
    """Reading a channel for its counters is another thing than finding out whose token it is."""
    return Operation.METRICS if _parts(call) <= {"id", "statistics"} else Operation.IDENTITY


def _reading_videos(call: Call) -> Operation:
    """Reading videos for their counters is another thing than reading them back."""
    parts = _parts(call)
    is_read_back = not parts.isdisjoint({"fileDetails", "processingDetails", "status"})
    return Operation.METRICS if "statistics" in parts and not is_read_back else Operation.READ


def _parts(call: Call) -> set[str]:
    return {part.strip() for value in call.query_lists.get("part", []) for part in value.split(",")}
