"""What every platform adapter promises, in terms that hold for all of them.

A platform has three facets, one per service: `oauth` (auth-linker), `posts` (publisher) and `metrics` (analytics), and
facts about it as data (`limits`). Adapters hold no state between calls and store nothing. Durations come back as the
platform gave them (seconds of life), never as absolute times: the product's clock belongs to the database.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol

from social_common.secrets import Secret

JsonObject = dict[str, Any]


class Platform(StrEnum):
    """The platforms a merchant can link."""

    FACEBOOK = "facebook"
    X = "x"
    INSTAGRAM = "instagram"
    LINKEDIN = "linkedin"
    YOUTUBE = "youtube"
    GOOGLE = "google"
    GITHUB = "github"


class PlaceKind(StrEnum):
    """What a connection points at."""

    ACCOUNT = "account"
    PAGE = "page"
    MEMBER = "member"
    ORGANIZATION = "organization"
    CHANNEL = "channel"
    LOCATION = "location"
    REPOSITORY = "repository"


class Capability(StrEnum):
    """What a connection may be used for."""

    PUBLISH = "publish"
    ANALYTICS = "analytics"


class MediaKind(StrEnum):
    """What a piece of media is."""

    IMAGE = "image"
    GIF = "gif"
    VIDEO = "video"


class PostKind(StrEnum):
    """The form a post takes on its platform."""

    TEXT = "text"
    IMAGE = "image"
    CAROUSEL = "carousel"
    VIDEO = "video"
    REEL = "reel"
    STORY = "story"
    UPDATE = "update"
    RELEASE = "release"
    DISCUSSION = "discussion"


class ErrorCode(StrEnum):
    """The closed set every platform's errors are mapped to (design, section 5)."""

    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    AUTH_EXPIRED = "auth_expired"
    AUTH_REVOKED = "auth_revoked"
    PERMISSION_MISSING = "permission_missing"
    ACCOUNT_RESTRICTED = "account_restricted"
    DESTINATION_GONE = "destination_gone"
    APP_MISCONFIGURED = "app_misconfigured"
    VERSION_RETIRED = "version_retired"
    CONTENT_REJECTED = "content_rejected"
    MEDIA_REJECTED = "media_rejected"
    DUPLICATE_POST = "duplicate_post"
    NOT_FOUND = "not_found"
    PLATFORM_DOWN = "platform_down"
    OUTCOME_UNKNOWN = "outcome_unknown"


class PlatformError(Exception):
    """A platform refused or failed, said in the closed set.

    `detail` and `action` are plain words of ours, fit for a merchant, without tokens, URLs with queries or bodies.
    `retry_after` is how long the platform asked to wait; `scope` is what it holds back: one account, or the whole app.
    `final` is for token calls: True only where the platform's answer means that the grant is dead.
    """

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        *,
        retryable: bool = False,
        retry_after: timedelta | None = None,
        action: str = "",
        http_status: int | None = None,
        scope: Literal["account", "app"] = "account",
        final: bool = False,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retryable = retryable
        self.retry_after = retry_after
        self.action = action
        self.http_status = http_status
        self.scope = scope
        self.final = final


class OutcomeUnknown(PlatformError):
    """A request that creates was sent and nobody can tell yet what became of it: time-out, reset, 5xx, garbage."""

    def __init__(self, detail: str, *, http_status: int | None = None) -> None:
        super().__init__(ErrorCode.OUTCOME_UNKNOWN, detail, http_status=http_status)


class NothingSent(PlatformError):
    """No byte of the request left this machine (refused connection, no address): sending again is safe."""

    def __init__(self, detail: str) -> None:
        super().__init__(ErrorCode.PLATFORM_DOWN, detail, retryable=True)


@dataclass(frozen=True, slots=True)
class AppConfig:
    """One registered app at a platform. `base_url` moves every host that services call (sandbox: http://…/x)."""

    client_id: str
    client_secret: Secret
    base_url: str | None = None
    browser_base_url: str | None = None
    flavour: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)  # further settings, named in docs/platforms/<name>.md


@dataclass(frozen=True, slots=True)
class RateReading:
    """What a platform's headers said of one budget after a call; `resets_in` counts from that answer."""

    bucket: str
    scope: Literal["account", "app"]
    limit: int | None
    remaining: int | None
    resets_in: timedelta | None


@dataclass(frozen=True, slots=True)
class Access:
    """A token with the place it is for. Adapters append to `rates` what the platform said of its limits."""

    token: Secret
    platform_id: str
    kind: PlaceKind
    facts: Mapping[str, Any] = field(default_factory=dict)
    proof: Secret | None = None
    rates: list[RateReading] = field(default_factory=list)


# --- oauth ----------------------------------------------------------------------------------------------------------


