"""The judge itself: a run that went well passes, and each broken promise is told."""

from dataclasses import replace
from typing import Any, cast

import pytest
from tests.chaos.evidence import Evidence
from tests.chaos.shops import Place, Shop
from tests.chaos.verdict import judge
from tests.chaos.workload import Order

from social_stack.events import Record

Json = dict[str, Any]
TAG = "[7-000001]"
PLACE = Place("x", "c1", "place-1", "account-1", left=1)


def an_order(**changes: Any) -> Order:
    """One accepted request for one place."""
    order = Order(TAG, cast("Shop", None), [PLACE], {"mode": "schedule"}, key="k", status=201, posts={"c1": "p1"})
    return replace(order, **changes)


def a_post(**changes: Any) -> Json:
    """The post as the API shows it."""
    return {
        "id": "p1",
        "connection_id": "c1",
        "platform": "x",
        "content": f"news {TAG}",
        "status": "published",
        "step": None,
        "error": None,
        "platform_post_id": "900",
        "revision": 20,
        "attempts": 1,
        "scheduled_at": "2026-01-01T00:00:00Z",
    } | changes


def a_standing(**changes: Any) -> Json:
    """The post as it stands on the platform."""
    return {"platform": "x", "platform_id": "place-1", "platform_post_id": "900", "text": f"news {TAG}"} | changes


def a_connection(**changes: Any) -> Json:
    """The place as the API shows it."""
    return {"id": "c1", "platform": "x", "is_connected": True} | changes


def a_record(topic: str, subject: str = "p1", *, event_id: str = "", revision: int = 20, **data: Any) -> Record:
    """One event."""
    headers = {"ce_id": event_id or f"{topic} {revision}", "ce_subject": subject}
    return Record(topic, "merchant", headers, {"revision": revision, **data})


SCHEDULED = a_record("post.scheduled", revision=10)
PUBLISHED = a_record("post.published")
LINKED = a_record("connection.linked", "c1", revision=1)


UNLINKED = a_record("connection.unlinked", "c1", revision=2, platform="x", reason="reconnect_required")
LOST_PLACE: Json = {
    "connections": [a_connection(is_connected=False)],
    "records": [LINKED, UNLINKED, SCHEDULED, PUBLISHED],
}


def evidence(**changes: Any) -> Evidence:
    """A run in which one post went out as it should."""
    whole = Evidence(
        orders=[an_order()],
        posts=[a_post()],
        standing=[a_standing()],
        connections=[a_connection()],
        records=[LINKED, SCHEDULED, PUBLISHED],
        unsent={"publisher_outbox": 0},
        incidents=[],
    )
    return replace(whole, **changes)


def failed_records(status: str) -> list[Record]:
    """The events of a post that did not go out."""
    return [LINKED, SCHEDULED, a_record("post.failed", status=status)]


def test_a_run_without_fault_has_no_finding() -> None:
    """What was promised is there, once, and told."""
    assert judge(evidence()) == []


def test_a_redelivered_event_is_no_finding() -> None:
    """At least once is what is promised."""
    assert judge(evidence(records=[LINKED, SCHEDULED, PUBLISHED, SCHEDULED, PUBLISHED])) == []


def test_a_lost_place_may_be_refused_once_its_loss_was_told() -> None:
    """Without `connection.unlinked` the same refusal is a broken promise."""
    orders = [an_order(status=409, code="connection_not_usable body.targets.0.connection_id", posts={})]
    untold = evidence(orders=orders, posts=[], standing=[])

    assert [finding.kind for finding in judge(untold)] == ["REFUSED"]
    assert judge(replace(untold, records=[LINKED, UNLINKED])) == []


def test_a_place_may_be_lost_by_an_answer_that_was() -> None:
    """Counted and matched with the fault, or not counted at all; the merchant's own disconnect is none."""
    left = a_record("connection.unlinked", "c1", revision=2, platform="x", reason="user")

    assert judge(evidence(**LOST_PLACE, may_be_lost=frozenset({"c1"}))) == []
    assert judge(evidence(**LOST_PLACE)) == []
    mine = evidence(**LOST_PLACE | {"records": [LINKED, left, SCHEDULED, PUBLISHED]}, may_be_lost=frozenset())
    assert judge(mine) == []


def test_what_was_planted_is_parked_by_its_consumer() -> None:
    """A dead letter that was brought about is no finding, however often it was sent."""
    parked = a_record("post.measured.engagement.dlt", event_id="e9")

    assert judge(evidence(planted={"e9": "post.measured"}, dead_letters=[parked, parked])) == []


def test_an_unknown_post_may_stand_there_once() -> None:
    """Nobody could tell: there or not is both honest."""
    posts, records = [a_post(status="unknown", platform_post_id=None)], failed_records("unknown")

    assert judge(evidence(posts=posts, records=records)) == []
    assert judge(evidence(posts=posts, records=records, standing=[])) == []


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("DUPLICATE", {"standing": [a_standing(), a_standing(platform_post_id="901")]}),
        ("DUPLICATE", {"posts": [a_post(), a_post(id="p2")]}),
        ("LOST", {"standing": []}),
        ("LOST", {"posts": []}),
        ("LOST", {"records": [LINKED, SCHEDULED]}),
        ("LOST", {"records": [LINKED, PUBLISHED]}),
        ("LOST", {"records": [SCHEDULED, PUBLISHED]}),
        ("LOST", {"posts": [a_post(status="missed")], "standing": [], "records": failed_records("failed")}),
        ("WRONG ID", {"posts": [a_post(platform_post_id="777")]}),
        ("STRAY", {"standing": [a_standing(), a_standing(platform_id="place-2")]}),
        ("STRAY", {"orders": [an_order(status=422, code="invalid_request body.scheduled_at", posts={})], "posts": []}),
        ("FALSE END", {"posts": [a_post(status="failed")], "records": failed_records("failed")}),
        ("NOT ENDED", {"posts": [a_post(status="publishing")]}),
        ("GHOST", {"orders": [an_order(status=422, code="invalid_request body.scheduled_at", posts={})]}),
        ("REFUSED", {"orders": [an_order(status=409, code="conflict", posts={})], "posts": [], "standing": []}),
        ("NO ANSWER", {"orders": [an_order(status=None, posts={})], "posts": [], "standing": []}),
        ("UNEQUAL", {"orders": [an_order(unequal_answers=["201 and then 409"])]}),
        ("DISORDER", {"records": [LINKED, SCHEDULED, PUBLISHED, a_record("post.published", revision=15)]}),
        ("RISKED", {"records": [LINKED, SCHEDULED, a_record("post.published", may_be_duplicate=True)]}),
        ("UNSENT", {"unsent": {"publisher_outbox": 3}}),
        ("DEAD LETTER", {"dead_letters": [a_record("post.published.analytics.dlt")]}),
        ("LEFT OVER", {"unrest": {"grants in work": 1}}),
        ("LOST", {"planted": {"e9": "post.measured"}}),
        ("LOST", {"connections": [a_connection(is_connected=False)]}),
        ("ACCOUNT LOST", LOST_PLACE | {"may_be_lost": frozenset()}),
        ("INCIDENT", {"incidents": ["publisher worker ended by itself"]}),
    ],
)
def test_each_broken_promise_is_told(kind: str, changes: Json) -> None:
    """One thing wrong makes a finding of its kind, and the worst kinds come first."""
    kinds = [finding.kind for finding in judge(evidence(**changes))]

    assert kind in kinds
    assert kinds[0] in {kind, "DUPLICATE", "LOST"}
