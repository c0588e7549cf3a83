"""Whoever reads the logs finds each event explained."""

import re

from tests.deploy.observability.log_events import ROOT, log_events

ROW = re.compile(
    r"^\| `(?P<name>\w+)` \| (?P<levels>[\w, ]+) \| (?P<fields>[^|]*) \| (?P<means>[^|]+) \|$", re.MULTILINE
)
NAMED = re.compile(r'"event": \?"(\(?[\w|()]+\)?)"')


def test_the_page_lists_exactly_what_the_code_can_log() -> None:
    """Every event with its levels and fields, and none that is not there any more."""
    text = (ROOT / "docs" / "logs.md").read_text()
    listed = {
        row["name"]: (frozenset(row["levels"].split(", ")), frozenset(re.findall(r"`(\w+)`", row["fields"])))
        for row in ROW.finditer(text)
    }

    assert listed == log_events()


def test_runbooks_look_for_events_that_exist() -> None:
    """What a runbook greps for can be logged."""
    known = set(log_events())
    asked = {
        f"{name}"
        for page in (ROOT / "docs" / "runbooks").glob("*.md")
        for pattern in NAMED.findall(page.read_text())
        for name in _alternatives(pattern)
    }

    assert asked
    assert asked <= known


def _alternatives(pattern: str) -> list[str]:
    found = re.fullmatch(r"(\w*)\(([\w|]+)\)", pattern)
    return [found[1] + one for one in found[2].split("|")] if found else [pattern]
