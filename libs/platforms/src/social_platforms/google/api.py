"""Google Business Profile's services as all three facets call them."""

import re
from typing import Final

from social_platforms._core import Access, PlatformError
from social_platforms.answers import Answer, text
from social_platforms.google.errors import NAME, error_of, place_gone
from social_platforms.google.limits import POSTS_VERSION
from social_platforms.google_identity.api import GoogleApi

ACCOUNTS: Final = "mybusinessaccountmanagement.googleapis.com"
LOCATIONS: Final = "mybusinessbusinessinformation.googleapis.com"
STANDING: Final = "mybusinessverifications.googleapis.com"
POSTS: Final = "mybusiness.googleapis.com"
PERFORMANCE: Final = "businessprofileperformance.googleapis.com"

_ACCOUNT: Final = re.compile(r"accounts/[\w-]{1,64}", re.ASCII)
_LOCATION: Final = re.compile(r"locations/[\w-]{1,64}", re.ASCII)
_POST: Final = re.compile(r"accounts/[\w-]{1,64}/locations/[\w-]{1,64}/localPosts/[\w-]{1,128}", re.ASCII)


class GoogleBusinessApi(GoogleApi):
    """Calls to the five services."""

    name = NAME
    machine = frozenset({ACCOUNTS, LOCATIONS, STANDING, POSTS, PERFORMANCE})
    lists = frozenset({"accounts", "locations", "localPosts", "multiDailyMetricTimeSeries"})

    def error_of(self, answer: Answer, *, creating: bool = False) -> PlatformError:
        """What an unsuccessful answer means."""
        return error_of(answer, now=self.clock(), creating=creating)


def account_name(value: object) -> str | None:
    """The name of an account, safe to stand in a path."""
    found = text(value)
    return found if found is not None and _ACCOUNT.fullmatch(found) else None


def location_name(value: object) -> str | None:
    """The name of a location, safe to stand in a path."""
    found = text(value)
    return found if found is not None and _LOCATION.fullmatch(found) else None


def post_name(value: object) -> str | None:
    """The name of a local post, safe to stand in a path."""
    found = text(value)
    return found if found is not None and _POST.fullmatch(found) else None


def location_of(access: Access) -> str:
    """The location's path as the newer services spell it."""
    location = location_name(access.platform_id)
    if location is None:
        raise place_gone()
    return location


def posts_path(access: Access) -> str:
    """Where the location's posts are; the old generation wants the account in front, which only linking learned."""
    account = account_name(access.facts.get("account"))
    if account is None:
        raise place_gone()
    return f"/{POSTS_VERSION}/{account}/{location_of(access)}/localPosts"
