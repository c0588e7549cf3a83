"""The page on reliability says how long doubts are looked at, and is right about it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.engine import look_rules
from publisher.settings import PublisherSettings
from social_platforms._core import Platform
from social_platforms.registry import all_facts

PAGE = (Path(__file__).parents[3] / "docs" / "reliability.md").read_text()
SECTION = PAGE.partition("## Settling doubt")[2].partition("\n## ")[0]
FACTS = {platform.value: facts for platform, facts in all_facts().items()}


def rows_of(heading: str) -> dict[str, list[str]]:
    """The table with that heading: cells by the first one."""
    lines = SECTION.partition(heading)[2].partition("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {name: cells for name, *cells in rows}


def in_words(duration: timedelta) -> str:
    """As the page writes it."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    return f"{minutes} min {seconds} s"


@pytest.mark.parametrize("platform", Platform)
def test_the_looks_of_the_page_are_those_of_the_code(platform: Platform) -> None:
    """The waits, and the time until nobody can tell, are what production does without a setting."""
    delays = look_rules(PublisherSettings(environment="development"), FACTS, platform).delays
    name = FACTS[platform].name.removesuffix(" Business Profile")

    _, waits, unknown_after = rows_of("| platform | how late it shows a new post |")[name]

    assert waits == ", ".join(str(int(delay.total_seconds())) for delay in delays)
    assert unknown_after == in_words(sum(delays, timedelta()))


def test_each_platform_has_its_means_on_the_page() -> None:
    """Seven rows, none of them empty."""
    rows = rows_of("| platform | read by |")

    assert len(rows) == len(Platform)
    assert all(all(cells) for cells in rows.values())


def test_the_other_figures_of_the_page_are_the_defaults() -> None:
    """Late looks, leases and limits; those of the text are found in it."""
    settings = PublisherSettings(environment="development")
    late = [sum(settings.late_look_delays[: number + 1]) / 3600 for number in range(len(settings.late_look_delays))]
    text = re.sub(r"\s+", " ", SECTION)

    assert f"{late[0]:g} h, {late[1]:g} h and {late[2]:g} h after it" in text
    assert f"`PUBLISH_LEASE`, {settings.publish_lease.total_seconds():g} s" in text
    assert f"no answer in {settings.publish_hard_limit.total_seconds():g} s" in text
    assert f"`PROCESSING_LIMIT`, {settings.processing_limit.total_seconds() / 3600:g} h" in text
    assert f"`RESEND_LIMIT` ({settings.resend_limit})" in text
