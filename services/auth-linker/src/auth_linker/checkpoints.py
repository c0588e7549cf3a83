"""auth-linker's writes that others can see; `about` is the platform."""

from social_common.checkpoints import Effect


class Linking(Effect):
    """The closed set."""

    EXCHANGE = "code.exchange"
    CONSENT = "consent.commit"  # the tokens that wait for the merchant
    LEASE = "lease.commit"
    REFRESH = "token.refresh"
    TOKENS = "tokens.commit"
    REVOKE = "token.revoke"
    PROOF = "proof.commit"
