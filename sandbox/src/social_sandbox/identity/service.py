"""Sign up, sign in, refresh: the rules of the stand-in, without HTTP."""

import asyncio
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import jwt

from social_sandbox.clock import SandboxClock
from social_sandbox.identity.errors import AuthError
from social_sandbox.identity.passwords import hash_password, password_matches
from social_sandbox.identity.people import People, Person, Session

ACCESS_LIFE = timedelta(hours=1)
# Two tabs, or a lost answer: the same refresh token again within this time gets the same successor.
REUSE_INTERVAL = timedelta(seconds=10)
MIN_PASSWORD, MAX_PASSWORD = 6, 72
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+|[^@\s]+@localhost")


class UserMirror(Protocol):
    """Where `auth.users` lives, if there is a database."""

    async def mirror(self, person: Person) -> None:
        """Tell the database about a person, where its `auth.users` is our own stand-in."""

    async def is_gone(self, person: Person) -> bool:
        """Whether the database once knew this person and does not any more."""


class NoMirror:
    """Without a database everybody stays."""

    async def mirror(self, person: Person) -> None:
        """Nothing to tell."""

    async def is_gone(self, person: Person) -> bool:
        """Nobody leaves."""
        del person
        return False


class Identity:
    """The identity provider."""

    def __init__(self, people: People, clock: SandboxClock, *, issuer: str, mirror: UserMirror | None = None) -> None:
        self.people = people
        self.issuer = issuer
        self.key = people.signing_key()
        self.mirror: UserMirror = mirror or NoMirror()
        self._clock = clock

    async def sign_up(
        self,
        email: str,
        password: str,
        metadata: dict[str, Any],
        *,
        user_id: str | None = None,
        roles: Sequence[str] = (),
    ) -> dict[str, Any]:
        """A new person with a confirmed address, signed in."""
        if not _EMAIL.fullmatch(email):
            raise AuthError(400, "validation_failed", "Unable to validate email address: invalid format")
        if len(password) > MAX_PASSWORD:
            raise AuthError(400, "validation_failed", f"Password cannot be longer than {MAX_PASSWORD} characters")
        if len(password) < MIN_PASSWORD:
            raise AuthError(
                422,
                "weak_password",
                f"Password should be at least {MIN_PASSWORD} characters.",
                weak_password={"reasons": ["length"]},
            )
        if self.people.find_by_email(email):
            raise AuthError(422, "user_already_exists", "User already registered")
        kept = await asyncio.to_thread(hash_password, password)
        if self.people.find_by_email(email):
            raise AuthError(422, "user_already_exists", "User already registered")
        person = self._new_person(user_id or str(uuid4()), email.lower(), kept, metadata, roles)
        return await self._welcome(person, "password")

    async def sign_up_anonymously(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """A person without an address, signed in."""
        person = Person(str(uuid4()), None, None, metadata, is_anonymous=True, created_at=self._clock.now())
        return await self._welcome(person, "anonymous")

    async def session_for(
        self, user_id: str | None, email: str | None, *, roles: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """A session without a password, for the control interface; the person is made when new.

        `roles` are the person's from then on; without them a person who exists keeps those there are.
        """
        found = self.people.find(user_id) if user_id else self.people.find_by_email(email or "")
        if found is not None:
            await self._refuse_the_gone(found)
            if roles is not None:
                self.people.give_roles(found.user_id, roles)
            return self._session(found, "password")
        new_id = user_id or str(uuid4())
        person = self._new_person(new_id, email or f"{new_id}@merchant.example", None, {}, roles or ())
        return await self._welcome(person, "password")

    async def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """A session for address and password."""
        person = self.people.find_by_email(email)
        right = await asyncio.to_thread(password_matches, password, person.password if person else None)
        if person is None or not right or await self._forget_if_gone(person):
            raise AuthError(400, "invalid_credentials", "Invalid login credentials")
        return self._session(person, "password")

    async def refresh(self, token: str) -> dict[str, Any]:
        """A new pair for a refresh token. One spent longer ago than the reuse interval ends its session."""
        kept = self.people.refresh_token(token)
        session = self.people.session(kept.session_id) if kept else None
        person = self.people.find(session.user_id) if session else None
        if kept is None or session is None or person is None or await self._forget_if_gone(person):
            raise AuthError(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
        now = self._clock.now()
        if kept.spent_at is None:
            self.people.spend(token, now)
            successor = self._new_refresh_token(session.session_id, parent=token)
        else:
            child = self.people.child_of(token)
            if child is None or child.spent_at is not None or now - kept.spent_at > REUSE_INTERVAL:
                self.people.end_sessions(person.user_id, only=session.session_id)
                raise AuthError(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
            successor = child.token
        return self._answer(person, session, successor)

    async def person_of(self, access_token: str) -> tuple[Person, Session]:
        """Whose token this is."""
        try:
            claims = jwt.decode(
                access_token,
                self.key.private.public_key(),
                algorithms=["ES256"],
                issuer=self.issuer,
                audience="authenticated",
                # The sandbox's clock may be far from the system's, which is all the library knows.
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["sub", "exp"]},
            )
        except jwt.InvalidTokenError as error:
            detail = f"invalid JWT: unable to parse or verify signature, {error}"
            raise AuthError(403, "bad_jwt", detail) from error
        if claims["exp"] <= self._clock.timestamp():
            raise AuthError(403, "bad_jwt", "invalid JWT: unable to parse or verify signature, token is expired")
        person = self.people.find(claims["sub"])
        if person is None:
            raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
        await self._refuse_the_gone(person)
        session = self.people.session(claims.get("session_id", ""))
        if session is None:
            raise AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist")
        return person, session

    def _new_person(
        self, user_id: str, email: str, password: str | None, metadata: dict[str, Any], roles: Sequence[str]
    ) -> Person:
        now = self._clock.now()
        return Person(user_id, email, password, metadata, is_anonymous=False, created_at=now, roles=tuple(roles))

    async def _welcome(self, person: Person, method: str) -> dict[str, Any]:
        self.people.add(person)
        await self.mirror.mirror(person)
        return self._session(person, method)

    async def _forget_if_gone(self, person: Person) -> bool:
        gone = await self.mirror.is_gone(person)
        if gone:
            self.people.remove(person.user_id)
        return gone

    async def _refuse_the_gone(self, person: Person) -> None:
        if await self._forget_if_gone(person):
            raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")

    def _session(self, person: Person, method: str) -> dict[str, Any]:
        session = Session(str(uuid4()), person.user_id, self._clock.now(), method)
        self.people.open_session(session)
        token = self._new_refresh_token(session.session_id, parent=None)
        return self._answer(self.people.find(person.user_id) or person, session, token)

    def _new_refresh_token(self, session_id: str, *, parent: str | None) -> str:
        token = secrets.token_urlsafe(9)
        self.people.add_refresh_token(token, session_id, parent=parent)
        return token

    def _answer(self, person: Person, session: Session, refresh_token: str) -> dict[str, Any]:
        issued = int(self._clock.timestamp())
        life = int(ACCESS_LIFE.total_seconds())
        user = user_json(person)
        claims = {
            "iss": self.issuer,
            "sub": person.user_id,
            "aud": "authenticated",
            "exp": issued + life,
            "iat": issued,
            "email": person.email or "",
            "phone": "",
            "app_metadata": user["app_metadata"],
            "user_metadata": user["user_metadata"],
            "role": "authenticated",
            "aal": "aal1",
            "amr": [{"method": session.method, "timestamp": int(session.created_at.timestamp())}],
            "session_id": session.session_id,
            "is_anonymous": person.is_anonymous,
        }
        access_token = jwt.encode(claims, self.key.private, algorithm="ES256", headers={"kid": self.key.kid})
        return {
            "access_token": access_token,
            "token_type": "bearer",
            "expires_in": life,
            "expires_at": issued + life,
            "refresh_token": refresh_token,
            "user": user,
        }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def user_json(person: Person) -> dict[str, Any]:
    """A person as Supabase Auth shows a user."""
    known = not person.is_anonymous
    roles = {"roles": list(person.roles)} if person.roles else {}
    created, seen = _time(person.created_at), _time(person.last_sign_in_at)
    proof = {"email": person.email, "email_verified": True, "phone_verified": False, "sub": person.user_id}
    identity = {
        "identity_id": person.user_id,
        "id": person.user_id,
        "user_id": person.user_id,
        "identity_data": proof,
        "provider": "email",
        "last_sign_in_at": seen,
        "created_at": created,
        "updated_at": created,
        "email": person.email,
    }
    return {
        "id": person.user_id,
        "aud": "authenticated",
        "role": "authenticated",
        "email": person.email or "",
        **({"email_confirmed_at": created, "confirmed_at": created} if known else {}),
        "phone": "",
        "last_sign_in_at": seen,
        "app_metadata": {**({"provider": "email", "providers": ["email"]} if known else {}), **roles},
        "user_metadata": {**person.metadata, **proof} if known else person.metadata,
        "identities": [identity] if known else [],
        "created_at": created,
        "updated_at": seen or created,
        "is_anonymous": person.is_anonymous,
    }
