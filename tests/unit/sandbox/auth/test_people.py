"""The identity's file."""

from datetime import UTC, datetime
from pathlib import Path

from social_sandbox.identity.passwords import hash_password, password_matches
from social_sandbox.identity.people import FILE_NAME, People, Person, Session

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def a_person(user_id: str = "u1") -> Person:
    """Somebody with an address."""
    return Person(user_id, f"{user_id}@example.com", "kept", {"a": 1}, is_anonymous=False, created_at=NOW)


def test_key_people_and_sessions_survive_a_restart(tmp_path: Path) -> None:
    """Tokens of yesterday verify today, and refresh tokens still work."""
    first = People(tmp_path)
    kid = first.signing_key().kid
    first.add(a_person())
    first.open_session(Session("s1", "u1", NOW, "password"))
    first.add_refresh_token("r1", "s1", parent=None)
    first.close()

    second = People(tmp_path)

    assert second.signing_key().kid == kid
    found = second.find("u1")
    assert found is not None
    assert (found.metadata, found.last_sign_in_at) == ({"a": 1}, NOW)
    assert second.refresh_token("r1") is not None
    assert second.session("s1") == Session("s1", "u1", NOW, "password")
    second.close()


def test_its_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """The signing key lies in it."""
    people = People(tmp_path / "state")
    people.add(a_person())

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()}

    assert modes[FILE_NAME] == 0o600
    assert set(modes.values()) == {0o600}
    people.close()


def test_a_removed_person_takes_sessions_along() -> None:
    """Nothing of theirs can be refreshed."""
    people = People()
    people.add(a_person())
    people.open_session(Session("s1", "u1", NOW, "password"))
    people.add_refresh_token("r1", "s1", parent=None)

    people.remove("u1")

    assert people.session("s1") is None
    assert people.refresh_token("r1") is None


def test_passwords_are_kept_salted() -> None:
    """Twice the same password is kept differently; only the right one matches."""
    one, two = hash_password("long enough"), hash_password("long enough")

    assert one != two
    assert password_matches("long enough", one)
    assert not password_matches("something else", one)
    assert not password_matches("anything", None)
