"""The judge of histories: a command that was acknowledged holds, and one that was refused has done nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.chaos.clock import Clock, Jump
from tests.chaos.commands import Command, Kind, Outcome
from tests.chaos.evidence import Evidence, FirstSend
from tests.chaos.test_verdict import (
    LINKED,
    SCHEDULED,
    a_post,
    a_record,
    a_standing,
    evidence,
    failed_records,
)
from tests.chaos.verdict import judge

from social_stack.events import Record

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OLD, NEW = "news [7-000001] v1: copper", "news [7-000001] v2: copper"


def kinds(found: Evidence) -> list[str]:
    """What the judge finds."""
    return [finding.kind for finding in judge(found)]


def a_command(kind: Kind, outcome: Outcome = Outcome.DONE, **changes: Any) -> Command:
    """A command on the post of the evidence."""
    return replace(Command(kind, "p1", outcome), **changes)


def a_send(seconds: float) -> FirstSend:
    """The post's first byte, that long after its time."""
    return FirstSend("p1", "merchant", NOON, NOON + timedelta(seconds=seconds))


def worded(api: str, platform: str) -> dict[str, Any]:
    """What the API shows, and what stands there."""
    return {"posts": [a_post(content=api)], "standing": [a_standing(text=platform)]}


def moved_to(when: datetime) -> Record:
    """The event of a changed plan."""
    return a_record("post.scheduled", revision=15, scheduled_at=when.isoformat())


LATER = NOON + timedelta(seconds=1)
TOLD = [LINKED, SCHEDULED, a_record("post.published")]
GIVEN_UP = ["NO DOUBT", "TOO LITTLE"]
DOUBT: dict[str, Any] = {"records": failed_records("unknown")}
FAILURE: dict[str, Any] = {"records": failed_records("failed")}
CANCELED = {"posts": [a_post(status="canceled")], "standing": []}
CANCELED_TOLD = [LINKED, SCHEDULED, a_record("post.canceled")]
BY_READING = a_record("post.published", settled_by="read_back")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"commands": [a_command(Kind.CANCEL)]}, ["LOST"]),
        ({"commands": [a_command(Kind.CANCEL)], "records": CANCELED_TOLD} | CANCELED, []),
        ({"commands": [a_command(Kind.CHANGE_TEXT, text=NEW)]} | worded(OLD, OLD), ["LOST"]),
        ({"commands": [a_command(Kind.CHANGE_TEXT, text=NEW)]} | worded(NEW, OLD), ["WRONG TEXT"]),
        ({"commands": [a_command(Kind.CHANGE_TEXT, text=NEW)]} | worded(NEW, NEW), []),
        ({"commands": [a_command(Kind.CHANGE_TEXT, Outcome.REFUSED, text=NEW)]} | worded(NEW, NEW), ["GHOST"]),
        ({"commands": [a_command(Kind.CHANGE_TEXT, Outcome.UNCLEAR, text=NEW)]} | worded(NEW, NEW), []),
        (
            {"commands": [a_command(Kind.RESOLVE, said="published")], "records": [LINKED, SCHEDULED, BY_READING]},
            ["LOST"],
        ),
        ({"commands": [a_command(Kind.RETRY, Outcome.REFUSED, status=500, code="internal")]}, ["REFUSED"]),
        ({"commands": [a_command(Kind.RETRY, Outcome.REFUSED, status=409, code="conflict")]}, []),
        ({"commands": [replace(a_command(Kind.CANCEL), post_id="p9")]}, ["LOST"]),
        ({"commands": [a_command(Kind.MOVE, Outcome.REFUSED, status=422, when=NOON, answered_at=LATER)]}, []),
        ({"commands": [a_command(Kind.MOVE, Outcome.REFUSED, status=422, when=LATER, answered_at=NOON)]}, ["REFUSED"]),
        ({"commands": [a_command(Kind.MOVE, revision=15, when=NOON)]}, ["LOST"]),
        ({"commands": [a_command(Kind.MOVE, revision=15, when=NOON)], "records": [*TOLD, moved_to(NOON)]}, []),
        ({"commands": [a_command(Kind.MOVE, revision=15, when=NOON)], "records": [*TOLD, moved_to(LATER)]}, ["LOST"]),
        (
            {"commands": [a_command(Kind.CANCEL, Outcome.REFUSED, status=409, code="conflict", is_odd=True)]},
            ["REFUSED"],
        ),
        ({"sends": [a_send(-1)], "commands": [a_command(Kind.CHANGE_TEXT, Outcome.UNCLEAR)]}, ["EARLY"]),
        ({"sends": [a_send(-1)], "commands": [a_command(Kind.RETRY, Outcome.UNCLEAR)]}, []),
        ({"told": {"e1": "connection.updated"}}, ["LOST"]),
        ({"told": {"e1": "connection.updated"}, "on_kafka": {"e1"}}, []),
        ({"attempts": {}, "posts": [a_post(status="unknown")], "records": failed_records("unknown")}, GIVEN_UP),
        ({"attempts": {"p1": ["unknown"]}, "posts": [a_post(status="unknown")]} | DOUBT, ["TOO LITTLE"]),
        ({"attempts": {}, "posts": [a_post(status="failed")], "standing": []} | FAILURE, ["FAILED", "TOO LITTLE"]),
        ({"attempts": {}}, []),
        ({"sends": [a_send(-1)]}, ["EARLY"]),
        ({"sends": [a_send(0)]}, []),
        ({"stale_tokens": ["x c1: 409"]}, ["STALE TOKEN"]),
    ],
)
def test_each_command_is_judged(changes: dict[str, Any], expected: list[str]) -> None:
    """What was said to the merchant is compared with what is there."""
    assert kinds(evidence(**changes)) == expected


def test_a_second_send_by_the_merchants_choice_is_no_duplicate() -> None:
    """Only where it was confirmed, and not where it was refused."""
    twice = {"standing": [a_standing(), a_standing(platform_post_id="901")]}
    thrice = {"standing": [*twice["standing"], a_standing(platform_post_id="902")]}
    anyway = a_command(Kind.RETRY_ANYWAY, seen="unknown")

    assert kinds(evidence(**twice, commands=[anyway])) == []
    assert kinds(evidence(**thrice, commands=[anyway])) == ["DUPLICATE"]
    assert kinds(evidence(**twice, commands=[replace(anyway, seen="failed")])) == ["DUPLICATE"]
    assert kinds(evidence(**twice, commands=[replace(anyway, outcome=Outcome.REFUSED, status=409)])) == ["DUPLICATE"]


def test_a_post_is_missed_only_beyond_the_catch_up_limit() -> None:
    """Six hours, by the product's own clock."""

    def missed(after: timedelta) -> Evidence:
        told = a_record("post.failed", status="missed", failed_at=(NOON + after).isoformat())
        post = a_post(status="missed", scheduled_at=NOON.isoformat())
        return evidence(posts=[post], standing=[], records=[LINKED, SCHEDULED, told])

    assert kinds(missed(timedelta(hours=5))) == ["MISSED TOO SOON"]
    assert kinds(missed(timedelta(hours=7))) == []


def test_a_jump_of_the_clock_makes_what_it_passes_due_at_once() -> None:
    """Before, within and after a jump of a minute at noon."""
    clock = Clock([Jump(NOON, NOON + timedelta(seconds=1), timedelta(minutes=1))])

    assert clock.became_due(NOON - timedelta(seconds=5)) == NOON - timedelta(seconds=5)
    assert clock.became_due(NOON + timedelta(seconds=30)) == NOON
    assert clock.became_due(NOON + timedelta(minutes=2)) == NOON + timedelta(minutes=1)
