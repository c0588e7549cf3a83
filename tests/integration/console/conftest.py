"""The running console for each module's tests, and a small build of the screens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.console.ground import Browser, Ground, a_ground


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build leaves behind."""
    root = tmp_path_factory.mktemp("web") / "dist"
    files = {
        "index.html": "<!doctype html><title>Social Connections</title>" + "<!-- long enough to be packed -->" * 40,
        "favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "assets/app-1a2b3c.js": "export const answer = 42;\n" * 60,
        "assets/app-1a2b3c.js.br": "packed by the build",
        "elements/seftec-social.js": "import '/assets/app-1a2b3c.js';\n",
        ".vite/manifest.json": "{}",
    }
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root.parent / "secret.txt").write_text("not for the web")
    (root / "link.txt").symlink_to(root.parent / "secret.txt")
    return root


@pytest.fixture(scope="module")
async def ground(web: Path) -> AsyncIterator[Ground]:
    """The console with its surroundings."""
    async with a_ground(web) as found:
        yield found


@pytest.fixture
def browser(ground: Ground) -> Browser:
    """A browser on the console's page, signed out."""
    return ground.browser()
