"""GitHub's global node ids: a prefix that tells the kind, then packed numbers (the repository's, then its own)."""

import base64
import binascii
import struct

USER = "U_kgDO"
ORGANIZATION = "O_kgDO"
REPOSITORY = "R_kgDO"
DISCUSSION = "D_kwDO"
CATEGORY = "DIC_kwDO"
RELEASE = "RE_kwDO"
_PREFIXES = (USER, ORGANIZATION, REPOSITORY, DISCUSSION, CATEGORY, RELEASE)


def node_id(prefix: str, *numbers: int) -> str:
    """The global id of something with these numbers."""
    packed = struct.pack(f">{len(numbers)}Q", *numbers)
    return prefix + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def parse_node_id(text: str) -> tuple[str, tuple[int, ...]] | None:
    """Prefix and numbers of a global id; None for anything else."""
    prefix = next((prefix for prefix in _PREFIXES if text.startswith(prefix)), None)
    if prefix is None:
        return None
    encoded = text[len(prefix) :]
    try:
        packed = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        return prefix, struct.unpack(f">{len(packed) // 8}Q", packed)
    except (binascii.Error, struct.error, ValueError):
        return None
