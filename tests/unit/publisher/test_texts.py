"""The texts of shares: templates, prices, fitting."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.planning.prices import WrongPriceError, format_price
from publisher.planning.texts import (
    DEFAULT_TEMPLATE,
    Parts,
    TooLongError,
    WrongTemplateError,
    check_template,
    fit,
    render,
    shorten,
)

PARTS = Parts("Copper kettle", "It boils water, and it does so in style.", "€49.00", "https://shop.test/k")


def test_the_default_template_says_everything() -> None:
    """Title, description, price and link, in that order."""
    assert render(DEFAULT_TEMPLATE, PARTS) == (
        "Copper kettle\n\nIt boils water, and it does so in style.\n\n€49.00\nhttps://shop.test/k"
    )


def test_an_empty_description_leaves_no_gap() -> None:
    """Blank lines are not doubled."""
    assert render(DEFAULT_TEMPLATE, Parts("A", "", "€1.00", "u")) == "A\n\n€1.00\nu"


@pytest.mark.parametrize(
    "template", ["{titel}", "{0}", "{}", "{title.x}", "{title[0]}", "{title!r}", "{title:>9}", "{"]
)
def test_only_the_four_placeholders_are_taken(template: str) -> None:
    """Anything else is refused before it can fail, or reach into an object."""
    with pytest.raises(WrongTemplateError):
        check_template(template)


def test_braces_of_ones_own_are_doubled() -> None:
    """{{ }} are braces."""
    assert render(check_template("{{sale}} {title}"), PARTS) == "{sale} Copper kettle"


def test_a_text_that_cannot_fit_is_refused() -> None:
    """The link is never cut."""
    with pytest.raises(TooLongError):
        fit(DEFAULT_TEMPLATE, PARTS, fits=lambda text: len(text) < 10)


@given(
    title=st.text(min_size=1, max_size=60),
    description=st.text(max_size=400),
    limit=st.integers(40, 500),
)
def test_what_fits_keeps_price_and_link(title: str, description: str, limit: int) -> None:
    """Whatever is cut, price and link stand in the text, and the platform takes it."""
    parts = Parts(title, description, "€49.00", "https://shop.test/k")
    text = fit(DEFAULT_TEMPLATE, parts, fits=lambda one: len(one) <= limit)
    assert len(text) <= limit
    assert text.endswith("€49.00\nhttps://shop.test/k")


@given(text=st.text(max_size=300), length=st.integers(0, 300))
def test_shortening_never_exceeds(text: str, length: int) -> None:
    """At most that many characters; a short text stays as it is."""
    short = shorten(text, length)
    assert len(short) <= length or text == short == ""
    assert len(text) > length or short == text


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.5", "EUR", "€1,234.50"),
        ("19.9", "USD", "$19.90"),
        ("1200", "JPY", "¥1,200"),
        ("0", "GBP", "£0.00"),
        ("9.9", "CHF", "CHF 9.90"),
        ("1.234", "KWD", "KWD 1.234"),
    ],
)
def test_prices_are_written_with_their_currencys_decimals(amount: str, currency: str, shown: str) -> None:
    """As people read them."""
    assert format_price(Decimal(amount), currency) == shown


def test_a_price_the_currency_cannot_express_is_refused() -> None:
    """No rounding of a merchant's price."""
    with pytest.raises(WrongPriceError):
        format_price(Decimal("10.5"), "JPY")
