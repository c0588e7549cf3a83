"""The guards that are removed, one at a time, and which part of the harness has to notice it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_PUBLISHER = "services/publisher/src/publisher"
_LINKER = "services/auth-linker/src/auth_linker"
_COMMON = "libs/common/src/social_common"
_PUBLISHER_TESTS = "tests/integration/publisher"
_LINKER_TESTS = "tests/integration/auth_linker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """`find` stands once in `file`. `caught_by` is a pinch of the walk, or a test; `expects` is a pattern of its words.

    A test stands there only where no run of the whole stack can meet it; `because` then says why.
    """

    name: str
    removes: str
    file: str
    find: str
    replace: str
    caught_by: str
    expects: str
    because: str = ""

    @property
    def is_test(self) -> bool:
        """Whether a test catches it."""
        return "::" in self.caught_by


MUTATIONS: Final[Sequence[Mutation]] = (
    Mutation(
        name="attempt-record",
        removes="a successor treats the attempt of a vanished sender as one that sent",
        file=f"{_PUBLISHER}/publishing/settling.py",
        find="""        if attempt.outcome is None:
            await self._note_vanished(attempt)
""",
        replace="""        if attempt.outcome is None:
            from publisher.domain import HeldFor

            problem = Problem(ErrorCode.OUTCOME_UNKNOWN, "The process that sent it ended before it could tell.")
            await self._results.was_not_made(
                attempt, problem, reason=HeldFor.RETRY, wait=timedelta(0), handle=None, bytes_sent=False
            )
            return
""",
        caught_by="answer_lost",
        expects=r"^(DUPLICATE|FALSE END): ",
    ),
    Mutation(
        name="read-back",
        removes="a doubt is read back before anything is sent again",
        file=f"{_PUBLISHER}/publishing/domain.py",
        find="""        return _decide_late(seen, doubt, rules)
    match seen:
""",
        replace="""        return _decide_late(seen, doubt, rules)
    if doubt.number == 1:
        return Decision(Verdict.RESEND)
    match seen:
""",
        caught_by="answer_lost",
        expects=r"^(DUPLICATE|FALSE END): ",
    ),
    Mutation(
        name="inbox-check",
        removes="a record whose event stands in the inbox is not handled again",
        file=f"{_COMMON}/inbox.py",
        find="    return result.rowcount == 1\n",
        replace="    return True\n",
        caught_by="record_again",
        expects=r"^HANDLED AGAIN: auth_linker ",
    ),
    Mutation(
        name="lease-compare",
        removes="a refresher asks for its lease and the tokens' version right before it sends",
        file=f"{_LINKER}/tokens/refreshing.py",
        find="""        if left is None or left <= limit:
            return False
        return self._monotonic() + limit.total_seconds() < turn.ends
""",
        replace="        return True\n",
        caught_by="late_refresher",
        expects=r"^(ACCOUNT LOST|TOKEN): ",
    ),
    Mutation(
        name="outbox-order",
        removes="the relay sends in the order of ids",
        file=f"{_COMMON}/_plumbing_functions.py",
        find="ORDER BY o.id LIMIT p_limit",
        replace="ORDER BY o.id DESC LIMIT p_limit",
        caught_by="many_events",
        expects=r"^DISORDER: post\.scheduled ",
    ),
    Mutation(
        name="event-with-state",
        removes="a state and its event are one transaction",
        file=f"{_COMMON}/db.py",
        find="        return await outbox.append(self, event)\n",
        replace="""        await self.execute("COMMIT")
        await self.execute("BEGIN")
        await self._connection.execute(_OPEN, {"claims": _claims(self.user_id)})
        return await outbox.append(self, event)
