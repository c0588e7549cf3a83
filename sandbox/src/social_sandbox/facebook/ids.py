"""Ids of Facebook: decimal, beyond 53 bits, and of no order that a client could rely on."""

from social_sandbox.store import Store

_FIRST = {
    "user": 10_222_015_000_100_007,
    "page": 104_555_000_111_222_071,
    "business": 118_300_440_055_066_013,
    "post": 122_100_900_100_200_009,
    "photo": 122_177_001_400_300_011,
    "video": 122_255_001_700_600_017,
}
_STEP = 10_007


def new_id(store: Store, kind: str) -> str:
    """Return the next id of a kind."""
    return str(_FIRST[kind] + store.next_number(f"facebook:{kind}") * _STEP)
