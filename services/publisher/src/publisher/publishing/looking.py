"""One look at an account: what reading it back shows of an attempt."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol

from publisher.brokerage import Brokered
from publisher.domain import Outcome
from publisher.holds import Operation, Subject
from publisher.publishing.contents import content_of, subject_of
from publisher.publishing.domain import Seen
from publisher.publishing.ledger import Attempt
from publisher.publishing.neighbours import Neighbours
from publisher.sealing import Seals
from social_common.logging import get_logger
from social_platforms._core import (
    ErrorCode,
    Evidence,
    JsonObject,
    Live,
    PlatformError,
    PostsAdapter,
    RateReading,
    Sighting,
)

_ONE_LOOK: Final = timedelta(seconds=30)
# Refusals to read that waiting does not end: a profile that no app may read, a role taken away, a Page that went.
_NOT_SHOWN: Final = frozenset({ErrorCode.PERMISSION_MISSING, ErrorCode.DESTINATION_GONE, ErrorCode.NOT_FOUND})
_log = get_logger()


class LimitNotes(Protocol):
    """Where limits that a look ran into are written down."""

    async def note(
        self, subject: Subject, operation: Operation, rates: Iterable[RateReading], error: PlatformError | None = None
    ) -> None:
        """Keeps what an answer said of limits."""


class NoNotes:
    """For the API, whose few looks are a merchant's own and hold nobody back."""

    async def note(
        self, subject: Subject, operation: Operation, rates: Iterable[RateReading], error: PlatformError | None = None
    ) -> None:
        """Keeps nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look brought: its finding in our words, and what came with it."""

    seen: Seen
    detail: str = ""
    live: Live | None = None
    error: PlatformError | None = None
    check_after: timedelta | None = None


class Looker:
    """Reads accounts back through the adapters."""

    def __init__(self, *, seals: Seals, adapters: Mapping[str, PostsAdapter], holds: LimitNotes) -> None:
        self._seals = seals
        self._adapters = adapters
        self._holds = holds

    async def look(self, attempt: Attempt, brokered: Brokered, *, among: Neighbours) -> Look:
        """Reads the account back once. What keeps it from seeing is `BLIND` where it may pass, else `HIDDEN`."""
        adapter = self._adapters.get(attempt.platform)
        if adapter is None:
            return Look(Seen.BLIND, "this platform is not configured at the moment")
        # Always the place the attempt names, whatever the connection says by now.
        access = replace(brokered.access, platform_id=attempt.platform_id)
        refusal: PlatformError | None = None
        try:
            async with asyncio.timeout(_ONE_LOOK.total_seconds()):
                sighting = await adapter.settle(
                    access,
                    content_of(attempt.snapshot),
                    attempt.ref,
                    handle=self.handle_of(attempt),
                    sent_at=among.since,
                    until=among.until,
                )
        except TimeoutError:
            return Look(Seen.BLIND, "the platform did not answer in time")
        except PlatformError as error:
            refusal = error
            seen = Seen.HIDDEN if error.code in _NOT_SHOWN else Seen.BLIND
            return Look(seen, error.detail, check_after=error.retry_after, error=error)
        except Exception:  # noqa: BLE001 - a broken answer must not end the settling
            _log.exception("look_broke", platform=attempt.platform, attempt_id=str(attempt.id))
            return Look(Seen.BLIND, "the platform's answer could not be understood")
        finally:
            await self._holds.note(subject_of(attempt), Operation.LOOK, access.rates, refusal)
        return _seen(sighting, is_known=attempt.outcome is Outcome.LIVE, has_rival=among.has_rival)

    def handle_of(self, attempt: Attempt) -> JsonObject:
        """The attempt's handle in the clear; empty where it has none."""
        return {} if attempt.handle is None else self._seals.open(attempt.handle, "publisher_attempts", attempt.id)


def _seen(sighting: Sighting, *, is_known: bool, has_rival: bool) -> Look:
    detail = sighting.error.detail if sighting.error else ""
    seen, live = Seen(sighting.kind.value), sighting.live
    if has_rival and seen in {Seen.LIVE, Seen.FAILED}:
        # Another post's equal attempt has no id yet, and this may be what it made.
        match sighting.evidence:
            case Evidence.ALIKE:
                return Look(Seen.AMBIGUOUS, "an equal post was sent at about that time, and it may be that one's")
            case Evidence.OUT if live is not None:
                live = Live(None, None, live.posted_at)
    if is_known and seen is Seen.LIVE and (live is None or live.platform_post_id is None):
        # That it is live is known already; its id is what is looked for.
        seen = Seen.ABSENT
    return Look(seen, detail, live, sighting.error, sighting.check_after)
