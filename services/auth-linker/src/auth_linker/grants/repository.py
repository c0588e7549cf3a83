"""SQL of grants. A writer locks the grant first, and never keeps the lock across a call to a platform."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping

from auth_linker.grants.domain import Grant, GrantId, Health, Life
from social_common.db import ReadSession, WriteSession

_COLUMNS: Final = """
    id, user_id, platform, app, family, platform_user_id, coalesce(person_id, platform_user_id) AS person_id, username,
    asked_scopes, asked_capabilities, scopes, token_version, obtained_at, expires_at, refresh_expires_at,
    has_refresh_token, health, is_live, due_at, failures, in_doubt, lease_owner,
    coalesce(lease_until > clock_timestamp(), false) AS lease_is_active,
    greatest(retry_at - clock_timestamp(), interval '0') AS retry_in
"""


async def lock_grant(session: WriteSession, grant_id: UUID) -> Grant | None:
    """The grant, locked until the transaction ends; None where there is none (any more)."""
    row = await session.one_or_none(
        f"SELECT {_COLUMNS} FROM retail_b2c.grants WHERE id = :id FOR NO KEY UPDATE", {"id": grant_id}
    )
    return _to_grant(row) if row is not None else None


async def read_grant(session: ReadSession, grant_id: UUID) -> Grant | None:
    """The grant as it stands, not locked."""
    row = await session.one_or_none(f"SELECT {_COLUMNS} FROM retail_b2c.grants WHERE id = :id", {"id": grant_id})
    return _to_grant(row) if row is not None else None


async def lock_all_at(session: WriteSession, platform: str) -> None:
    """Locks the merchant's grants at one platform in one order, so that links which move places cannot deadlock."""
    await session.all(
        "SELECT id FROM retail_b2c.grants WHERE user_id = :user_id AND platform = :platform"
        " ORDER BY id FOR NO KEY UPDATE",
        {"user_id": session.user_id, "platform": platform},
    )


@dataclass(frozen=True, slots=True)
class GrantKey:
    """What makes a grant the same one again, for one merchant, and the person whom it belongs to."""

    platform: str
    app: str
    platform_user_id: str
    person_id: str


async def upsert_grant(
    session: WriteSession, key: GrantKey, *, family: str, life: Life, asked: frozenset[str], username: str | None
) -> GrantId:
    """The merchant's grant of that platform user, made or found, and locked."""
    return GrantId(
        await session.scalar(
            """
            INSERT INTO retail_b2c.grants
                (user_id, platform, app, family, platform_user_id, person_id, username, asked_scopes, obtained_at,
                 is_live)
            VALUES (:user_id, :platform, :app, :family, :platform_user_id, :person_id, :username,
                    CAST(:asked AS text[]), :obtained_at, false)
            ON CONFLICT (user_id, platform, app, platform_user_id) DO UPDATE
               SET username = excluded.username, family = excluded.family, person_id = excluded.person_id
            RETURNING id
            """,
            {
                "user_id": session.user_id,
                "platform": key.platform,
                "app": key.app,
                "family": family,
                "platform_user_id": key.platform_user_id,
                "person_id": key.person_id,
                "username": username[:255] if username is not None else None,
                "asked": sorted(asked),
                "obtained_at": life.obtained_at,
            },
        )
    )


async def write_consent(
    session: WriteSession,
    grant_id: GrantId,
    *,
    asked_scopes: frozenset[str],
    asked_capabilities: frozenset[str],
    scopes: frozenset[str] | None,
) -> None:
    """What a new consent asked for and was given. Its places were seen just now; older tokens of its own are gone."""
    await session.execute(
        "UPDATE retail_b2c.grants SET asked_scopes = CAST(:asked AS text[]), scopes = CAST(:scopes AS text[]),"
        " asked_capabilities = CAST(:capabilities AS text[]), places_seen_at = retail_b2c.social_now(),"
        " access_token = NULL, refresh_token = NULL WHERE id = :id",
        {
            "id": grant_id,
            "asked": sorted(asked_scopes),
            "capabilities": sorted(asked_capabilities),
            "scopes": sorted(scopes) if scopes is not None else None,
        },
    )