""",
        caught_by="event_lost",
        expects=r"^LOST: post\.published of x ",
    ),
    Mutation(
        name="mark-after-confirmation",
        removes="an event is marked as sent only after the broker's confirmation",
        file=f"{_COMMON}/relay.py",
        find="                outcomes = await asyncio.gather(*acks, return_exceptions=True)\n",
        replace="                outcomes: list[object] = []\n",
        caught_by="broker_refuses",
        expects=r"^LOST: post\.scheduled ",
    ),
    Mutation(
        name="idempotency-key",
        removes="a key that was used gets its first answer",
        file=f"{_COMMON}/idempotency.py",
        find="        if key is None:\n            return await produce()\n",
        replace="        if key is not None:\n            return await produce()\n",
        caught_by="same_key",
        expects=r"^DUPLICATE: .* one key made 2 posts",
    ),
    Mutation(
        name="offset-after-handling",
        removes="an offset is committed after its record was handled",
        file=f"{_COMMON}/kafka/unreadable.py",
        find="            return await super().getone(*partitions)\n",
        replace="""            record = await super().getone(*partitions)
            await super().commit({TopicPartition(record.topic, record.partition): record.offset + 1})
            return record
""",
        caught_by="record_unfinished",
        expects=r"^UNHANDLED: post\.scheduled ",
    ),
    Mutation(
        name="revision-compare",
        removes="an older event changes no projection",
        file=f"{_PUBLISHER}/projections/repository.py",
        find="        where=statement.excluded.revision > connections.c.revision,\n",
        replace="",
        caught_by=f"{_PUBLISHER_TESTS}/test_consumers.py::test_an_older_event_changes_no_state",
        expects=r"^FAILED .*::test_an_older_event_changes_no_state",
        because="one partition and the inbox keep older events away; only a rebuilt projection meets them",
    ),
    Mutation(
        name="version-compare",
        removes="tokens are stored only if those that were refreshed are still the grant's",
        file=f"{_LINKER}/tokens/refreshing.py",
        find="""            if grant.token_version != turn.grant.token_version:
                # A new consent""",
        replace="""            if grant is None:
                # A new consent""",
        caught_by=f"{_LINKER_TESTS}/test_refreshing.py::test_a_late_answer_never_overwrites_a_newer_consent",
        expects=r"^FAILED .*::test_a_late_answer_never_overwrites_a_newer_consent",
        because="a merchant would have to reconnect within the milliseconds between an answer and its commit",
    ),
    Mutation(
        name="deadline-check",
        removes="a sender that wakes after its deadline does not call any more",
        file=f"{_PUBLISHER}/publishing/sending.py",
        find="        left = opened.over_by - self._monotonic()\n",
        replace="        left = self._timing.hard_limit.total_seconds()\n",
        caught_by=f"{_PUBLISHER_TESTS}/test_crash_windows.py::test_a_paused_sender_that_wakes_sends_nothing",
        expects=r"^FAILED .*::test_a_paused_sender_that_wakes_sends_nothing",
        because="its call would be found by the looks of whoever took over: late, and neither lost nor twice",
    ),
    Mutation(
        name="lease-of-the-sender",
        removes="a sender takes its attempt back only while it holds the lease",
        file=f"{_PUBLISHER}/publishing/results.py",
        find="""            if current is None or not await ledger.holds_lease(session, attempt):
                return
            await ledger.finish(
                session,
                current,
                Outcome.REFUSED if bytes_sent""",
        replace="""            if current is None:
                return
            await ledger.finish(
                session,
                current,
                Outcome.REFUSED if bytes_sent""",
        caught_by=f"{_PUBLISHER_TESTS}/test_crash_windows.py::test_a_paused_sender_whose_lease_is_over_takes_nothing_back",
        expects=r"^FAILED .*::test_a_paused_sender_whose_lease_is_over_takes_nothing_back",
        because="two processes would have to stand still in turn, at moments that only a test can choose",
    ),
    Mutation(
        name="state-trigger",
        removes="the database refuses moves that are not in the table",
        file="services/publisher/migrations/versions/0007_moves_and_claims.py",
        find="AND (OLD.status || '>' || NEW.status) NOT IN ({pairs})))",
        replace="AND false))",
        caught_by=f"{_PUBLISHER_TESTS}/test_moves.py::test_the_database_makes_exactly_the_moves_of_the_table",
        expects=r"^FAILED .*::test_the_database_makes_exactly_the_moves_of_the_table",
        because="it guards against code that is wrong already; the code as it is never asks for such a move",
    ),
)
