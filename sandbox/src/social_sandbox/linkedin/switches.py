"""What can be changed about LinkedIn while the sandbox runs: what its contract calls uncertain or switchable."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

Seconds = Annotated[float, Field(ge=0)]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class LinkedInSwitches(BaseModel, extra="forbid", frozen=True):
    """The behaviour of the simulated LinkedIn; the defaults suit the local stack."""

    cancel_error: Literal["user_cancelled_authorize", "user_cancelled_login"] = "user_cancelled_authorize"
    code_life_s: int = Field(default=1800, gt=0)
    access_life_s: int = Field(default=5_184_000, gt=0)
    refresh_life_s: int = Field(default=31_536_000, gt=0)
    refresh_life_in_minutes: bool = False
    """Whether `refresh_token_expires_in` is told in minutes, as an official sample has it."""
    fresh_token_lag_s: Seconds = 0.0
    """How long a new access token is refused as revoked."""
    has_revoke: bool = True
    """Whether the revocation endpoint, which no official page names, exists."""
    revoke_ends_all: bool = False
    """Whether revoking a token ends all the member ever granted the app, or only what was issued with it."""
    locale_form: Literal["object", "string"] = "object"
    organization_key: Literal["organization", "organizationTarget"] = "organization"

    version_first: bool = False
    """Whether the version is looked at before the token."""
    extra_versions: tuple[Version, ...] = ()
    """Versions that stand whatever the calendar says."""
    retired_versions: tuple[Version, ...] = ()
    """Versions that are gone whatever the calendar says."""
    unsigned_form: Literal["message", "code"] = "message"
    """How a call without a token is refused."""
    throttle_form: Literal["resource", "day", "code"] = "resource"
    member_per_day: int | None = Field(default=None, ge=0)
    """Calls per member, endpoint and day, instead of the app's."""
    app_per_day: int | None = Field(default=None, ge=0)

    longest_commentary: int = Field(default=3000, gt=0)
    length_unit: Literal["characters", "utf16"] = "characters"
    length_of: Literal["commentary", "visible"] = "commentary"
    """Whether the limit counts the text as sent, escapes and templates included, or as people see it."""
    duplicate_window_s: Seconds = 3600.0
    duplicate_ignores_media: bool = False
    duplicate_names_person: bool = False
    """Whether the guard names the author instead of the earlier post, as has been seen."""
    omit_post_id: bool = False
    """Whether a created post's id is missing from the answer."""
    write_conflict: bool = False
    """Creating answers 409 and creates nothing."""
    read_lag_s: Seconds = 1.0
    """How long a new post cannot be read back."""
    member_may_delete: bool = True
    """Whether a token with `w_member_social` edits and deletes."""

    upload_url_life_s: int = Field(default=3600, gt=0)
    image_processing_s: Seconds = 0.0
    video_processing_s: Seconds = 2.0
    processing_fails: bool = False
    processing_video_accepted: bool = False
    """Whether a post may carry a video that is still processed."""
    member_reads_media: bool = False
    """Whether a token with `w_member_social` reads the status of media."""
    upload_token: str = ""

    withdrawn: int = Field(default=0, ge=0)
    """Likes and shares taken back in each figure of the page statistics, which makes small ones negative."""
    follower_lag_days: int = Field(default=2, ge=0)
    ugc_key: Literal["ugc", "ugcPost"] = "ugc"
    """What a member's post analytics call a post that is no share."""
