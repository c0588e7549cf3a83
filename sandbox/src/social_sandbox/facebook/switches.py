"""What can be changed about Facebook while the sandbox runs: what its contract calls uncertain or switchable."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, Field

from social_sandbox.facebook.links import LinkDress

DAY_S = 86_400

RevokeCause = Literal[
    "app_removed",
    "deletion_requested",
    "password_changed",
    "logged_out",
    "checkpoint",
    "unconfirmed",
    "role_lost",
    "expired",
    "session_ended",
    "generic",
]


class FacebookSwitches(BaseModel, extra="forbid", frozen=True):
    """The behaviour of the simulated Facebook; the defaults suit the local stack."""

    code_life_s: int = Field(default=600, gt=0)
    short_life_s: int = Field(default=5_102, gt=0)
    long_life_s: int = Field(default=5_183_944, gt=0)
    expires_in_missing: bool = False
    """Token answers lack `expires_in`."""
    require_appsecret_proof: bool = False
    """The app's setting "Require App Secret": calls without a proof are refused."""
    revoke_cause: RevokeCause = "app_removed"
    """What the fault `revoke` does to the person's tokens."""
    user_token_answer: Literal[200, 283, 1705] = 200
    """The code that publishing with a user token answers."""
    permission_lapse_s: int | None = Field(default=None, gt=0)
    """How long a permission may lie unused before it lapses; the original's is ninety days, and "may"."""
    accounts_page_most: int = Field(default=100, gt=0)
    """The most entries on one page of `/me/accounts`, however many are asked for."""
    list_lag_s: float = Field(default=1.0, ge=0)
    """How long a new post is missing from the lists."""
    node_lag_s: float = Field(default=0.0, ge=0)
    """How long a new id answers 100/33."""
    ranked: bool = True
    """Whether lists put some neighbours the wrong way round."""
    posts_need_user_content: bool = False
    """Whether `/posts` and `/published_posts` want `pages_read_user_content`, too."""
    reels_listed: bool = True
    """Whether `GET /{page}/video_reels` answers."""
    refuses_equal: bool = True
    """Whether a text or link that the Page's latest post says already is refused."""
    links_scraped: bool = True
    """Whether links can be scraped; where not, posting one answers 1609005. Nothing is really fetched."""
    links_come_back: LinkDress = "as_sent"
    """Whether the links of a post are read back as they were sent, with a parameter more, or through Facebook."""
    two_phase: bool = False
    """Whether `is_published=true` publishes an unpublished post."""
    schedule_longest_s: int = Field(default=30 * DAY_S, gt=0)
    video_schedule_longest_s: int = Field(default=180 * DAY_S, gt=0)
    reel_schedule_longest_s: int = Field(default=29 * DAY_S, gt=0)
    processing_s: float = Field(default=2.0, ge=0)
    """How long a video or reel is processed before it can be seen."""
    video_fault: Literal["none", "uploading", "processing", "publishing"] = "none"
    """The phase in which new videos and reels fail."""
    upload_takes_bytes: int | None = Field(default=None, ge=0)
    """The next bytes of an upload are kept only so far, and the call answers a temporary error."""
    upload_life_s: int = Field(default=DAY_S, gt=0)
    """How long an upload that nobody finishes stands."""
    refinish: Literal["no_op", "error"] = "no_op"
    """What finishing a finished reel answers; a second reel it never makes."""
    reels_per_day: int = Field(default=30, ge=0)
    fetch_time_limit_s: float = Field(default=5.0, gt=0)
    forged_callbacks: bool = False
    """Whether callbacks and webhooks are signed with a secret that is not the app's."""
    webhook_copies: int = Field(default=1, ge=0)
    """How many times each webhook is delivered; none at all loses it."""
    insights_delay_s: float = Field(default=0.0, ge=0)
    """How long a post's insights are empty."""
    page_call_budget: int = Field(default=48_000, gt=0)
    """Calls with Page tokens per app and Page in 24 hours (4800 for each of ten engaged people)."""
    user_limit_code: Literal[4, 17, 341] = 4
    """The code for too many calls with user and app tokens."""
    invalid_token_status: Literal[400, 401] = 400
    """The HTTP status of code 190, which is "sometimes 401"."""
    calls_per_user: int = Field(default=200, gt=0)
    """Calls with user and app tokens in an hour, for each person who uses the app."""
    block_s: int = Field(default=3_600, gt=0)
    """How long calls are refused once a budget is used up."""
    block_extension_s: int = Field(default=60, ge=0)
    """What each call during a block adds to it."""

    @property
    def fetch_time_limit(self) -> timedelta:
        """How long a download may take."""
        return timedelta(seconds=self.fetch_time_limit_s)
