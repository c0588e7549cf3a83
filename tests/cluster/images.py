"""Images of a release: built by the Dockerfile of this tree, from any commit's code, and given to the cluster."""

import asyncio
import shlex
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.deploy.rendering import ROOT

PRODUCT: Final = ("auth-linker", "publisher", "analytics", "console", "operator")
SANDBOX: Final = "sandbox"
SERVERS: Final = ("postgres:18", "apache/kafka:4.3.1")
# How images are made, which a release before did not say yet.
_RECIPE: Final = ("Dockerfile", ".dockerignore", "deploy/images", "deploy/topics.toml")


class BuildFailed(Exception):
    """A command that makes images ended with an error; the text is its last lines."""


async def bring_images(
    revision: str, tag: str, *, load: str, say: Callable[[str], None], targets: Sequence[str] = (*PRODUCT, SANDBOX)
) -> None:
    """Builds the images from that commit, and runs `load` with the file that holds them."""
    say(f"images of {revision} as :{tag}")
    with tempfile.TemporaryDirectory(prefix="social-images-") as scratch:
        code, saved = Path(scratch) / "code", Path(scratch) / "images.tar"
        code.mkdir()
        await _shell(f"git archive {shlex.quote(revision)} | tar -x -C {code}")
        await _shell(f"git archive HEAD {' '.join(_RECIPE)} | tar -x -C {code}")
        for target in targets:
            await _run("docker", "build", "--quiet", "--target", target, "--tag", f"social-{target}:{tag}", str(code))
        await _run("docker", "save", "--output", str(saved), *(f"social-{target}:{tag}" for target in targets))
        await _run(*shlex.split(load), str(saved))


async def bring_servers(*, load: str, say: Callable[[str], None]) -> None:
    """The images of PostgreSQL and Kafka that this machine's engine has; a node looks for others where it finds any."""
    images = [image for image in SERVERS if await _run("docker", "image", "ls", "--quiet", image)]
    if not images:
        return
    say(f"{' and '.join(images)} as they lie here")
    with tempfile.TemporaryDirectory(prefix="social-images-") as scratch:
        saved = Path(scratch) / "servers.tar"
        await _run("docker", "save", "--output", str(saved), *images)
        await _run(*shlex.split(load), str(saved))


async def _shell(line: str) -> None:
    await _run("bash", "-o", "pipefail", "-c", line)


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise BuildFailed(f"{' '.join(command[:4])} …: {out.decode(errors='replace')[-1500:]}")
    return out.decode()
