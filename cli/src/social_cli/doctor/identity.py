"""Who vouches for merchants: the issuer's keys can be fetched and read from here."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from social_cli.doctor.findings import Finding, fine, wrong
from social_common.http import HttpClient, HttpError
from social_common.jwks import parse_keys

if TYPE_CHECKING:
    from social_common.settings import ServiceSettings

_OK: Final = 200
_CHECK: Final = "identity"


async def look_at_identity(settings: "ServiceSettings") -> Sequence[Finding]:
    """The address of the keys, its answer, and how many of them can verify a token."""
    if settings.supabase_jwt_secret is not None:
        return [fine(_CHECK, "access tokens", "are signed with the project's secret (HS256)")]
    if settings.supabase_url is None and settings.supabase_jwks_url is None:
        step = "set SUPABASE_URL to the project's URL"
        return [wrong(_CHECK, "access tokens", "nothing says who issues them", step=step)]
    url = settings.jwks_url
    step = "open it from this machine; put SUPABASE_URL or SUPABASE_JWKS_URL right where it is another"
    try:
        async with HttpClient(timeout=timedelta(seconds=5)) as http:
            answer = await http.request("GET", url)
    except HttpError as error:
        return [wrong(_CHECK, url, f"cannot be fetched ({error.detail})", step=step)]
    try:
        keys = parse_keys(answer.json()) if answer.status == _OK else {}
    except HttpError:
        keys = {}
    if not keys:
        return [wrong(_CHECK, url, f"answered {answer.status} without a key that can be used", step=step)]
    return [fine(_CHECK, url, f"{len(keys)} keys verify access tokens")]
