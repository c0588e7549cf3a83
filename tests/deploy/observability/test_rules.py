"""Alerts come when something hurts, and only then; each of them says what to do."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any, Final

import pytest
from tests.deploy.observability.evaluation import Labels
from tests.deploy.observability.promql import seconds
from tests.deploy.observability.rules import (
    FOLDER,
    RULE_FILES,
    TEST_FILES,
    Evaluation,
    all_rules,
    expanded,
    read_yaml,
)

from social_cli.main import parse as parse_command

ALERTS: Final = tuple(rule for rule in all_rules() if "alert" in rule)
CASES: Final = tuple(case for path in TEST_FILES for case in read_yaml(path)["tests"])
ROOT: Final = FOLDER.parents[1]


def _expected(alerts: list[Mapping[str, Any]]) -> set[tuple[Labels, Labels]]:
    return {(frozenset(one["exp_labels"].items()), frozenset(one["exp_annotations"].items())) for one in alerts}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_alerts_fire_as_their_tests_say(case: Mapping[str, Any]) -> None:
    """Over the samples of a case, exactly the alerts that it names are firing at the moments that it names."""
    evaluation, interval = Evaluation(tuple(all_rules())), seconds(case["interval"])
    for one in case["input_series"]:
        for labels, at, value in expanded(one["series"], one["values"], interval=interval):
            evaluation.samples.add(labels, at, value)
    moments: dict[float, list[Mapping[str, Any]]] = {}
    for wanted in case["alert_rule_test"]:
        moments.setdefault(seconds(wanted["eval_time"]), []).append(wanted)

    for number in range(int(max(moments) / interval) + 1):
        evaluation.step(number * interval)
        for wanted in moments.pop(number * interval, ()):
            firing = {(one.labels, one.annotations) for one in evaluation.firing if one.alert == wanted["alertname"]}
            assert firing == _expected(wanted.get("exp_alerts", [])), (wanted["alertname"], wanted["eval_time"])

    assert not moments


def test_every_alert_is_shown_firing_and_not_firing() -> None:
    """Each alert, at each severity, is expected by one case and ruled out by another moment."""
    fired: set[tuple[str, str]] = set()
    silent: set[str] = set()
    for wanted in (wanted for case in CASES for wanted in case["alert_rule_test"]):
        expected = wanted.get("exp_alerts", [])
        fired.update((wanted["alertname"], one["exp_labels"]["severity"]) for one in expected)
        if not expected:
            silent.add(wanted["alertname"])

    assert fired == {(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS}
    assert silent == {rule["alert"] for rule in ALERTS}


def test_every_alert_has_a_page_that_is_named_nowhere_else() -> None:
    """The runbook an alert names exists and begins with its name; no page is left over."""
    pages = {path.name: path.read_text() for path in (ROOT / "docs" / "runbooks").glob("*.md")}
    del pages["README.md"]
    wanted = {rule["annotations"]["runbook_url"].removeprefix("docs/runbooks/"): rule["alert"] for rule in ALERTS}

    assert set(pages) == set(wanted)
    for page, alert in wanted.items():
        assert pages[page].startswith(f"# {alert}\n"), page
        for heading in ("## What it means", "## Look", "## Mend"):
            assert heading in pages[page], (page, heading)


def test_the_operators_commands_of_the_pages_are_spelled_right() -> None:
    """What a page types after `social` is a command that there is, with options that it takes."""
    typed = [
        command
        for page in (ROOT / "docs" / "runbooks").glob("*.md")
        for command in re.findall(r"(?:^|`)social ([a-z][^`\n]*?)(?:`|$)", page.read_text(), re.MULTILINE)
    ]

    assert len(typed) >= 8
    for command in typed:
        parse_command(shlex.split(command))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed; the test above stands in")
def test_promtool_agrees() -> None:
    """Prometheus's own tool finds nothing wrong with the rules, and comes to the same in their tests."""
    for command in (("check", "rules", *map(str, RULE_FILES)), ("test", "rules", *map(str, TEST_FILES))):
        done = subprocess.run(["promtool", *command], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
