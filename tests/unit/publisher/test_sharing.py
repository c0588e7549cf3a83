"""What a share fills in by itself, platform by platform."""

from typing import Any

import pytest

from publisher.planning.sharing import Product, options_for, writable
from social_platforms._core import PostContent
from social_platforms.google.content import findings_of as google_findings_of
from social_platforms.google.limits import FACTS as GOOGLE
from social_platforms.registry import all_facts
from social_platforms.x.limits import FACTS as X
from social_platforms.youtube.limits import FACTS as YOUTUBE

KETTLE = Product(
    id="k1",
    title="Kettle <1 l>",
    description="<b>Boils</b> water & tea",
    price="19.90",
    currency="EUR",
    url="https://shop.example/k1?size=1&of={url}",
    image_url="https://shop.example/k1.jpg",
)


def test_a_button_leads_to_the_product() -> None:
    """Where posts have a link of their own it is the product's, just as it was given, in a form that is taken."""
    options = options_for({}, KETTLE, GOOGLE)

    assert options == {"call_to_action": {"type": "SHOP", "url": KETTLE.url}}
    assert not google_findings_of(PostContent("Look", options=options))


@pytest.mark.parametrize("given", [{"type": "CALL"}, {"type": "BOOK", "url": "https://shop.example/tables"}])
def test_a_button_of_the_merchants_own_stays(given: dict[str, Any]) -> None:
    """What the merchant chose is not replaced."""
    assert options_for({"call_to_action": given}, KETTLE, GOOGLE) == {"call_to_action": given}


def test_no_option_where_there_is_none() -> None:
    """Nothing is filled in that the platform does not have."""
    for facts in all_facts().values():
        assert set(options_for({}, KETTLE, facts)) <= set(facts.options_schema["properties"])


def test_signs_that_a_platform_refuses_are_written_otherwise() -> None:
    """A title or description with such signs is neither refused nor cut there; elsewhere it stays as it is."""
    told = writable(KETTLE, YOUTUBE)

    assert (told.title, told.description) == ("Kettle \u20391 l\u203a", "\u2039b\u203aBoils\u2039/b\u203a water & tea")
    assert options_for({}, told, YOUTUBE) == {"title": "Kettle \u20391 l\u203a"}
    assert writable(KETTLE, X) == KETTLE
