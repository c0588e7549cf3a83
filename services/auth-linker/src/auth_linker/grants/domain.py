"""A grant's life: when it is refreshed, when the merchant must act, and what a failure means."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

GrantId = NewType("GrantId", UUID)


class Health(StrEnum):
    """How well a grant, and each connection on it, keeps itself alive."""

    OK = "ok"
    EXPIRING = "expiring"
    RECONNECT_REQUIRED = "reconnect_required"


class Model(StrEnum):
    """How a platform keeps a grant alive (the platforms' own words for it)."""

    ROTATING = "rotating"
    KEPT = "kept"
    EXCHANGED = "exchanged"
    STATIC = "static"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a platform's refresh policy means for us; durations as the platform's facts give them."""

    model: Model
    before_expiry: timedelta
    min_age: timedelta
    warn_before: timedelta
    hard_limit: timedelta
    lost_answer_is_fatal: bool


@dataclass(frozen=True, slots=True)
class Life:
    """The times of one token set, in product time; None where there is no end."""

    obtained_at: datetime
    expires_at: datetime | None
    refresh_expires_at: datetime | None
    has_refresh_token: bool


def is_renewable(policy: Policy, life: Life) -> bool:
    """Whether we can renew it without the merchant."""
    if life.expires_at is None:
        return False
    match policy.model:
        case Model.ROTATING | Model.KEPT:
            return life.has_refresh_token
        case Model.EXCHANGED:
            return True
        case Model.STATIC | Model.DERIVED:
            return False


def as_of(policy: Policy, life: Life, now: datetime) -> Life:
    """The same life without a refresh token that has ended by then: nothing renews it any more."""
    ended = life.refresh_expires_at is not None and life.refresh_expires_at <= now
    return replace(life, has_refresh_token=False) if ended and policy.model is Model.KEPT else life


def may_refresh_at(policy: Policy, life: Life, now: datetime) -> bool:
    """Whether the platform would accept a refresh now: renewable, and no younger than it demands."""
    return is_renewable(policy, as_of(policy, life, now)) and now >= life.obtained_at + policy.min_age


def plan_refresh(
    policy: Policy, life: Life, *, needed_at: datetime | None = None, lead: timedelta = timedelta(0)
) -> datetime | None:
    """When the grant is due for refresh; None where it is never.

    `needed_at` is the first due post that the present token would not outlive by `lead`: then the refresh is due `lead`
    before that post, if that is sooner. A token younger than the platform demands is never due.
    """
    if life.expires_at is None or not is_renewable(policy, life):
        return None
    due = life.expires_at - policy.before_expiry
    if needed_at is not None and needed_at + lead > life.expires_at:
        due = min(due, needed_at - lead)
    return max(due, life.obtained_at + policy.min_age)


def act_by(policy: Policy, life: Life, *, failing: bool) -> datetime | None:
    """The moment by which the merchant must act; None where the grant renews without end or never expires.

    A kept refresh token with an end of its own names that end from the first day: no refresh moves it. Where places
    have tokens of their own, the end of the person's is no end of the connections.
    """
    if life.expires_at is None or policy.model is Model.DERIVED:
        return None
    if not is_renewable(policy, life):
        return life.expires_at
    if policy.model is Model.KEPT:
        return life.refresh_expires_at
    if not failing:
        return None
    return life.refresh_expires_at if policy.model is Model.ROTATING else life.expires_at


def is_expiring(policy: Policy, life: Life, *, failing: bool, now: datetime) -> bool:
    """Whether the merchant should be warned: little life is left, and nothing renews it."""
    if life.expires_at is None or policy.model is Model.DERIVED:
        return False
    sure_end = act_by(policy, as_of(policy, life, now), failing=False)
    if sure_end is not None and sure_end - now <= policy.warn_before:
        return True
    return failing and life.expires_at - now <= policy.warn_before


def plan_next_look(
    policy: Policy, life: Life, *, now: datetime, needed_at: datetime | None = None, lead: timedelta = timedelta(0)
) -> datetime | None:
    """When somebody must look at the grant again: to refresh it, to warn, or to end it; None where never."""
    if life.expires_at is None or policy.model is Model.DERIVED:
        return life.expires_at
    life = as_of(policy, life, now)
    looks = []
    refresh_at = plan_refresh(policy, life, needed_at=needed_at, lead=lead)
    if refresh_at is not None:
        looks.append(refresh_at)
    sure_end = act_by(policy, life, failing=False)
    if sure_end is not None:
        warn_at = sure_end - policy.warn_before
        looks.append(warn_at if warn_at > now else sure_end)
    return min(looks)


@dataclass(frozen=True, slots=True)
class Grant:
    """One authorization at a platform; no token in it."""

    id: GrantId
    user_id: UUID
    platform: str
    app: str
    family: str
    platform_user_id: str
    person_id: str
    username: str | None
    asked_scopes: frozenset[str]
    asked_capabilities: frozenset[str]
    scopes: frozenset[str] | None
    token_version: int
    life: Life
    health: Health
    is_live: bool
    due_at: datetime | None
    failures: int
    in_doubt: bool
    lease_owner: UUID | None
    lease_is_active: bool
    retry_in: timedelta  # real time until the next try after a failure
