"""People of Google: one list, whichever platform they were made for.

An `Account` made for a platform of the family is a person with places there. Made on a second platform under the same
username it is the same person, with the same `sub`: so somebody can have locations and channels.
"""

import re
from collections.abc import Mapping, Sequence

from social_sandbox.model import Account, Place
from social_sandbox.platform import AccountSpec, RefusedByControl, World, check_options
from social_sandbox.store import Store

FAMILY = "google"
BUCKET = "google_identity"
"""Where the store keeps what only the identity knows."""
PLATFORMS = ("google", "youtube")
PERSON_DETAILS: Mapping[str, type] = {"email": str, "hd": str}
"""What `details` of any account of the family may hold: an address, a Workspace domain."""
_MAIL_DOMAIN = "shop.example"
_FIRST_SUB = 103_658_204_417
_USERNAME = re.compile(r"[A-Za-z0-9._+-]{1,64}(@[A-Za-z0-9.-]{1,100})?")


def people(store: Store) -> list[Account]:
    """Everybody who can sign in, each once, in the order they were made on each platform."""
    found: dict[str, Account] = {}
    for platform in PLATFORMS:
        for account in store.accounts_of(platform):
            found.setdefault(account.account_id, account)
    return list(found.values())


def person(store: Store, sub: str) -> Account | None:
    """Somebody by `sub`."""
    return next((found for platform in PLATFORMS if (found := store.account(platform, sub))), None)


def find_person(store: Store, name: str) -> Account | None:
    """Somebody by `sub`, username or e-mail address, as the consent form and `login_hint` name them."""
    lowered = name.lower()
    by_name = (a for a in people(store) if lowered in {a.username.lower(), email_of(a).lower()})
    return person(store, name) or next(by_name, None)


def email_of(account: Account) -> str:
    """The address, which is what Google shows as the name of an account."""
    return str(account.details["email"])


def channels_of(store: Store, sub: str) -> list[Place]:
    """The YouTube channels of somebody; nobody has to have one."""
    account = store.account("youtube", sub)
    return list(account.places) if account else []


def make_person(
    world: World,
    platform: str,
    spec: AccountSpec,
    *,
    places: Sequence[Place],
    known_details: Mapping[str, type] | None = None,
) -> Account:
    """Make an account of a platform and keep it; `known_details` are those that only this platform has."""
    store = world.store
    check_options(spec.details, {**PERSON_DETAILS, **(known_details or {})}, where="details", label="Google")
    username = spec.username or f"merchant{store.next_number('google.username')}"
    if _USERNAME.fullmatch(username) is None:
        raise RefusedByControl("username", "must be a name or an address of letters, digits and . _ + -")
    known = find_person(store, username)
    if known is not None and store.account(platform, known.account_id) is not None:
        raise RefusedByControl("username", "is taken on this platform", status=409)
    inherited = {name: known.details[name] for name in PERSON_DETAILS if known and name in known.details}
    email = username if "@" in username else f"{username}@{_MAIL_DOMAIN}"
    account = Account(
        platform=platform,
        account_id=known.account_id if known else _new_sub(store),
        username=username,
        display_name=spec.display_name or (known.display_name if known else username),
        followers=120 if spec.followers is None else spec.followers,
        created_at=world.clock.now(),
        places=list(places),
        details={"email": email, **spec.details, **inherited},
    )
    return store.add_account(account)


def _new_sub(store: Store) -> str:
    """Twenty-one digits, beyond what a 64-bit integer holds."""
    return f"1{store.next_number('google.sub', _FIRST_SUB) * 7_919:020d}"
