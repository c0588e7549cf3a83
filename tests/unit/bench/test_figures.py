"""What a benchmark's table says of a figure."""

from bench.figures import Figure, Findings, middle_pair, share_of, table


def test_a_figure_with_a_baseline_is_judged_by_its_ratio() -> None:
    """Half of the baseline is asked for: 60 of 100 is enough, and 40 of 100 is said to be too little."""
    enough = Figure("posts", 60, "/s", 100, 0.5)
    too_little = Figure("posts", 40, "/s", 100, 0.5)

    assert (enough.is_reached, too_little.is_reached) == (True, False)
    assert "NOT reached" in table(Findings([too_little]))[1]


def test_a_figure_without_a_baseline_is_judged_by_itself() -> None:
    """A p99 in ms may be at most so long."""
    assert Figure("lateness", 240, "ms", target=250, better="less").is_reached
    assert not Figure("lateness", 260, "ms", target=250, better="less").is_reached


def test_a_figure_that_nothing_is_asked_of_is_only_reported() -> None:
    """No target, no verdict."""
    assert Figure("memory", 90, "MB").is_reached is None


def test_of_several_rounds_the_one_with_the_middle_ratio_counts() -> None:
    """A round that another program disturbed on one side decides nothing."""
    assert middle_pair([(50, 100), (90, 100), (10, 100)]) == (50, 100)


def test_a_share_of_values_lies_below_what_is_told() -> None:
    """The 99th of a hundred."""
    assert share_of(list(range(100)), 0.99) == 99


def test_a_line_that_was_not_measured_says_why() -> None:
    """Nothing is left out in silence."""
    assert "relay: not measured, no broker" in table(Findings(untold={"relay": "no broker"}))
