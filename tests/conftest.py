"""Fixtures every level shares; see tests/support for what they start."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

pytest_plugins = ["tests.support.postgres", "tests.support.kafka", "tests.support.stack"]

# A developer's own settings must not leak into the tests.
_AMBIENT = ("DATABASE_URL", "SUPABASE_URL", "TOKEN_KEYS_FILE", "PUBLIC_URL", "RETURN_TO_ALLOWED")
for _name in _AMBIENT:
    os.environ.pop(_name, None)

_ACCEPTANCE = Path(__file__).parent / "acceptance"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A test that sets up a process's logs leaves no captured stream, closed by then, to the tests after it."""
    before, level = structlog.get_config(), logging.getLogger().level
    was_configured = structlog.is_configured()
    yield
    if structlog.get_config() == before:
        return
    if was_configured:
        structlog.configure(**before)
    else:
        structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [
        handler for handler in root.handlers if not isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    root.setLevel(level)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, a file's tests stay together, and all acceptance tests share one process: one stack is enough."""
    for item in items:
        group = "acceptance" if item.path.is_relative_to(_ACCEPTANCE) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
