"""Settings from the environment: one frozen class per service, read once at the entry point.

The variable's name is the field's in upper case. A service subclasses `ServiceSettings`, sets `service`, adds its
fields, and reads it with `load_settings`; a bad value ends the process with one sentence that names the variable.
"""

import json
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    InstanceOf,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from social_common.kafka_access import KafkaAccess, Protocol
from social_common.secrets import Secret

BAD_SETTINGS_EXIT = 2
_DURATION = TypeAdapter(timedelta)

T = TypeVar("T")


def _to_secret(value: object) -> object:
    return Secret.maybe(value) if isinstance(value, str) else value


def _split_commas(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


SecretSetting = Annotated[InstanceOf[Secret] | None, BeforeValidator(_to_secret)]
"""A setting that is a secret: empty counts as not set, its repr is blank."""

CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]
"""A setting that is a list, written with commas."""


def _check_database(value: Secret | None) -> Secret | None:
    if value is not None and not _is_database(value.reveal()):
        raise ValueError("it should be like postgresql://role:password@host:5432/database")
    return value


def _is_database(url: str) -> bool:
    parts = urlsplit(url)
    try:
        _ = parts.port
    except ValueError:  # its text may hold a piece of the password
        return False
    return bool(parts.scheme.startswith("postgres") and parts.hostname and parts.username)


def _check_web_address(value: str | None) -> str | None:
    if value is not None and not (value.startswith(("http://", "https://")) and urlsplit(value).hostname):
        raise ValueError("it should be a URL that starts with http:// or https://")
    return value


DatabaseUrl = Annotated[SecretSetting, AfterValidator(_check_database)]
"""A setting that is a database's URL, with its password."""

WebAddress = Annotated[str, AfterValidator(_check_web_address)]
"""A setting that is an address of the web."""

OptionalPath = Annotated[Path | None, BeforeValidator(_empty_is_none)]
"""A setting that names a file; empty counts as not set."""

OptionalText = Annotated[str | None, BeforeValidator(_empty_is_none)]
"""A setting that is a text; empty counts as not set."""

OptionalAddress = Annotated[OptionalText, AfterValidator(_check_web_address)]
"""A setting that is an address of the web; empty counts as not set."""

Port = Annotated[int, Field(ge=0, le=65535)]
"""A TCP port; 0 takes any free one."""