class TokenModel(StrEnum):
    """How a platform keeps a grant alive."""

    ROTATING = "rotating"  # a refresh token that is spent by its use
    EXCHANGED = "exchanged"  # the access token itself is exchanged for a younger one
    STATIC = "static"  # never expires


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """When a grant of a token model is refreshed, and what a lost answer costs."""

    model: TokenModel
    before_expiry: timedelta  # refresh when less than this is left
    min_age: timedelta = timedelta(0)  # the platform refuses to refresh a token younger than this
    warn_before: timedelta = timedelta(0)  # health `expiring` when less than this is left and refreshing has failed
    hard_limit: timedelta = timedelta(seconds=10)  # of one refresh call; leases are longer than twice this
    lost_answer_is_fatal: bool = False  # True where the spent token cannot be used again


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What a token endpoint gave. Lives are as the platform counted them from its answer; None means no expiry."""

    access_token: Secret
    refresh_token: Secret | None
    expires_in: timedelta | None
    refresh_expires_in: timedelta | None = None
    scopes: frozenset[str] | None = None  # None: the platform did not say


@dataclass(frozen=True, slots=True)
class PlatformUser:
    """Who consented at the platform; `platform_user_id` never changes."""

    platform_user_id: str
    username: str | None
    display_name: str | None = None
    avatar_url: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """One place to publish that a grant reaches. `token` only where the place has one of its own (Facebook Pages)."""

    platform_id: str
    kind: PlaceKind
    name: str
    username: str | None = None
    avatar_url: str | None = None
    usable: bool = True
    reason: str | None = None
    token: Secret | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What the authorization page is asked; `state` and `code_verifier` are made and kept by the caller."""

    redirect_uri: str
    state: str
    code_verifier: str
    scopes: tuple[str, ...]
    login_hint: str | None = None


class Revocation(StrEnum):
    """How taking a grant back ended."""

    REVOKED = "revoked"
    ALREADY_INVALID = "already_invalid"
    NOT_SUPPORTED = "not_supported"


