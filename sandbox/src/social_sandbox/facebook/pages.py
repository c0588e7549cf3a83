"""The Pages of a person: what the control interface can make of them, and what Facebook says about them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from social_sandbox.engagement import account_metric
from social_sandbox.facebook.switches import RevokeCause
from social_sandbox.model import Account, Place
from social_sandbox.platform import RefusedByControl, World

TASKS: tuple["Task", ...] = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")
Task = Literal["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
PAGE_FIELDS = frozenset(
    {
        "id",
        "name",
        "username",
        "link",
        "picture",
        "followers_count",
        "fan_count",
        "category",
        "verification_status",
        "is_published",
        "tasks",
        "access_token",
        "instagram_business_account",
    }
)
_PICTURE_SIZE = 50


class PageOptions(BaseModel, extra="forbid", frozen=True, strict=True):
    """What can differ between Pages, and change at run time."""

    tasks: list[Task] = Field(default_factory=lambda: list(TASKS))
    """What the person may do there."""
    role: bool = True
    """Whether the person has a role at all; losing it ends the Page's tokens."""
    likes: int = Field(default=1830, ge=0)
    """Below a hundred there are no insights."""
    followers: int | None = Field(default=None, ge=0)
    username: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.]{5,50}$")
    category: str = "Home decor"
    verification: Literal["not_verified", "blue_verified", "gray_verified"] = "not_verified"
    portfolio: str | None = Field(default=None, pattern=r"^[0-9]{1,20}$")
    """The business portfolio that holds the Page; then it is listed only with `business_management`."""
    portfolio_access: Literal["owned", "client"] = "owned"
    published: bool = True
    deleted: bool = False
    abuse: Literal["none", "too_fast", "person"] = "none"
    """Posting is blocked with 368: for its speed, or until a person settles it."""
    session: Literal["valid"] | RevokeCause = "valid"
    """What happens to the person's sessions, on all of their Pages: an event, and a lasting state where it is one."""


def read_options(options: Mapping[str, Any], *, where: str) -> PageOptions:
    """Return a Page's options; raises `RefusedByControl` for what no Page can have."""
    try:
        return PageOptions.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join([where, *(str(part) for part in first["loc"])])
        raise RefusedByControl(name, first["msg"]) from error


def options_of(place: Place) -> PageOptions:
    """Return the options of a Page as they stand."""
    return PageOptions.model_validate(place.options)


def followers_of(world: World, account: Account, place: Place) -> int:
    """How many follow a Page by now."""
    start = options_of(place).followers
    start = account.followers if start is None else start
    return account_metric(world, account, "followers", start=start, per_day=start / 300)


def page_values(world: World, account: Account, place: Place) -> dict[str, Any]:
    """Return everything readable about a Page, but its token; a Page without a username has no such member."""
    options = options_of(place)
    values: dict[str, Any] = {
        "id": place.platform_id,
        "name": place.name,
        "link": f"https://www.facebook.com/{options.username or place.platform_id}",
        "picture": {
            "data": {
                "height": _PICTURE_SIZE,
                "is_silhouette": False,
                "url": f"https://scontent.example/pages/{place.platform_id}.jpg",
                "width": _PICTURE_SIZE,
            }
        },
        "followers_count": followers_of(world, account, place),
        "fan_count": options.likes,
        "category": options.category,
        "verification_status": options.verification,
        "is_published": options.published,
        "tasks": list(options.tasks),
    }
    if options.username is not None:
        values["username"] = options.username
    return values
