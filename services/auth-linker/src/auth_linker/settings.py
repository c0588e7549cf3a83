"""What auth-linker can be told; names in the environment are the fields' in upper case."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, field_validator, model_validator

from auth_linker.linking.domain import ReturnToRefused, origin_of
from social_common.settings import CommaSeparated, Port, ServiceSettings, WebAddress

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class AuthLinkerSettings(ServiceSettings):
    """Settings of both roles of auth-linker."""

    service: ClassVar[str] = "auth-linker"

    api_port: Port = Field(8101, description="Port of the HTTP API.")
    metrics_port: Port = Field(9101, description="Port of the API's metrics.")
    worker_port: Port = Field(9111, description="Port of the worker's probes and metrics.")
    public_url: WebAddress = Field(
        "http://localhost:8101", description="Where browsers reach this API; the platforms' callbacks lie below it."
    )
    return_to_allowed: CommaSeparated = Field(
        default=(), description="Origins that a link may return to, comma separated (https://shop.example)."
    )
    link_life: timedelta = Field(
        timedelta(minutes=10), description="How long a begun link, and then its link_code, may wait."
    )
    refresh_poll: timedelta = Field(timedelta(seconds=5), description="Wait between two looks for due grants.")
    refresh_batch: int = Field(100, ge=1, le=1000, description="Most grants taken up by one look.")
    refresh_concurrency: int = Field(8, ge=1, le=64, description="Refresh calls a worker has under way at once.")
    refresh_lease: timedelta = Field(
        timedelta(seconds=60),
        description="How long one process alone may refresh a grant; over twice a call's limit.",
    )
    refresh_retry_first: timedelta = Field(
        timedelta(seconds=15), description="Wait after the first passing failure of a refresh; doubles from there."
    )
    refresh_retry_longest: timedelta = Field(
        timedelta(minutes=30), description="Longest wait between two tries of a refresh that keeps failing."
    )
    token_ready_lead: timedelta = Field(
        timedelta(minutes=10), description="How long before a post is due its token is renewed, if it would not last."
    )
    places_check_interval: timedelta = Field(
        timedelta(days=1),
        gt=timedelta(0),
        description="How often each grant's places are looked at again: what went, lost its role or came back.",
    )
    sweep_poll: timedelta = Field(
        timedelta(seconds=5), description="Wait between two looks for unfinished links, deleted users and revocations."
    )
    erasure_lease: timedelta = Field(
        timedelta(minutes=2), description="How long one worker alone may work on a revocation."
    )
    erasure_retry_first: timedelta = Field(
        timedelta(seconds=10), description="Wait after the first failed revocation; doubles from there."
    )
    erasure_retry_longest: timedelta = Field(
        timedelta(hours=1), description="Longest wait between two tries of a revocation."
    )
    erasure_tries: int = Field(
        60, ge=1, description="Refused revocations after which the copy is shredded and the refusal is the proof."
    )
    platform_user_lease: timedelta = Field(
        timedelta(seconds=45), description="How long one process alone may link or revoke for a platform user."
    )

    @field_validator("return_to_allowed")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Each entry in the one spelling that is compared."""
        try:
            return tuple(origin_of(origin) for origin in value)
        except ReturnToRefused as problem:
            raise ValueError(f"an origin in RETURN_TO_ALLOWED is wrong: {problem}") from problem

    @model_validator(mode="after")
    def _check_lease(self) -> Self:
        """A revocation or a link outlives no lease that protects it."""
        if self.platform_user_lease >= self.erasure_lease:
            raise ValueError("PLATFORM_USER_LEASE must be shorter than ERASURE_LEASE")
        return self

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins that `return_to` may have."""
        return frozenset(self.return_to_allowed)

    def callback_url(self, platform: str) -> str:
        """The redirect URI registered at that platform."""
        return f"{self.public_url.rstrip('/')}/v1/oauth/{platform}/callback"