async def write_scopes(session: WriteSession, grant_id: GrantId, scopes: frozenset[str]) -> None:
    """The scopes a refresh told of."""
    await session.execute(
        "UPDATE retail_b2c.grants SET scopes = CAST(:scopes AS text[]) WHERE id = :id",
        {"id": grant_id, "scopes": sorted(scopes)},
    )


@dataclass(frozen=True, slots=True)
class NewTokens:
    """The times of a fresh token set, as its grant keeps them."""

    life: Life
    renewable: bool
    act_by: datetime | None
    due_at: datetime | None
    health: Health = Health.OK


async def write_new_tokens(session: WriteSession, grant_id: GrantId, new: NewTokens, *, refreshed: bool) -> None:
    """Marks the grant live with the tokens of this transaction: bumps `token_version`, ends leases.

    The grant is locked by the caller.
    """
    await session.execute(
        """
        UPDATE retail_b2c.grants
           SET token_version = token_version + 1, obtained_at = :obtained_at, expires_at = :expires_at,
               refresh_expires_at = :refresh_expires_at, has_refresh_token = :has_refresh_token, renewable = :renewable,
               act_by = :act_by, due_at = :due_at, health = :health, is_live = true, failures = 0, last_error = NULL,
               retry_at = NULL, in_doubt = false, lease_owner = NULL, lease_until = NULL,
               last_refreshed_at = CASE WHEN :refreshed THEN retail_b2c.social_now() ELSE last_refreshed_at END,
               updated_at = retail_b2c.social_now()
         WHERE id = :id
        """,
        {
            "id": grant_id,
            "obtained_at": new.life.obtained_at,
            "expires_at": new.life.expires_at,
            "refresh_expires_at": new.life.refresh_expires_at,
            "has_refresh_token": new.life.has_refresh_token,
            "renewable": new.renewable,
            "act_by": new.act_by,
            "due_at": new.due_at,
            "health": new.health,
            "refreshed": refreshed,
        },
    )


async def end_grant(session: WriteSession, grant_id: GrantId, *, health: Health, bump: bool) -> None:
    """No live token is left in it. `bump` where that was decided: then a late answer is not stored any more."""
    await session.execute(
        """
        UPDATE retail_b2c.grants
           SET is_live = false, health = :health, access_token = NULL, refresh_token = NULL, due_at = NULL,
               retry_at = NULL, lease_owner = NULL, lease_until = NULL, in_doubt = false,
               token_version = token_version + CASE WHEN :bump THEN 1 ELSE 0 END, updated_at = retail_b2c.social_now()
         WHERE id = :id
        """,
        {"id": grant_id, "health": health, "bump": bump},
    )


async def take_lease(session: WriteSession, grant_id: GrantId, *, owner: UUID, life: timedelta, is_due: bool) -> None:
    """Makes that owner the only refresher for that long, in real time; the grant is locked by the caller.

    `is_due` where a refresh follows: should its answer be lost, the scan finds the grant at once. New tokens plan anew.
    """
    await session.execute(
        "UPDATE retail_b2c.grants SET lease_owner = :owner, lease_until = clock_timestamp() + :life,"
        " due_at = CASE WHEN :is_due THEN least(due_at, retail_b2c.social_now()) ELSE due_at END WHERE id = :id",
        {"id": grant_id, "owner": owner, "life": life, "is_due": is_due},
    )


async def left_of_lease(session: ReadSession, grant_id: GrantId, *, owner: UUID, version: int) -> timedelta | None:
    """How long that owner's lease still lasts; None if it is not the owner's any more or the tokens moved on."""
    row = await session.one_or_none(
        "SELECT lease_until - clock_timestamp() AS remaining FROM retail_b2c.grants"
        " WHERE id = :id AND lease_owner = :owner AND token_version = :version AND is_live",
        {"id": grant_id, "owner": owner, "version": version},
    )
    return row["remaining"] if row is not None else None


