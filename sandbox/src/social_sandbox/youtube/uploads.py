"""Uploading a video: a session and its bytes, or everything in one request."""

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call, read_number
from social_sandbox.model import Post
from social_sandbox.platform import PlatformSimulator
from social_sandbox.youtube.access import REFUSALS, Visit
from social_sandbox.youtube.body import VideoBody, read_video
from social_sandbox.youtube.channel import Channel, find_channel
from social_sandbox.youtube.errors import (
    bad_request,
    media_body_required,
    refusal,
    session_gone,
    too_large,
    wrong_media_type,
)
from social_sandbox.youtube.metadata import read_snippet, read_status
from social_sandbox.youtube.multipart import read_related
from social_sandbox.youtube.ranges import Range, read_range
from social_sandbox.youtube.sessions import GRAIN, Session, Sessions
from social_sandbox.youtube.showing import PARTS, Showing
from social_sandbox.youtube.switches import YouTubeSwitches
from social_sandbox.youtube.video import Draft, Videos

LARGEST_FILE = 256 * 1024**3
_ACCEPTED = ("video/*", "application/octet-stream")
_PARAMETERS = ("part", "uploadType", "notifySubscribers", "autoLevels", "stabilize")
_REFUSAL_STATUS = {
    "invalidFilename": (400, "youtube.video"),
    "invalidVideoMetadata": (400, "youtube.video"),
    "dailyLimitExceeded": (403, "usageLimits"),
    "rateLimitExceeded": (403, "usageLimits"),
    "userRateLimitExceeded": (403, "usageLimits"),
    "uploadRateLimitExceeded": (429, "youtube.video"),
}


