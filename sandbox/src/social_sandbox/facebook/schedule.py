"""Posts that wait: whether a call publishes, hides or schedules, and for when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from social_sandbox.facebook.access import Visit
from social_sandbox.facebook.errors import bad_schedule, invalid_parameter
from social_sandbox.facebook.wall import DRAFT, PUBLISHED, SCHEDULED, UNPUBLISHED
from social_sandbox.meta.params import flag_of, moment_of, text_of

SOONEST = timedelta(minutes=10)
_CONTENT_TYPES = frozenset({"SCHEDULED", "DRAFT", "ADS_POST", "INLINE_CREATED", "PUBLISHED"})


@dataclass(frozen=True, slots=True)
class Release:
    """In which state a post begins, and when it goes live by itself."""

    state: str
    live_at: datetime | None = None


def read_release(visit: Visit, *, longest_s: int) -> Release:
    """Return what `published`, `scheduled_publish_time` and `unpublished_content_type` say together."""
    published = flag_of(visit.params, "published", default=True)
    content_type = text_of(visit.params, "unpublished_content_type").upper()
    if content_type and content_type not in _CONTENT_TYPES:
        listing = ", ".join(sorted(_CONTENT_TYPES))
        raise invalid_parameter(f"Param unpublished_content_type must be one of {{{listing}}}.")
    when = moment_of(visit.params, "scheduled_publish_time")
    if published:
        if when is not None:
            raise invalid_parameter("You cannot specify a scheduled publish time on a published post.")
        return Release(PUBLISHED)
    if when is not None:
        if content_type not in {"", "SCHEDULED"}:
            raise invalid_parameter("A scheduled publish time needs unpublished_content_type=SCHEDULED.")
        check_window(visit, when, longest_s=longest_s)
        return Release(SCHEDULED, when)
    if content_type == "SCHEDULED":
        raise bad_schedule()
    return Release(DRAFT if content_type == "DRAFT" else UNPUBLISHED)


def check_window(visit: Visit, when: datetime, *, longest_s: int) -> None:
    """Refuse a time that is less than ten minutes or too many days ahead."""
    if not SOONEST <= when - visit.now <= timedelta(seconds=longest_s):
        raise bad_schedule()
