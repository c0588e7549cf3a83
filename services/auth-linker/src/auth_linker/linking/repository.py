"""SQL of link attempts. The state's lookup alone crosses merchants; all else runs under the claims of who began."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from auth_linker.grants.service import LINK_ATTEMPTS, SealedPair
from auth_linker.linking.domain import AttemptId
from auth_linker.tables import as_json, to_json
from social_common.db import ReadSession, WriteSession
from social_platforms._core import PlatformUser


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """A consent that a merchant sets out for."""

    id: UUID
    platform: str
    app: str
    family: str
    state_hash: str
    verifier: str
    return_to: str
    capabilities: tuple[str, ...]
    scopes: tuple[str, ...]
    kinds: tuple[str, ...]
    connection_id: UUID | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A begun consent, before or after the platform sent the browser back."""

    id: AttemptId
    user_id: UUID
    platform: str
    app: str
    verifier: str | None = field(repr=False)
    return_to: str
    capabilities: tuple[str, ...]
    scopes: tuple[str, ...]
    kinds: tuple[str, ...]
    connection_id: UUID | None


@dataclass(frozen=True, slots=True)
class Authorized:
    """What a consent brought, kept until the merchant has chosen places."""

    attempt: Attempt
    sealed: SealedPair
    obtained_at: datetime
    token_expires_at: datetime | None
    refresh_expires_at: datetime | None
    granted_scopes: frozenset[str] | None
    user: PlatformUser
    places: Sequence[Mapping[str, Any]]
    place_tokens: str | None = field(repr=False)


async def insert_attempt(session: WriteSession, attempt: NewAttempt, *, life: timedelta) -> datetime:
    """Stores the attempt and returns when it ends, in product time."""
    ends: datetime = await session.scalar(
        """
        INSERT INTO retail_b2c.link_attempts
            (id, user_id, platform, app, family, state_hash, verifier, return_to, asked_capabilities, asked_scopes,
             kinds, connection_id, expires_at)
        VALUES (:id, :user_id, :platform, :app, :family, :state_hash, :verifier, :return_to,
                CAST(:capabilities AS text[]), CAST(:scopes AS text[]), CAST(:kinds AS text[]), :connection_id,
                retail_b2c.social_now() + :life)
        RETURNING expires_at
        """,
        {
            "id": attempt.id,
            "user_id": session.user_id,
            "platform": attempt.platform,
            "app": attempt.app,
            "family": attempt.family,
            "state_hash": attempt.state_hash,
            "verifier": attempt.verifier,
            "return_to": attempt.return_to,
            "capabilities": list(attempt.capabilities),
            "scopes": list(attempt.scopes),
            "kinds": list(attempt.kinds),
            "connection_id": attempt.connection_id,
            "life": life,
        },
    )
    return ends


async def take_state(session: WriteSession, *, state_hash: str, platform: str) -> tuple[UUID, UUID] | None:
    """Uses a state up: (attempt, merchant who began), or None for one that is forged, used, expired or another's."""
    row = await session.one_or_none(
        "SELECT attempt_id, user_id FROM retail_b2c.auth_linker_take_state(:state_hash, :platform)",
        {"state_hash": state_hash, "platform": platform},
    )
    return (row["attempt_id"], row["user_id"]) if row is not None else None


async def read_attempt(session: ReadSession, attempt_id: UUID) -> Attempt | None:
    """The attempt, or None where it has ended."""
    row = await session.one_or_none(
        "SELECT id, user_id, platform, app, verifier, return_to, asked_capabilities, asked_scopes, kinds,"
        " connection_id FROM retail_b2c.link_attempts WHERE id = :id",
        {"id": attempt_id},
    )
    return _to_attempt(row) if row is not None else None


async def delete_attempt(session: WriteSession, attempt_id: UUID) -> None:
    """Ends an attempt; tokens that it still holds go to the revocation queue by the table's trigger."""
    await session.execute("DELETE FROM retail_b2c.link_attempts WHERE id = :id", {"id": attempt_id})


async def end_linked(session: WriteSession, attempt_id: UUID) -> None:
    """Ends an attempt whose tokens have become connections: there is nothing to revoke."""
    await session.execute(
        "UPDATE retail_b2c.link_attempts SET access_token = NULL, refresh_token = NULL WHERE id = :id",
        {"id": attempt_id},
    )
    await delete_attempt(session, attempt_id)


