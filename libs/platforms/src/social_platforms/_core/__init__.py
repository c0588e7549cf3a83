"""What every platform adapter promises, in terms that hold for all of them.

A platform has three facets, one per service: `oauth` (auth-linker), `posts` (publisher) and `metrics` (analytics), and
facts about it as data (`limits`). Adapters hold no state between calls and store nothing. Durations come back as the
platform gave them (seconds of life), never as absolute times: the product's clock belongs to the database.
"""

from social_platforms._core.access import (
    Access,
    AppConfig,
    RateReading,
)
from social_platforms._core.errors import (
    ErrorCode,
    NothingSent,
    OutcomeUnknown,
    PlatformError,
    PreparationGone,
)
from social_platforms._core.facts import (
    Budget,
    Cost,
    MediaRule,
    PlatformFacts,
)
from social_platforms._core.kinds import (
    Capability,
    JsonObject,
    MediaKind,
    PlaceKind,
    Platform,
    PostKind,
)
from social_platforms._core.metrics import (
    AccountMetrics,
    AccountReading,
    MetricsAdapter,
    PostMetrics,
    PostsReading,
    PublishedPost,
    RawAnswer,
)
from social_platforms._core.oauth import (
    AuthorizationRequest,
    OAuthAdapter,
    Place,
    PlatformUser,
    RefreshPolicy,
    Revocation,
    TokenModel,
    TokenSet,
)
from social_platforms._core.posts import (
    Accepted,
    Evidence,
    Finding,
    Live,
    MediaItem,
    MediaReader,
    PostContent,
    PostRef,
    PostsAdapter,
    Prepared,
    Sighting,
    SightingKind,
    TextLength,
)

__all__ = [
    "Accepted",
    "Access",
    "AccountMetrics",
    "AccountReading",
    "AppConfig",
    "AuthorizationRequest",
    "Budget",
    "Capability",
    "Cost",
    "ErrorCode",
    "Evidence",
    "Finding",
    "JsonObject",
    "Live",
    "MediaItem",
    "MediaKind",
    "MediaReader",
    "MediaRule",
    "MetricsAdapter",
    "NothingSent",
    "OAuthAdapter",
    "OutcomeUnknown",
    "Place",
    "PlaceKind",
    "Platform",
    "PlatformError",
    "PlatformFacts",
    "PlatformUser",
    "PostContent",
    "PostKind",
    "PostMetrics",
    "PostRef",
    "PostsAdapter",
    "PostsReading",
    "PreparationGone",
    "Prepared",
    "PublishedPost",
    "RateReading",
    "RawAnswer",
    "RefreshPolicy",
    "Revocation",
    "Sighting",
    "SightingKind",
    "TextLength",
    "TokenModel",
    "TokenSet",
]
