"""A platform is complete: simulated, documented, held to the contract, and known to the local stack."""

from pathlib import Path

import pytest

from social_platforms import registry
from social_platforms._core import Platform
from social_sandbox.registry import SIMULATORS
from social_stack.contracts import render_contracts
from social_stack.environment import PLATFORMS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("platform", list(Platform))
def test_nothing_of_a_platform_was_forgotten(platform: Platform) -> None:
    """Its facts, its simulator, its app in the local stack, its contract tests and its page are all there."""
    assert platform in registry.all_facts()
    assert platform in {simulator.name for simulator in SIMULATORS}
    assert platform in PLATFORMS
    assert (ROOT / "tests/contract/platforms" / f"test_{platform}.py").is_file()
    assert (ROOT / "docs/platforms" / f"{platform}.md").is_file()


def test_the_settings_name_every_platform() -> None:
    """So does the page of settings, whatever platforms there are."""
    page = render_contracts(ROOT)["docs/settings.md"]

    assert all(f"`{platform.upper()}`" in page for platform in Platform)
