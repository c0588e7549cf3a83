"""What can be changed about Google Business Profile while the sandbox runs."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from social_sandbox.google_identity.switches import IdentitySwitches


class GoogleSwitches(IdentitySwitches):
    """The behaviour of the simulated Business Profile; the defaults suit the local stack."""

    processing_s: float = Field(default=2.0, ge=0)
    """How long a new or edited post is being processed."""
    rejects: Literal["phone_numbers", "all", "nothing"] = "phone_numbers"
    """Which posts end in REJECTED."""
    search_url_from: Literal["live", "create", "never"] = "live"
    """From when on a post has its `searchUrl`."""
    list_lag_s: float = Field(default=0.5, ge=0)
    """How long a new post is missing from lists."""
    list_order: Literal["newest", "oldest"] = "newest"
    """Google documents no order."""
    longest_summary: int = Field(default=1500, gt=0)
    requests_per_minute: int = Field(default=300, ge=0)
    """Per API and project; 0 is a project that was never approved."""
    edits_per_minute: int = Field(default=10, ge=0)
    """Per profile."""
    disabled_services: tuple[str, ...] = ()
    """Hosts of APIs that are not switched on in any project."""
    server_error_status: Literal[500, 503, 504] = 500
    """Which error the faults `error_500` and `commit_then_500` are."""
    performance_lag_days: int = Field(default=3, ge=0)
    """How many of the last days, today included, have no figures yet."""
    performance_depth_days: int = Field(default=548, gt=0)
    """How far back figures go."""
    photo_time_limit_s: float = Field(default=10.0, gt=0)

    @property
    def processing(self) -> timedelta:
        """The time of processing as a duration."""
        return timedelta(seconds=self.processing_s)

    @property
    def list_lag(self) -> timedelta:
        """The lag of lists as a duration."""
        return timedelta(seconds=self.list_lag_s)

    @property
    def photo_time_limit(self) -> timedelta:
        """How long a photo's address may take to answer."""
        return timedelta(seconds=self.photo_time_limit_s)
