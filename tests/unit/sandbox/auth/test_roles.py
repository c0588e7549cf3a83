"""Roles that the project's own side gives a person."""

import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from tests.unit.sandbox.harness import Sandbox

from social_sandbox.identity.people import FILE_NAME, People


def claimed(session: dict[str, Any]) -> dict[str, Any]:
    """The `app_metadata` of a session's access token."""
    claims: dict[str, Any] = jwt.decode(session["access_token"], options={"verify_signature": False})
    assert claims["app_metadata"] == session["user"]["app_metadata"]
    metadata: dict[str, Any] = claims["app_metadata"]
    return metadata


async def test_a_role_is_in_every_later_token_until_it_is_taken_back(sandbox: Sandbox) -> None:
    """A session asked for with roles gives them, one without leaves them, an empty list takes them away."""
    user_id = str(uuid4())

    first = claimed(await sandbox.control("POST", "/sessions", json={"user_id": user_id}))
    given = claimed(await sandbox.control("POST", "/sessions", json={"user_id": user_id, "roles": ["operator"]}))
    later = claimed(await sandbox.control("POST", "/sessions", json={"user_id": user_id}))
    taken = claimed(await sandbox.control("POST", "/sessions", json={"user_id": user_id, "roles": []}))

    assert ("roles" in first, given["roles"], later["roles"]) == (False, ["operator"], ["operator"])
    assert "roles" not in taken
    assert given["provider"] == "email"


async def test_a_new_person_can_have_roles_at_once(sandbox: Sandbox) -> None:
    """Signing in with the password gives them, and nobody can give them to themselves by signing up."""
    mine = {"email": "operator@example.com", "password": "long enough", "roles": ["operator"]}
    await sandbox.control("POST", "/users", json=mine)
    signed_in = await sandbox.client.post(
        "/auth/v1/token?grant_type=password", json={"email": mine["email"], "password": mine["password"]}
    )
    theirs = {"email": "sly@example.com", "password": "long enough", "roles": ["operator"]}
    sly = await sandbox.client.post(
        "/auth/v1/signup", json={**theirs, "data": {"roles": ["operator"]}, "app_metadata": {"roles": ["operator"]}}
    )

    assert claimed(signed_in.json())["roles"] == ["operator"]
    assert "roles" not in claimed(sly.json())


def test_a_file_of_an_earlier_release_gets_the_column(tmp_path: Path) -> None:
    """Those who were there have no roles, and can be given some."""
    people = People(tmp_path)
    people.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as old:
        old.execute("ALTER TABLE users DROP COLUMN roles")
        old.execute(
            "INSERT INTO users (id, email, metadata, is_anonymous, created_at) VALUES ('u1', 'a@b.example', '{}', 0, 0)"
        )
    old.close()

    again = People(tmp_path)
    before = again.find("u1")
    again.give_roles("u1", ["operator"])
    after = again.find("u1")
    again.close()

    assert before is not None
    assert after is not None
    assert (before.roles, after.roles) == ((), ("operator",))
