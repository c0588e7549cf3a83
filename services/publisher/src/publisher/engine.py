"""Puts the worker's parts together: pools that claim, and what they do with a claim.

Everything outside comes in as a parameter, so that a test runs the same engine with its own platforms and broker.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from publisher.brokerage import Broker
from publisher.budgets import Budgets
from publisher.erasing.sweep import Erasing
from publisher.gauges import Gauges
from publisher.holds import Holds
from publisher.publishing.ahead import AheadClaim, Discarding, PreparingAhead
from publisher.publishing.claims import Claims
from publisher.publishing.domain import LookRules
from publisher.publishing.due import DueClaim, DuePosts
from publisher.publishing.looking import Looker
from publisher.publishing.preparing import Preparer
from publisher.publishing.results import Results
from publisher.publishing.sending import Sender, Timing
from publisher.publishing.settling import LookClaim, Settler
from publisher.scheduling.domain import Limits
from publisher.scheduling.pool import WorkPool
from publisher.scheduling.repository import ClaimQueries
from publisher.scheduling.waiting import Waiting
from publisher.sealing import Seals
from publisher.settings import PublisherSettings
from publisher.waking import CHANNEL
from social_common.db import Database
from social_common.leases import worker_id
from social_common.loops import DueLoop, NotifyListener
from social_platforms._core import MediaReader, PlatformFacts, PostsAdapter

_LOOKS_AT_ONCE: Final = 8
_NO_DELAYS: Final = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2))


@dataclass(frozen=True, slots=True)
class Outside:
    """What the worker works with and does not own."""

    broker: Broker
    adapters: Mapping[str, PostsAdapter]
    facts: Mapping[str, PlatformFacts]
    media: MediaReader
    seals: Seals


def look_rules(settings: PublisherSettings, facts: Mapping[str, PlatformFacts], platform: str) -> LookRules:
    """How often is looked on a platform: the setting's waits, else those of its facts."""
    own = settings.look_delays.get(platform)
    if own is not None:
        delays = tuple(timedelta(seconds=seconds) for seconds in own)
    else:
        delays = facts[platform].look_delays if platform in facts else _NO_DELAYS
    return LookRules(
        delays=delays,
        late_delays=tuple(timedelta(seconds=seconds) for seconds in settings.late_look_delays),
        processing_limit=settings.processing_limit,
        resend_limit=settings.resend_limit,
    )


def late_look_of(settings: PublisherSettings) -> timedelta | None:
    """How long after `unknown` an account is looked at again; None where it never is."""
    return timedelta(seconds=settings.late_look_delays[0]) if settings.late_look_delays else None


def default_limits(settings: PublisherSettings) -> Limits:
    """How late a post may go out unless its merchant says otherwise."""
    return Limits(catch_up=timedelta(hours=settings.catch_up_hours), quota=settings.quota_hold_limit)


