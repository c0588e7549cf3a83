"""publisher's writes that others can see; `about` is the platform."""

from social_common.checkpoints import Effect


class Publishing(Effect):
    """The closed set."""

    CLAIM = "claim.commit"
    PREPARE = "post.prepare"
    PREPARATION = "preparation.commit"
    ATTEMPT = "attempt.commit"
    PUBLISH = "post.publish"
    RESULT = "result.commit"
    LOOK = "look.commit"
    DISCARD = "post.discard"
