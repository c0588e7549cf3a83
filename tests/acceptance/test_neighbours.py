"""What else goes on at the same machine must not end the stack that the tests share."""

import asyncio
import os
import sys
from pathlib import Path

from tests.support.stack import World

_A_TEST = "def test_it_has_a_folder(tmp_path):\n    assert tmp_path.is_dir()\n"


async def test_the_database_outlives_the_start_of_another_pytest(world: World, tmp_path: Path) -> None:
    """A second run of the same user closes pytest's folders to others, and a checkpoint still finds its files."""
    (tmp_path / "test_other.py").write_text(_A_TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "test_other.py"),
        cwd=tmp_path,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        told, _ = await other.communicate()
    assert other.returncode == 0, told.decode()

    async with world.database() as database:
        await database.execute("CHECKPOINT")
        assert await database.fetchval("SELECT 1") == 1
