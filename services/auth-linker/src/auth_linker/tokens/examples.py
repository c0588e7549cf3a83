"""What the API's document shows of the broker: made from the models, so that it always fits them."""

from datetime import timedelta
from typing import Final

from auth_linker.connections.examples import CONNECTION, LINKED_AT
from auth_linker.tokens.broker import CallerRefused
from auth_linker.tokens.schemas import TokenIn, TokenOut
from social_common.errors import Conflict, Forbidden, Unavailable

WANTED: Final = TokenIn(user_id=CONNECTION.user_id, capability="publish", min_valid_s=60)
GIVEN: Final = TokenOut(
    access_token="an-example-and-no-token",  # noqa: S106 - as it says
    expires_at=LINKED_AT + timedelta(hours=2),
    token_version=3,
    platform=CONNECTION.platform,
    platform_id=CONNECTION.platform_id,
    kind=CONNECTION.kind,
    facts={"subscription_type": "none"},
)

REFUSED: Final = CallerRefused("analytics may not ask for a token to publish.")
NOT_GRANTED: Final = Forbidden(
    "The merchant has not granted publish for this connection.",
    code="permission_missing",
    action="Ask the merchant to reconnect and to allow it.",
)
RECONNECT: Final = Conflict(
    "The connection has no live token.",
    code="connection_not_usable",
    action="Ask the merchant to reconnect this account.",
    extra={"revision": CONNECTION.revision, "reason": "reconnect_required"},
)
PLATFORM_DOWN: Final = Unavailable(
    "The platform gives out no fresh token at the moment.", code="platform_down", retry_after=timedelta(seconds=5)
)
