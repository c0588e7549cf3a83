"""Keys and passwords of one local stack: made once, kept in its folder for the user alone."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from social_common.keyfiles import generate_service_key, generate_token_keys, write_trust

SERVICES = ("auth-linker", "publisher", "analytics")
_ROLES = ("owner", "api", "worker")


@dataclass(frozen=True, slots=True)
class StackSecrets:
    """Where the key files are, and the database passwords by role."""

    folder: Path
    passwords: dict[str, str]

    def token_keys(self, service: str) -> Path:
        """A service's key-encryption keys; only auth-linker's opens tokens."""
        return self.folder / f"{service}-token-keys.json"

    def service_key(self, service: str) -> Path:
        """The key a service signs its internal calls with."""
        return self.folder / f"{service}-service-key.json"

    @property
    def trust(self) -> Path:
        """The public keys of all services."""
        return self.folder / "service-trust.json"


def keep_secrets(folder: Path) -> StackSecrets:
    """The stack's secrets; those missing are made."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = StackSecrets(folder, _passwords(folder / "passwords.json"))
    for service in SERVICES:
        if not made.token_keys(service).exists():
            generate_token_keys(made.token_keys(service))
        if not made.service_key(service).exists():
            generate_service_key(made.service_key(service))
            made.trust.unlink(missing_ok=True)
    if not made.trust.exists():
        write_trust(made.trust, {service: made.service_key(service) for service in SERVICES})
    return made


def _passwords(path: Path) -> dict[str, str]:
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    names = ["postgres", "social_sandbox", *(f"{s.replace('-', '_')}_{role}" for s in SERVICES for role in _ROLES)]
    missing = {name: secrets.token_urlsafe(24) for name in names if name not in kept}
    if missing:
        kept |= missing
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept, indent=2))
    return kept
