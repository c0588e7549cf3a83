"""The key files a service reads, and how they are made: token keys, a service's own signing key, whom it trusts.

All are JSON, readable by their owner only. Nothing here overwrites a file that exists: losing a token key loses every
secret it wrapped.
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from social_common.secrets import Secret

KEY_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600


class KeyFileError(Exception):
    """A key file is missing or malformed; the text names the file and what is wrong, never its contents."""


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """The key a service signs its calls with."""

    kid: str
    private_key: Secret

    def load(self) -> Ed25519PrivateKey:
        """The key ready to sign."""
        key = serialization.load_pem_private_key(self.private_key.reveal().encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileError("the service key is no Ed25519 key")
        return key


def read_service_key(path: Path) -> ServiceKey:
    """This service's own signing key (`SERVICE_KEY_FILE`)."""
    data = _read_object(path)
    kid, pem = data.get("kid"), data.get("private_key")
    if not isinstance(kid, str) or not isinstance(pem, str):
        raise KeyFileError(f"{path} must hold the texts `kid` and `private_key`")
    key = ServiceKey(kid, Secret(pem))
    try:
        key.load()
    except ValueError:
        raise KeyFileError(f"`private_key` in {path} is no PEM private key") from None
    return key


def read_trust(path: Path) -> dict[str, dict[str, Ed25519PublicKey]]:
    """Whose calls this service believes (`SERVICE_TRUST_FILE`): caller → key id → public key."""
    trust: dict[str, dict[str, Ed25519PublicKey]] = {}
    for caller, keys in _read_object(path).items():
        if not isinstance(keys, dict):
            raise KeyFileError(f"`{caller}` in {path} must be an object of key id and public key")
        trust[caller] = {kid: _public_key(pem, path=path, name=f"{caller}.{kid}") for kid, pem in keys.items()}
    return trust


def read_token_keys(path: Path) -> tuple[str, dict[str, bytes]]:
    """The id of the active key and all keys by id (`TOKEN_KEYS_FILE`)."""
    data = _read_object(path)
    active, keys = data.get("active"), data.get("keys")
    if not isinstance(active, str) or not isinstance(keys, dict) or active not in keys:
        raise KeyFileError(f"{path} must hold `active`, the id of one of its `keys`")
    return active, {kid: _key_bytes(text, path=path, kid=kid) for kid, text in keys.items()}


def generate_token_keys(path: Path, *, kid: str = "k1") -> None:
    """Writes a fresh token key file with one key, unless the file exists."""
    key = base64.b64encode(os.urandom(KEY_BYTES)).decode()
    _write_new(path, {"active": kid, "keys": {kid: key}})


def add_token_key(path: Path, *, kid: str) -> None:
    """Adds a fresh key to the file; the active one stays. The file is replaced whole, or not at all."""
    active, keys = read_token_keys(path)
    if kid in keys or not kid or "." in kid:
        raise KeyFileError(f"a key `{kid}` cannot be added to {path}: an id is new, not empty, and has no dot")
    _replace(path, {"active": active, "keys": _texts({**keys, kid: os.urandom(KEY_BYTES)})})


def activate_token_key(path: Path, *, kid: str) -> None:
    """Has that key of the file wrap what is encrypted from now on."""
    _, keys = read_token_keys(path)
    if kid not in keys:
        raise KeyFileError(f"{path} has no key `{kid}`; its keys are {', '.join(sorted(keys))}")
    _replace(path, {"active": kid, "keys": _texts(keys)})


def remove_token_key(path: Path, *, kid: str) -> None:
    """Takes a key that is not active out of the file: what it wrapped opens no more."""
    active, keys = read_token_keys(path)
    if kid not in keys or kid == active:
        raise KeyFileError(f"`{kid}` is not one of the keys of {path} that can go: the active one stays")
    _replace(path, {"active": active, "keys": _texts({name: key for name, key in keys.items() if name != kid})})


def generate_service_key(path: Path, *, kid: str | None = None) -> None:
    """Writes a fresh signing key, unless the file exists; its id is random unless given."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_new(path, {"kid": kid or os.urandom(6).hex(), "private_key": pem.decode()})


def write_trust(path: Path, callers: Mapping[str, Path]) -> None:
    """Writes whom to trust from the callers' key files: public halves only; replaces the file."""
    trust = {}
    for caller, key_file in callers.items():
        key = read_service_key(key_file)
        pem = (
            key.load()
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        trust[caller] = {key.kid: pem.decode()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(trust, indent=2))


def _read_object(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text())
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read ({error.strerror})") from None
    except ValueError:
        raise KeyFileError(f"{path} is no JSON") from None
    if not isinstance(data, dict):
        raise KeyFileError(f"{path} must hold a JSON object")
    return data


def _key_bytes(text: object, *, path: Path, kid: str) -> bytes:
    try:
        key = base64.b64decode(str(text), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"key `{kid}` in {path} must be {KEY_BYTES} bytes in base64")
    if not kid or "." in kid:
        raise KeyFileError(f"a key id in {path} is empty or has a dot in it")
    return key


def _public_key(pem: object, *, path: Path, name: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(str(pem).encode())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"`{name}` in {path} is no Ed25519 public key")
    return key


def _texts(keys: Mapping[str, bytes]) -> dict[str, str]:
    return {kid: base64.b64encode(key).decode() for kid, key in keys.items()}


def _replace(path: Path, data: Mapping[str, Any]) -> None:
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        _write_new(fresh, data)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise KeyFileError(f"{path} cannot be written ({error.strerror})") from None


def _write_new(path: Path, data: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        json.dump(data, file, indent=2)
