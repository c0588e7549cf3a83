"""The scale model, and the page that shows what it says."""

from pathlib import Path

import pytest
from bench.model import needs_of, read_inputs, read_toml, readings_of_a_post, refreshes_a_day, tables

PAGE = Path(__file__).parents[3] / "docs" / "scale.md"


def test_the_page_shows_what_the_model_says() -> None:
    """Each table of `python -m bench.model` stands in docs/scale.md as it is; print them anew after a change."""
    page = PAGE.read_text()

    for table in tables():
        assert table in page


def test_the_posts_of_all_platforms_are_all_posts() -> None:
    """A plan that forgets a tenth of the posts would be too small."""
    assert sum(one["posts"] for one in read_toml("plan.toml")["platforms"].values()) == pytest.approx(1)


def test_readings_are_counted_by_the_schedules_of_the_product() -> None:
    """Google reports nothing of single posts; X's are read for 30 days, Instagram's for longer."""
    assert readings_of_a_post("google") == 0
    assert 50 < readings_of_a_post("x") < readings_of_a_post("instagram")


def test_a_grant_is_refreshed_by_the_clock_and_one_that_nothing_renews_never() -> None:
    """A token of 2 h renewed a quarter of an hour before its end: every 105 minutes."""
    platforms = {
        "x": {"accounts": 1.0, "token_life_h": 2.0, "lead_h": 0.25},
        "facebook": {"accounts": 1.0, "token_life_h": 0.0, "lead_h": 0.0},
    }

    assert refreshes_a_day(platforms, 1000) == pytest.approx(1000 * 24 / 1.75)


def test_slower_workers_and_dearer_measurements_need_more() -> None:
    """What is put in decides: half the rate takes about twice the workers, dearer measurements write more WAL."""
    plan = read_toml("plan.toml")
    inputs = read_inputs(plan)
    slower = inputs | {"posts_per_worker_per_s": inputs["posts_per_worker_per_s"] / 2}
    dearer = inputs | {"measurement_wal_bytes": inputs["measurement_wal_bytes"] * 2}

    usual, with_slower, with_dearer = [
        needs_of("s", merchants=1_000_000, posts=10_000_000, inputs=given, plan=plan)
        for given in (inputs, slower, dearer)
    ]

    assert with_slower.publishers > 1.6 * usual.publishers
    assert with_dearer.wal_mb > usual.wal_mb
