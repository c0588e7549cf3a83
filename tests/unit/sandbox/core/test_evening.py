"""Texts come back changed, as they do from the originals."""

import pytest

from social_sandbox.evening import evened
from social_sandbox.facebook.links import LinkDress, dressed

LINK = "https://shop.example/a_b?c=1#top"
REDIRECT = "https://l.facebook.com/l.php?u="
WRAPPED = f"{REDIRECT}https%3A%2F%2Fshop.example%2Fa_b%3Fc%3D1%26fbclid%3DIwAR0simulated%23top&h=AT0simulated"
WRAPPED_TOO = f"{REDIRECT}http%3A%2F%2Fb.example%3Ffbclid%3DIwAR0simulated&h=AT0simulated"
TRACKED = "https://shop.example/a_b?c=1&fbclid=IwAR0simulated#top"


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        (" Mugs \r\n\r\n are back\r", "Mugs \n\n are back"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("two  spaces stay", "two  spaces stay"),
        (" \r\n", ""),
    ],
)
def test_a_text_is_evened_out(sent: str, back: str) -> None:
    """Composed letters, one kind of line end, nothing blank around it; the rest stays."""
    assert evened(sent) == back


@pytest.mark.parametrize(
    ("how", "back"),
    [
        ("as_sent", f"New ({LINK}), see http://b.example."),
        ("tracked", f"New ({TRACKED}), see http://b.example?fbclid=IwAR0simulated."),
        ("wrapped", f"New ({WRAPPED}), see {WRAPPED_TOO}."),
    ],
)
def test_facebook_dresses_links(how: LinkDress, back: str) -> None:
    """A parameter more, before the place in the page, or all of it inside the redirect; punctuation stays outside."""
    assert dressed(f"New ({LINK}), see http://b.example.", how) == back