@dataclass(frozen=True, slots=True)
class Found:
    """What the exchange and the look at the account brought, ready for its row."""

    sealed: SealedPair
    obtained_at: datetime
    token_expires_at: datetime | None
    refresh_expires_at: datetime | None
    granted_scopes: frozenset[str] | None
    user: PlatformUser
    places: Sequence[Mapping[str, Any]]
    place_tokens: str | None = field(repr=False)


async def write_authorized(
    session: WriteSession, attempt_id: UUID, found: Found, *, link_code_hash: str, life: timedelta
) -> bool:
    """Keeps what the consent brought until the merchant has chosen; False where the attempt is gone meanwhile."""
    user = found.user
    result = await session.execute(
        """
        UPDATE retail_b2c.link_attempts
           SET verifier = NULL, access_token = :access_token, refresh_token = :refresh_token,
               obtained_at = :obtained_at, token_expires_at = :token_expires_at,
               refresh_expires_at = :refresh_expires_at, granted_scopes = CAST(:granted_scopes AS text[]),
               platform_user_id = :platform_user_id, person_id = :person_id,
               platform_user = CAST(:platform_user AS jsonb), places = CAST(:places AS jsonb),
               place_tokens = :place_tokens, link_code_hash = :link_code_hash,
               expires_at = retail_b2c.social_now() + :life
         WHERE id = :id
        """,
        {
            "id": attempt_id,
            "access_token": found.sealed.access_token,
            "refresh_token": found.sealed.refresh_token,
            "obtained_at": found.obtained_at,
            "token_expires_at": found.token_expires_at,
            "refresh_expires_at": found.refresh_expires_at,
            "granted_scopes": sorted(found.granted_scopes) if found.granted_scopes is not None else None,
            "platform_user_id": user.platform_user_id,
            "person_id": user.person,
            "platform_user": to_json(
                {
                    "username": user.username,
                    "display_name": user.display_name,
                    "avatar_url": user.avatar_url,
                    "facts": dict(user.facts),
                }
            ),
            "places": json.dumps([dict(place) for place in found.places]),
            "place_tokens": found.place_tokens,
            "link_code_hash": link_code_hash,
            "life": life,
        },
    )
    return result.rowcount == 1


async def lock_authorized(session: WriteSession, *, link_code_hash: str) -> Authorized | None:
    """The merchant's own authorized attempt with that code, locked; None for any other code, and after its end."""
    row = await session.one_or_none(
        """
        SELECT id, user_id, platform, app, verifier, return_to, asked_capabilities, asked_scopes, kinds, connection_id,
               access_token, refresh_token, obtained_at, token_expires_at, refresh_expires_at, granted_scopes,
               platform_user_id, person_id, platform_user, places, place_tokens
          FROM retail_b2c.link_attempts
         WHERE link_code_hash = :hash AND user_id = :user_id AND access_token IS NOT NULL
           AND expires_at > retail_b2c.social_now()
           FOR UPDATE
        """,
        {"hash": link_code_hash, "user_id": session.user_id},
    )
    if row is None:
        return None
    user = as_json(row["platform_user"])
    places = row["places"]
    return Authorized(
        attempt=_to_attempt(row),
        sealed=SealedPair(LINK_ATTEMPTS, str(row["id"]), row["access_token"], row["refresh_token"]),
        obtained_at=row["obtained_at"],
        token_expires_at=row["token_expires_at"],
        refresh_expires_at=row["refresh_expires_at"],
        granted_scopes=frozenset(row["granted_scopes"]) if row["granted_scopes"] is not None else None,
        user=PlatformUser(
            platform_user_id=row["platform_user_id"],
            username=user.get("username"),
            display_name=user.get("display_name"),
            avatar_url=user.get("avatar_url"),
            facts=as_json(user.get("facts")),
            person_id=row["person_id"],
        ),
        places=json.loads(places) if isinstance(places, str) else list(places or ()),
        place_tokens=row["place_tokens"],
    )


def _to_attempt(row: RowMapping) -> Attempt:
    return Attempt(
        id=AttemptId(row["id"]),
        user_id=row["user_id"],
        platform=row["platform"],
        app=row["app"],
        verifier=row["verifier"],
        return_to=row["return_to"],
        capabilities=tuple(row["asked_capabilities"]),
        scopes=tuple(row["asked_scopes"]),
        kinds=tuple(row["kinds"]),
        connection_id=row["connection_id"],
    )
