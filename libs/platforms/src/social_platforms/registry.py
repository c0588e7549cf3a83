"""Which platforms are implemented, configured from the environment, and their adapters by facet.

Adapters are imported when asked for: a service loads its own facet and nothing of the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_platforms._core import (
    AppConfig,
    MetricsAdapter,
    OAuthAdapter,
    Platform,
    PlatformFacts,
    PostsAdapter,
)


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a platform reads from the environment besides the four common names."""

    flavours: tuple[str, ...] = ()  # the first is the default
    extras: tuple[str, ...] = ()


_IMPLEMENTED: Final[Mapping[Platform, _Settings]] = {
    Platform.X: _Settings(extras=("X_POST_FIELDS_PARAM",)),
    Platform.INSTAGRAM: _Settings(flavours=("instagram_login",)),
    Platform.GITHUB: _Settings(flavours=("github_app", "oauth_app")),
}


def load_apps(environ: Mapping[str, str]) -> dict[Platform, AppConfig]:
    """The apps that are configured; ValueError in plain words for a setting that cannot be meant.

    A platform without a client id is left out: it exists, but nothing can be linked there.
    """
    apps = {}
    for platform, settings in _IMPLEMENTED.items():
        prefix = platform.upper()
        client_id = environ.get(f"{prefix}_CLIENT_ID", "").strip()
        if not client_id:
            continue
        client_secret = environ.get(f"{prefix}_CLIENT_SECRET", "").strip()
        if not client_secret:
            raise ValueError(f"{prefix}_CLIENT_ID is set, {prefix}_CLIENT_SECRET is missing")
        apps[platform] = AppConfig(
            client_id=client_id,
            client_secret=Secret(client_secret),
            base_url=_base(environ, f"{prefix}_BASE_URL"),
            browser_base_url=_base(environ, f"{prefix}_BROWSER_BASE_URL"),
            flavour=_flavour(environ, f"{prefix}_FLAVOUR", settings.flavours),
            extras={name: environ[name] for name in settings.extras if environ.get(name)},
        )
    return apps


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


def oauth_adapters(apps: Mapping[Platform, AppConfig], http: HttpClient) -> dict[Platform, OAuthAdapter]:
    """auth-linker's facet of every configured platform."""
    from social_platforms.github.oauth import GitHubOAuth
    from social_platforms.instagram.oauth import InstagramOAuth
    from social_platforms.x.oauth import XOAuth

    makers: Mapping[Platform, Callable[[AppConfig, HttpClient], OAuthAdapter]] = {
        Platform.X: XOAuth,
        Platform.INSTAGRAM: InstagramOAuth,
        Platform.GITHUB: GitHubOAuth,
    }
    return {platform: makers[platform](app, http) for platform, app in apps.items() if platform in makers}


def posts_adapters(apps: Mapping[Platform, AppConfig], http: HttpClient) -> dict[Platform, PostsAdapter]:
    """Publisher's facet of every configured platform."""
    from social_platforms.github.posts import GitHubPosts
    from social_platforms.instagram.posts import InstagramPosts
    from social_platforms.x.posts import XPosts

    makers: Mapping[Platform, Callable[[AppConfig, HttpClient], PostsAdapter]] = {
        Platform.X: XPosts,
        Platform.INSTAGRAM: InstagramPosts,
        Platform.GITHUB: GitHubPosts,
    }
    return {platform: makers[platform](app, http) for platform, app in apps.items() if platform in makers}


def metrics_adapters(apps: Mapping[Platform, AppConfig], http: HttpClient) -> dict[Platform, MetricsAdapter]:
    """Analytics' facet of every configured platform."""
    from social_platforms.github.metrics import GitHubMetrics
    from social_platforms.instagram.metrics import InstagramMetrics
    from social_platforms.x.metrics import XMetrics

    makers: Mapping[Platform, Callable[[AppConfig, HttpClient], MetricsAdapter]] = {
        Platform.X: XMetrics,
        Platform.INSTAGRAM: InstagramMetrics,
        Platform.GITHUB: GitHubMetrics,
    }
    return {platform: makers[platform](app, http) for platform, app in apps.items() if platform in makers}


def all_facts() -> dict[Platform, PlatformFacts]:
    """The facts of every implemented platform, configured or not."""
    from social_platforms.github.limits import FACTS as GITHUB
    from social_platforms.instagram.limits import FACTS as INSTAGRAM
    from social_platforms.x.limits import FACTS as X

    return {facts.platform: facts for facts in (X, INSTAGRAM, GITHUB)}