class Engine:
    """One worker's publishing: claims, sends, settles."""

    def __init__(
        self,
        settings: PublisherSettings,
        database: Database,
        outside: Outside,
        *,
        stop: asyncio.Event,
        name: str | None = None,
    ) -> None:
        self._settings = settings
        self._name = name or worker_id()
        self._turns = 0
        self.database = database
        self.queries = ClaimQueries(database)

        def rules(platform: str) -> LookRules:
            return look_rules(settings, outside.facts, platform)

        holds = Holds(database)
        claims = Claims(database, lease=settings.work_lease)
        late_look = late_look_of(settings)
        results = Results(database, outside.seals, default_limits=default_limits(settings), late_look=late_look)
        self.preparer = Preparer(
            database, seals=outside.seals, adapters=outside.adapters, media=outside.media, holds=holds
        )
        self.sender = Sender(
            database,
            seals=outside.seals,
            results=results,
            holds=holds,
            timing=Timing(settings.publish_hard_limit, settings.publish_lease),
            look_delays=lambda platform: rules(platform).delays,
            new_id=uuid4,
        )
        self.due = DuePosts(
            database,
            broker=outside.broker,
            adapters=outside.adapters,
            preparer=self.preparer,
            sender=self.sender,
            waiting=Waiting(database, probe_after=settings.held_probe_interval, prepare_ahead=settings.prepare_ahead),
            claims=claims,
            budgets=Budgets(database),
            holds=holds,
            facts=outside.facts,
            default_limits=default_limits(settings),
            patience=settings.prepare_patience,
            late_look=late_look,
            stop=stop,
        )
        self.settler = Settler(
            database,
            looker=Looker(seals=outside.seals, adapters=outside.adapters, holds=holds),
            broker=outside.broker,
            adapters=outside.adapters,
            results=results,
            sender=self.sender,
            rules=rules,
            default_limits=default_limits(settings),
            stop=stop,
        )
        self.ahead = PreparingAhead(
            database,
            broker=outside.broker,
            preparer=self.preparer,
            claims=claims,
            claim_ahead=settings.claim_ahead,
            is_known=lambda platform: platform in outside.adapters,
            stop=stop,
        )
        self.discarding = Discarding(
            database, self.queries, broker=outside.broker, preparer=self.preparer, seals=outside.seals
        )
        self.gauges = Gauges(database, outside.facts)
        self.erasing = Erasing(database, scan_interval=settings.erasure_scan_interval)

    async def claim_due(self, limit: int) -> Sequence[DueClaim]:
        """Takes due posts."""
        owner, clock = self._owner(), asyncio.get_running_loop().time
        claimed = await self.queries.claim_due(
            owner,
            limit=limit,
            per_connection=self._settings.publish_per_connection,
            lease=self._settings.work_lease,
            ahead=self._settings.claim_ahead,
        )
        now = clock()
        return [DueClaim(one.post_id, one.user_id, owner, now + one.due_in) for one in claimed]

    async def claim_ahead(self, limit: int) -> Sequence[AheadClaim]:
        """Takes uploads."""
        owner = self._owner()
        claimed = await self.queries.claim_preparing(
            owner, limit=limit, lease=self._settings.work_lease, ahead=self._settings.claim_ahead * 2
        )
        return [AheadClaim(one.post_id, one.user_id, owner) for one in claimed]

    async def claim_looks(self, limit: int) -> Sequence[LookClaim]:
        """Takes looks."""
        owner = self._owner()
        claimed = await self.queries.claim_looks(owner, limit=limit, lease=self._settings.look_lease)
        return [LookClaim(attempt_id, user_id, owner) for attempt_id, user_id in claimed]

    def loops(self) -> tuple[DueLoop, ...]:
        """The pools and loops of a worker; due posts are woken at each commit that schedules one."""
        url = self.database.url
        settings = self._settings
        return (
            WorkPool(
                "publish",
                claim=self.claim_due,
                handle=self.due.handle,
                next_in=self.queries.next_due,
                concurrency=settings.publish_concurrency,
                wake=NotifyListener(url, channels=(CHANNEL,)),
                early=settings.claim_ahead,
            ),
            WorkPool(
                "prepare",
                claim=self.claim_ahead,
                handle=self.ahead.handle,
                next_in=lambda: self.queries.next_preparing(settings.claim_ahead * 2),
                concurrency=settings.prepare_concurrency,
                wake=NotifyListener(url, channels=(CHANNEL,)),
            ),
            WorkPool(
                "settle",
                claim=self.claim_looks,
                handle=self.settler.handle,
                next_in=self.queries.next_look,
                concurrency=_LOOKS_AT_ONCE,
                wake=NotifyListener(url, channels=()),
                idle=timedelta(seconds=1),
            ),
            DueLoop("discard", self.discarding.discard_some, idle=timedelta(seconds=15)),
            DueLoop("gone_users", self.erasing.find_gone, idle=settings.erasure_scan_interval),
            DueLoop("purge", self.erasing.purge_some, idle=settings.erasure_scan_interval),
            DueLoop("gauges", self.gauges.read, idle=timedelta(seconds=15)),
            DueLoop("posts_by_state", self.gauges.read_states, idle=timedelta(minutes=1)),
            DueLoop("limits", self.gauges.read_limits, idle=timedelta(seconds=30)),
        )

    def _owner(self) -> str:
        """A name of its own for each claim, so that nothing is mixed up with an older one of this process."""
        self._turns += 1
        return f"{self._name}/{self._turns}"
