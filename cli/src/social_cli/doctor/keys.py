"""The key files of a service: readable, whole, trusted by whom they call, and enough for what is stored."""

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from social_cli.command import Refused
from social_cli.doctor.findings import Finding, doubtful, fine, wrong
from social_cli.environment import Environments
from social_cli.services import Service
from social_common.db import DatabaseUnreachable
from social_common.keyfiles import KeyFileError, read_service_key, read_token_keys, read_trust
from social_common.rotating import count_sealed

if TYPE_CHECKING:
    from social_common.settings import ServiceSettings

_OTHERS: Final = stat.S_IRWXO
_ESCROW: Final = "put the file there from escrow (docs/operating/keys.md); a new one would lose every stored token"


async def look_at_keys(environments: Environments, service: Service, settings: "ServiceSettings") -> Sequence[Finding]:
    """The encryption keys and what they wrap, the signing key, and whom the service believes."""
    found = await _token_keys(environments, service, settings.token_keys_file)
    found.append(_service_key(service, settings.service_key_file))
    found += _trust(environments, service, settings.service_trust_file)
    return found


async def _token_keys(environments: Environments, service: Service, path: Path | None) -> list[Finding]:
    check = "encryption keys"
    if path is None:
        step = "set TOKEN_KEYS_FILE; `social keys make` makes one for a new installation"
        return [wrong(check, service.name, "TOKEN_KEYS_FILE is not set", step=step)]
    try:
        active, keys = read_token_keys(path)
    except KeyFileError as error:
        return [wrong(check, service.name, str(error), step=_ESCROW)]
    found = [fine(check, service.name, f"{len(keys)} in the file, {active} is active")]
    if _is_open(path):
        step = f"chmod o-rwx {path}"
        found.append(doubtful(check, service.name, "the file is open to every user of this machine", step=step))
    return found + await _wrapped(environments, service, active, set(keys)) if service.sealed else found


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & _OTHERS)


async def _wrapped(environments: Environments, service: Service, active: str, keys: set[str]) -> list[Finding]:
    check = "stored secrets"
    try:
        async with environments.database(service) as database:
            counts = await count_sealed(database)
    except (Refused, DatabaseUnreachable):
        # That the database does not answer is a finding of its own.
        return []
    lost = sorted({one.key_id for one in counts} - keys)
    old = sorted({one.key_id for one in counts} - {active} - set(lost))
    if lost:
        values = sum(one.stored for one in counts if one.key_id in lost)
        step = f"bring {', '.join(lost)} back from escrow into the file"
        return [wrong(check, service.name, f"{values} are wrapped by keys that the file does not have", step=step)]
    if old:
        values = sum(one.stored for one in counts if one.key_id in old)
        step = f"run `social keys rewrite --service {service.name}`"
        return [doubtful(check, service.name, f"{values} are still wrapped by {', '.join(old)}", step=step)]
    return [fine(check, service.name, "are all wrapped by the active key")]


def _service_key(service: Service, path: Path | None) -> Finding:
    check = "signing key"
    if path is None:
        return doubtful(
            check, service.name, "SERVICE_KEY_FILE is not set", step="set it where the service calls others"
        )
    try:
        key = read_service_key(path)
    except KeyFileError as error:
        return wrong(check, service.name, str(error), step="put the file there from the secret store")
    return fine(check, service.name, f"{key.kid} signs its calls")


def _trust(environments: Environments, service: Service, path: Path | None) -> list[Finding]:
    """auth-linker is asked by the two others: it has to know their keys."""
    check = "trust"
    if service.name != "auth-linker":
        return []
    if path is None:
        step = "set SERVICE_TRUST_FILE to the callers' public keys"
        return [wrong(check, service.name, "SERVICE_TRUST_FILE is not set", step=step)]
    try:
        trust = read_trust(path)
    except KeyFileError as error:
        return [wrong(check, service.name, str(error), step="write the file anew from the callers' public keys")]
    found = []
    for caller in ("publisher", "analytics"):
        kid = _key_id(environments, caller)
        if kid is not None and kid not in trust.get(caller, {}):
            step = f"add the public key {kid} of {caller} to SERVICE_TRUST_FILE and restart auth-linker"
            found.append(wrong(check, service.name, f"does not know the key {kid} of {caller}", step=step))
    return found or [fine(check, service.name, "knows its callers' keys")]


def _key_id(environments: Environments, caller: str) -> str | None:
    try:
        path = environments.settings(Service(caller)).service_key_file
        return None if path is None else read_service_key(path).kid
    except (SystemExit, KeyFileError, Refused):
        # A finding of that service's own.
        return None
