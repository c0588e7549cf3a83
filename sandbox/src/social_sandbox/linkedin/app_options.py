"""An app's products, which decide its scopes and quotas, as options of a registered app."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ValidationError, field_validator

from social_sandbox.model import App
from social_sandbox.platform import RefusedByControl

SIGN_IN, SHARE, COMMUNITY = "sign_in", "share", "community_management"
Product = Literal["sign_in", "share", "community_management"]

SCOPES: Mapping[str, str] = {
    "openid": "Use your name and photo",
    "profile": "Use your name and photo",
    "email": "Use the primary email address associated with your LinkedIn account",
    "w_member_social": "Create, modify, and delete posts on your behalf",
    "w_organization_social": "Create, modify, and delete posts on your organization's behalf",
    "r_organization_social": "Retrieve your organization's posts",
    "rw_organization_admin": "Manage your organization's page and retrieve reporting data",
    "r_organization_admin": "Retrieve your organization's page and its reporting data",
    "r_organization_social_feed": "Retrieve comments and reactions on your organization's posts",
    "w_organization_social_feed": "Create comments and reactions on posts on your organization's behalf",
    "r_member_postAnalytics": "Retrieve your posts and their reporting data",
    "r_member_profileAnalytics": "Use your profile analytics",
}
_OF_PRODUCT: Mapping[str, tuple[str, ...]] = {
    SIGN_IN: ("openid", "profile", "email"),
    SHARE: ("w_member_social",),
    COMMUNITY: (
        "w_organization_social",
        "r_organization_social",
        "rw_organization_admin",
        "r_organization_admin",
        "r_organization_social_feed",
        "w_organization_social_feed",
        "r_member_postAnalytics",
        "r_member_profileAnalytics",
        "w_member_social",
    ),
}


class AppOptions(BaseModel, extra="forbid", frozen=True):
    """`products` are what the app was granted; `tier` counts for the Community Management API only.

    `refresh_tokens`: approved partner apps have them; by default those with the Community Management API.
    """

    products: tuple[Product, ...] = ("sign_in", "share")
    tier: Literal["development", "standard"] = "standard"
    refresh_tokens: bool | None = None

    @field_validator("products")
    @classmethod
    def _stand_together(cls, value: tuple[Product, ...]) -> tuple[Product, ...]:
        if not value:
            raise ValueError("an app needs a product")
        if COMMUNITY in value and SHARE in value:
            raise ValueError("the Community Management API wants an app of its own, without Share on LinkedIn")
        return value

    @property
    def is_community(self) -> bool:
        """Whether it is a Community Management app."""
        return COMMUNITY in self.products

    @property
    def scopes(self) -> frozenset[str]:
        """What the app may ask for; one more fails the whole authorization."""
        return frozenset(scope for product in self.products for scope in _OF_PRODUCT[product])

    @property
    def gives_refresh_tokens(self) -> bool:
        """Whether a code is exchanged for a refresh token, too."""
        return self.is_community if self.refresh_tokens is None else self.refresh_tokens

    @property
    def budgets(self) -> tuple[int | None, int | None]:
        """Calls per member and per app, endpoint and day, where LinkedIn has published them."""
        if not self.is_community:
            return 150, 100_000
        return (100, 500) if self.tier == "development" else (None, None)


def options_of(app: App) -> AppOptions:
    """An app's options; raises `RefusedByControl` for what LinkedIn does not have."""
    try:
        return AppOptions.model_validate(app.options)
    except ValidationError as error:
        first = error.errors()[0]
        raise RefusedByControl(".".join(["options", *map(str, first["loc"])]), first["msg"]) from error
