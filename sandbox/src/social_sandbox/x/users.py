"""Reading people: the one whose token it is, and others by id."""

from social_sandbox.answers import Answer, json_answer
from social_sandbox.model import Account
from social_sandbox.platform import World
from social_sandbox.x.access import Visit
from social_sandbox.x.errors import not_found
from social_sandbox.x.showing import Showing
from social_sandbox.x.vocabulary import put, read_asked

_PARAMETERS = ("user.fields", "expansions", "tweet.fields", "post.fields")


class UserEndpoints:
    """Reading people."""

    def __init__(self, world: World, showing: Showing) -> None:
        self._world = world
        self._showing = showing

    async def me(self, visit: Visit) -> Answer:
        """Return the account that the token acts for."""
        return self._answer(visit, visit.account)

    async def one(self, visit: Visit) -> Answer:
        """Return anybody by id."""
        user_id = visit.call.params["id"]
        return self._answer(visit, self._world.store.account("x", user_id), sought=user_id)

    def _answer(self, visit: Visit, account: Account | None, *, sought: str = "") -> Answer:
        asked = read_asked(visit.query(*_PARAMETERS), visit.switches, of_users=True)
        if account is None:
            return json_answer({"errors": [not_found("user", "id", sought)]})
        return json_answer(put({"data": self._showing.user(account, asked)}, asked.vocabulary))
