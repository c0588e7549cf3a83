"""`social keys init`: the key files of a new installation."""

import argparse
import json
import stat
from pathlib import Path

import pytest

from social_cli.command import Exit, Refused
from social_cli.keys.starting import init
from social_cli.output import Output
from social_common.keyfiles import read_service_key, read_token_keys, read_trust

SERVICES = ("auth-linker", "publisher", "analytics")


def _init(folder: Path) -> Exit:
    return init(argparse.Namespace(folder=folder), Output(as_json=True))


def test_every_service_gets_its_keys_and_all_trust_each_other(tmp_path: Path) -> None:
    """The files are those that the services read, and only their owner can."""
    assert _init(tmp_path) == Exit.DONE

    for service in SERVICES:
        trusted = read_trust(tmp_path / service / "service-trust.json")
        assert read_token_keys(tmp_path / service / "token-keys.json")[0] == "k1"
        assert stat.S_IMODE((tmp_path / service / "token-keys.json").stat().st_mode) == 0o600
        assert {name: set(keys) for name, keys in trusted.items()} == {
            name: {read_service_key(tmp_path / name / "service-key.json").kid} for name in SERVICES
        }


def test_what_exists_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run again, it changes no key: losing one would lose every secret that it wrapped."""
    _init(tmp_path)
    before = {path: path.read_text() for path in tmp_path.rglob("*.json")}
    capsys.readouterr()

    assert _init(tmp_path) == Exit.DONE

    said = json.loads(capsys.readouterr().out)
    assert said == {"made": [], "kept": list(SERVICES)}
    assert {path: path.read_text() for path in tmp_path.rglob("*.json")} == before


def test_a_folder_that_cannot_be_written_is_refused_by_its_name(tmp_path: Path) -> None:
    """One sentence instead of a traceback."""
    (tmp_path / "taken").write_text("")

    with pytest.raises(Refused, match="taken"):
        _init(tmp_path / "taken")
