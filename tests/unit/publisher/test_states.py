"""The life of a post: a table, and a machine that walks it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from publisher.domain import (
    ALLOWED,
    ENDED,
    MOVES,
    WAITING,
    CampaignId,
    Command,
    ConnectionId,
    HeldFor,
    NotAllowedError,
    PostId,
    Problem,
    Status,
    UserId,
    WrongMoveError,
    check_allowed,
    deletion_of,
    move,
)
from publisher.posts import Post

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PROBLEM = Problem("platform_down", "It is down.")

DESIGN = {
    "draft": {"scheduled"},
    "scheduled": {"publishing", "held", "canceled", "missed", "draft"},
    "held": {"scheduled", "missed", "canceled", "draft"},
    "publishing": {"published", "failed", "unknown", "held"},
    "published": set(),
    "failed": {"scheduled"},
    "unknown": {"published", "failed", "scheduled"},
    "missed": {"scheduled"},
    "canceled": set(),
}


def a_post(status: Status = Status.DRAFT) -> Post:
    """A post with nothing special."""
    return Post(
        id=PostId(uuid4()),
        user_id=UserId(uuid4()),
        campaign_id=CampaignId(uuid4()),
        connection_id=ConnectionId(uuid4()),
        platform="x",
        platform_id="p",
        kind="text",
        content="Hello",
        status=status,
    )


def test_the_table_is_the_designs() -> None:
    """Every move of the design is there, and no other."""
    assert {one.value: {to.value for to in moves} for one, moves in MOVES.items()} == DESIGN


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("to", Status)
def test_wrong_moves_are_refused(status: Status, to: Status) -> None:
    """A move is made or refused, exactly as the table says."""
    if to in MOVES[status]:
        assert move(status, to) is to
    else:
        with pytest.raises(WrongMoveError):
            move(status, to)


def test_a_post_in_an_attempt_takes_no_command() -> None:
    """Publishing allows a merchant nothing."""
    for command in Command:
        with pytest.raises(NotAllowedError):
            check_allowed(command, Status.PUBLISHING)


def test_delete_means_what_the_status_makes_of_it() -> None:
    """Cancel what waits, remove what is not out, hide what is; in doubt nothing."""
    meant = {status: deletion_of(status) for status in Status if status not in {Status.PUBLISHING, Status.UNKNOWN}}
    assert {status for status, command in meant.items() if command is Command.CANCEL} == WAITING
    assert [status for status, command in meant.items() if command is Command.HIDE] == [Status.PUBLISHED]
    for status in (Status.PUBLISHING, Status.UNKNOWN):
        with pytest.raises(NotAllowedError):
            deletion_of(status)


def test_commands_that_schedule_are_moves_of_the_table() -> None:
    """Whatever publish and retry are taken in leads to scheduled."""
    for command in (Command.PUBLISH, Command.RETRY, Command.PATCH_TIME):
        for status in ALLOWED[command] - {Status.SCHEDULED}:
            assert Status.SCHEDULED in MOVES[status]


class PostLife(RuleBasedStateMachine):
    """Walks a post through everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.post = a_post()
        self.sent = 0
        self.resolved_by_hand = False

    @precondition(lambda self: self.post.status in ALLOWED[Command.PUBLISH])
    @rule(later=st.integers(0, 1000))
    def schedule(self, later: int) -> None:
        """The merchant gives it a time."""
        at = NOW + timedelta(minutes=later)
        self.post = self.post.rescheduled(at, due_at=at, prepare_at=at)

    @precondition(lambda self: self.post.status is Status.SCHEDULED)
    @rule()
    def open_attempt(self) -> None:
        """A worker sends it."""
        self.post = self.post.moved(Status.PUBLISHING, attempts=self.post.attempts + 1)
        self.sent += 1

    @precondition(lambda self: self.post.status is Status.PUBLISHING)
    @rule(to=st.sampled_from([Status.PUBLISHED, Status.FAILED, Status.UNKNOWN]))
    def settle(self, to: Status) -> None:
        """The attempt ends."""
        self.post = self.post.moved(to)

    @precondition(lambda self: self.post.status in {Status.SCHEDULED, Status.PUBLISHING, Status.HELD})
    @rule(reason=st.sampled_from(list(HeldFor)))
    def hold(self, reason: HeldFor) -> None:
        """It cannot go out now."""
        self.post = self.post.held(reason, PROBLEM, until=NOW)

    @precondition(lambda self: self.post.status in WAITING)
    @rule(to=st.sampled_from([Status.MISSED, Status.CANCELED]))
    def give_up(self, to: Status) -> None:
        """Too late, or not wanted any more."""
        self.post = self.post.moved(to)

    @precondition(lambda self: self.post.status is Status.UNKNOWN)
    @rule(to=st.sampled_from([Status.PUBLISHED, Status.FAILED, Status.SCHEDULED]))
    def resolve(self, to: Status) -> None:
        """The merchant's word."""
        self.post = self.post.moved(to, scheduled_at=NOW, due_at=NOW if to in WAITING else None)

    @rule(to=st.sampled_from(list(Status)))
    def try_anything(self, to: Status) -> None:
        """What the table does not name is refused and changes nothing."""
        if to not in MOVES[self.post.status]:
            with pytest.raises(WrongMoveError):
                self.post.moved(to)

    @invariant()
    def only_waiting_posts_are_due(self) -> None:
        """A claim never finds a post that is over or in an attempt."""
        assert (self.post.due_at is not None) == (self.post.status in WAITING)

    @invariant()
    def what_belongs_to_one_status_leaves_with_it(self) -> None:
        """Steps belong to publishing, reasons to held."""
        assert (self.post.held_for is not None) == (self.post.status is Status.HELD)
        assert self.post.step is None or self.post.status is Status.PUBLISHING

    @invariant()
    def attempts_count_the_sends(self) -> None:
        """Nothing is sent without a count."""
        assert self.post.attempts == self.sent
        assert self.post.status not in ENDED or self.post.claimed_by is None


TestPostLife = PostLife.TestCase


def test_a_changed_copy_leaves_the_original() -> None:
    """Posts are values."""
    post = a_post()
    assert replace(post, content="x").content != post.content
