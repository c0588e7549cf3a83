"""Rules of attempts: what makes two of them equal, when a doubt is looked at again, and what a look decides."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from publisher.domain import OnDoubt, Outcome

WAIT_AFTER_TROUBLE: Final = timedelta(seconds=20)


def fingerprint(*, platform: str, platform_id: str, text: str, media: Sequence[Mapping[str, Any]]) -> str:
    """What reading an account back could confuse: the place, the text as people see it, and what hangs on it."""
    seen = " ".join(unicodedata.normalize("NFC", text).split())
    kinds = [str(item.get("kind") or "") for item in media]
    return hashlib.sha256(json.dumps([platform, platform_id, seen, kinds]).encode()).hexdigest()


class Seen(StrEnum):
    """What one look at the account showed, or that it could not look."""

    LIVE = "live"
    ABSENT = "absent"
    PROCESSING = "processing"
    FAILED = "failed"
    RESEND_SAFE = "resend_safe"
    AMBIGUOUS = "ambiguous"
    BLIND = "blind"  # rate limited, platform or token broker down: this look does not count
    HIDDEN = "hidden"  # the platform shows this access no posts, today or ever: counts like a look that found nothing
    LOCKED_OUT = "locked_out"  # the merchant must reconnect first, which may never happen: counts like a look


class Verdict(StrEnum):
    """What a look decides for the attempt."""

    PUBLISHED = "published"
    FAILED = "failed"
    UNKNOWN = "unknown"
    RESEND = "resend"  # with the same handle, which makes it safe
    RESEND_DOUBTFUL = "resend_doubtful"  # the merchant chose that risk
    LOOK_AGAIN = "look_again"
    LET_GO = "let_go"  # settled before, and nothing more to find


@dataclass(frozen=True, slots=True)
class LookRules:
    """How often and how long is looked."""

    delays: tuple[timedelta, ...]
    late_delays: tuple[timedelta, ...]
    processing_limit: timedelta
    resend_limit: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """The attempt as it stands before the look is counted; `age` since it was sent."""

    outcome: Outcome | None
    settled: bool
    looks_done: int
    age: timedelta
    number: int
    may_be_duplicate: bool
    on_doubt: OnDoubt
    within_catch_up: bool
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, when to look next, and whether this look used one of the counted ones up."""

    verdict: Verdict
    look_after: timedelta | None = None
    counts: bool = True


def decide(seen: Seen, doubt: Doubt, rules: LookRules, *, check_after: timedelta | None = None) -> Decision:
    """What follows from one look. Absence never proves anything: after the last look nobody can tell.

    After a restore an attempt's handle proves nothing either, and nothing is sent again by itself: a later attempt that
    the database has forgotten may have made the post.
    """
    if doubt.restored:
        doubt = replace(doubt, on_doubt=OnDoubt.ASK)
        seen = Seen.ABSENT if seen in {Seen.FAILED, Seen.RESEND_SAFE} else seen
    if doubt.settled:
        return _decide_late(seen, doubt, rules)
    match seen:
        case Seen.LIVE:
            return Decision(Verdict.PUBLISHED, look_after=_delay(rules.delays, 0))
        case Seen.FAILED:
            return Decision(Verdict.FAILED)
        case Seen.AMBIGUOUS:
            return Decision(Verdict.UNKNOWN, look_after=_delay(rules.late_delays, 0))
        case Seen.RESEND_SAFE:
            return _decide_resend(doubt, rules)
        case Seen.PROCESSING | Seen.BLIND:
            if doubt.age > rules.processing_limit:
                return _nobody_can_tell(doubt, rules)
            wait = WAIT_AFTER_TROUBLE if check_after is None else check_after
            return Decision(Verdict.LOOK_AGAIN, look_after=wait, counts=False)
        case Seen.ABSENT | Seen.HIDDEN | Seen.LOCKED_OUT:
            return _decide_absent(seen, doubt, rules)


def _decide_absent(seen: Seen, doubt: Doubt, rules: LookRules) -> Decision:
    following = _delay(rules.delays, doubt.looks_done + 1)
    if following is not None:
        return Decision(Verdict.LOOK_AGAIN, look_after=following)
    if seen is Seen.LOCKED_OUT:
        # Without access nothing can be sent again either, whatever the merchant chose.
        return Decision(Verdict.UNKNOWN, look_after=_delay(rules.late_delays, 0))
    return _nobody_can_tell(doubt, rules)


def _decide_resend(doubt: Doubt, rules: LookRules) -> Decision:
    # One more look before the resend: the first may have read a state from before the platform's commit.
    if doubt.looks_done == 0 and len(rules.delays) > 1:
        return Decision(Verdict.LOOK_AGAIN, look_after=rules.delays[1])
    if doubt.number >= rules.resend_limit or not doubt.within_catch_up:
        return Decision(Verdict.UNKNOWN, look_after=_delay(rules.late_delays, 0))
    return Decision(Verdict.RESEND)


def _nobody_can_tell(doubt: Doubt, rules: LookRules) -> Decision:
    # One second send at the merchant's risk, never a chain of them.
    if doubt.on_doubt is OnDoubt.RESEND and not doubt.may_be_duplicate and doubt.within_catch_up:
        return Decision(Verdict.RESEND_DOUBTFUL)
    return Decision(Verdict.UNKNOWN, look_after=_delay(rules.late_delays, 0))


def _decide_late(seen: Seen, doubt: Doubt, rules: LookRules) -> Decision:
    if seen is Seen.LIVE:
        # Should it come without its id, that is looked for from here on.
        is_news = doubt.outcome is not Outcome.LIVE
        return Decision(Verdict.PUBLISHED, look_after=_delay(rules.delays, 0) if is_news else None)
    if seen is Seen.FAILED and doubt.outcome in {Outcome.UNKNOWN, Outcome.DOUBTFUL}:
        return Decision(Verdict.FAILED)
    if seen is Seen.BLIND and doubt.age < rules.processing_limit:
        return Decision(Verdict.LOOK_AGAIN, look_after=WAIT_AFTER_TROUBLE, counts=False)
    # A post that is live without its id is looked for soon at first; an unknown one had its soon looks already.
    soon = rules.delays if doubt.outcome is Outcome.LIVE else ()
    following = _delay((*soon, *rules.late_delays), doubt.looks_done + 1)
    return Decision(Verdict.LET_GO) if following is None else Decision(Verdict.LOOK_AGAIN, look_after=following)


def _delay(delays: tuple[timedelta, ...], index: int) -> timedelta | None:
    return delays[index] if index < len(delays) else None
