"""Fixtures every level shares; see tests/support for what they start."""

import os

pytest_plugins = ["tests.support.postgres", "tests.support.kafka", "tests.support.stack"]

# A developer's own settings must not leak into the tests.
_AMBIENT = ("DATABASE_URL", "SUPABASE_URL", "TOKEN_KEYS_FILE", "PUBLIC_URL", "RETURN_TO_ALLOWED")
for _name in _AMBIENT:
    os.environ.pop(_name, None)
