"""Prices as people read them, with as many decimals as the currency has."""

from decimal import Decimal
from typing import Final

_NO_DECIMALS: Final = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_THREE_DECIMALS: Final = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905
_SYMBOLS: Final = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "UAH": "₴",
    "ILS": "₪",
    "VND": "₫",
}


class WrongPriceError(ValueError):
    """The amount has more decimals than its currency."""


def decimals_of(currency: str) -> int:
    """How many decimals a currency's amounts have."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def format_price(amount: Decimal, currency: str) -> str:
    """`€1,234.50`, `¥1,200`, `CHF 9.90`; refuses an amount that the currency cannot express."""
    places = decimals_of(currency)
    exact = amount.quantize(Decimal(1).scaleb(-places))
    if exact != amount:
        raise WrongPriceError(f"Amounts in {currency} have at most {places} decimals.")
    number = f"{exact:,.{places}f}"
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{currency} {number}"
