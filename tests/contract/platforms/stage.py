"""What a contract test does at a platform: people, consents, planned trouble, the ground truth."""

import inspect
import io
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from social_common.http import HttpClient
from social_common.media_kinds import describe_file
from social_common.secrets import Secret
from social_platforms import registry
from social_platforms._core import (
    Accepted,
    Access,
    AppConfig,
    AuthorizationRequest,
    Capability,
    Live,
    MediaItem,
    MediaKind,
    MediaReader,
    MetricsAdapter,
    OAuthAdapter,
    Place,
    Platform,
    PlatformUser,
    PostContent,
    PostRef,
    PostsAdapter,
    Sighting,
    SightingKind,
    TokenSet,
)

VERIFIER = "v" * 64
EVERYTHING = frozenset(Capability)
_STEPS = 60
Adapter = TypeVar("Adapter", OAuthAdapter, PostsAdapter)


@dataclass(frozen=True)
class Linked:
    """A grant as auth-linker would hold it, with the place that is published to."""

    tokens: TokenSet
    user: PlatformUser
    place: Place
    username: str
    account_id: str
    proof: Secret | None = None

    @property
    def token(self) -> Secret:
        """What is published with: the place's own token where it has one."""
        return self.place.token or self.tokens.access_token

    def access(self, *, token: Secret | None = None) -> Access:
        """What the token broker would hand out."""
        return Access(
            token=token or self.token,
            platform_id=self.place.platform_id,
            kind=self.place.kind,
            facts=self.place.facts,
            proof=self.proof,
        )

    def secrets(self) -> list[str]:
        """Everything that must never be seen."""
        pair = (self.tokens.access_token, self.tokens.refresh_token, self.place.token)
        return [secret.reveal() for secret in pair if secret is not None]


class Stage:
    """One platform of the sandbox, seen by the first of its apps, or by the second where a test class names it.

    `person` are details that everybody here has, such as the places to publish at.
    """

    def __init__(
        self,
        url: str,
        http: HttpClient,
        *,
        platform: Platform,
        second_app: str = "",
        person: Mapping[str, Any] | None = None,
    ) -> None:
        self.url = url
        self.http = http
        self.platform = platform
        self.second_app = second_app
        self.person = dict(person or {})
        self.moved_s = 0.0
        self.callback = f"http://localhost:8101/v1/oauth/{platform}/callback"

    # --- the sandbox's controls

    async def control(self, method: str, path: str, body: Mapping[str, Any] | None = None, **params: str) -> Any:
        """A call of the control interface."""
        response = await self.http.request(method, f"{self.url}/_control{path}", json=body, params=params)
        assert response.status < 300, response.text
        return response.json() if response.content else None

    async def plan(self, operation: str, kind: str, *, count: int = 1, **extra: Any) -> None:
        """Plans trouble for the next calls."""
        body = {"platform": self.platform, "operation": operation, "kind": kind, "count": count, **extra}
        await self.control("POST", "/faults", body)

    async def switch(self, **switches: Any) -> None:
        """Changes how the platform behaves."""
        await self.control("POST", "/switches", {"platform": self.platform, "switches": switches})

    async def advance(self, seconds: float) -> None:
        """Moves the sandbox's time; it goes back when the test is over."""
        self.moved_s += seconds
        await self.control("POST", "/clock", {"advance_s": seconds})

    async def posts(self) -> list[dict[str, Any]]:
        """What really stands on the platform."""
        answer = await self.control("GET", "/posts", platform=self.platform)
        found: list[dict[str, Any]] = answer["posts"]
        return found

    async def requests(self) -> list[dict[str, Any]]:
        """What was asked of the platform."""
        answer = await self.control("GET", "/requests", platform=self.platform)
        found: list[dict[str, Any]] = answer["requests"]
        return found

    # --- adapters

    @property
    def credentials(self) -> str:
        """How the settings of the app's credentials begin."""
        return f"{self.platform.upper()}_{self.second_app.upper()}" if self.second_app else self.platform.upper()

    def app(self, **changes: Any) -> AppConfig:
        """The sandbox's default app, or a changed one."""
        name = f"sandbox-{self.second_app}" if self.second_app else "sandbox"
        environ = {
            f"{self.credentials}_CLIENT_ID": f"{name}-client",
            f"{self.credentials}_CLIENT_SECRET": f"{name}-secret",
            f"{self.platform.upper()}_BASE_URL": f"{self.url}/{self.platform}",
        }
        return registry.load_apps(environ | changes)[self.platform]

    def oauth(self, **changes: Any) -> OAuthAdapter:
        """The platform's facet of linking; what it waits for inside a call is not waited for here."""
        app = self.app(**changes)
        adapter = registry.oauth_apps({self.platform: app}, self.http).of(self.platform, app.client_id)
        assert adapter is not None
        return self._without_waits(adapter, app)

    def publishing(self, **changes: Any) -> PostsAdapter:
        """The platform's facet of publishing; what it waits for inside a call is not waited for here."""
        app = self.app(**changes)
        return self._without_waits(registry.posts_adapters({self.platform: app}, self.http)[self.platform], app)

    def _without_waits(self, adapter: Adapter, app: AppConfig) -> Adapter:
        kind: Any = type(adapter)
        if "sleep" not in inspect.signature(kind).parameters:
            return adapter
        again: Adapter = kind(app, self.http, sleep=_at_once)
        return again

    def measuring(self, **changes: Any) -> MetricsAdapter:
        """The platform's facet of measuring."""
        return registry.metrics_adapters({self.platform: self.app(**changes)}, self.http)[self.platform]

    # --- people

    async def a_person(self, **details: Any) -> dict[str, Any]:
        """An account of a name that nobody else has."""
        plain = {"platform": self.platform, "username": f"shop{secrets.token_hex(4)}", "followers": 1200}
        body = plain | self.person | details
        account: dict[str, Any] = await self.control("POST", "/accounts", body)
        return account

    async def consents(
        self, oauth: OAuthAdapter, username: str, *, decision: str = "approve", verifier: str = VERIFIER
    ) -> dict[str, str]:
        """A person's answer on the consent page, as it arrives at the callback."""
        scopes = oauth.scopes_for(EVERYTHING)
        request = AuthorizationRequest(self.callback, state="st_9f2", code_verifier=verifier, scopes=scopes)
        form = {"account": username, "decision": decision}
        response = await self.http.request("POST", oauth.authorization_url(request), form=form)
        assert response.status in {302, 303}, response.text[:500]
        query = parse_qs(urlsplit(response.headers["location"]).query)
        return {name: values[0] for name, values in query.items()}

    async def link(self, *, oauth: OAuthAdapter | None = None, **details: Any) -> Linked:
        """A new person who has linked an account; the first usable place is taken."""
        return await self.link_person(await self.a_person(**details), oauth=oauth or self.oauth())

    async def link_person(self, account: dict[str, Any], *, oauth: OAuthAdapter) -> Linked:
        """That person, linked."""
        answer = await self.consents(oauth, account["username"])
        tokens = await oauth.exchange(
            code=Secret(answer["code"]), redirect_uri=self.callback, code_verifier=Secret(VERIFIER)
        )
        user = await oauth.identity(tokens)
        places = [place for place in await oauth.places(tokens, user) if place.usable]
        proof = oauth.proof(places[0].token or tokens.access_token)
        return Linked(tokens, user, places[0], account["username"], account["account_id"], proof)