async def release_lease(session: WriteSession, grant_id: GrantId, *, owner: UUID) -> None:
    """Ends the owner's lease without any other change; another's stays."""
    await session.execute(
        "UPDATE retail_b2c.grants SET lease_owner = NULL, lease_until = NULL WHERE id = :id AND lease_owner = :owner",
        {"id": grant_id, "owner": owner},
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """A refresh that failed for now."""

    wait: timedelta
    error: str
    in_doubt: bool
    health: Health
    act_by: datetime | None


async def note_failure(session: WriteSession, grant_id: GrantId, failure: Failure) -> None:
    """Counts a passing failure and ends the lease; the next try waits in real time."""
    await session.execute(
        """
        UPDATE retail_b2c.grants
           SET failures = failures + 1, last_error = :error, retry_at = clock_timestamp() + :wait, in_doubt = :in_doubt,
               health = :health, act_by = :act_by, lease_owner = NULL, lease_until = NULL
         WHERE id = :id
        """,
        {
            "id": grant_id,
            "error": failure.error,
            "wait": failure.wait,
            "in_doubt": failure.in_doubt,
            "health": failure.health,
            "act_by": failure.act_by,
        },
    )


async def plan_look(session: WriteSession, grant_id: GrantId, *, due_at: datetime | None, health: Health) -> None:
    """When the refresh scan finds it next, and how well it is."""
    await session.execute(
        "UPDATE retail_b2c.grants SET due_at = :due_at, health = :health WHERE id = :id",
        {"id": grant_id, "due_at": due_at, "health": health},
    )


async def note_spent(session: WriteSession, grant_id: GrantId, *, act_by: datetime | None) -> None:
    """The refresh token has ended by itself: what is left lasts until then, and nothing renews it."""
    await session.execute(
        "UPDATE retail_b2c.grants SET has_refresh_token = false, renewable = false, act_by = :act_by WHERE id = :id",
        {"id": grant_id, "act_by": act_by},
    )


async def bump_version(session: WriteSession, grant_id: GrantId) -> None:
    """Some of its places' own tokens were written in this transaction; the grant is locked by the caller."""
    await session.execute(
        "UPDATE retail_b2c.grants SET token_version = token_version + 1, updated_at = retail_b2c.social_now()"
        " WHERE id = :id",
        {"id": grant_id},
    )


async def see_places_in(session: WriteSession, grant_id: GrantId, *, wait: timedelta, interval: timedelta) -> None:
    """The scan finds the grant's places again after that wait, sooner than a whole interval."""
    await session.execute(
        "UPDATE retail_b2c.grants SET places_seen_at = retail_b2c.social_now() + :wait - CAST(:interval AS interval)"
        " WHERE id = :id",
        {"id": grant_id, "wait": min(wait, interval), "interval": interval},
    )


def _to_grant(row: RowMapping) -> Grant:
    return Grant(
        id=GrantId(row["id"]),
        user_id=row["user_id"],
        platform=row["platform"],
        app=row["app"],
        family=row["family"],
        platform_user_id=row["platform_user_id"],
        person_id=row["person_id"],
        username=row["username"],
        asked_scopes=frozenset(row["asked_scopes"]),
        asked_capabilities=frozenset(row["asked_capabilities"]),
        scopes=frozenset(row["scopes"]) if row["scopes"] is not None else None,
        token_version=row["token_version"],
        life=Life(
            obtained_at=row["obtained_at"],
            expires_at=row["expires_at"],
            refresh_expires_at=row["refresh_expires_at"],
            has_refresh_token=row["has_refresh_token"],
        ),
        health=Health(row["health"]),
        is_live=row["is_live"],
        due_at=row["due_at"],
        failures=row["failures"],
        in_doubt=row["in_doubt"],
        lease_owner=row["lease_owner"],
        lease_is_active=row["lease_is_active"],
        retry_in=row["retry_in"] or timedelta(0),
    )