class ServiceSettings(BaseSettings):
    """What every service reads. Secrets have blank reprs, so a printed settings object shows none."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    service: ClassVar[str] = "service"

    environment: Literal["development", "production"] = Field(
        "production", description="`development` opens what only a local stack may have, such as a movable clock."
    )
    bootstrap_database_url: DatabaseUrl = Field(
        None, description="Superuser's (or Supabase's `postgres`) URL, for the one-off `bootstrap` only."
    )
    migration_database_url: DatabaseUrl = Field(
        None, description="URL of the role that owns this service's tables, for the one-off `migrate` only."
    )
    api_database_url: DatabaseUrl = Field(None, description="URL of this service's API role.")
    worker_database_url: DatabaseUrl = Field(None, description="URL of this service's worker role.")
    kafka_bootstrap_servers: str = Field("localhost:9092", description="Kafka brokers, `host:port` with commas.")
    kafka_security_protocol: Protocol = Field(
        "PLAINTEXT", description="How the brokers are spoken to; SASL means SCRAM-SHA-512."
    )
    kafka_ca_file: OptionalPath = Field(
        None,
        description="Certificate of the authority that the brokers' come from, where this machine does not know it.",
    )
    kafka_username: OptionalText = Field(None, description="As whom Kafka is asked, with SASL.")
    kafka_password: SecretSetting = Field(None, validate_default=True, description="The password of KAFKA_USERNAME.")
    kafka_embedded: bool = Field(
        False,
        description="The broker is the embedded one of the local stack: no idempotent producer, topics declared anew.",
    )
    kafka_auto_declare_topics: bool = Field(
        False,
        description="The worker declares its topics at start; elsewhere topics are declared resources.",
    )
    supabase_url: OptionalAddress = Field(
        None, description="Supabase project URL; issuer and key address follow from it."
    )
    supabase_issuer: OptionalText = Field(
        None, description="Issuer of access tokens, where it is not SUPABASE_URL/auth/v1."
    )
    supabase_jwks_url: OptionalAddress = Field(
        None, description="Address of the token keys, where it is not ISSUER/.well-known/jwks.json."
    )
    supabase_jwt_secret: SecretSetting = Field(
        None, description="Only for projects that sign with HS256; then no other algorithm is taken."
    )
    token_keys_file: OptionalPath = Field(
        None, description="JSON file of the keys that encrypt secrets in the database."
    )
    service_key_file: OptionalPath = Field(
        None, description="JSON file of the key this service signs its internal calls with."
    )
    service_trust_file: OptionalPath = Field(
        None, description="JSON file of the public keys of callers this service believes."
    )
    public_url: WebAddress = Field("http://localhost:8100", description="Where browsers reach this service.")
    cors_allow_origins: CommaSeparated = Field((), description="Origins whose pages may call the API, with commas.")
    api_host: str = Field("127.0.0.1", description="Address the API and the worker's probes listen on.")
    api_port: Port = Field(8100, description="Port of the API.")
    metrics_port: Port = Field(9100, description="Port of the API's metrics.")
    worker_port: Port = Field(9110, description="Port of the worker's probes and metrics.")
    stop_notice: timedelta = Field(
        timedelta(seconds=3),
        ge=timedelta(0),
        le=timedelta(seconds=8),
        description="How long the API still serves after SIGTERM while `/readyz` says no, so that balancers learn it.",
    )
    rate_limit_per_minute: int = Field(
        600, gt=0, description="Requests a merchant, or an address without one, may make."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["json", "console"] = Field("json", description="`json` for machines, `console` for people.")
    otel_exporter_otlp_endpoint: OptionalAddress = Field(
        None, description="OTLP/HTTP endpoint for traces; without it nothing is traced."
    )
    linker_url: WebAddress = Field("http://localhost:8101", description="Where auth-linker answers internal calls.")

    @field_validator("kafka_password")
    @classmethod
    def _has_all_that_sasl_asks_for(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        protocol = str(info.data.get("kafka_security_protocol"))
        if protocol.startswith("SASL") and (value is None or not info.data.get("kafka_username")):
            raise ValueError(f"KAFKA_SECURITY_PROTOCOL={protocol} needs KAFKA_USERNAME and KAFKA_PASSWORD")
        return value

    @field_validator("kafka_ca_file")
    @classmethod
    def _is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("there is no such file")
        return value

    @property
    def kafka_access(self) -> KafkaAccess:
        """How this process reaches Kafka."""
        return KafkaAccess(
            servers=self.kafka_bootstrap_servers,
            protocol=self.kafka_security_protocol,
            ca_file=self.kafka_ca_file,
            username=self.kafka_username,
            password=self.kafka_password,
        )

    @model_validator(mode="after")
    def _check_durations(self) -> Self:
        """No time runs backwards."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, timedelta) and value < timedelta(0):
                raise ValueError(f"{name.upper()} is below 0")
        return self

    @property
    def jwt_issuer(self) -> str:
        """Who must have issued a merchant's token; ends the process when nothing says so."""
        if self.supabase_issuer:
            return self.supabase_issuer
        return f"{required(self.supabase_url, name='SUPABASE_URL').rstrip('/')}/auth/v1"

    @property
    def jwks_url(self) -> str:
        """Where the keys of merchants' tokens are."""
        return self.supabase_jwks_url or f"{self.jwt_issuer.rstrip('/')}/.well-known/jwks.json"


S = TypeVar("S", bound=ServiceSettings)


def load_settings(cls: type[S], **overrides: Any) -> S:
    """The settings from the environment; ends the process with one sentence per bad variable."""
    try:
        return cls(**overrides)
    except ValidationError as error:
        _refuse("; ".join(_sentence(item["loc"], item["msg"]) for item in error.errors()))
    except SettingsError as error:
        # Raised before any validation, for a variable that should hold JSON; only its text names the field.
        named = re.search(r'field "(\w+)"', str(error))
        _refuse(f"{named.group(1).upper() if named else 'A setting'} is not valid: it should be JSON")


def required(value: T | None, *, name: str) -> T:
    """The value of a setting this command cannot do without; ends the process when it is not set."""
    if value is None:
        _refuse(f"{name} is not set, and this command needs it")
    return value


def describe_settings(cls: type[ServiceSettings]) -> list[tuple[str, str, str]]:
    """Every setting as (variable, default, description), in declared order; secrets' defaults are never shown."""
    rows = []
    for name, field in cls.model_fields.items():
        default = None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})
        rows.append((name.upper(), "" if default is None else _shown(default), field.description or ""))
    return rows


def _shown(default: object) -> str:
    match default:
        case bool():
            return str(default).lower()
        case tuple():
            return ",".join(str(part) for part in default)
        case timedelta():
            return str(_DURATION.dump_python(default, mode="json"))
        case dict() | list():
            return json.dumps(default)
        case _:
            return str(default)


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    # What only makes no sense together has no place of its own, and names the variables itself.
    return f"{str(location[0]).upper()} is not valid: {_plain(message)}" if location else _plain(message)


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")


def _refuse(sentence: str) -> NoReturn:
    print(f"settings: {sentence}.", file=sys.stderr)  # noqa: T201
    raise SystemExit(BAD_SETTINGS_EXIT)
