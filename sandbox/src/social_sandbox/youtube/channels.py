"""Reading channels: the one whose token it is, and others by id or handle."""

from collections.abc import Sequence
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.platform import World
from social_sandbox.youtube import figures
from social_sandbox.youtube.access import Visit
from social_sandbox.youtube.channel import PLATFORM, Channel, find_channel
from social_sandbox.youtube.errors import forbidden, refusal
from social_sandbox.youtube.ids import etag
from social_sandbox.youtube.paging import list_answer, page_of
from social_sandbox.youtube.showing import moment
from social_sandbox.youtube.video import Videos

_PARTS = frozenset(
    {
        "auditDetails",
        "brandingSettings",
        "contentDetails",
        "contentOwnerDetails",
        "id",
        "localizations",
        "snippet",
        "statistics",
        "status",
        "topicDetails",
    }
)
_PARAMETERS = ("part", "mine", "id", "forHandle", "managedByMe", "hl", "maxResults", "pageToken")
_PICTURES = {"default": 88, "medium": 240, "high": 800}


class ChannelEndpoints:
    """`channels.list`."""

    def __init__(self, world: World, videos: Videos) -> None:
        self._world = world
        self._videos = videos

    async def list(self, visit: Visit) -> Answer:
        """Return channels; somebody without one gets a list without anything in it."""
        query = visit.query(*_PARAMETERS)
        parts = visit.parts(_PARTS)
        size = visit.results()
        found, frame = page_of(self._asked(visit), size=size, token=query.get("pageToken"))
        items = [self._shown(visit, channel, parts) for channel in found]
        if items or visit.switches.empty_items == "empty":
            return list_answer("channelListResponse", items, frame)
        return json_answer({"kind": "youtube#channelListResponse", "etag": etag(frame), **frame})

    def _asked(self, visit: Visit) -> Sequence[Channel]:
        query = visit.call.query
        is_mine = visit.flag("mine")
        filters = [name for name in ("id", "forHandle", "managedByMe") if name in query] + ["mine"] * is_mine
        if len(filters) != 1:
            few = "No filter selected" if not filters else "Incompatible parameters specified in the request"
            reason = "missingRequiredParameter" if not filters else "incompatibleParameters"
            message = f"{few}. Expected one of: id, mine, forHandle"
            raise refusal(400, reason, message, domain="youtube.parameter")
        match filters[0]:
            case "mine":
                return [visit.channel] if visit.channel else []
            case "id":
                found = (find_channel(self._world.store, channel_id) for channel_id in visit.names("id"))
            case "forHandle":
                wished = query["forHandle"].removeprefix("@").lower()
                found = (channel for channel in self._all() if channel.option("handle", "").lower() == wished)
            case _:
                raise forbidden("Only content owners may ask for the channels they manage.")
        return [c for c in found if c is not None and (c.standing == "active" or visit.owns(c.channel_id))]

    def _all(self) -> Sequence[Channel]:
        accounts = self._world.store.accounts_of(PLATFORM)
        return [Channel(account, place) for account in accounts for place in account.places]

    def _shown(self, visit: Visit, channel: Channel, parts: Sequence[str]) -> dict[str, Any]:
        sections: dict[str, Any] = {
            "snippet": _snippet(channel),
            "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": channel.uploads}},
            "statistics": figures.channel_statistics(self._world, self._videos, channel),
            "status": _status(channel, is_own=visit.owns(channel.channel_id)),
            "brandingSettings": {"channel": {"title": channel.title}},
        }
        body = {name: section for name, section in sections.items() if name in parts}
        mark = etag(channel.channel_id, body)
        return {"kind": "youtube#channel", "etag": mark, "id": channel.channel_id, **body}


def _snippet(channel: Channel) -> dict[str, Any]:
    description = channel.option("description", "")
    handle = channel.option("handle", "")
    picture = f"https://yt3.ggpht.com/{channel.channel_id}=s"
    return {
        "title": channel.title,
        "description": description,
        **({"customUrl": f"@{handle}"} if handle else {}),
        "publishedAt": moment(channel.account.created_at),
        "thumbnails": {
            name: {"url": f"{picture}{side}", "width": side, "height": side} for name, side in _PICTURES.items()
        },
        "localized": {"title": channel.title, "description": description},
    }


def _status(channel: Channel, *, is_own: bool) -> dict[str, Any]:
    shown = {"privacyStatus": "public", "isLinked": True, "madeForKids": bool(channel.option("made_for_kids"))}
    return shown | ({"longUploadsStatus": channel.option("long_uploads", "allowed")} if is_own else {})
