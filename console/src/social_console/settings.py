"""What the console's server can be told; names in the environment are the fields' in upper case."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from social_common.settings import CommaSeparated, OptionalText, Port, SecretSetting, ServiceSettings

UNREAD: Final = frozenset(
    {
        "bootstrap_database_url",
        "migration_database_url",
        "api_database_url",
        "worker_database_url",
        "kafka_bootstrap_servers",
        "kafka_security_protocol",
        "kafka_ca_file",
        "kafka_username",
        "kafka_password",
        "kafka_embedded",
        "kafka_auto_declare_topics",
        "token_keys_file",
        "service_key_file",
        "service_trust_file",
        "worker_port",
        "linker_url",
    }
)
"""Settings of services that the console has no use for: it has neither database nor broker nor keys."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SOURCE: Final = re.compile(r"[a-z][a-z0-9+.-]*:(//[A-Za-z0-9.*\[\]:-]+(/[A-Za-z0-9._~/-]*)?)?")


def _http_base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it must be an http or https URL without a query")
    return url.rstrip("/")


def _sources(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not _SOURCE.fullmatch(value):
            raise ValueError("each must be a source of a content security policy, such as https: or http://host:port")
    return values


HttpUrl = Annotated[str, AfterValidator(_http_base)]


class PartAddress(BaseModel):
    """One replica of one part: where its probe is, and its metrics where they are not beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    role: Literal["api", "worker", "sandbox"]
    url: HttpUrl
    metrics_url: HttpUrl | None = None


class ConsoleSettings(ServiceSettings):
    """What the console's server reads from its environment, once, in the entry point."""

    service: ClassVar[str] = "console"

    public_url: HttpUrl = Field("http://localhost:8100", description="Where browsers reach the console.")
    api_host: str = Field("127.0.0.1", description="Address the console and its metrics listen on.")
    api_port: Port = Field(8100, description="Port of the console.")
    metrics_port: Port = Field(9100, description="Port of the console's metrics.")
    cors_allow_origins: CommaSeparated = Field(
        (), description="Origins of storefronts whose pages may call the APIs through the console, with commas."
    )
    rate_limit_per_minute: int = Field(3000, gt=0, description="Requests without a token that an address may make.")
    supabase_anon_key: SecretSetting = Field(
        None, description="The project's public key, sent to Supabase Auth as `apikey`; the stand-in needs none."
    )
    auth_linker_url: HttpUrl = Field("http://localhost:8101", description="API that `/linker/v1/…` leads to.")
    publisher_url: HttpUrl = Field("http://localhost:8102", description="API that `/publisher/v1/…` leads to.")
    analytics_url: HttpUrl = Field("http://localhost:8103", description="API that `/analytics/v1/…` leads to.")
    api_timeout: timedelta = Field(
        timedelta(seconds=60), gt=timedelta(0), description="How long an API may take for one answer."
    )
    console_web_dir: Path = Field(Path("web/dist"), description="Folder of the built screens.")
    console_sign_up: bool = Field(False, description="Whether strangers may make an account on the sign-in page.")
    console_sign_ins_per_minute: int = Field(
        20, gt=0, description="Tries to sign in or up that an address may make in a minute."
    )
    console_session_life: timedelta = Field(
        timedelta(days=30), gt=timedelta(0), description="How long a browser keeps a session that is not used."
    )
    console_image_sources: Annotated[CommaSeparated, AfterValidator(_sources)] = Field(
        ("https:",), description="Where pictures and videos may come from besides the console itself, with commas."
    )
    console_parts: tuple[PartAddress, ...] = Field(
        (),
        description=(
            "JSON: what the operator's page watches, one entry per replica: "
            '`[{"name": "publisher", "role": "api", "url": "http://…:8102", "metrics_url": "http://…:9102"}]`; '
            "roles are `api`, `worker` and `sandbox`, and metrics are asked for at `URL/metrics`."
        ),
    )
    console_clock_url: OptionalText = Field(
        None, description="Development only: where the local stack tells its movable clock, as JSON with `now`."
    )

    @model_validator(mode="after")
    def _keeps_the_clock_still(self) -> Self:
        if self.console_clock_url and self.environment == "production":
            raise ValueError("CONSOLE_CLOCK_URL is for development; production's clock does not move")
        return self

    @property
    def origin(self) -> str:
        """The console's own origin, as browsers spell it."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def is_local(self) -> bool:
        """Whether browsers reach it over plain http on their own machine, where `Secure` cookies are not for all."""
        parts = urlsplit(self.public_url)
        return parts.scheme == "http" and parts.hostname in _LOOPBACK
