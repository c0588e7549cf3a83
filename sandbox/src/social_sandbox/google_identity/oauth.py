"""The identity's hosts as a platform of the family serves them."""

from social_sandbox.faults import Operation
from social_sandbox.google_identity.authorization import AuthorizationEndpoint
from social_sandbox.google_identity.information import InformationEndpoints
from social_sandbox.google_identity.tokens import TokenEndpoints, answering, token_operation
from social_sandbox.platform import PlatformSimulator, Route

_ACCOUNTS = "accounts.google.com"
_TOKENS = "oauth2.googleapis.com"
_USERINFO = "openidconnect.googleapis.com"


class GoogleOAuth:
    """Authorization, tokens, revocation, and what OpenID Connect adds."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._authorization = AuthorizationEndpoint(simulator)
        self._tokens = TokenEndpoints(simulator)
        self._information = InformationEndpoints(simulator)

    def routes(self) -> list[Route]:
        """The consent page, the token endpoints, and the documents for machines."""
        page, information = self._authorization, self._information
        return [
            Route("GET", _ACCOUNTS, "/o/oauth2/v2/auth", Operation.AUTHORIZE, page.ask),
            Route("POST", _ACCOUNTS, "/o/oauth2/v2/auth", Operation.AUTHORIZE, page.decide),
            Route("POST", _TOKENS, "/token", token_operation, answering(self._tokens.token)),
            Route("POST", _TOKENS, "/revoke", Operation.REVOKE, answering(self._tokens.revoke)),
            Route(
                "GET",
                _ACCOUNTS,
                "/.well-known/openid-configuration",
                Operation.IDENTITY,
                answering(information.configuration),
            ),
            Route("GET", "www.googleapis.com", "/oauth2/v3/certs", Operation.IDENTITY, answering(information.keys)),
            *(
                Route(method, host, path, Operation.IDENTITY, answering(handler))
                for method in ("GET", "POST")
                for host, path, handler in (
                    (_USERINFO, "/v1/userinfo", information.userinfo),
                    (_TOKENS, "/tokeninfo", information.tokeninfo),
                )
            ),
        ]
