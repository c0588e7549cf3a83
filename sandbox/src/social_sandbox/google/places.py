"""Locations as the control interface makes and changes them."""

import re
from collections.abc import Mapping
from typing import Any

from social_sandbox.google.access import NO_ROLE, PLATFORM
from social_sandbox.google.accounts import BusinessAccounts
from social_sandbox.google.locations import GAPS
from social_sandbox.model import Account, Place
from social_sandbox.platform import PlaceSpec, RefusedByControl, check_options
from social_sandbox.store import Store

KIND = "location"
_FIRST_NUMBER = 7_741_330_218
_FORM = re.compile(r"locations/[0-9]{1,20}")
_ROLES = ("PRIMARY_OWNER", "OWNER", "MANAGER", "SITE_MANAGER", NO_ROLE)
_OPTIONS: Mapping[str, type] = {
    "group": str,
    "languageCode": str,
    "hasVoiceOfMerchant": bool,
    "voiceOfMerchantGap": str,
    "role": str,
    "deleted": bool,
}
_DEFAULTS = {
    "group": "",
    "languageCode": "en",
    "hasVoiceOfMerchant": True,
    "voiceOfMerchantGap": "verify",
    "role": "PRIMARY_OWNER",
    "deleted": False,
}


def check_spec(spec: PlaceSpec, where: str) -> None:
    """Refuse a place that is no location."""
    if spec.kind != KIND:
        raise RefusedByControl(f"{where}.kind", "a place of Google is a location")
    if spec.platform_id is not None and _FORM.fullmatch(spec.platform_id) is None:
        raise RefusedByControl(f"{where}.platform_id", "must be locations/ and digits, twenty at most")
    check_values(spec.options, f"{where}.options")


def check_values(options: Mapping[str, Any], where: str) -> None:
    """Refuse options that a location does not have."""
    check_options(options, _OPTIONS, where=where, label="Google")
    if options.get("role", _ROLES[0]) not in _ROLES:
        raise RefusedByControl(f"{where}.role", f"must be one of {', '.join(_ROLES)}")
    if options.get("voiceOfMerchantGap", "verify") not in GAPS:
        raise RefusedByControl(f"{where}.voiceOfMerchantGap", f"must be one of {', '.join(GAPS)}")


def add_location(store: Store, accounts: BusinessAccounts, person: Account, spec: PlaceSpec) -> Place:
    """Give a person a location, under a group where one is named, else under the personal account."""
    options = {**_DEFAULTS, **spec.options}
    group = options["group"]
    options["account"] = accounts.group(person, group) if group else accounts.personal(person)
    platform_id = spec.platform_id or _new_id(store)
    return store.add_place(person, Place(platform_id, KIND, spec.name, options))


def _new_id(store: Store) -> str:
    while True:
        number = f"locations/{store.next_number('google.location', _FIRST_NUMBER)}"
        if store.find_place(PLATFORM, number) is None:
            return number