class Uploads:
    """`videos.insert` in all its forms, and the sessions' own addresses."""

    def __init__(self, simulator: PlatformSimulator, videos: Videos, showing: Showing) -> None:
        self._simulator = simulator
        self._videos = videos
        self._showing = showing
        self._sessions = Sessions(simulator.world)

    async def insert(self, visit: Visit) -> Answer:
        """Open a session, or take metadata and bytes at once."""
        query = visit.query(*_PARAMETERS)
        kind = query.get("uploadType", "resumable" if visit.call.path.startswith("/resumable/") else "")
        channel = visit.own_channel()
        _refuse_on_purpose(visit.switches)
        match kind:
            case "resumable":
                return self._open(visit, channel)
            case "multipart":
                metadata, media_type, content = read_related(visit.call)
                _check_media_type(media_type)
                draft = self._draft(visit, channel, read_video(metadata))
            case "media":
                # Without metadata there is no title, and YouTube takes no video without one.
                _check_media_type(visit.call.media_type)
                draft, content = self._draft(visit, channel, VideoBody()), visit.call.body
            case _:
                raise media_body_required()
        post = self._add(channel, draft, content, visit.switches)
        return json_answer(self._showing.video(post, visit.parts(PARTS)))

    async def insert_nothing(self, visit: Visit) -> Answer:
        """`POST /youtube/v3/videos`, the address without bytes."""
        visit.own_channel()
        raise media_body_required()

    async def put(self, call: Call) -> Answer:
        """Take bytes for a session, or tell how far it is. The address is the key; a token is not needed."""
        switches: YouTubeSwitches = self._simulator.switches
        session = self._admitted(call, switches)
        given = read_range(call)
        if session["video_id"] is not None:
            return self._finished(session, switches)
        total = _agreed_total(session, given)
        if given.start is None or given.end is None:
            return self._incomplete(call, session, parts_moved=False)
        if given.end - given.start + 1 != len(call.body):
            raise bad_request("The Content-Range does not fit the number of bytes sent.")
        if total is not None and given.end >= total:
            raise bad_request("The Content-Range exceeds the size of the file.")
        completes = total is not None and given.end + 1 == total
        if not completes and len(call.body) % GRAIN:
            raise bad_request(f"Every chunk but the last must be a multiple of {GRAIN} bytes.")
        if given.start != session["received"]:
            if switches.wrong_offset == "error":
                raise bad_request(f"The chunk must begin at byte {session['received']}.")
            return self._incomplete(call, session, parts_moved=False)
        session["total"] = total
        self._sessions.keep(session, call.body, switches)
        if session["received"] != total:
            return self._incomplete(call, session, parts_moved=switches.moves_session)
        return self._complete(session, switches)

    async def cancel(self, call: Call) -> Answer:
        """Give a session up; one that has become a video is past that."""
        switches: YouTubeSwitches = self._simulator.switches
        session = self._admitted(call, switches)
        if session["video_id"] is not None:
            raise refusal(400, "failedPrecondition", "The upload is already complete.")
        self._sessions.forget(session)
        return Answer(204)

    def session_of(self, call: Call) -> Session | None:
        """The session whose address was called."""
        return self._sessions.find(call.query.get("upload_id", ""))

    def _open(self, visit: Visit, channel: Channel) -> Answer:
        call = visit.call
        total = _announced_size(call)
        media_type = call.headers.get("x-upload-content-type")
        if media_type is not None:
            _check_media_type(media_type.partition(";")[0].strip().lower())
        if call.body and call.media_type != "application/json":
            raise wrong_media_type(call.media_type, ("application/json",))
        draft = self._draft(visit, channel, read_video(call.body))
        session = self._sessions.open(
            grant_id=visit.grant.grant_id,
            channel_id=channel.channel_id,
            draft=draft,
            parts=visit.parts(PARTS),
            total=total,
            now=visit.now,
            switches=visit.switches,
        )
        return Answer(200, b"", {"location": _address(call, session)})

    def _draft(self, visit: Visit, channel: Channel, body: VideoBody) -> Draft:
        parts = visit.parts(PARTS)
        body.check_parts(parts)
        snippet = read_snippet(body, visit.switches)
        status = read_status(body, visit.switches, now=visit.now)
        notify = visit.flag("notifySubscribers", default=True)
        self._videos.check_room(channel, visit.switches, visit.now)
        return Draft(snippet, status, visit.grant.client_id, notify)

    def _admitted(self, call: Call, switches: YouTubeSwitches) -> Session:
        """The session of an address; a consent that was withdrawn ends it, a dead token is not let pass."""
        session = self.session_of(call)
        if session is None:
            raise session_gone(switches.session_gone_status)
        grants = self._simulator.grants
        now = self._simulator.world.clock.now()
        is_checked = "authorization" in call.headers and switches.session_bearer == "checked"
        if is_checked and grants.live_token(call.bearer(), now, kind="access") is None:
            raise REFUSALS.unauthenticated()
        if grants.grants[session["grant_id"]].revoked_at is not None:
            raise REFUSALS.unauthenticated()
        return session

    def _incomplete(self, call: Call, session: Session, *, parts_moved: bool) -> Answer:
        headers: dict[str, str] = {}
        if session["received"]:
            headers["range"] = f"bytes=0-{session['received'] - 1}"
        if parts_moved:
            self._sessions.move(session)
            headers["location"] = _address(call, session)
        return Answer(308, b"", headers)

    def _complete(self, session: Session, switches: YouTubeSwitches) -> Answer:
        channel = find_channel(self._videos.store, session["channel_id"])
        if channel is None:
            raise session_gone(switches.session_gone_status)
        post = self._add(channel, session["draft"], self._sessions.content(session), switches)
        self._sessions.finish(session, post.platform_post_id)
        return self._finished(session, switches)

    def _finished(self, session: Session, switches: YouTubeSwitches) -> Answer:
        self._simulator.catch_up()
        post = self._videos.find(session["video_id"] or "")
        if post is None:
            raise session_gone(switches.session_gone_status)
        return json_answer(self._showing.video(post, session["parts"]), switches.final_status)

    def _add(self, channel: Channel, draft: Draft, content: bytes, switches: YouTubeSwitches) -> Post:
        now = self._simulator.world.clock.now()
        post = self._videos.add(channel, draft, content, switches=switches, now=now)
        self._simulator.catch_up()
        return post


def _agreed_total(session: Session, given: Range) -> int | None:
    known = session["total"]
    if known is not None and given.total is not None and known != given.total:
        raise bad_request(f"The file was announced with {known} bytes, not {given.total}.")
    total = known if known is not None else given.total
    if total is not None and total > LARGEST_FILE:
        raise too_large(LARGEST_FILE)
    return total


def _announced_size(call: Call) -> int | None:
    text = call.headers.get("x-upload-content-length")
    if text is None:
        return None
    size = read_number(text)
    if size is None:
        raise bad_request("Invalid X-Upload-Content-Length header.")
    if size > LARGEST_FILE:
        raise too_large(LARGEST_FILE)
    return size


def _check_media_type(media_type: str) -> None:
    if not media_type.startswith("video/") and media_type != "application/octet-stream":
        raise wrong_media_type(media_type, _ACCEPTED)


def _refuse_on_purpose(switches: YouTubeSwitches) -> None:
    reason = switches.insert_refusal
    if reason is not None:
        status, domain = _REFUSAL_STATUS.get(reason, (403, "youtube.video"))
        raise refusal(status, reason, f"YouTube refuses this upload: {reason}.", domain=domain)


def _address(call: Call, session: Session) -> str:
    parts = ",".join(session["parts"])
    query = f"uploadType=resumable&part={parts}&upload_id={session['upload_id']}"
    return call.url(call.host, f"{call.raw_path}?{query}")
