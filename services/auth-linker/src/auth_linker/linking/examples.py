"""What the API's document shows of linking: made from the models, so that it always fits them."""

from datetime import timedelta
from typing import Final

from auth_linker.connections.examples import CONNECTION, LINKED_AT
from auth_linker.linking.schemas import (
    AuthorizeIn,
    AuthorizeOut,
    ChooseOut,
    CompleteIn,
    LinkedOut,
    PlaceOut,
    SiblingOut,
    SiblingsIn,
    SiblingsOut,
)
from auth_linker.linking.service import LinkNotFound
from auth_linker.linking.siblings import SignInGone
from social_common.errors import Conflict, Unavailable

AUTHORIZE: Final = AuthorizeIn(return_to="https://shop.example/settings/social", capabilities=["publish"])
AUTHORIZED: Final = AuthorizeOut(
    authorization_url="https://x.com/i/oauth2/authorize?response_type=code&client_id=example&state=example",
    expires_at=LINKED_AT + timedelta(minutes=10),
)
COMPLETE: Final = CompleteIn(link_code="example-link-code", platform_ids=["1900000000000000001"])
LINKED: Final = LinkedOut(connections=[CONNECTION])
_PLACE: Final = PlaceOut(
    platform_id="104000000000002",
    kind="page",
    name="Kettle & Co Vienna",
    avatar_url=None,
    usable=True,
    reason=None,
    limitations=[],
)
CHOICE: Final = ChooseOut(
    choose=[
        _PLACE,
        _PLACE.model_copy(
            update={"platform_id": "104000000000003", "usable": False, "reason": "You may not publish on this Page."}
        ),
    ]
)
SIBLINGS: Final = SiblingsOut(siblings=[SiblingOut(**_PLACE.model_dump(), connection_id=None)])
WANTED: Final = SiblingsIn(platform_ids=["104000000000002"])

LINK_NOT_FOUND: Final = LinkNotFound()
OTHER_ACCOUNT: Final = Conflict(
    "The consent was given with another account than the one to reconnect.",
    action="Sign in at the platform with the account of this connection, and begin again.",
)
SIGN_IN_GONE: Final = SignInGone()
GRANT_ENDED: Final = Conflict("The grant has ended meanwhile.", action="Reconnect the account.")
PLATFORM_DOWN: Final = Unavailable(
    "The platform could not say which places there are.", code="platform_down", retry_after=timedelta(seconds=5)
)
# Where a browser is sent back to.
RETURNED: Final = "https://shop.example/settings/social?status=authorized&link_code=example-link-code"
