"""Behaviour of GitHub that a test can switch."""

from enum import StrEnum

from pydantic import BaseModel


class LimitStyle(StrEnum):
    """How a planned `rate_limit` shows: GitHub has several ways to say "too much"."""

    AUTO = "auto"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    SECONDARY_SILENT = "secondary_silent"


class GitHubSwitches(BaseModel, extra="forbid", frozen=True):
    """What can be switched.

    `rate_limit_style`: `auto` is secondary with `retry-after` where the fault names a time, else primary.
    `primary_limit` is the hourly budget of REST calls and GraphQL points per user. `enforce_secondary`: off, the limits
    on points a minute and on creations do not apply, for load that no real user would send. `server_error_status` is
    what the faults `error_500` and `commit_then_500` answer with.
    """

    rate_limit_style: LimitStyle = LimitStyle.AUTO
    primary_limit: int = 5000
    enforce_secondary: bool = True
    server_error_status: int = 502
