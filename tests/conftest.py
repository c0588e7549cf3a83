"""Fixtures every level shares; see tests/support for what they start."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.support.postgres", "tests.support.kafka", "tests.support.stack"]

# A developer's own settings must not leak into the tests.
_AMBIENT = ("DATABASE_URL", "SUPABASE_URL", "TOKEN_KEYS_FILE", "PUBLIC_URL", "RETURN_TO_ALLOWED")
for _name in _AMBIENT:
    os.environ.pop(_name, None)

_ACCEPTANCE = Path(__file__).parent / "acceptance"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, a file's tests stay together, and all acceptance tests share one process: one stack is enough."""
    for item in items:
        group = "acceptance" if item.path.is_relative_to(_ACCEPTANCE) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
