"""PublisherSettings of publisher; every default is fit for production."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Final, Self

from pydantic import Field, model_validator

from social_common.settings import CommaSeparated, Port, ServiceSettings

MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "migrations"


class PublisherSettings(ServiceSettings):
    """What publisher reads from its environment, once, in the entry point."""

    service: ClassVar[str] = "publisher"

    api_port: Port = Field(default=8102, description="Port of the HTTP API.")
    metrics_port: Port = Field(default=9102, description="Port of the API's metrics.")
    worker_port: Port = Field(default=9112, description="Port of the worker's probes and metrics.")

    catch_up_hours: int = Field(
        default=6,
        ge=1,
        le=168,
        description="How long after its time a post may still go out, unless the merchant says.",
    )
    schedule_horizon: timedelta = Field(
        default=timedelta(days=730), description="How far ahead a post may be planned; later times are refused."
    )
    publish_hard_limit: timedelta = Field(
        default=timedelta(seconds=15), description="Hard time limit of one publishing call."
    )
    publish_lease: timedelta = Field(
        default=timedelta(seconds=45),
        description="How long a sender owns its attempt: more than twice PUBLISH_HARD_LIMIT.",
    )
    work_lease: timedelta = Field(
        default=timedelta(seconds=30), description="How long a claimed post belongs to a worker without a heartbeat."
    )
    publish_concurrency: int = Field(default=32, ge=1, description="Posts in work at once in one worker process.")
    publish_per_connection: int = Field(
        default=4, ge=1, description="Posts of one connection in work at once, over all replicas."
    )
    claim_ahead: timedelta = Field(
        default=timedelta(seconds=2), description="How early a due post is claimed, so that its call leaves on time."
    )
    prepare_ahead: timedelta = Field(
        default=timedelta(minutes=10), description="How early media is uploaded before the due time."
    )
    prepare_patience: timedelta = Field(
        default=timedelta(minutes=2),
        description="How long a worker waits for a platform to get a due post's media ready.",
    )
    prepare_concurrency: int = Field(default=4, ge=1, description="Uploads ahead of time in one worker process.")
    look_delays: dict[str, list[float]] = Field(
        default_factory=dict,
        description=(
            "JSON: seconds before each read-back after a doubt, per platform; "
            "a platform not named keeps the waits of its own facts."
        ),
    )
    look_lease: timedelta = Field(
        default=timedelta(seconds=90),
        description="How long one worker alone may read an account back: a token, one look, and a resend within it.",
    )
    late_look_delays: list[float] = Field(
        default=[3600.0, 21600.0, 86400.0],
        description="JSON: seconds before each later look for a post that ended `unknown` or live without an id.",
    )
    processing_limit: timedelta = Field(
        default=timedelta(hours=26),
        description="How long a platform may process what it accepted before nobody can tell.",
    )
    quota_hold_limit: timedelta = Field(
        default=timedelta(hours=26), description="How long after its due time a post held for a quota may still go out."
    )
    held_probe_interval: timedelta = Field(
        default=timedelta(minutes=10), description="How often a post held for its connection is probed."
    )
    resend_limit: int = Field(
        default=5, ge=1, description="How many attempts one post may make where the platform makes a second send safe."
    )
    erasure_scan_interval: timedelta = Field(
        default=timedelta(minutes=1), description="How often users who are gone are looked for."
    )
    media_allow_hosts: CommaSeparated = Field(
        default=(),
        description="Hosts (host or host:port, with commas) whose media is fetched although their address is private.",
    )
    media_max_bytes: int = Field(default=512 * 1024 * 1024, description="Largest media file that is fetched, in bytes.")
    media_timeout: timedelta = Field(
        default=timedelta(seconds=20), description="Time limit of looking at one media file."
    )

    @model_validator(mode="after")
    def _check_lease(self) -> Self:
        """Nobody takes an attempt over while its call may still be under way."""
        if self.publish_lease <= 2 * self.publish_hard_limit:
            raise ValueError("PUBLISH_LEASE must be more than twice PUBLISH_HARD_LIMIT")
        return self
