"""Files are recognised by their bytes."""

from datetime import timedelta

import pytest
from tests.unit.sandbox.harness import a_movie, a_picture

from social_sandbox.probe import probe


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_pictures_tell_their_kind_and_size(form: str) -> None:
    """Kind and pixels, as a library that can decode them made them."""
    found = probe(a_picture(321, 123, form=form))

    assert found is not None
    assert (found.mime, found.width, found.height) == (f"image/{form.lower()}", 321, 123)


def test_a_movie_tells_its_length() -> None:
    """Length and pixels stand in its boxes."""
    found = probe(a_movie(4.5, width=320, height=240))

    assert found is not None
    assert (found.mime, found.width, found.height) == ("video/mp4", 320, 240)
    assert found.duration == timedelta(seconds=4.5)


@pytest.mark.parametrize("size", [0, 3, 20, 40, 90])
@pytest.mark.parametrize("whole", [a_picture(), a_picture(form="PNG"), a_picture(form="WEBP"), a_movie(), b"<html>"])
def test_broken_files_are_nothing_or_something_but_never_an_error(whole: bytes, size: int) -> None:
    """Any beginning of a file can be asked about."""
    assert probe(whole[:size]) is None or size > 3
