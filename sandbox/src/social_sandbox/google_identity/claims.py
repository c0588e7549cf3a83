"""What Google tells about a person: in the id token, at userinfo, and of a token at tokeninfo."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

from social_sandbox.google_identity.keys import SigningKey
from social_sandbox.google_identity.people import email_of
from social_sandbox.google_identity.scopes import EMAIL, PROFILE
from social_sandbox.grants import Grant
from social_sandbox.model import Account

ISSUER = "https://accounts.google.com"
_ID_TOKEN_LIFE = timedelta(hours=1)


def person_claims(account: Account, scopes: tuple[str, ...]) -> dict[str, Any]:
    """The claims these scopes open: `sub` always, the address and the name each with its scope."""
    claims: dict[str, Any] = {"sub": account.account_id}
    if EMAIL in scopes:
        claims |= {"email": email_of(account), "email_verified": True}
        if account.details.get("hd"):
            claims["hd"] = account.details["hd"]
    if PROFILE in scopes:
        given, _, family = account.display_name.partition(" ")
        claims |= {"name": account.display_name, "given_name": given, "picture": picture_of(account)}
        claims |= {"family_name": family} if family else {}
    return claims


def picture_of(account: Account) -> str:
    """The address of somebody's picture."""
    return f"https://lh3.googleusercontent.com/a/{account.account_id}=s96-c"


def id_token(
    key: SigningKey, account: Account, grant: Grant, *, now: datetime, access_token: str, nonce: str | None
) -> str:
    """A signed statement of who somebody is, for one client."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "azp": grant.client_id,
        "aud": grant.client_id,
        **person_claims(account, grant.scopes),
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        "iat": int(now.timestamp()),
        "exp": int((now + _ID_TOKEN_LIFE).timestamp()),
    }
    return key.sign(claims | ({"nonce": nonce} if nonce else {}))