class OAuthAdapter(Protocol):
    """auth-linker's facet: consent, tokens, identity, places. Every method raises PlatformError only."""

    platform: Platform
    family: str  # grants of one family share their revocation (google with youtube)
    refresh_policy: RefreshPolicy
    revocation_ends_all: bool  # True where a revocation ends everything the user ever granted this app

    def scopes_for(self, capabilities: frozenset[Capability]) -> tuple[str, ...]:
        """The least scopes those capabilities need."""

    def capabilities_of(self, scopes: frozenset[str] | None, place: Place | None = None) -> frozenset[Capability]:
        """What the granted scopes (None: not told by the platform) allow at that place."""

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """Where the merchant's browser is sent."""

    async def exchange(self, *, code: Secret, redirect_uri: str, code_verifier: Secret) -> TokenSet:
        """The code for tokens, long-lived ones where the platform has two kinds."""

    async def identity(self, tokens: TokenSet) -> PlatformUser:
        """Who consented."""

    async def places(self, tokens: TokenSet, user: PlatformUser) -> tuple[Place, ...]:
        """Everywhere this grant could publish, unusable places included with their reason."""

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Younger tokens. `final` tells a dead grant from a passing failure, OutcomeUnknown a lost answer."""

    async def probe(self, access_token: Secret) -> None:
        """Returns if the token still works; raises PlatformError with AUTH_REVOKED or AUTH_EXPIRED if not."""

    async def revoke(self, tokens: TokenSet) -> Revocation:
        """Takes the grant back at the platform."""


# --- posts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One picture or video of a post. Sizes are None until the file was looked at."""

    url: str
    kind: MediaKind
    alt_text: str = ""
    mime: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PostContent:
    """What is to be published at one place."""

    text: str
    media: tuple[MediaItem, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostRef:
    """Which post and attempt a call is for; markers and tags on the platform are derived from `post_id`."""

    post_id: str
    attempt_number: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem (it would be refused) or a warning, naming the field as the API spells it."""

    severity: Literal["problem", "warning"]
    code: str
    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """How far preparing came. `handle` is JSON to be kept (it may hold secrets); not ready: ask again after a while."""

    handle: JsonObject
    ready: bool
    check_after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Live:
    """It is public. The id or link is None where the platform did not tell it."""

    platform_post_id: str | None
    permalink: str | None
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform took it and works on it: `settle` with this handle tells the end."""

    handle: JsonObject
    check_after: timedelta


class SightingKind(StrEnum):
    """What reading the account back showed."""

    LIVE = "live"  # exactly one match, or the handle says so
    ABSENT = "absent"  # not there now; proves nothing
    PROCESSING = "processing"  # the platform still works on it
    FAILED = "failed"  # the handle's final status: certainly not out
    RESEND_SAFE = "resend_safe"  # a second send with this handle cannot make a second post
    AMBIGUOUS = "ambiguous"  # several matches: which one is ours nobody can tell


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at the account after a doubt."""

    kind: SightingKind
    live: Live | None = None
    error: PlatformError | None = None
    check_after: timedelta | None = None


class MediaReader(Protocol):
    """The caller's guarded way to bytes at a URL (size, time and address limits are its business)."""

    async def describe(self, item: MediaItem) -> MediaItem:
        """The same item with its true kind, type and sizes; raises PlatformError(MEDIA_REJECTED)."""

    def read(self, item: MediaItem, *, chunk_size: int) -> AsyncIterator[bytes]:
        """The file in chunks of exactly that size, the last one shorter."""


class PostsAdapter(Protocol):
    """publisher's facet. `publish` is the only call that may make something public."""

    platform: Platform

    def kind_of(self, content: PostContent) -> PostKind:
        """The form these contents take."""

    def check(self, content: PostContent, facts: Mapping[str, Any]) -> tuple[Finding, ...]:
        """What the platform would refuse or bend, counted its way; pure, no call. `facts` of the connection."""

    async def prepare(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject | None, media: MediaReader
    ) -> Prepared:
        """Brings everything up to the point before `publish` (uploads, containers, a baseline for reading back).

        Nothing becomes public. Called again with the last handle until ready; safe to repeat and to abandon.
        """

    async def publish(
        self, access: Access, content: PostContent, ref: PostRef, *, handle: JsonObject
    ) -> Live | Accepted:
        """The one creating call. Raises NothingSent, OutcomeUnknown, or PlatformError for a certain refusal."""

    async def settle(
        self,
        access: Access,
        content: PostContent,
        ref: PostRef,
        *,
        handle: JsonObject,
        sent_at: datetime,
        until: datetime | None = None,
    ) -> Sighting:
        """Reads the account back to tell what became of a `publish` sent at that real time.

        Only what was made before `until` counts where given (the start of the next equal attempt).
        `claimed` ids are the caller's business: it refuses an id another post holds.
        """

    async def discard(self, access: Access, *, handle: JsonObject) -> None:
        """Removes what `prepare` left on the platform, where it can be removed."""


# --- metrics --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccountMetrics:
    """A snapshot of one place; None means the platform does not report it."""

    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    reach: int | None = None
    impressions: int | None = None


@dataclass(frozen=True, slots=True)
class PostMetrics:
    """Engagement of one post since it went live; None means not reported, never 0."""

    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None
    clicks: int | None = None
    views: int | None = None
    reach: int | None = None
    impressions: int | None = None


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer as the platform gave it, kept for recomputing as long as its terms allow."""

    operation: str
    body: JsonObject


@dataclass(frozen=True, slots=True)
class PublishedPost:
    """A post to be measured."""

    platform_post_id: str
    kind: PostKind
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class AccountReading:
    """An account's numbers and where they came from."""

    metrics: AccountMetrics
    raw: tuple[RawAnswer, ...]


@dataclass(frozen=True, slots=True)
class PostsReading:
    """Numbers per platform_post_id; `gone` are posts the platform no longer has."""

    metrics: Mapping[str, PostMetrics]
    gone: frozenset[str]
    raw: tuple[RawAnswer, ...]


class MetricsAdapter(Protocol):
    """analytics' facet."""

    platform: Platform
    posts_per_call: int

    async def read_account(self, access: Access) -> AccountReading:
        """The place's numbers now."""

    async def read_posts(self, access: Access, posts: Sequence[PublishedPost]) -> PostsReading:
        """Numbers of at most `posts_per_call` posts."""


# --- limits: facts as data --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Budget:
    """What an app may spend on one endpoint, and how it is shared among our services (shares sum to at most 1)."""

    endpoint: str
    per: Literal["connection", "app"]
    count: int
    window: timedelta
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MediaRule:
    """What a platform takes of one kind of media."""

    kind: MediaKind
    mimes: tuple[str, ...]
    max_bytes: int
    max_count: int
    min_ratio: float | None = None
    max_ratio: float | None = None
    max_duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What `GET /v1/platforms` tells and validation uses; `options_schema` is a JSON Schema of a target's options."""

    platform: Platform
    name: str
    place_kinds: tuple[PlaceKind, ...]
    post_kinds: tuple[PostKind, ...]
    text_limit: int
    text_unit: str  # how the platform counts, in plain words
    media: tuple[MediaRule, ...]
    media_required: bool
    options_schema: Mapping[str, Any]
    scopes: Mapping[Capability, tuple[str, ...]]
    api_version: str
    api_sunset: datetime | None
    budgets: tuple[Budget, ...]
    raw_retention: timedelta  # how long raw payloads may be kept under the platform's terms
    look_delays: tuple[timedelta, ...]  # waits before each read-back after a doubt
