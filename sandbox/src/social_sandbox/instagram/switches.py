"""What can be changed about Instagram while the sandbox runs: what its contract calls uncertain or switchable."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, Field


class InstagramSwitches(BaseModel, extra="forbid", frozen=True):
    """The behaviour of the simulated Instagram; the defaults suit the local stack."""

    token_answer: Literal["flat", "wrapped"] = "flat"  # noqa: S105
    """The shape of the code exchange: as seen live, or as documented."""
    wrapped_me: bool = False
    """Whether `/me` stands in a `data` list, as the guide prints it."""
    unapproved: bool = False
    """The app's role is missing: every call of graph.instagram.com is refused as an unsupported method."""
    short_life_s: int = Field(default=3600, gt=0)
    long_life_s: int = Field(default=5_183_944, gt=0)
    code_life_s: int = Field(default=3600, gt=0)
    refresh_after_s: int = Field(default=86_400, ge=0)
    refresh_ends_old: bool = False
    """Whether a refreshed token's predecessor dies."""
    container_polls: int = Field(default=2, ge=0)
    """How many reads of a container answer IN_PROGRESS; reads and age must both be reached."""
    container_s: float = Field(default=1.0, ge=0)
    video_container_s: float = Field(default=2.0, ge=0)
    container_life_s: int = Field(default=86_400, gt=0)
    media_faults_at: Literal["create", "container"] = "create"
    """Whether unusable pictures are refused at creation or make the container ERROR. Videos always do the latter."""
    fetch_time_limit_s: float = Field(default=5.0, gt=0)
    media_lag_s: float = Field(default=1.0, ge=0)
    """How long a new media is missing from `/media`."""
    published_flip_s: float = Field(default=0.0, ge=0)
    """How long a container still says FINISHED after its publication."""
    permalink_failures: int = Field(default=0, ge=0)
    """How many times the first reads of a new media's permalink fail."""
    publish_answer: Literal["ok", "spam_but_live", "spam"] = "ok"
    """`spam_but_live` publishes and answers 4/2207051; `spam` answers it and does not."""
    captions_readable: bool = True
    captions_lose_at: bool = False
    quota_total: int = Field(default=50, ge=0)
    container_quota: int = Field(default=400, ge=0)
    call_budget: int = Field(default=48_000, gt=0)
    """Calls per account in 24 hours."""
    insights_delay_s: float = Field(default=0.0, ge=0)
    """How long a media's insights are empty."""

    @property
    def media_lag(self) -> timedelta:
        """The lag of the list as a duration."""
        return timedelta(seconds=self.media_lag_s)

    @property
    def fetch_time_limit(self) -> timedelta:
        """How long a download may take."""
        return timedelta(seconds=self.fetch_time_limit_s)
