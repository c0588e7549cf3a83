"""Where a platform's hosts really are, and which URLs in its answers may be followed.

With a base URL B every host moves below it: https://api.x.com/2/tweets becomes B/api.x.com/2/tweets. A URL that came in
an answer is followed only when it leads to a host of that platform or below B, so that a token is sent nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlencode, urlsplit

from social_platforms._core import AppConfig, ErrorCode, PlatformError

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts of one platform: those that services call and those that a browser opens."""

    machine: frozenset[str]
    browser: frozenset[str]
    base_url: str | None = None
    browser_base_url: str | None = None

    @classmethod
    def of(cls, app: AppConfig, *, machine: frozenset[str], browser: frozenset[str]) -> "Hosts":
        """The hosts as that app's settings move them."""
        base = app.base_url.rstrip("/") if app.base_url else None
        browser_base = app.browser_base_url.rstrip("/") if app.browser_base_url else base
        return cls(machine=machine, browser=browser, base_url=base, browser_base_url=browser_base)

    def url(self, host: str, path: str) -> str:
        """The URL of a path on one of the platform's hosts."""
        if host not in self.machine:
            raise ValueError(f"{host} is not a host of this platform")
        return f"{self.base_url}/{host}{path}" if self.base_url else f"https://{host}{path}"

    def browser_url(self, host: str, path: str, query: Mapping[str, str]) -> str:
        """The URL of a page for the merchant's browser."""
        if host not in self.browser:
            raise ValueError(f"{host} is not a page of this platform")
        start = f"{self.browser_base_url}/{host}" if self.browser_base_url else f"https://{host}"
        return f"{start}{path}?{urlencode(query, quote_via=quote)}"

    def followed(self, url: str) -> str:
        """That URL from an answer as it may be called; PlatformError when it leads anywhere else."""
        target = self._moved(url)
        if target is None:
            raise PlatformError(
                ErrorCode.PLATFORM_DOWN,
                "The platform pointed to an address that is not its own; it was not followed.",
                retryable=True,
            )
        return target

    def _moved(self, url: str) -> str | None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return None
        if parts.username is not None or parts.password is not None or not _is_plain_path(parts.path):
            return None
        rest = parts.path + (f"?{parts.query}" if parts.query else "")
        if self.base_url and self._is_below_base(url):
            return url.split("#", 1)[0]
        if parts.scheme == "https" and port in {None, 443} and host in self.machine:
            return self.url(host or "", rest)
        return None

    def _is_below_base(self, url: str) -> bool:
        base, parts = urlsplit(self.base_url or ""), urlsplit(url)
        if (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
            return False
        host, _, _ = parts.path.removeprefix(base.path).lstrip("/").partition("/")
        return parts.path.startswith(base.path + "/") and host in self.machine


def _is_plain_path(path: str) -> bool:
    """False for paths that a server or proxy could resolve to somewhere else."""
    decoded = unquote(unquote(path))
    if "\\" in decoded or any(ord(character) < ord(" ") for character in decoded):
        return False
    return not any(segment in {".", ".."} for segment in decoded.split("/"))


def is_public_link(url: str) -> bool:
    """True for a URL that a platform could fetch: https and plain ASCII, or http on this machine (local stack).

    Names below `localhost` are this machine, too (RFC 6761).
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or not url.isascii() or any(character.isspace() for character in url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and (host in _LOOPBACK or host.endswith(".localhost")))
