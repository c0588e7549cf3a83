"""The harness of `make cluster-test`, as far as it works without a cluster."""

from datetime import UTC, datetime, timedelta

from tests.chaos.evidence import FirstSend
from tests.chaos.steady import Calls
from tests.cluster.figures import Phase
from tests.cluster.installation import tagged
from tests.deploy.rendering import pods, render

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def a_send(*, due_in: float, late_by: float) -> FirstSend:
    """A post that was due so many seconds after noon."""
    due = NOON + timedelta(seconds=due_in)
    return FirstSend("post", "user", due, due + timedelta(seconds=late_by))


def test_a_part_answers_for_what_fell_due_in_it() -> None:
    """Neither for what was due before nor for what came after, and its calls are its own."""
    calls = Calls(made=10, failed=["before"])
    phase = Phase.begin("kill", calls)
    phase.begun = NOON
    calls.made, calls.tried_again["publisher: 503"] = 25, 2
    phase.end(calls, "7 pods")
    phase.ended = NOON + timedelta(seconds=60)

    sends = [a_send(due_in=-1, late_by=9), a_send(due_in=30, late_by=2), a_send(due_in=5, late_by=1)]
    sends.append(a_send(due_in=60, late_by=9))

    assert phase.lateness(sends) == [1, 2]
    assert (phase.made, phase.again, phase.failed) == (15, 2, 0)


def test_one_release_has_one_tag() -> None:
    """All images of the product get it; the sandbox and the servers keep theirs, and what was rendered stays."""
    before = [container["image"] for pod in pods(render("local")) for container in pod.containers]

    images = {container["image"] for pod in pods(tuple(tagged(render("local"), "old"))) for container in pod.containers}

    assert {image for image in images if not image.endswith(":old")} == {
        "postgres:18",
        "apache/kafka:4.3.1",
        "social-sandbox:new",
    }
    assert [container["image"] for pod in pods(render("local")) for container in pod.containers] == before
