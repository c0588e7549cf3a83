"""What the simulators of Google's platforms have in common."""

from abc import abstractmethod
from datetime import timedelta

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.google_identity.errors import identity_rate_limited, identity_server_error, is_identity_call
from social_sandbox.google_identity.people import FAMILY
from social_sandbox.google_identity.projects import check_redirects
from social_sandbox.google_identity.tokens import end_consents
from social_sandbox.model import App
from social_sandbox.platform import PlatformSimulator


class GooglePlatform(PlatformSimulator):
    """One grant store for all of them; trouble at the identity's hosts is worded as the identity words it.

    Subclasses give their APIs' words in `api_server_error` and `api_rate_limited`.
    """

    @property
    def family(self) -> str:
        """Google's, whichever the platform."""
        return FAMILY

    @abstractmethod
    def api_server_error(self, call: Call) -> Answer:
        """The 500 of the platform's own hosts."""

    @abstractmethod
    def api_rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """The "too many requests" of the platform's own hosts."""

    def server_error(self, call: Call) -> Answer:
        """The 500 of the host that was called."""
        return identity_server_error() if is_identity_call(call) else self.api_server_error(call)

    def rate_limited(self, call: Call, retry_after: timedelta | None) -> Answer:
        """The "too many requests" of the host that was called."""
        return identity_rate_limited() if is_identity_call(call) else self.api_rate_limited(call, retry_after)

    def revoke_access(self, call: Call) -> None:
        """The person removes the app in their account's settings: every consent to the project ends."""
        grant = self.grant_of(call)
        if grant is not None:
            end_consents(self.grants, grant.client_id, grant.account_id, now=self.world.clock.now())

    def check_app(self, app: App) -> None:
        """Redirect URIs as the Cloud console takes them."""
        check_redirects(app)
