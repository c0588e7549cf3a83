"""What the server is told at its start, by command line or environment."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Everything that differs between two running sandboxes.

    `public_url` is where clients and browsers reach this server; every URL in its answers starts with it. Each of
    `callback_bases` gives the default app of every platform one redirect URI, `{base}/v1/oauth/{platform}/callback`.
    Without `database_url` the clock is the sandbox's own; without `state_dir` nothing survives the process. With
    `original_urls` what machines follow names the platforms' own hosts, for clients that come by different addresses.
    `assets_url` is this server by the name that whoever fetches its pictures knows, where that is not `public_url`.
    """

    public_url: str = "http://localhost:8110"
    callback_bases: tuple[str, ...] = ("http://localhost:8101",)
    database_url: str | None = None
    state_dir: Path | None = None
    original_urls: bool = False
    assets_url: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        object.__setattr__(self, "assets_url", (self.assets_url or self.public_url).rstrip("/"))
        object.__setattr__(self, "callback_bases", tuple(base.rstrip("/") for base in self.callback_bases))

    @property
    def loopback_urls(self) -> bool:
        """Whether this server itself is reached over plain http on loopback."""
        return self.public_url.startswith(("http://localhost", "http://127.0.0.1", "http://[::1]"))

    def callbacks(self, platform: str) -> tuple[str, ...]:
        """The redirect URIs of a platform's default app."""
        return tuple(f"{base}/v1/oauth/{platform}/callback" for base in self.callback_bases)
