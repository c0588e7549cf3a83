"""Which platforms are implemented, configured from the environment, and their adapters by facet.

A platform is a package `social_platforms.<platform>` and one line in `_REGISTERED`; its facets are found by name:
`oauth.<Name>OAuth`, `posts.<Name>Posts`, `metrics.<Name>Metrics` and `limits.FACTS`. They are imported when asked for:
a service loads its own facet and nothing of the others.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Final

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import (
    AppConfig,
    MetricsAdapter,
    OAuthAdapter,
    PlaceKind,
    Platform,
    PlatformFacts,
    PostsAdapter,
)


@dataclass(frozen=True, slots=True)
class _Registered:
    """How a platform's classes are called, and what it reads from the environment besides the four common names."""

    name: str
    flavours: tuple[str, ...] = ()  # the first is the default
    extras: tuple[str, ...] = ()
    second_app: str = ""  # LINKEDIN_<this>_CLIENT_ID names a second app, whose flavour this is


_REGISTERED: Final[Mapping[Platform, _Registered]] = {
    Platform.X: _Registered("X", extras=("X_POST_FIELDS_PARAM",)),
    Platform.INSTAGRAM: _Registered("Instagram", flavours=("instagram_login",)),
    Platform.GITHUB: _Registered("GitHub", flavours=("github_app", "oauth_app")),
    Platform.FACEBOOK: _Registered("Facebook"),
    Platform.LINKEDIN: _Registered(
        "LinkedIn", flavours=("share",), extras=("LINKEDIN_COMMUNITY_OPENID",), second_app="community"
    ),
    Platform.GOOGLE: _Registered("Google"),
    Platform.YOUTUBE: _Registered("YouTube"),
}


def load_apps(environ: Mapping[str, str]) -> dict[Platform, AppConfig]:
    """The apps that are configured; ValueError in plain words for a setting that cannot be meant.

    A platform without a client id is left out: it exists, but nothing can be linked there.
    """
    apps = {}
    for platform, known in _REGISTERED.items():
        prefix = platform.upper()
        flavour = _flavour(environ, f"{prefix}_FLAVOUR", known.flavours)
        first = _app(environ, prefix, prefix, flavour=flavour, known=known)
        second = None
        if known.second_app:
            name = f"{prefix}_{known.second_app.upper()}"
            second = _app(environ, name, prefix, flavour=known.second_app, known=known)
        app = _joined(first, second)
        if app is not None:
            apps[platform] = app
    return apps


def _app(
    environ: Mapping[str, str], credentials: str, prefix: str, *, flavour: str, known: _Registered
) -> AppConfig | None:
    client_id = environ.get(f"{credentials}_CLIENT_ID", "").strip()
    if not client_id:
        return None
    client_secret = environ.get(f"{credentials}_CLIENT_SECRET", "").strip()
    if not client_secret:
        raise ValueError(f"{credentials}_CLIENT_ID is set, {credentials}_CLIENT_SECRET is missing")
    return AppConfig(
        client_id=client_id,
        client_secret=Secret(client_secret),
        base_url=_base(environ, f"{prefix}_BASE_URL"),
        browser_base_url=_base(environ, f"{prefix}_BROWSER_BASE_URL"),
        flavour=flavour,
        extras={name: environ[name] for name in known.extras if environ.get(name)},
    )


def _joined(first: AppConfig | None, second: AppConfig | None) -> AppConfig | None:
    if first is None or second is None:
        return first or second
    if second.client_id == first.client_id:
        raise ValueError("the two apps of one platform need different client ids")
    return replace(first, second=second)


def _base(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name, "").strip().rstrip("/")
    if value and not value.startswith(("http://", "https://")):
        raise ValueError(f"{name} is not a URL that starts with http:// or https://")
    return value or None


