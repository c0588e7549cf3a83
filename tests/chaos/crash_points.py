"""Which moments are walked, on which platforms, and in whose process: read from the code's own closed sets."""

from collections.abc import Iterable, Iterator

from auth_linker.checkpoints import Linking
from publisher.checkpoints import Publishing
from social_common.checkpoints import Effect, Side
from social_stack.crash_orders import Order, point_name

# One platform per way of publishing: a plain create, a container, a tag, an upload session, accepted and looked at
# later, an id in a header, and a create after an upload.
PLATFORMS = ("x", "instagram", "github", "youtube", "google", "linkedin", "facebook")
# Where a refresh token is spent by its use, a lost answer costs the account.
ROTATING = frozenset({"x", "github"})
REFRESHING = ("x", "github", "google", "youtube", "linkedin")
# The short walk: one platform whose refresh tokens rotate and whose grants stand alone, one of neither.
FEW = ("x", "google")

PUBLISHING = (
    Publishing.PREPARE,
    Publishing.PREPARATION,
    Publishing.ATTEMPT,
    Publishing.PUBLISH,
    Publishing.RESULT,
)
CONSENTING = (Linking.EXCHANGE, Linking.CONSENT)
RENEWING = (Linking.LEASE, Linking.REFRESH, Linking.TOKENS)
REVOKING = (Linking.REVOKE, Linking.PROOF)
# A crash here loses the platform's answer to a refresh.
LOST_ANSWERS = frozenset({"token.refresh.after", "tokens.commit.before"})
# Where a process stands still beyond every lease, and then wakes.
PAUSES = (
    Order("post.publish.before", "x", pause=14.0),
    Order("attempt.commit.after", "x", pause=14.0),
    Order("post.publish.after", "x", pause=14.0),
    Order("result.commit.before", "x", pause=14.0),
    Order("post.publish.before", "instagram", pause=14.0),
    Order("post.publish.before", "github", pause=14.0),
)
PAUSED_REFRESHES = (
    Order("token.refresh.after", "x", pause=24.0),
    Order("token.refresh.before", "x", pause=24.0),
    Order("lease.commit.after", "x", pause=26.0),
)
# GitHub's text posts take no upload, and a handle that costs nothing is not stored.
STORES_NOTHING = frozenset({"github"})


def orders_of(effects: Iterable[Effect], about: str = "") -> Iterator[Order]:
    """An order for both moments of each write."""
    for effect in effects:
        for side in Side:
            yield Order(point_name(effect, side), about)


def publishing_orders(platform: str, *, whole: bool) -> Iterator[Order]:
    """The moments of one post's way out; `whole` with the commits that are the same on every platform."""
    for effect in PUBLISHING:
        is_call = effect in {Publishing.PREPARE, Publishing.PUBLISH}
        if (effect is Publishing.PREPARATION and platform in STORES_NOTHING) or not (whole or is_call):
            continue
        yield from orders_of([effect], platform)
