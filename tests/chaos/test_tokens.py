"""The judge of lost accounts: each is matched with an answer that was lost, or it is a finding."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from tests.chaos.clock import Clock
from tests.chaos.tokens import RequestLog, match_lost, refreshed_twice
from tests.support.stack import World

from social_stack.events import Record

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Strike:
    """Something that went wrong."""

    begun: datetime
    ended: datetime
    target: str = "auth-linker worker"


AT_NOON = Strike(NOON, NOON + timedelta(seconds=2))


def a_log(
    *refreshes: dict[str, Any],
    revocations: tuple[dict[str, Any], ...] = (),
    refused_looks: tuple[dict[str, Any], ...] = (),
) -> RequestLog:
    """What the platforms were asked."""
    return RequestLog(
        cast("World", None),
        refreshes={number: request | {"seq": number} for number, request in enumerate(refreshes)},
        revocations={number: request | {"seq": number} for number, request in enumerate(revocations)},
        refused_looks={number: request | {"seq": number} for number, request in enumerate(refused_looks)},
    )


def a_refused_look(seconds: float, *, access: str = "a1") -> dict[str, Any]:
    """A look at who it is, with an access token that is dead."""
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    return {
        "platform": "github",
        "at": at,
        "status": 401,
        "fault": None,
        "headers": {"authorization": f"Bearer {access}"},
    }


def a_refresh(
    seconds: float, *, status: int | None = 200, fault: str | None = None, token: str = "t1"
) -> dict[str, Any]:
    """A call of the token endpoint."""
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    body = f"grant_type=refresh_token&refresh_token={token}"
    return {"platform": "x", "at": at, "status": status, "fault": fault, "body": body, "operation": "refresh"}


def a_loss(seconds: float = 30, *, reason: str = "reconnect_required", platform: str = "x") -> Record:
    """The event of a lost account."""
    headers = {"ce_id": "e1", "ce_subject": "c1", "ce_time": (NOON + timedelta(seconds=seconds)).isoformat()}
    return Record("connection.unlinked", "merchant", headers, {"reason": reason, "platform": platform, "revision": 2})


SPENT_IN_A_STRIKE = a_log(a_refresh(1), a_refresh(29, status=400))


@pytest.mark.parametrize(
    ("log", "strikes", "is_excused"),
    [
        (SPENT_IN_A_STRIKE, [AT_NOON], True),
        (SPENT_IN_A_STRIKE, [], False),
        (SPENT_IN_A_STRIKE, [replace(AT_NOON, target="PostgreSQL")], True),
        (SPENT_IN_A_STRIKE, [replace(AT_NOON, target="publisher worker")], False),
        (a_log(a_refresh(1, status=None, fault="commit_then_drop"), a_refresh(29, status=400)), [], True),
        (a_log(a_refresh(1, status=None, fault="drop"), a_refresh(29, status=400)), [AT_NOON], False),
        (a_log(a_refresh(1), a_refresh(29, status=400, token="t2")), [AT_NOON], False),
        (a_log(a_refresh(1)), [AT_NOON], False),
        (a_log(a_refresh(-600), a_refresh(-500, status=400)), [AT_NOON], False),
        (a_log(revocations=(a_refresh(1, fault="revoke"),)), [], True),
    ],
)
def test_a_loss_needs_an_answer_lost_in_something_that_went_wrong(
    log: RequestLog, strikes: list[Strike], is_excused: bool
) -> None:
    """The token was spent in a strike or a fault and shown again, or the platform was made to revoke the grant."""
    (lost,) = match_lost([a_loss()], log, strikes, Clock())

    assert lost.is_excused is is_excused


SLOW_AT_GITHUB = a_refresh(1, fault="slow") | {"platform": "github"}


@pytest.mark.parametrize(
    ("log", "excused"),
    [
        (a_log(SLOW_AT_GITHUB, refused_looks=(a_refused_look(25), a_refused_look(28))), [True, False]),
        (a_log(SLOW_AT_GITHUB, refused_looks=(a_refused_look(-5),)), [False, False]),
        (a_log(SLOW_AT_GITHUB), [False, False]),
        (a_log(a_refresh(1, fault="slow"), refused_looks=(a_refused_look(25),)), [False, False]),
        (a_log(refused_looks=(a_refused_look(25),)), [False, False]),
    ],
)
def test_at_github_a_dead_access_token_tells_of_the_lost_answer(log: RequestLog, excused: list[bool]) -> None:
    """The refresh ends it: a refused look soon after one that a fault hit excuses one account, and only there."""
    other = a_loss(platform="github")
    other.headers.update(ce_id="e2", ce_subject="c2")

    lost = match_lost([a_loss(platform="github"), other], log, [], Clock())

    assert [one.is_excused for one in lost] == excused


@pytest.mark.parametrize(
    ("first", "gap", "is_found"),
    [
        (a_refresh(0), 0.5, True),
        (a_refresh(0), 30, False),
        (a_refresh(0, status=500, fault="error_500"), 0.5, False),
        (a_refresh(0, token="t2"), 0.5, False),
    ],
)
def test_one_token_shown_twice_at_one_time_is_told(first: dict[str, Any], gap: float, is_found: bool) -> None:
    """Two refreshers of one grant: whatever came of it, the lease did not hold."""
    assert bool([*refreshed_twice(a_log(first, a_refresh(gap, status=400)), Clock())]) is is_found


def test_one_lost_answer_excuses_one_lost_account() -> None:
    """The second is a finding; a redelivered event is the same loss, and the merchant's own disconnect is none."""
    other = a_loss()
    other.headers.update(ce_id="e2", ce_subject="c2")
    own = a_loss(reason="user")
    own.headers.update(ce_id="e3", ce_subject="c3")

    lost = match_lost([a_loss(), a_loss(), other, own], SPENT_IN_A_STRIKE, [AT_NOON], Clock())

    assert [(one.connection_id, one.is_excused) for one in lost] == [("c1", True), ("c2", False)]
