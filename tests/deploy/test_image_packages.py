"""What an image's code imports is what its build installs; a developer's environment hides what is missing."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LOCKED = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)
_NAMED = re.compile(r"^[A-Za-z0-9._-]+")


def imported(folder: Path) -> Iterator[str]:
    """The top-level names that the modules below a folder import, ours and the standard library's left out."""
    ours = {path.name for path in ROOT.glob("*/src/*")} | {path.name for path in ROOT.glob("*/*/src/*")}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            yield from {name.split(".")[0] for name in names} - sys.stdlib_module_names - ours


def missing(folders: list[Path], installed: set[str]) -> set[str]:
    """The imports that none of the installed distributions brings."""
    brought = packages_distributions()
    names = {name for folder in folders for name in imported(folder)}
    return {name for name in names if not {_plain(found) for found in brought.get(name, ())} & installed}


def test_the_services_import_what_their_lock_has() -> None:
    """All images but the sandbox's are installed from requirements/run.lock."""
    folders = [ROOT / member / "src" for member in ("libs/common", "libs/platforms", "console", "cli")]
    folders += list(ROOT.glob("services/*/src"))
    locked = set(_LOCKED.findall((ROOT / "requirements" / "run.lock").read_text()))

    assert missing(folders, locked) == set()


def test_the_sandbox_imports_what_it_declares() -> None:
    """Its image takes only what its pyproject.toml names, at versions that the local stack's lock has."""
    named = tomllib.loads((ROOT / "sandbox" / "pyproject.toml").read_text())["project"]["dependencies"]
    declared = {_plain(found[0]) for found in map(_NAMED.match, named) if found}
    locked = set(_LOCKED.findall((ROOT / "requirements" / "local.lock").read_text()))

    assert missing([ROOT / "sandbox" / "src"], declared) == set()
    assert declared <= locked


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
