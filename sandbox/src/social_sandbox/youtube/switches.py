"""What can be changed about YouTube while the sandbox runs: what its contract calls uncertain or switchable."""

from typing import Literal

from pydantic import Field, field_validator

from social_sandbox.google_identity.switches import IdentitySwitches
from social_sandbox.youtube.quota import DEFAULTS, Bucket

FailureReason = Literal["conversion", "invalidFile", "emptyFile", "tooSmall", "codec", "uploadAborted"]
RejectionReason = Literal[
    "copyright",
    "inappropriate",
    "duplicate",
    "termsOfUse",
    "uploaderAccountSuspended",
    "uploaderAccountClosed",
    "length",
    "claim",
    "trademark",
    "legal",
]
InsertRefusal = Literal[
    "forbidden",
    "forbiddenPrivacySetting",
    "forbiddenLicenseSetting",
    "invalidFilename",
    "invalidVideoMetadata",
    "dailyLimitExceeded",
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "uploadRateLimitExceeded",
]


class YouTubeSwitches(IdentitySwitches, extra="forbid", frozen=True):
    """The behaviour of the simulated YouTube; the defaults suit the local stack."""

    quota: dict[str, int] = Field(default_factory=dict)
    """Daily budgets per bucket (`uploads`, `search`, `stats`, `units`) instead of the documented ones."""
    api_enabled: bool = True
    """Off: the project has not switched the API on."""
    channel_upload_limit: int = Field(default=100, ge=0)
    """How many videos a channel may upload in 24 hours, where the channel's own option does not say."""
    insert_refusal: InsertRefusal | None = None
    """A reason with which every new upload is refused at its start."""
    keeps_tags: bool = True
    """Off: new videos lose their tags, as when their owner takes them away."""
    category_required: bool = False
    """Whether metadata without a category are refused."""
    forced_private: bool = False
    """Whether every video is locked to private, whatever was asked, as with projects of the older rule."""
    session_life_s: int = Field(default=86_400, gt=0)
    session_gone_status: Literal[404, 410] = 404
    session_bearer: Literal["checked", "ignored"] = "checked"
    """Whether a token that is sent along with bytes must be alive. None need be sent."""
    chunk_kept: Literal["all", "some", "none"] = "all"
    """How much of a chunk the server keeps before it answers 308."""
    short_chunks: int = Field(default=1, gt=0)
    """How many chunks of each session `chunk_kept` hits."""
    wrong_offset: Literal["resume", "error"] = "resume"
    """Whether a chunk at another offset is answered with 308 and the true one, or with 400."""
    moves_session: bool = False
    """Whether each 308 to a chunk names a new Location, after which the old one is gone."""
    final_status: Literal[200, 201] = 200
    processing_s: float = Field(default=2.0, ge=0)
    """How long a video stays `uploaded`."""
    processing_ends: Literal["processed", "failed", "rejected"] = "processed"
    """What becomes of videos uploaded from now on; a file that is no video fails anyway."""
    failure_reason: FailureReason = "conversion"
    rejection_reason: RejectionReason = "copyright"
    rejects_duplicates: bool = False
    """Whether the same bytes again at the same channel are rejected as a duplicate."""
    longest_unverified_s: int = Field(default=900, gt=0)
    """The length beyond which a channel without long uploads has its videos rejected."""
    playlist_lag_s: float = Field(default=1.0, ge=0)
    """How long a new video is missing from the uploads playlist."""
    search_lag_s: float = Field(default=60.0, ge=0)
    empty_items: Literal["missing", "empty"] = "missing"
    """What a list without anything in it looks like for a person without a channel."""
    thumbnail_limit: int = Field(default=50, ge=0)
    """How many thumbnails a channel may set in 24 hours."""
    analytics_lag_h: float = Field(default=48.0, ge=0)
    """How long after a (Pacific) day's end its figures are there."""
    empty_rows: Literal["missing", "empty"] = "missing"
    """What a report without data looks like."""

    @field_validator("quota")
    @classmethod
    def _know_buckets(cls, value: dict[str, int]) -> dict[str, int]:
        if not set(value) <= {bucket.value for bucket in Bucket} or any(number < 0 for number in value.values()):
            raise ValueError(f"buckets are {', '.join(DEFAULTS)}, with whole numbers from 0")
        return value
