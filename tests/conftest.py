"""Fixtures every level shares; see tests/support for what they start."""

import logging
import os
from collections.abc import Iterator

import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

pytest_plugins = ["tests.support.postgres", "tests.support.kafka", "tests.support.stack"]

# A developer's own settings must not leak into the tests.
_AMBIENT = ("DATABASE_URL", "SUPABASE_URL", "TOKEN_KEYS_FILE", "PUBLIC_URL", "RETURN_TO_ALLOWED")
for _name in _AMBIENT:
    os.environ.pop(_name, None)


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


_STACKS = "tests/acceptance"


def group_of(nodeid: str) -> str:
    """A file's tests stay together, and all that run a whole stack share one process: two would starve each other."""
    file = nodeid.partition("::")[0]
    return _STACKS if file.startswith(("tests/acceptance/", "tests/chaos/test_nemesis_run")) else file


class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
    """Gives whole groups to processes. xdist's own groups do nothing under the pytest that is locked here."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        # The longest group has few tests, and would be left for the end.
        if _STACKS in self.workqueue:
            self.workqueue.move_to_end(_STACKS, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    """Side by side, tests are handed out by group."""
    return ByGroup(config, log)


@pytest.fixture(scope="module", autouse=True)
def one_process_per_group(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Fails where a group was torn apart after all, which would start everything that it shares a second time."""
    process = os.environ.get("PYTEST_XDIST_WORKER")
    if process is None:
        return
    group = group_of(request.node.nodeid).replace("/", "-")
    notes = tmp_path_factory.getbasetemp().parent
    (notes / f"{group}@{process}").touch()
    assert len(list(notes.glob(f"{group}@*"))) == 1, f"{group} is run by several processes"
