"""`python -m tests.chaos.mutations`: removes one guard at a time in a copy, and sees that the harness notices.

The copy has an environment of its own, in which its folders come first: every process of the stack runs the changed
code, and nothing of the working tree is touched. First the parts of the harness run on the unchanged copy and must
pass; a mutation that survives, or fails in another way than expected, makes the command fail.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.mutation_list import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]
_LIMIT_S = 240.0
_PARTS = ("libs", "services", "cli", "sandbox", "stack", "contracts", "tests", "pyproject.toml")
# What a developer's shell passes on to the harness; PYTHONPATH would bring the working tree back.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME", "CI", "KAFKA_BOOTSTRAP_SERVERS")
_WORDS = re.compile(r"^[A-Z][A-Z ]+(: .*| .*::.*)$")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a part of the harness ended."""

    status: int | None  # None where its time was up
    told: str
    seconds: float

    def matching(self, pattern: str) -> str | None:
        """The first line of its that the pattern fits."""
        return next((line for line in self.told.splitlines() if re.search(pattern, line)), None)

    @property
    def findings(self) -> str:
        """What it complained of, or its last words."""
        lines = self.told.splitlines()
        return "\n".join([line for line in lines if _WORDS.match(line)][:8] or lines[-8:])


class Copy:
    """The repository's files in a folder of their own, with a Python that imports them first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._python = folder / ".venv" / "bin" / "python"

    def make(self) -> None:
        """Copies what git knows and what is new, without what is built."""
        told = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *_PARTS],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, told.stdout.split("\0")):
            if (ROOT / name).exists():
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
        (self.folder / ".build").mkdir()
        (self.folder / ".build" / "kafka").symlink_to(ROOT / ".build" / "kafka")
        venv.create(self.folder / ".venv", with_pip=False, symlinks=True)
        ours = sorted(
            str(path) for path in self.folder.glob("**/src") if path.parent.joinpath("pyproject.toml").exists()
        )
        place = Path(sysconfig.get_path("purelib", vars={"base": str(self.folder / ".venv")}))
        # A line of such a file is a folder only; the working tree's own such files are not read through it.
        (place / "a_copy.pth").write_text("".join(f"{line}\n" for line in (*ours, sysconfig.get_path("purelib"))))

    def imports_itself(self) -> None:
        """Fails where a package of ours would still come from the working tree."""
        code = "import social_common, publisher, social_stack; print(social_common.__file__, social_stack.__file__)"
        told = self._run([str(self._python), "-c", code], limit=60).told
        if told.count(str(self.folder)) != 2:
            raise SystemExit(f"mutations: the copy does not run its own code:\n{told}")

    @contextmanager
    def mutated(self, mutation: Mutation) -> Iterator[None]:
        """The copy with that mutation."""
        file = self.folder / mutation.file
        before = file.read_text()
        if before.count(mutation.find) != 1:
            raise SystemExit(f"mutations: {mutation.name} does not fit {mutation.file} any more")
        file.write_text(before.replace(mutation.find, mutation.replace))
        try:
            yield
        finally:
            file.write_text(before)

    def harness(self, parts: Iterable[str]) -> Ran:
        """Runs pinches on one stack, then tests, as far as there are any."""
        pinches = [part for part in parts if "::" not in part and not part.endswith(".py")]
        tests = [part for part in parts if part not in pinches]
        ran = Ran(0, "", 0.0)
        if pinches:
            ran = self._run([str(self._python), "-m", "tests.chaos.crash_pinch", *pinches], limit=_LIMIT_S)
        if tests and ran.status == 0:
            options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=line", "-rf"]
            done = self._run([str(self._python), "-m", "pytest", *options, *tests], limit=_LIMIT_S)
            ran = Ran(done.status, ran.told + done.told, ran.seconds + done.seconds)
        return ran

    def _run(self, command: list[str], *, limit: float) -> Ran:
        begun = time.monotonic()
        with tempfile.TemporaryFile("w+") as output:
            try:
                done = subprocess.run(
                    command,
                    cwd=self.folder,
                    env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=limit,
                )
                status: int | None = done.returncode
            except subprocess.TimeoutExpired:
                status = None
            output.seek(0)
            return Ran(status, output.read(), time.monotonic() - begun)


def judge(mutation: Mutation, ran: Ran) -> str | None:
    """What is wrong with the harness; None where it caught the mutation as it should."""
    if ran.status == 0:
        return "SURVIVED"
    if ran.matching(mutation.expects) is None:
        how = "its time was up" if ran.status is None else f"it ended with {ran.status}"
        return f"OTHERWISE: {how}, and nothing in its words fits {mutation.expects}"
    return None


def _chosen(only: list[str]) -> list[Mutation]:
    if unknown := set(only) - {mutation.name for mutation in MUTATIONS}:
        known = ", ".join(mutation.name for mutation in MUTATIONS)
        raise SystemExit(f"mutations: there is no {', '.join(sorted(unknown))}; there are {known}")
    return [mutation for mutation in MUTATIONS if not only or mutation.name in only]


def _show(ran: Ran) -> None:
    print("".join(f"    {line}\n" for line in ran.findings.splitlines()), end="", flush=True)  # noqa: T201


def main() -> int:
    """Runs them; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutations", description="See that guards are watched.")
    names = ", ".join(mutation.name for mutation in MUTATIONS)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help=names)
    chosen = _chosen(parser.parse_args().only)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="social-mutations-", ignore_cleanup_errors=True) as folder:
        copy = Copy(Path(folder))
        copy.make()
        copy.imports_itself()
        control = copy.harness(list(dict.fromkeys(mutation.caught_by for mutation in chosen)))
        print(f"{'unchanged':<24} {control.seconds:6.1f} s  {'passes' if control.status == 0 else 'FAILS'}", flush=True)  # noqa: T201
        if control.status != 0:
            _show(control)
            return 1
        for mutation in chosen:
            with copy.mutated(mutation):
                ran = copy.harness([mutation.caught_by])
            trouble = judge(mutation, ran)
            told = trouble or f"caught: {ran.matching(mutation.expects)}"
            print(f"{mutation.name:<24} {ran.seconds:6.1f} s  {told}", flush=True)  # noqa: T201
            if trouble is not None:
                wrong += 1
                _show(ran)
    print(f"mutations: {'FAILED' if wrong else 'ok'}, {len(chosen) - wrong} of {len(chosen)} caught")  # noqa: T201
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
