"""Metrics as the operator's page reads them."""

import pytest

from social_console.readings import Readings, highest, highest_by_label

FIRST = Readings.parse('waiting{service="a"} 3\nlag{topic="x",group="g"} 1\nlag{topic="y",group="g"} NaN\n')
SECOND = Readings.parse('waiting{service="a"} 5\nlag{topic="x",group="g"} NaN\n')
EMPTY = Readings.parse("# nothing measured yet\n")


def test_replicas_measure_one_thing() -> None:
    """The highest is taken, not the sum; one that measured nothing takes nothing away."""
    assert highest([FIRST, SECOND, EMPTY], "waiting") == 5
    assert highest([EMPTY], "waiting") is None
    assert highest([], "waiting") is None


def test_each_label_is_told_apart() -> None:
    """NaN is unknown; another replica may know it."""
    assert highest_by_label([FIRST, SECOND], "lag", ("topic", "group")) == {("x", "g"): 1, ("y", "g"): None}
    assert highest_by_label([SECOND, FIRST], "lag", ("topic", "group")) == {("x", "g"): 1, ("y", "g"): None}


@pytest.mark.parametrize("text", ["<html>", "a{b=c} 1", "name value", 'a{b="c" 1'])
def test_what_is_no_metrics_is_refused(text: str) -> None:
    """A proxy's error page, say."""
    with pytest.raises(ValueError, match=r".*"):
        Readings.parse(text)
