"""The professional account itself. Its `id` is known to one app only; `user_id` is the one that paths take."""

from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.engagement import account_metric, followers
from social_sandbox.instagram.access import Visit
from social_sandbox.instagram.media import newest_first
from social_sandbox.meta.fields import fields_of, select
from social_sandbox.platform import World

_FIELDS = frozenset(
    {
        "id",
        "user_id",
        "username",
        "name",
        "account_type",
        "profile_picture_url",
        "followers_count",
        "follows_count",
        "media_count",
        "biography",
        "website",
    }
)


class ProfileEndpoints:
    """Reading the account."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def me(self, visit: Visit) -> Answer:
        """Return the account behind the token."""
        shown = self.shown(visit)
        return json_answer({"data": [shown]} if visit.switches.wrapped_me else shown)

    def shown(self, visit: Visit) -> dict[str, Any]:
        """Return the asked fields of the account."""
        account = visit.account
        details = account.details
        values: dict[str, Any] = {
            "id": details["app_scoped_id"],
            "user_id": visit.ig_id,
            "username": account.username,
            "name": account.display_name,
            "account_type": details.get("account_type", "BUSINESS"),
            "followers_count": followers(self._world, account),
            "follows_count": account_metric(
                self._world, account, "following", start=int(details.get("following", 310))
            ),
            "media_count": account_metric(
                self._world,
                account,
                "posts",
                start=int(details.get("posts", 0)) + self._count_media(visit.ig_id),
            ),
            "biography": details.get("biography", ""),
        }
        if not details.get("no_picture"):
            values["profile_picture_url"] = f"https://scontent.example/profiles/{visit.ig_id}.jpg"
        return select(values, fields_of(visit.params), known=_FIELDS, node="User")

    def _count_media(self, ig_id: str) -> int:
        return sum(1 for post in newest_first(self._world.store, ig_id) if post.kind != "story")
