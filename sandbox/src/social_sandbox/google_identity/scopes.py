"""The scopes this sandbox's Google knows, their long forms, and the order they come back in."""

from collections.abc import Iterable, Mapping

from social_sandbox.consent import ScopeChoice

_PREFIX = "https://www.googleapis.com/auth/"
OPENID = "openid"
EMAIL = f"{_PREFIX}userinfo.email"
PROFILE = f"{_PREFIX}userinfo.profile"
BUSINESS = f"{_PREFIX}business.manage"
OLD_BUSINESS = f"{_PREFIX}plus.business.manage"
YOUTUBE = f"{_PREFIX}youtube"
YOUTUBE_UPLOAD = f"{_PREFIX}youtube.upload"
YOUTUBE_READONLY = f"{_PREFIX}youtube.readonly"
YOUTUBE_FORCE_SSL = f"{_PREFIX}youtube.force-ssl"
YT_ANALYTICS_READONLY = f"{_PREFIX}yt-analytics.readonly"

IDENTITY = frozenset({OPENID, EMAIL, PROFILE})
CHANNEL = frozenset({YOUTUBE, YOUTUBE_UPLOAD, YOUTUBE_READONLY, YOUTUBE_FORCE_SSL, YT_ANALYTICS_READONLY})
_SHORT = {"email": EMAIL, "profile": PROFILE}
_DESCRIPTIONS: Mapping[str, str] = {
    OPENID: "Associate you with your personal info on Google",
    EMAIL: "See your primary Google Account email address",
    PROFILE: "See your personal info, including any personal info you've made publicly available",
    BUSINESS: "See, edit, create and delete your Google business listings",
    OLD_BUSINESS: "See, edit, create and delete your Google business listings",
    YOUTUBE: "Manage your YouTube account",
    YOUTUBE_UPLOAD: "Manage your YouTube videos",
    YOUTUBE_READONLY: "View your YouTube account",
    YOUTUBE_FORCE_SSL: "See, edit, and permanently delete your YouTube videos, ratings, comments and captions",
    YT_ANALYTICS_READONLY: "View YouTube Analytics reports for your YouTube content",
}


def long_form(scope: str) -> str:
    """A scope by the name under which Google grants it."""
    return _SHORT.get(scope, scope)


def asked_scopes(text: str) -> list[str]:
    """The scopes of a request in their long form, each once."""
    return list(dict.fromkeys(long_form(scope) for scope in text.split()))


def unknown_scopes(text: str) -> list[str]:
    """The scopes of a request that Google does not have."""
    return [scope for scope in text.split() if long_form(scope) not in _DESCRIPTIONS]


def choices(scopes: Iterable[str]) -> list[ScopeChoice]:
    """What the consent page shows: who somebody is goes without asking, anything else can be unticked."""
    return [ScopeChoice(scope, _DESCRIPTIONS[scope], optional=scope not in IDENTITY) for scope in scopes]


def granted_text(scopes: Iterable[str]) -> str:
    """Scopes as the token endpoint lists them: long, and in an order of its own."""
    return " ".join(sorted(scopes, key=lambda scope: (scope.rpartition("/")[2], scope), reverse=True))


def redirect_text(scopes: Iterable[str]) -> str:
    """Scopes as the redirect lists them: the short names first, the long ones beside them."""
    kept = list(scopes)
    short = sorted(name for name, scope in _SHORT.items() if scope in kept)
    return " ".join([*short, *reversed(granted_text(kept).split())])


def go_beyond_identity(scopes: Iterable[str]) -> bool:
    """Whether more than name, e-mail and profile is in them."""
    return not IDENTITY.issuperset(scopes)
