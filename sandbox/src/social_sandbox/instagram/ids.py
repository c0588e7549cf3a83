"""Ids of Instagram: seventeen digits that exceed 53 bits, and the short codes of links."""

from social_sandbox.store import Store

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_FIRST_ACCOUNT = 17_841_400_000_012_345
_FIRST_APP_SCOPED = 9_988_776_655_443_322
_FIRST_CONTAINER = 17_889_455_560_051_444
_FIRST_MEDIA = 17_920_238_422_030_506
_STEP = 1_009


def new_account_id(store: Store) -> str:
    """Return the next id of a professional account."""
    return str(_FIRST_ACCOUNT + store.next_number("instagram:account") * _STEP)


def new_app_scoped_id(store: Store) -> str:
    """Return the next id that one app knows an account by; no path takes it."""
    return str(_FIRST_APP_SCOPED + store.next_number("instagram:scoped") * _STEP)


def new_container_id(store: Store) -> str:
    """Return the next container's id."""
    return str(_FIRST_CONTAINER + store.next_number("instagram:container") * _STEP)


def new_media_id(store: Store) -> str:
    """Return the next media's id."""
    return str(_FIRST_MEDIA + store.next_number("instagram:media") * _STEP)


def shortcode(media_id: str) -> str:
    """Return the code of a media's link. It cannot be computed from the id in the original, and nobody should."""
    number = int(media_id) * 2_654_435_761 % 64**11
    code = ""
    for _ in range(11):
        number, digit = divmod(number, 64)
        code += _ALPHABET[digit]
    return code
