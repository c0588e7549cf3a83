"""What the local stack is told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from social_stack.ports import DEFAULT_BASE, Ports

_HIGHEST_BASE = 64_000


class BadSetting(Exception):
    """A setting that cannot work, said in one sentence."""


@dataclass(frozen=True, slots=True)
class StackConfig:
    """Where state lives, which ports are used, and which outside servers replace the embedded ones."""

    data_dir: Path
    ports: Ports
    database_url: str | None = None
    kafka_bootstrap_servers: str | None = None
    kafka_is_embedded: bool = False  # the broker named above is an embedded one, started by somebody else
    kafka_listeners: Mapping[int, int] | None = None  # further ports of Apache Kafka: where it listens → what it tells
    original_urls: bool = False  # the sandbox's answers name the platforms' own hosts instead of its own address
    supabase_url: str | None = None
    supabase_anon_key: str | None = None
    passed_on: Mapping[str, str] | None = None  # settings of services that the caller's environment overrides

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, *, free_ports: bool = False) -> Self:
        """Reads SOCIAL_DATA_DIR, SOCIAL_PORT_BASE, DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS and SUPABASE_URL."""
        text = environ.get("SOCIAL_PORT_BASE", "")
        if text and not (text.isdecimal() and 1024 <= int(text) <= _HIGHEST_BASE):  # noqa: PLR2004
            raise BadSetting(f"SOCIAL_PORT_BASE must be a port between 1024 and {_HIGHEST_BASE}, not {text!r}.")
        ports = Ports(int(text)) if text else Ports.free() if free_ports else Ports(DEFAULT_BASE)
        return cls(
            data_dir=Path(environ.get("SOCIAL_DATA_DIR") or ".data").resolve(),
            ports=ports,
            database_url=environ.get("DATABASE_URL") or None,
            kafka_bootstrap_servers=environ.get("KAFKA_BOOTSTRAP_SERVERS") or None,
            supabase_url=environ.get("SUPABASE_URL") or None,
            supabase_anon_key=environ.get("SUPABASE_ANON_KEY") or None,
        )