def _flavour(environ: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    if not known:
        return ""
    value = environ.get(name, "").strip() or known[0]
    if value not in known:
        raise ValueError(f"{name} is {value}; it can be {' or '.join(known)}")
    return value


def _facet(platform: Platform, facet: str, suffix: str) -> Any:
    module = import_module(f"social_platforms.{platform.value}.{facet}")
    return getattr(module, _REGISTERED[platform].name + suffix)


class OAuthApps:
    """auth-linker's facet: one adapter per app, known by the platform and the app's client id."""

    def __init__(self, adapters: Mapping[tuple[str, str], OAuthAdapter]) -> None:
        self._adapters = dict(adapters)

    def __iter__(self) -> Iterator[OAuthAdapter]:
        return iter(self._adapters.values())

    @property
    def platforms(self) -> frozenset[str]:
        """The platforms where something can be linked."""
        return frozenset(platform for platform, _ in self._adapters)

    def of(self, platform: str, app: str) -> OAuthAdapter | None:
        """The adapter of that app, None where it is not configured (any more)."""
        return self._adapters.get((platform, app))

    def choose(self, platform: str, kinds: Collection[str] = ()) -> tuple[str, OAuthAdapter] | None:
        """The app whose grants reach a place of these kinds (any kind where none is named), the first app first."""
        wanted = frozenset(kinds)
        for (name, app), adapter in self._adapters.items():
            if name == platform and (not wanted or wanted & adapter.place_kinds):
                return app, adapter
        return None

    def kinds_at(self, platform: str) -> frozenset[PlaceKind]:
        """Every kind of place that can be linked there."""
        return frozenset().union(
            *(adapter.place_kinds for (name, _), adapter in self._adapters.items() if name == platform)
        )


def oauth_apps(apps: Mapping[Platform, AppConfig], http: HttpClient) -> OAuthApps:
    """auth-linker's facet of every configured app."""
    return OAuthApps(
        {
            (platform.value, app.client_id): _facet(platform, "oauth", "OAuth")(app, http)
            for platform, first in apps.items()
            for app in (first, first.second)
            if app is not None
        }
    )


def posts_adapters(apps: Mapping[Platform, AppConfig], http: HttpClient) -> dict[Platform, PostsAdapter]:
    """Publisher's facet of every configured platform."""
    return {platform: _facet(platform, "posts", "Posts")(app, http) for platform, app in apps.items()}


def metrics_adapters(apps: Mapping[Platform, AppConfig], http: HttpClient) -> dict[Platform, MetricsAdapter]:
    """Analytics' facet of every configured platform."""
    return {platform: _facet(platform, "metrics", "Metrics")(app, http) for platform, app in apps.items()}


def all_facts(environ: Mapping[str, str] | None = None) -> dict[Platform, PlatformFacts]:
    """The facts of every implemented platform, configured or not; ValueError for a setting that cannot be meant.

    Platforms raise what an approved app may spend: `<PLATFORM>_BUDGETS`, JSON such as `{"uploads": {"app": 5000}}`,
    takes the place of the stated counts.
    """
    return {
        platform: _raised(
            import_module(f"social_platforms.{platform.value}.limits").FACTS,
            (environ or {}).get(f"{platform.upper()}_BUDGETS", ""),
            name=f"{platform.upper()}_BUDGETS",
        )
        for platform in _REGISTERED
    }


def _raised(facts: PlatformFacts, setting: str, *, name: str) -> PlatformFacts:
    if not setting.strip():
        return facts
    try:
        wanted = json.loads(setting)
        counts = {(endpoint, per): count for endpoint, by in wanted.items() for per, count in by.items()}
    except (ValueError, AttributeError):
        raise ValueError(f'{name} is not JSON like {{"endpoint": {{"app": 1000}}}}') from None
    known = {(budget.endpoint, budget.per) for budget in facts.budgets}
    for key, count in counts.items():
        if key not in known or not isinstance(count, int) or isinstance(count, bool) or count < 0:
            there = ", ".join(sorted({f"{endpoint} per {per}" for endpoint, per in known}))
            raise ValueError(f"{name}: {key[0]} per {key[1]} cannot be {count!r}; there are {there}")
    budgets = tuple(
        replace(budget, count=counts.get((budget.endpoint, budget.per), budget.count)) for budget in facts.budgets
    )
    return replace(facts, budgets=budgets)
