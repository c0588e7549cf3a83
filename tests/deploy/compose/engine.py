"""The container engine, asked by its command line as an operator would."""

import asyncio
import json
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_POLL_S = 0.3
_HEALTHY_WITHIN_S = 240.0
_LAST_LINES = 25
_LABEL = "label=com.docker.compose.project="


class EngineFailed(Exception):
    """A command of the engine ended with an error, or something did not become ready; the text says what."""


@dataclass(frozen=True, slots=True)
class Container:
    """One running container of the project."""

    name: str
    service: str


async def run(*command: str, cwd: Path | None = None) -> str:
    """The output of a command; raises EngineFailed with its last lines."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await process.communicate()
    if process.returncode:
        said = "\n".join((out + error).decode(errors="replace").splitlines()[-_LAST_LINES:])
        raise EngineFailed(f"`{' '.join(command)}` ended with {process.returncode}:\n{said}")
    return out.decode()


async def refuse_without_engine() -> None:
    """Raises EngineFailed in one sentence where no engine with compose answers."""
    if shutil.which("docker") is None:
        raise EngineFailed("docker is not installed; this test needs a container engine with compose")
    try:
        await run("docker", "compose", "version")
        await run("docker", "info")
    except EngineFailed as error:
        raise EngineFailed(f"no container engine with compose answers: {str(error).splitlines()[-1]}") from error


def compressed_size(image: str, packed: dict[str, int]) -> int:
    """How many bytes a registry keeps of an image, its layers packed; `packed` remembers those that images share."""
    total = 0
    command = ["docker", "save", f"{image}:latest"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as saving,
        tarfile.open(fileobj=saving.stdout, mode="r|") as archive,
    ):
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None and member.name not in packed:
                packed[member.name] = _packed_size(file)
            total += packed.get(member.name, 0)
    return total


def _packed_size(file: IO[bytes]) -> int:
    packer, size = zlib.compressobj(6), 0
    while chunk := file.read(1024 * 1024):
        size += len(packer.compress(chunk))
    return size + len(packer.flush())


class Project:
    """One compose project of a folder, under a name of its own so that no other's volumes are touched."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self.name = name

    async def compose(self, *arguments: str) -> str:
        """One command of compose."""
        return await run("docker", "compose", "--project-name", self.name, *arguments, cwd=self._folder)

    async def containers(self) -> Sequence[Container]:
        """Those that run, in the order of their names."""
        lines = (await self.compose("ps", "--format", "json")).splitlines()
        found = [Container(one["Name"], one["Service"]) for one in map(json.loads, lines)]
        return sorted(found, key=lambda container: container.name)

    async def restart(self, container: Container) -> tuple[float, float]:
        """SIGTERM, its end, its new start: seconds until it had ended, and from there until it was ready again."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await run("docker", "stop", container.name)
        ended = loop.time()
        await run("docker", "start", container.name)
        await self._wait_until_healthy(container)
        return ended - begun, loop.time() - ended

    async def incidents(self) -> list[str]:
        """Containers that ended by themselves, or were killed for the memory they took."""
        found = []
        for container in await self.containers():
            state = await self._inspect(container)
            if state["RestartCount"] or state["State"]["OOMKilled"]:
                found.append(f"{container.name} ended by itself {state['RestartCount']} times")
        return found

    async def left_over(self) -> list[str]:
        """What the engine still has of the project."""
        found = []
        for kind in (("ps", "--all"), ("volume", "ls"), ("network", "ls")):
            listed = await run("docker", *kind, "--quiet", "--filter", f"{_LABEL}{self.name}")
            found += [f"{kind[0]} {name}" for name in listed.split()]
        return found

    async def _wait_until_healthy(self, container: Container) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _HEALTHY_WITHIN_S
        while (await self._inspect(container))["State"].get("Health", {}).get("Status", "healthy") != "healthy":
            if loop.time() > deadline:
                log = (await self.compose("logs", "--tail", str(_LAST_LINES), container.service))[-3000:]
                raise EngineFailed(f"{container.name} was not ready within {_HEALTHY_WITHIN_S:.0f} s:\n{log}")
            await asyncio.sleep(_POLL_S)

    async def _inspect(self, container: Container) -> dict[str, dict[str, dict[str, str]]]:
        found: list[dict[str, dict[str, dict[str, str]]]] = json.loads(await run("docker", "inspect", container.name))
        return found[0]
