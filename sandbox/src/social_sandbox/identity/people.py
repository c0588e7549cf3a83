"""Users, their sessions and refresh tokens, kept in one SQLite file that only its owner can read."""

import json
import os
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from social_sandbox.identity.keys import SigningKey

FILE_NAME = "identity.sqlite3"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (id INTEGER PRIMARY KEY CHECK (id = 1), pem BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, email TEXT UNIQUE, password TEXT, metadata TEXT NOT NULL, is_anonymous INTEGER NOT NULL,
    created_at REAL NOT NULL, last_sign_in_at REAL, mirrored INTEGER NOT NULL DEFAULT 0,
    roles TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE, created_at REAL NOT NULL,
    method TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    token TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
    parent TEXT, spent_at REAL);
CREATE INDEX IF NOT EXISTS refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX IF NOT EXISTS sessions_user ON sessions (user_id);
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in; an anonymous one has no email."""

    user_id: str
    email: str | None
    password: str | None
    metadata: dict[str, Any]
    is_anonymous: bool
    created_at: datetime
    last_sign_in_at: datetime | None = None
    mirrored: bool = False
    roles: tuple[str, ...] = ()  # in `app_metadata`, which only the project's own side can change


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. Its refresh tokens form a chain."""

    session_id: str
    user_id: str
    created_at: datetime
    method: str


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One link of that chain."""

    token: str
    session_id: str
    parent: str | None
    spent_at: datetime | None


def _moment(value: float | None) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value, UTC)


class People:
    """The keeper of identities. Calls are short, local and on the event loop's thread."""

    def __init__(self, state_dir: Path | None = None) -> None:
        self._db = sqlite3.connect(_private_file(state_dir), check_same_thread=False, isolation_level=None)
        # An application that is dropped without its shutdown (most in-process tests) closes its file, too.
        weakref.finalize(self, self._db.close)
        self._db.execute("PRAGMA foreign_keys = ON")
        if state_dir is not None:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self._add_roles()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def signing_key(self) -> SigningKey:
        """The kept key; made at the first call."""
        row = self._db.execute("SELECT pem FROM keys").fetchone()
        if row is not None:
            return SigningKey.from_pem(row[0])
        key = SigningKey.generate()
        self._db.execute("INSERT INTO keys (id, pem) VALUES (1, ?)", (key.to_pem(),))
        return key

    def _add_roles(self) -> None:
        """A file kept by an earlier release has no roles yet."""
        if not any(column[1] == "roles" for column in self._db.execute("PRAGMA table_info(users)")):
            self._db.execute("ALTER TABLE users ADD COLUMN roles TEXT NOT NULL DEFAULT '[]'")

    def add(self, person: Person) -> None:
        """Keep a new person."""
        self._db.execute(
            "INSERT INTO users (id, email, password, metadata, is_anonymous, created_at, roles)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                person.user_id,
                person.email,
                person.password,
                json.dumps(person.metadata),
                person.is_anonymous,
                person.created_at.timestamp(),
                json.dumps(person.roles),
            ),
        )

    def give_roles(self, user_id: str, roles: Sequence[str]) -> None:
        """The roles this person has from the next access token on, and no others."""
        self._db.execute("UPDATE users SET roles = ? WHERE id = ?", (json.dumps(list(roles)), user_id))

    def find(self, user_id: str) -> Person | None:
        """A person by id."""
        return next(self._people("id = ?", user_id), None)

    def find_by_email(self, email: str) -> Person | None:
        """A person by address, which is kept in lower case."""
        return next(self._people("email = ?", email.lower()), None)

    def unmirrored(self) -> list[Person]:
        """Those the database has not been told about."""
        return list(self._people("mirrored = ?", 0))

    def mark_mirrored(self, user_id: str) -> None:
        """The database knows this person now, so its word on whether they exist counts from here on."""
        self._db.execute("UPDATE users SET mirrored = 1 WHERE id = ?", (user_id,))

    def remove(self, user_id: str) -> None:
        """Forget a person with all their sessions."""
        self._db.execute("DELETE FROM users WHERE id = ?", (user_id,))

    def open_session(self, session: Session) -> None:
        """Keep a sign-in and its time."""
        moment = session.created_at.timestamp()
        self._db.execute(
            "INSERT INTO sessions (id, user_id, created_at, method) VALUES (?, ?, ?, ?)",
            (session.session_id, session.user_id, moment, session.method),
        )
        self._db.execute("UPDATE users SET last_sign_in_at = ? WHERE id = ?", (moment, session.user_id))

    def session(self, session_id: str) -> Session | None:
        """A sign-in that was not ended."""
        row = self._db.execute(
            "SELECT id, user_id, created_at, method FROM sessions WHERE id = ?", (session_id,)
        ).fetchone()
        return None if row is None else Session(row[0], row[1], datetime.fromtimestamp(row[2], UTC), row[3])

    def end_sessions(self, user_id: str, *, only: str | None = None, but: str | None = None) -> None:
        """End a person's sessions: all, only one, or all but one."""
        self._db.execute(
            "DELETE FROM sessions WHERE user_id = ? AND (? IS NULL OR id = ?) AND (? IS NULL OR id <> ?)",
            (user_id, only, only, but, but),
        )

    def add_refresh_token(self, token: str, session_id: str, *, parent: str | None) -> None:
        """Keep the newest link of a session's chain."""
        self._db.execute(
            "INSERT INTO refresh_tokens (token, session_id, parent) VALUES (?, ?, ?)", (token, session_id, parent)
        )

    def refresh_token(self, token: str) -> RefreshToken | None:
        """A refresh token, spent or not."""
        return next(self._refresh_tokens("token = ?", token), None)

    def child_of(self, token: str) -> RefreshToken | None:
        """The token that replaced this one."""
        return next(self._refresh_tokens("parent = ?", token), None)

    def spend(self, token: str, at: datetime) -> None:
        """A refresh token has been used."""
        self._db.execute("UPDATE refresh_tokens SET spent_at = ? WHERE token = ?", (at.timestamp(), token))

    def _people(self, condition: str, value: object) -> Iterator[Person]:
        rows = self._db.execute(
            "SELECT id, email, password, metadata, is_anonymous, created_at, last_sign_in_at, mirrored, roles"
            f" FROM users WHERE {condition}",
            (value,),
        ).fetchall()
        for row in rows:
            created = datetime.fromtimestamp(row[5], UTC)
            yield Person(
                row[0],
                row[1],
                row[2],
                json.loads(row[3]),
                bool(row[4]),
                created,
                _moment(row[6]),
                bool(row[7]),
                tuple(json.loads(row[8])),
            )

    def _refresh_tokens(self, condition: str, value: str) -> Iterator[RefreshToken]:
        rows = self._db.execute(
            f"SELECT token, session_id, parent, spent_at FROM refresh_tokens WHERE {condition}", (value,)
        ).fetchall()
        for row in rows:
            yield RefreshToken(row[0], row[1], row[2], _moment(row[3]))


def _private_file(state_dir: Path | None) -> str:
    if state_dir is None:
        return ":memory:"
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state_dir / FILE_NAME
    # SQLite gives its side files the mode of the main file, so this one open decides for all.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    return str(path)