async def _at_once(seconds: float) -> None:
    """A wait that is over."""


@dataclass
class Publication:
    """One post on its way, driven as publisher drives it."""

    stage: Stage
    linked: Linked
    content: PostContent
    posts: PostsAdapter
    ref: PostRef = field(default_factory=lambda: PostRef(f"0190{secrets.token_hex(6)}"))
    handle: dict[str, Any] | None = None
    media: MediaReader | None = None
    sent_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def prepare(self) -> None:
        """Calls `prepare` until it is ready."""
        media = self.media or PlainMedia(self.stage.http)
        for _ in range(_STEPS):
            prepared = await self.posts.prepare(
                self.linked.access(), self.content, self.ref, handle=self.handle, media=media
            )
            self.handle = prepared.handle
            if prepared.ready:
                return
            if prepared.check_after:
                await self.stage.advance(prepared.check_after.total_seconds())
        raise AssertionError("preparing does not end")

    async def publish(self) -> Live:
        """The creating call, and the looks that follow it where the platform works on the post first."""
        assert self.handle is not None
        self.sent_at = datetime.now(UTC)
        answer = await self.posts.publish(self.linked.access(), self.content, self.ref, handle=self.handle)
        return answer if isinstance(answer, Live) else await self.finished(answer)

    async def finished(self, accepted: Accepted) -> Live:
        """Looks at an accepted post, as often as its platform wants to be asked, until it is live."""
        wait = accepted.check_after
        for _ in range(_STEPS):
            await self.stage.advance(wait.total_seconds())
            sighting = await self.posts.settle(
                self.linked.access(), self.content, self.ref, handle=accepted.handle, sent_at=self.sent_at
            )
            if sighting.live is not None:
                return sighting.live
            assert sighting.kind is SightingKind.PROCESSING, sighting
            assert sighting.check_after is not None
            wait = sighting.check_after
        raise AssertionError("the platform does not come to an end")

    async def settle(self, **limits: Any) -> Sighting:
        """One look at the account."""
        assert self.handle is not None
        return await self.posts.settle(
            self.linked.access(), self.content, self.ref, handle=self.handle, sent_at=self.sent_at, **limits
        )


class PlainMedia:
    """Reads media without publisher's guards."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def describe(self, item: MediaItem) -> MediaItem:
        """The item with what its file says."""
        response = await self._http.request("GET", item.url)
        found = describe_file(io.BytesIO(response.content))
        return replace(
            item,
            kind=MediaKind(found.kind_hint),
            mime=found.mime,
            size_bytes=found.size,
            width=found.width,
            height=found.height,
            duration=found.duration,
            frames=found.frames,
        )

    async def read(self, item: MediaItem, *, chunk_size: int) -> AsyncIterator[bytes]:
        """The file in chunks."""
        content = (await self._http.request("GET", item.url)).content
        for start in range(0, len(content), chunk_size):
            yield content[start : start + chunk_size]


async def a_picture(stage: Stage, *, position: int = 0) -> MediaItem:
    """One of the sandbox's own pictures."""
    entries = (await stage.http.request("GET", f"{stage.url}/assets/")).json()
    pictures = [entry["url"] for entry in entries if entry["kind"] == "image"]
    return MediaItem(pictures[position], MediaKind.IMAGE, alt_text="A copper kettle")


async def a_video(stage: Stage) -> MediaItem:
    """The sandbox's own video."""
    entries = (await stage.http.request("GET", f"{stage.url}/assets/")).json()
    return MediaItem(next(entry["url"] for entry in entries if entry["kind"] == "video"), MediaKind.VIDEO)
