"""What each part of a run cost the merchants, and what came of all posts at the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from tests.chaos.evidence import Evidence, FirstSend
from tests.chaos.findings import DUPLICATE, LOST, Finding
from tests.chaos.steady import Calls

_ROW = "  {:<10} {:>8} {:>7} {:>7} {:>7} {:>9} {:>9} {:>9}  {}"


@dataclass(slots=True)
class Phase:
    """One part of the run: what was done, when, and how the API took the calls meanwhile."""

    name: str
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    made: int = 0
    again: int = 0
    failed: int = 0
    did: str = ""

    @classmethod
    def begin(cls, name: str, calls: Calls) -> Self:
        """From now on."""
        return cls(name, made=-calls.made, again=-calls.tried_again.total(), failed=-len(calls.failed))

    def end(self, calls: Calls, did: str) -> None:
        """Until now."""
        self.ended = datetime.now(UTC)
        self.made += calls.made
        self.again += calls.tried_again.total()
        self.failed += len(calls.failed)
        self.did = did

    def lateness(self, sends: Sequence[FirstSend]) -> list[float]:
        """In seconds, ascending: of the posts that fell due in this part."""
        until = self.ended or datetime.now(UTC)
        due = [one for one in sends if self.begun <= one.scheduled_at < until]
        return sorted((one.sent_at - one.scheduled_at).total_seconds() for one in due)


def table(phases: Sequence[Phase], evidence: Evidence) -> str:
    """One line per part."""
    lines = [_ROW.format("", "seconds", "calls", "again", "errors", "due", "p50", "p99", "")]
    for phase in phases:
        late = phase.lateness(evidence.sends)
        took = ((phase.ended or datetime.now(UTC)) - phase.begun).total_seconds()
        p50, p99 = (f"{_share(late, share):.2f} s" for share in (0.5, 0.99))
        lines.append(
            _ROW.format(
                phase.name,
                f"{took:.0f}",
                phase.made,
                phase.again,
                phase.failed,
                f"{len(late)} posts",
                p50,
                p99,
                phase.did,
            )
        )
    return "\n".join(lines)


def outcome(evidence: Evidence, findings: Sequence[Finding]) -> str:
    """What every restart, kill and upgrade left behind."""
    kinds = Counter(finding.kind for finding in findings)
    ends = Counter(post["status"] for post in evidence.posts)
    other = kinds.total() - kinds[LOST] - kinds[DUPLICATE]
    told = ", ".join(f"{count} {status}" for status, count in ends.most_common())
    return (
        f"  {len(evidence.posts)} posts: {told}; lost {kinds[LOST]}; twice {kinds[DUPLICATE]}; other findings {other}"
    )


def _share(ascending: Sequence[float], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))] if ascending else 0.0
