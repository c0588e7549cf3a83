"""An app at a platform, a token with the place it is for, and what the platform said of its limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from social_common.secrets import Secret
from social_platforms._core.kinds import PlaceKind


@dataclass(frozen=True, slots=True)
class AppConfig:
    """One registered app at a platform. `base_url` moves every host that services call (sandbox: http://…/x)."""

    client_id: str
    client_secret: Secret
    base_url: str | None = None
    browser_base_url: str | None = None
    flavour: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)  # further settings, named in docs/platforms/<name>.md
    second: "AppConfig | None" = None  # for a platform that needs two apps to reach all kinds of places


@dataclass(frozen=True, slots=True)
class RateReading:
    """What a platform's headers said of one budget after a call; `resets_in` counts from that answer."""

    bucket: str
    scope: Literal["account", "app"]
    limit: int | None
    remaining: int | None
    resets_in: timedelta | None


@dataclass(frozen=True, slots=True)
class Access:
    """A token with the place it is for. Adapters append to `rates` what the platform said of its limits."""

    token: Secret
    platform_id: str
    kind: PlaceKind
    facts: Mapping[str, Any] = field(default_factory=dict)
    proof: Secret | None = None
    rates: list[RateReading] = field(default_factory=list)
