"""What is counted of publishing. Labels are closed sets: platforms, states, codes; never a merchant, account or post.

`held` says what a post had waited for before it went out: `no` where it waited for its time only.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from publisher.domain import HeldFor, Status
from social_common.metrics import counter, histogram

_LATENESS: Final = histogram(
    "publisher_lateness_seconds",
    "Time from a post's due time to the first byte of the call that publishes it",
    ("platform", "held"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 43200.0),
)
CALLS: Final = counter("publisher_calls_total", "Publishing calls by what came of them", ("platform", "outcome"))
CALL_SECONDS: Final = histogram("publisher_call_seconds", "How long publishing calls took", ("platform",))
_ENDED: Final = counter("publisher_posts_ended_total", "Posts that came to an end", ("platform", "status"))


def count_end(platform: str, status: Status) -> None:
    """A post has ended for now; counted as its event is written."""
    _ENDED.labels(platform, status.value).inc()


@dataclass(frozen=True, slots=True)
class LateFrom:
    """How late a post was at a moment (monotonic) of this process, and what it had been held for before."""

    moment: float
    late: timedelta
    held_for: HeldFor | None

    def observe(self, platform: str, *, now: float) -> None:
        """Notes how late it is now, as its call begins."""
        held = "no" if self.held_for is None else self.held_for.value
        _LATENESS.labels(platform, held).observe(max(0.0, self.late.total_seconds() + now - self.moment))
