"""The list of moments is complete, both sides of each are passed, and production knows nothing of crashing."""

import ast
import inspect
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from social_common import checkpoints
from social_common.checkpoints import Plumbing, Side
from social_stack.crash_orders import Order, OrderFolder, Passing, UnknownPoint, effects_of, point_name, points_of
from social_stack.secrets import SERVICES

ROOT = Path(__file__).parents[3]
PRODUCT = [*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]
# Every call whose effect is seen outside: the receiver's name, the method, and the write that it is.
OUTSIDE = {
    ("adapter", "publish"): "Publishing.PUBLISH",
    ("adapter", "prepare"): "Publishing.PREPARE",
    ("adapter", "discard"): "Publishing.DISCARD",
    ("adapter", "exchange"): "Linking.EXCHANGE",
    ("adapter", "refresh"): "Linking.REFRESH",
    ("adapter", "revoke"): "Linking.REVOKE",
    ("producer", "send"): "Plumbing.SEND",
}
# What passes both moments: a block, or the name of a session's commit.
BOTH = ("crossing", "marks")


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, tuple[str, ...]]]:
    """Each call with the writes that it happens inside of."""

    def walk(node: ast.AST, inside: tuple[str, ...]) -> Iterator[tuple[ast.Call, tuple[str, ...]]]:
        if isinstance(node, ast.With):
            for item in node.items:
                call = item.context_expr
                if isinstance(call, ast.Call) and _name(call.func) == "crossing":
                    inside = (*inside, ast.unparse(call.args[0]))
        if isinstance(node, ast.Call):
            yield node, inside
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside)

    yield from walk(tree, ())


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _all_calls() -> Iterator[tuple[ast.Call, tuple[str, ...]]]:
    for path in PRODUCT:
        yield from _calls(ast.parse(path.read_text()))


def _sides_passed() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for call, _ in _all_calls():
        match _name(call.func):
            case name if name in BOTH and call.args:
                found.setdefault(ast.unparse(call.args[0]), set()).update(side.name for side in Side)
            case "passing" if len(call.args) > 1:
                found.setdefault(ast.unparse(call.args[0]), set()).add(_name(call.args[1]))
    return found


def test_both_moments_of_every_declared_write_are_passed_in_the_source() -> None:
    """No name is declared that nobody passes, and none has one moment only."""
    passed = _sides_passed()
    declared = {f"{type(effect).__name__}.{effect.name}" for service in SERVICES for effect in effects_of(service)}

    assert {name: passed.get(name) for name in declared} == {name: {"BEFORE", "AFTER"} for name in declared}


def test_every_call_with_an_effect_outside_is_made_inside_its_write() -> None:
    """Whoever adds a sending call without naming its moments is told so here."""
    seen = set()
    for call, inside in _all_calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        key = (_name(call.func.value), call.func.attr)
        if key in OUTSIDE:
            seen.add(key)
            assert OUTSIDE[key] in inside, ast.unparse(call)

    assert seen == set(OUTSIDE)


def test_records_are_sent_by_the_relay_and_as_dead_letters_only() -> None:
    """There is no other way to Kafka than the two that are named."""
    senders = {path.name for path in PRODUCT if re.search(r"\.send(_and_wait)?\(\s*(row\[|topic)", path.read_text())}

    assert senders == {"relay.py", "dead_letters.py"}


def test_every_commit_of_an_event_or_an_inbox_row_is_named_where_the_row_is_written() -> None:
    """What writes the row names the commit, so no caller can forget it."""
    common = ROOT / "libs/common/src/social_common"

    assert "session.marks(Plumbing.EVENT" in (common / "outbox.py").read_text()
    assert "session.marks(Plumbing.INBOX" in (common / "inbox.py").read_text()


def test_in_production_a_moment_is_an_empty_call() -> None:
    """The function has no body but its docstring, and nothing of the product puts another in its place."""
    body = ast.parse(textwrap.dedent(inspect.getsource(checkpoints.passing))).body[0]
    assert isinstance(body, ast.FunctionDef)
    assert len(body.body) == 1
    assert ast.get_docstring(body)
    targets = [
        ast.unparse(target)
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
    ]
    assert not [target for target in targets if target.split(".")[-1] == "passing"]


