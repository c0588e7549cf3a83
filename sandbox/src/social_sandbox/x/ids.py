"""Ids of X: 64-bit snowflakes that carry their moment, sent as strings."""

import re
from datetime import datetime

from social_sandbox.store import Store

_EPOCH_MS = 1_288_834_974_657
_SEQUENCE_BITS = 22
_FORM = re.compile(r"[0-9]{1,19}")


def new_snowflake(store: Store, now: datetime) -> str:
    """Return the next id; ids rise with time and never repeat, even when time is moved back."""
    sequence = store.next_number("x:snowflake")
    moment = int(now.timestamp() * 1000) - _EPOCH_MS
    candidate = (moment << _SEQUENCE_BITS) | (sequence & ((1 << _SEQUENCE_BITS) - 1))
    bucket = store.bucket("x")
    bucket["last_id"] = max(candidate, bucket.get("last_id", 0) + 1)
    return str(bucket["last_id"])


def is_id(value: str) -> bool:
    """Tell whether a string has the form of an id."""
    return _FORM.fullmatch(value) is not None
