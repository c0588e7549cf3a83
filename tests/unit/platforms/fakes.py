"""A platform that answers what a test tells it to, and remembers what it was asked."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import (
    Access,
    AppConfig,
    MediaItem,
    MediaKind,
    PlaceKind,
    Platform,
    PlatformUser,
    TokenSet,
)

BASE = "http://platform.test"
TOKEN = "planted-access-token"
REFRESH = "planted-refresh-token"
CLIENT_SECRET = "planted-client-secret"
PLANTED = (TOKEN, REFRESH, CLIENT_SECRET, "planted-code", "planted-verifier")

FACTS: dict[Platform, dict[str, Any]] = {
    Platform.X: {"username": "kettleco", "subscription_type": "None"},
    Platform.INSTAGRAM: {"username": "bluemug", "ig_user_id": "17841400000012345"},
    Platform.FACEBOOK: {"tasks": ["CREATE_CONTENT", "ANALYZE"], "username": None, "user_id": "10150001"},
    Platform.LINKEDIN: {"kind": "organization", "role": "ADMINISTRATOR", "vanityName": "kettleco"},
    Platform.GITHUB: {"full_name": "adashop/shop", "node_id": "R_kgDOAA", "login": "adashop"},
    Platform.GOOGLE: {"account": "accounts/1029", "location": "locations/7741", "languageCode": "en"},
    Platform.YOUTUBE: {"uploads": "UUx1234567890abcdefghijk", "longUploadsStatus": "allowed"},
}
PLACES: dict[Platform, tuple[str, PlaceKind]] = {
    Platform.LINKEDIN: ("urn:li:organization:5555", PlaceKind.ORGANIZATION),
    Platform.GITHUB: ("17841400000012345", PlaceKind.REPOSITORY),
    Platform.GOOGLE: ("locations/7741", PlaceKind.LOCATION),
    Platform.YOUTUBE: ("UCx1234567890abcdefghijk", PlaceKind.CHANNEL),
}


@dataclass(frozen=True)
class Reply:
    """One answer; a body that is no bytes is sent as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class Scripted:
    """Gives its replies one after the other, and the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.replies: list[Reply] = list(replies)
        self.asked: list[Asked] = []

    def http(self) -> HttpClient:
        """A client whose every call comes here."""
        return HttpClient(asgi_app=self)

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        """One request and its reply."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.asked.append(Asked(scope["method"], scope["path"], query, headers, body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        names = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": names})
        await send({"type": "http.response.body", "body": reply.content()})


def an_app(**changes: Any) -> AppConfig:
    """An app at the scripted platform."""
    return AppConfig(**{"client_id": "cid", "client_secret": Secret(CLIENT_SECRET), "base_url": BASE, **changes})


def an_access(platform: Platform) -> Access:
    """A token for a place."""
    platform_id, kind = PLACES.get(platform, ("17841400000012345", PlaceKind.ACCOUNT))
    return Access(Secret(TOKEN), platform_id, kind, FACTS[platform])


def some_tokens() -> TokenSet:
    """A pair of tokens."""
    return TokenSet(Secret(TOKEN), Secret(REFRESH), expires_in=None)


def a_user() -> PlatformUser:
    """Who consented."""
    return PlatformUser("17841400000012345", "kettleco")


def a_picture(**changes: Any) -> MediaItem:
    """A picture that every platform takes."""
    values: dict[str, Any] = {
        "url": "https://shop.example/k.jpg",
        "kind": MediaKind.IMAGE,
        "mime": "image/jpeg",
        "size_bytes": 1000,
        "width": 1000,
        "height": 1000,
    }
    return MediaItem(**{**values, **changes})


def a_film() -> MediaItem:
    """A video of as many bytes as `Bytes` gives."""
    return a_picture(url="https://shop.example/k.mp4", kind=MediaKind.VIDEO, mime="video/mp4", size_bytes=3)


class Bytes:
    """A reader of media that always finds the same few bytes."""

    def __init__(self, chunks: Sequence[bytes] = (b"\xff\xd8\xff",)) -> None:
        self._chunks = chunks

    async def describe(self, item: MediaItem) -> MediaItem:
        """The item, looked at."""
        return MediaItem(item.url, item.kind, item.alt_text, "image/jpeg", 1000, 1000, 1000)

    async def read(self, item: MediaItem, *, chunk_size: int) -> Any:
        """The bytes."""
        del item, chunk_size
        for chunk in self._chunks:
            yield chunk
