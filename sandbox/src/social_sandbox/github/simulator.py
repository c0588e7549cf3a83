"""GitHub as a whole: its endpoints, its accounts, its own words for trouble."""

from collections.abc import Sequence
from datetime import timedelta

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.model import Account
from social_sandbox.platform import AccountSpec, PlatformSimulator, Route


class GitHubSimulator(PlatformSimulator):
    """github.com and api.github.com."""

    name = "github"
    label = "GitHub"

    def routes(self) -> Sequence[Route]:
        """Every endpoint of both hosts."""
        return ()

    def demo_accounts(self) -> Sequence[AccountSpec]:
        """Whom a newcomer finds."""
        return (AccountSpec("adashop", "Ada's shop", 240),)

    def create_account(self, spec: AccountSpec) -> Account:
        """A user with repositories."""
        number = self.world.store.next_number("github.user", 583231)
        username = spec.username or f"merchant-{number}"
        account = Account(
            self.name,
            str(number),
            username,
            spec.display_name or username,
            spec.followers or 0,
            self.world.clock.now(),
        )
        return self.world.store.add_account(account)

    def server_error(self, call: Call) -> Answer:
        """GitHub's 502 after ten seconds."""
        del call
        return json_answer({"message": "Server Error"}, 502)

    def rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """A limit of GitHub's."""
        del call, retry_after
        return json_answer({"message": "You have exceeded a secondary rate limit."}, 403)
