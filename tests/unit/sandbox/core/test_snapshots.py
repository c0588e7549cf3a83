"""What the platforms know outlives a restart."""

from pathlib import Path

import pytest

from social_sandbox.app import create_app
from social_sandbox.config import SandboxConfig
from social_sandbox.model import Post
from social_sandbox.simulation import Simulation
from social_sandbox.snapshot import FILE_NAME, Snapshots
from social_sandbox.store import Store


def simulation_in(folder: Path) -> Simulation:
    """The inside of a sandbox that keeps its state there."""
    found: Simulation = create_app(SandboxConfig(state_dir=folder)).state.simulation
    return found


def test_posts_accounts_and_counters_come_back(tmp_path: Path) -> None:
    """A second start finds the first one's world, seeded once."""
    first = simulation_in(tmp_path)
    now = first.clock.now()
    first.store.add_post(Post("github", "1", "2", "3", "kept", now))
    Snapshots(tmp_path).save(first.store)

    second = simulation_in(tmp_path)

    assert [post.text for post in second.store.posts_of("github")] == ["kept"]
    assert len(second.store.accounts_of("github")) == len(first.store.accounts_of("github"))
    assert second.store.next_number("github.user") == first.store.next_number("github.user")


def test_the_default_app_follows_moved_ports(tmp_path: Path) -> None:
    """Yesterday's state under today's ports: linking still comes back to where auth-linker is now."""
    Snapshots(tmp_path).save(simulation_in(tmp_path).store)

    moved = create_app(SandboxConfig(state_dir=tmp_path, callback_bases=("http://localhost:9101",)))

    app = moved.state.simulation.store.app("x", "sandbox-client")
    assert "http://localhost:9101/v1/oauth/x/callback" in app.redirect_uris


def test_an_object_of_an_older_release_means_a_fresh_start(tmp_path: Path) -> None:
    """A field that a kept thing lacks would fail much later, in the middle of a call."""
    first = simulation_in(tmp_path)
    post = first.store.add_post(Post("github", "1", "2", "3", "kept", first.clock.now()))
    del post.visibility
    Snapshots(tmp_path).save(first.store)

    assert Snapshots(tmp_path).load().posts == {}


@pytest.mark.parametrize("content", [b"", b"\x80\x04half", b"not a pickle", b"\x80\x05\x8c\x02\xff\xff.", b"\x80\xff"])
def test_whatever_stands_in_the_file_the_sandbox_starts(tmp_path: Path, content: bytes) -> None:
    """Nobody has to know which file to delete."""
    (tmp_path / FILE_NAME).write_bytes(content)

    assert Snapshots(tmp_path).load().posts == {}


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """It holds tokens."""
    Snapshots(tmp_path / "new").save(Store())

    assert (tmp_path / "new" / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_an_unreadable_file_means_a_fresh_start(tmp_path: Path) -> None:
    """Half a file, or one of another release, is left aside."""
    (tmp_path / FILE_NAME).write_bytes(b"\x80\x04half")

    assert Snapshots(tmp_path).load().posts == {}
    assert simulation_in(tmp_path).store.accounts_of("github")


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    """An idle sandbox leaves the disk alone."""
    snapshots = Snapshots(tmp_path)
    store = Store()
    snapshots.save(store)
    (tmp_path / FILE_NAME).unlink()

    snapshots.save(store)

    assert not (tmp_path / FILE_NAME).exists()
