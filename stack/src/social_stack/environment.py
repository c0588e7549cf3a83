"""The settings each process of the local stack is started with."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from social_platforms._core import Platform
from social_stack.config import StackConfig
from social_stack.secrets import SERVICES, StackSecrets

_WEB: Final = Path(__file__).resolve().parents[3] / "web" / "dist"
PLATFORMS = tuple(platform.value for platform in Platform)
# What a developer's shell may pass through to every process; nothing else of it reaches them.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE", "SYSTEMROOT")
_TRACING = "OTEL_"


# The sandbox's lags are a second or two, so the local stack need not wait as long as the originals ask.
_SHORT_WAITS = {
    "auth-linker": {"SWEEP_POLL": "PT1S", "ERASURE_RETRY_FIRST": "PT2S", "PLACES_CHECK_INTERVAL": "PT1M"},
    "publisher": {
        "LOOK_DELAYS": json.dumps({platform: [1, 2, 3, 5] for platform in PLATFORMS}),
        "LATE_LOOK_DELAYS": json.dumps([20, 60, 300]),
        "ERASURE_SCAN_INTERVAL": "PT2S",
        "HELD_PROBE_INTERVAL": "PT10S",
    },
    "analytics": {
        "COLLECTION_SCHEDULE": json.dumps(
            {"*": {"account": 15, "posts": [{"until": 600, "every": 3}, {"until": 2592000, "every": 300}]}}
        ),
        "DEPARTURE_SCAN": "PT2S",
    },
}


class StackEnvironment:
    """Turns the stack's configuration and secrets into environment variables."""

    def __init__(self, config: StackConfig, secrets: StackSecrets, *, kafka: str, kafka_is_embedded: bool) -> None:
        self._config = config
        self._secrets = secrets
        self._kafka = kafka
        self._kafka_is_embedded = kafka_is_embedded

    @property
    def superuser_url(self) -> str:
        """The database as its owner sees it."""
        if self._config.database_url:
            return self._config.database_url
        password = self._secrets.passwords["postgres"]
        return f"postgresql://postgres:{password}@127.0.0.1:{self._config.ports.postgres}/postgres"

    def database_url(self, role: str) -> str:
        """The same database as one of our roles."""
        parts = urlsplit(self.superuser_url)
        host = parts.netloc.rpartition("@")[2]
        login = f"{role}:{quote(self._secrets.passwords[role], safe='')}"
        return urlunsplit(parts._replace(netloc=f"{login}@{host}"))

    @property
    def sandbox_url(self) -> str:
        """Where the simulated platforms are."""
        return f"http://localhost:{self._config.ports.sandbox}"

    @property
    def console_url(self) -> str:
        """Where the console is."""
        return f"http://localhost:{self._config.ports.console}"

    @property
    def storefront_url(self) -> str:
        """Where the example of a shop is served, by whoever tries it."""
        return f"http://localhost:{self._config.ports.storefront}"

    @property
    def identity_url(self) -> str:
        """Supabase, or the sandbox that stands in for it."""
        return self._config.supabase_url or self.sandbox_url

    def api_url(self, service: str) -> str:
        """A service's API."""
        return f"http://localhost:{self._config.ports.api(SERVICES.index(service) + 1)}"

    def base(self) -> dict[str, str]:
        """What every process gets."""
        kept = {name: text for name, text in os.environ.items() if name in _INHERITED or name.startswith(_TRACING)}
        return kept | {"PYTHONUNBUFFERED": "1"}

    def sandbox(self) -> dict[str, str]:
        """The sandbox's settings."""
        return self.base() | {
            "SANDBOX_PORT": str(self._config.ports.sandbox),
            "SANDBOX_PUBLIC_URL": self.sandbox_url,
            "SANDBOX_ORIGINAL_URLS": str(self._config.original_urls).lower(),
            "SANDBOX_CALLBACK_BASE": self.api_url("auth-linker"),
            "SANDBOX_DATABASE_URL": self.database_url("social_sandbox"),
            "SANDBOX_STATE_DIR": str(self._config.data_dir / "sandbox"),
        }

    def service(self, service: str) -> dict[str, str]:
        """A service's settings; variables of the same name in the caller's environment win."""
        index = SERVICES.index(service) + 1
        name = service.replace("-", "_")
        ports = self._config.ports
        settings = self.base() | {
            "ENVIRONMENT": "development",
            "BOOTSTRAP_DATABASE_URL": self.superuser_url,
            "MIGRATION_DATABASE_URL": self.database_url(f"{name}_owner"),
            "API_DATABASE_URL": self.database_url(f"{name}_api"),
            "WORKER_DATABASE_URL": self.database_url(f"{name}_worker"),
            "SANDBOX_DATABASE_URL": self.database_url("social_sandbox"),
            "KAFKA_BOOTSTRAP_SERVERS": self._kafka,
            "KAFKA_EMBEDDED": str(self._kafka_is_embedded).lower(),
            "KAFKA_AUTO_DECLARE_TOPICS": "true",
            "SUPABASE_URL": self.identity_url,
            "TOKEN_KEYS_FILE": str(self._secrets.token_keys(service)),
            "SERVICE_KEY_FILE": str(self._secrets.service_key(service)),
            "SERVICE_TRUST_FILE": str(self._secrets.trust),
            "PUBLIC_URL": self.api_url(service),
            "LINKER_URL": self.api_url("auth-linker"),
            "RETURN_TO_ALLOWED": f"{self.console_url},{self.storefront_url}",
            "CORS_ALLOW_ORIGINS": f"{self.console_url},{self.storefront_url}",
            "MEDIA_ALLOW_HOSTS": f"localhost:{ports.sandbox}",
            "API_PORT": str(ports.api(index)),
            "METRICS_PORT": str(ports.api_metrics(index)),
            "WORKER_PORT": str(ports.worker(index)),
            "STOP_NOTICE": "PT0S",  # there is one replica of each, and whoever stops it waits
            "LOG_FORMAT": "json",
            **_SHORT_WAITS[service],
        }
        for platform in PLATFORMS:
            settings |= self._sandbox_app(platform)
        settings |= {
            "LINKEDIN_COMMUNITY_CLIENT_ID": "sandbox-community-client",
            "LINKEDIN_COMMUNITY_CLIENT_SECRET": "sandbox-community-secret",
        }
        return settings | dict(self._config.passed_on or {}) | _overrides(settings)

    def console(self) -> dict[str, str]:
        """The settings of the console's server."""
        ports = self._config.ports
        settings = self.base() | {
            "ENVIRONMENT": "development",
            "API_PORT": str(ports.console),
            "METRICS_PORT": str(ports.console_metrics),
            "PUBLIC_URL": self.console_url,
            "SUPABASE_URL": self.identity_url,
            "SUPABASE_ANON_KEY": self._config.supabase_anon_key or "",
            **{f"{service.upper().replace('-', '_')}_URL": self.api_url(service) for service in SERVICES},
            "CORS_ALLOW_ORIGINS": self.storefront_url,
            "CONSOLE_WEB_DIR": str(_WEB),
            "CONSOLE_SIGN_UP": "true",
            "CONSOLE_SIGN_INS_PER_MINUTE": "600",  # tests and demos sign many merchants in from one address
            "CONSOLE_IMAGE_SOURCES": "https:,http://localhost:*",
            "CONSOLE_PARTS": json.dumps(self._parts()),
            "CONSOLE_CLOCK_URL": f"{self.sandbox_url}/_control/clock",
            "STOP_NOTICE": "PT0S",
            "LOG_FORMAT": "json",
        }
        return settings | _overrides(settings)

    def _parts(self) -> list[dict[str, str]]:
        ports = self._config.ports
        apis = [
            {
                "name": service,
                "role": "api",
                "url": self.api_url(service),
                "metrics_url": f"http://localhost:{ports.api_metrics(index)}",
            }
            for index, service in enumerate(SERVICES, start=1)
        ]
        workers = [
            {"name": service, "role": "worker", "url": f"http://localhost:{ports.worker(index)}"}
            for index, service in enumerate(SERVICES, start=1)
        ]
        return [*apis, *workers, {"name": "sandbox", "role": "sandbox", "url": self.sandbox_url}]

    def _sandbox_app(self, platform: str) -> dict[str, str]:
        prefix = platform.upper()
        return {
            f"{prefix}_CLIENT_ID": "sandbox-client",
            f"{prefix}_CLIENT_SECRET": "sandbox-secret",
            f"{prefix}_BASE_URL": f"{self.sandbox_url}/{platform}",
            f"{prefix}_BROWSER_BASE_URL": f"{self.sandbox_url}/{platform}",
        }


# Settings a developer may set for all services at once; the others are the stack's own business.
_MAY_OVERRIDE = ("RETURN_TO_ALLOWED", "CORS_ALLOW_ORIGINS", "MEDIA_ALLOW_HOSTS", "LOG_LEVEL", "LOG_FORMAT")


def _overrides(settings: Mapping[str, str]) -> dict[str, str]:
    names = [name for name in (*settings, *_MAY_OVERRIDE) if name in _MAY_OVERRIDE or name.startswith(_app_prefixes())]
    return {name: os.environ[name] for name in names if name in os.environ}


def _app_prefixes() -> tuple[str, ...]:
    return tuple(f"{platform.upper()}_" for platform in PLATFORMS)
