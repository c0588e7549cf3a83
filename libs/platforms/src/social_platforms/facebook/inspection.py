"""What Facebook tells of a token: whose it is, whether it works, how long, and which Pages it was given for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from social_common.secrets import Secret
from social_platforms._core import ErrorCode, PlatformError
from social_platforms.answers import count, flag, ident, items, objects, text
from social_platforms.facebook.api import Bearer, FacebookApi

_APP_REMOVED: Final = 458
_EXPIRED: Final = 463
_PAGE_SCOPES: Final = frozenset({"pages_show_list", "pages_read_engagement", "pages_manage_posts", "read_insights"})


@dataclass(frozen=True, slots=True)
class Inspection:
    """`page_ids` are the Pages that the consent names; none named means all of the person's."""

    is_valid: bool
    is_removed: bool  # the person has taken the app out of the account
    is_expired: bool  # it has ended by itself, while Pages' tokens made from it may live
    user_id: str | None
    expires_in: timedelta | None  # its whole life; None: it does not expire
    scopes: frozenset[str]
    page_ids: tuple[str, ...]


async def inspect(api: FacebookApi, app: Bearer, token: Secret) -> Inspection:
    """What Facebook tells the app of that token. The call takes it in the query; there is no other way."""
    try:
        answer = await api.call("GET", "/debug_token", bearer=app, params={"input_token": token.reveal()})
    except PlatformError as error:
        if error.code not in {ErrorCode.AUTH_EXPIRED, ErrorCode.AUTH_REVOKED}:
            raise
        # It is the app's own token that was refused here; the merchant's is only asked about.
        raise PlatformError(
            ErrorCode.APP_MISCONFIGURED,
            "Facebook does not accept the store's own credentials.",
            http_status=error.http_status,
            scope="app",
            evidence=error.evidence,
        ) from None
    data = answer.body.get("data")
    is_valid = flag(data, "is_valid")
    if is_valid is None:
        raise api.calls.garbled(answer)
    ends = count(data, "expires_at") or 0
    begun = count(data, "issued_at") or api.clock().timestamp()
    named = [
        page_id
        for entry in objects(data, "granular_scopes")
        if text(entry, "scope") in _PAGE_SCOPES
        for position in range(len(items(entry, "target_ids")))
        if (page_id := ident(entry, "target_ids", position)) is not None
    ]
    return Inspection(
        is_valid=is_valid,
        is_removed=count(data, "error", "subcode") == _APP_REMOVED,
        is_expired=count(data, "error", "subcode") == _EXPIRED,
        user_id=ident(data, "user_id"),
        expires_in=timedelta(seconds=max(ends - begun, 0)) if ends else None,
        scopes=frozenset(name for name in items(data, "scopes") if isinstance(name, str)),
        page_ids=tuple(dict.fromkeys(named)),
    )