def test_no_service_is_installed_with_the_stack() -> None:
    """What crashes is not in a service's image: no package of the product depends on it."""
    for path in chain(ROOT.glob("libs/*/pyproject.toml"), ROOT.glob("services/*/pyproject.toml")):
        assert "social-stack" not in path.read_text()


@pytest.mark.parametrize("environment", ["production", None])
def test_production_refuses_to_crash(environment: str | None) -> None:
    """Without ENVIRONMENT=development the command ends with one plain sentence and starts nothing."""
    env = {name: value for name, value in os.environ.items() if name != "ENVIRONMENT"}
    if environment is not None:
        env["ENVIRONMENT"] = environment
    command = [sys.executable, "-m", "social_stack.crashing", "--at", "post.publish.after", "publisher", "worker"]

    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert done.stderr.strip() == "crashing: only with ENVIRONMENT=development; nothing else is ever killed on purpose."


def test_an_order_names_a_moment_that_there_is() -> None:
    """A misspelt name is refused with the list of those that exist."""
    order = Order.parse("post.publish.after@x:2", service="publisher", pause=3.0)

    assert order == Order("post.publish.after", "x", 2, 3.0)
    assert order.file == "post.publish.after@x"
    for wrong in ("post.publish", "token.refresh.before", "post.publish.after:0", "post.publish.after:x"):
        with pytest.raises(UnknownPoint, match=r"there are event\.commit\.before"):
            Order.parse(wrong, service="publisher")


def test_the_nth_passing_is_counted_for_its_platform_only() -> None:
    """Other platforms' passings do not count."""
    obeyed: list[float | None] = []
    passing = Passing(obeyed.append, at=[Order("kafka.send.after", "x", 2)])

    for about in ("x", "github", "x", "x"):
        passing(Plumbing.SEND, Side.AFTER, about)
    assert obeyed == [None]


def test_an_order_of_the_folder_is_obeyed_once(tmp_path: Path) -> None:
    """Whoever passes first takes it away from all others."""
    folder, obeyed = OrderFolder(tmp_path), list[float | None]()
    first, second = Passing(obeyed.append, folder=folder), Passing(obeyed.append, folder=folder)
    order = Order("kafka.send.before", pause=1.5)
    folder.give(order)

    for passing in (first, second, first):
        passing(Plumbing.SEND, Side.BEFORE, "post.published")
    assert obeyed == [1.5]
    assert folder.is_taken(order)


def test_every_point_has_a_name_of_its_own() -> None:
    """Names are unique over all of a service's writes."""
    for service in SERVICES:
        points = points_of(service)
        assert len(points) == len(set(points)) == 2 * len(effects_of(service))
        assert point_name(Plumbing.SEND, Side.AFTER) in points


_CHILD = """
import os, sys, time
from pathlib import Path
from social_common import checkpoints
from social_common.checkpoints import Plumbing, Side
from social_stack.crash_orders import OrderFolder
from social_stack.crashing import Supervisor

def run():
    print("begun", flush=True)
    for _ in range(400):
        checkpoints.passing(Plumbing.SEND, Side.AFTER)
        print("passed", flush=True)
        __import__("select").select([], [], [], 0.02)

sys.exit(Supervisor(run, at=[], folder=OrderFolder(Path(sys.argv[1]))).run())
"""


def test_a_killed_command_is_started_again_and_a_paused_one_woken(tmp_path: Path) -> None:
    """As an orchestrator would; SIGTERM then ends it for good."""
    folder = OrderFolder(tmp_path)
    supervisor = subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None

    def until(line: str) -> None:
        assert supervisor.stdout is not None
        while (found := supervisor.stdout.readline()) != f"{line}\n":
            assert found

    try:
        until("passed")
        folder.give(Order("kafka.send.after"))
        until("begun")
        until("passed")
        folder.give(Order("kafka.send.after", pause=0.2))
        while not folder.is_taken(Order("kafka.send.after")):
            until("passed")
        until("passed")
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.communicate(timeout=10)
    assert supervisor.returncode == 128 + signal.SIGTERM
