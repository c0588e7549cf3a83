"""One link attempt: state, verifier, code, and where the browser may be sent back to."""

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from auth_linker.connections.domain import Limitation

AttemptId = NewType("AttemptId", UUID)

_DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_RETURN_TO = 2048


class ReturnStatus(StrEnum):
    """How the platform's answer is told to the merchant's page."""

    AUTHORIZED = "authorized"
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ChosenPlace:
    """One place of an authorized attempt, as kept until the merchant has chosen (no token in it)."""

    platform_id: str
    kind: str
    name: str
    username: str | None
    avatar_url: str | None
    usable: bool
    reason: str | None
    limitations: tuple[Limitation, ...] = ()


class ReturnToRefused(ValueError):
    """The page to return to is not one that this installation trusts."""


def new_secret(randomness: bytes) -> str:
    """URL-safe text of those random bytes; 32 bytes give the 43 characters that PKCE asks for at least."""
    return base64.urlsafe_b64encode(randomness).rstrip(b"=").decode("ascii")


def hash_secret(value: str) -> str:
    """What is stored of a state or a link code: it cannot be turned back."""
    return hashlib.sha256(value.encode()).hexdigest()


def origin_of(url: str) -> str:
    """Scheme, host and port of an absolute http(s) URL, the default port left out; raises ReturnToRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise ReturnToRefused("it is not a URL") from problem
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ReturnToRefused("it must be an absolute http or https URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    suffix = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def check_return_to(url: str, allowed: frozenset[str]) -> str:
    """The same URL if its origin is on the list; raises ReturnToRefused.

    Control characters, backslashes and user info are refused before parsing: browsers read them otherwise than we do.
    """
    if len(url) > MAX_RETURN_TO:
        raise ReturnToRefused(f"it is longer than {MAX_RETURN_TO} characters")
    if any(ord(letter) <= ord(" ") or letter in "\\\x7f" for letter in url):
        raise ReturnToRefused("it holds a space, a backslash or a control character")
    if "@" in urlsplit_safely(url).netloc:
        raise ReturnToRefused("it must not hold a user name")
    if origin_of(url) not in allowed:
        raise ReturnToRefused("its origin is not on the list of allowed ones")
    return url


def urlsplit_safely(url: str) -> SplitResult:
    """`urlsplit` whose refusals are ReturnToRefused."""
    try:
        return urlsplit(url)
    except ValueError as problem:
        raise ReturnToRefused("it is not a URL") from problem


_OURS = frozenset({"status", "link_code", "error"})


def build_return_url(
    return_to: str, status: ReturnStatus, *, link_code: str | None = None, error: str | None = None
) -> str:
    """The merchant's page with our answer in its query; its own parameters and fragment are kept."""
    parts = urlsplit(return_to)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in _OURS]
    query.append(("status", status))
    if link_code is not None:
        query.append(("link_code", link_code))
    if error is not None:
        query.append(("error", error))
    return urlunsplit(parts._replace(query=urlencode(query)))


class WrongAccount(ValueError):
    """The consent was given with another account than the one to reconnect."""


class UnknownPlace(ValueError):
    """A named place is not among those the consent reaches, or cannot be used; `index` says which."""

    def __init__(self, index: int, detail: str) -> None:
        super().__init__(detail)
        self.index = index
        self.detail = detail


def select_places(
    places: tuple[ChosenPlace, ...], *, named: tuple[str, ...] | None, reconnects: str | None
) -> tuple[ChosenPlace, ...] | None:
    """The places to link, or None where the merchant has to choose first.

    `reconnects` is the platform_id of the connection that the merchant set out to bring back: it is taken without a
    question, and another account's consent never replaces it.
    """
    by_id = {place.platform_id: place for place in places}
    if named is None and reconnects is not None:
        named = (reconnects,)
    if reconnects is not None and reconnects not in by_id:
        raise WrongAccount
    if named is None:
        return places if len(places) == 1 and places[0].usable else None
    picked: dict[str, ChosenPlace] = {}
    for index, platform_id in enumerate(named):
        place = by_id.get(platform_id)
        if place is None:
            raise UnknownPlace(index, "the consent does not reach this place")
        if not place.usable:
            raise UnknownPlace(index, place.reason or "this place cannot be used")
        picked[platform_id] = place
    return tuple(picked.values())
