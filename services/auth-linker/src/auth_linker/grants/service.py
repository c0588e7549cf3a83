"""What other slices use of grants: their rows, their vault, and a platform's token set seen as a life."""

from datetime import datetime, timedelta
from typing import Final

from auth_linker.grants.domain import (
    Grant,
    GrantId,
    Health,
    Life,
    Model,
    Policy,
    act_by,
    as_of,
    is_expiring,
    is_renewable,
    may_refresh_at,
    plan_next_look,
)
from auth_linker.grants.repository import (
    Failure,
    GrantKey,
    NewTokens,
    bump_version,
    end_grant,
    left_of_lease,
    lock_all_at,
    lock_grant,
    note_failure,
    note_spent,
    plan_look,
    read_grant,
    release_lease,
    see_places_in,
    take_lease,
    upsert_grant,
    write_consent,
    write_new_tokens,
    write_scopes,
)
from auth_linker.grants.sealed import (
    drop_own_tokens,
    read_own_sealed,
    read_revocable,
    read_sealed,
    read_sealed_row,
    write_own_tokens,
)
from auth_linker.grants.vault import (
    CONNECTIONS,
    ERASURES,
    GRANTS,
    LINK_ATTEMPTS,
    SealedPair,
    TokenPair,
    Vault,
)
from social_common.secrets import Secret
from social_platforms._core import OAuthAdapter, TokenSet

_SLACK: Final = timedelta(minutes=1)

__all__ = [
    "CONNECTIONS",
    "ERASURES",
    "GRANTS",
    "LINK_ATTEMPTS",
    "Failure",
    "Grant",
    "GrantId",
    "GrantKey",
    "Health",
    "Life",
    "Model",
    "NewTokens",
    "Policy",
    "SealedPair",
    "TokenPair",
    "Vault",
    "act_by",
    "as_of",
    "bump_version",
    "drop_own_tokens",
    "end_grant",
    "is_expiring",
    "is_renewable",
    "left_of_lease",
    "life_of",
    "lock_all_at",
    "lock_grant",
    "may_refresh_at",
    "note_failure",
    "note_spent",
    "plan_look",
    "plan_next_look",
    "plan_tokens",
    "policy_of",
    "read_grant",
    "read_own_sealed",
    "read_revocable",
    "read_sealed",
    "read_sealed_row",
    "release_lease",
    "see_places_in",
    "take_lease",
    "to_pair",
    "to_token_set",
    "upsert_grant",
    "write_consent",
    "write_new_tokens",
    "write_own_tokens",
    "write_scopes",
]


def policy_of(adapter: OAuthAdapter) -> Policy:
    """The platform's refresh policy in our words."""
    given = adapter.refresh_policy
    return Policy(
        model=Model(given.model),
        before_expiry=given.before_expiry,
        min_age=given.min_age,
        warn_before=given.warn_before,
        hard_limit=given.hard_limit,
        lost_answer_is_fatal=given.lost_answer_is_fatal,
    )


def life_of(tokens: TokenSet, *, model: Model, obtained_at: datetime, before: Life | None = None) -> Life:
    """The times of a token set. Where a platform gave no new refresh token, the old one and its end stay.

    A kept refresh token's end moves only where the platform tells another one. Told as a life in whole seconds, counted
    from whenever it was answered, the same end never comes out quite the same.
    """
    kept = tokens.refresh_token is None and before is not None and before.has_refresh_token
    refresh_ends = obtained_at + tokens.refresh_expires_in if tokens.refresh_expires_in is not None else None
    if before is not None and (kept or model is Model.KEPT) and _is_same_end(refresh_ends, before.refresh_expires_at):
        refresh_ends = before.refresh_expires_at
    return Life(
        obtained_at=obtained_at,
        expires_at=obtained_at + tokens.expires_in if tokens.expires_in is not None else None,
        refresh_expires_at=refresh_ends,
        has_refresh_token=kept or tokens.refresh_token is not None,
    )


def _is_same_end(told: datetime | None, known: datetime | None) -> bool:
    return told is None or (known is not None and abs(told - known) <= _SLACK)


def plan_tokens(
    policy: Policy, life: Life, *, now: datetime, needed_at: datetime | None = None, lead: timedelta = timedelta(0)
) -> NewTokens:
    """What a grant keeps of a fresh token set: when to look at it again, and by when the merchant must act."""
    return NewTokens(
        life=life,
        renewable=is_renewable(policy, life),
        act_by=act_by(policy, life, failing=False),
        due_at=plan_next_look(policy, life, now=now, needed_at=needed_at, lead=lead),
        health=Health.EXPIRING if is_expiring(policy, life, failing=False, now=now) else Health.OK,
    )


def to_pair(tokens: TokenSet, *, kept_refresh: Secret | None = None) -> TokenPair:
    """The secrets of a token set, with the old refresh token where no new one came."""
    return TokenPair(access=tokens.access_token, refresh=tokens.refresh_token or kept_refresh)


def to_token_set(pair: TokenPair, scopes: frozenset[str] | None = None) -> TokenSet:
    """Stored tokens as a platform's adapter takes them; their life is not its business."""
    return TokenSet(access_token=pair.access, refresh_token=pair.refresh, expires_in=None, scopes=scopes)
