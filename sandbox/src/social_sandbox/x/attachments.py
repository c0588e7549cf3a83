"""Looking at media once more, when somebody wants to post it: owner, category, age, size, length."""

from social_sandbox.x.access import Visit
from social_sandbox.x.errors import XError, forbidden, invalid_body
from social_sandbox.x.uploads import Upload, Uploads

_KINDS = {"tweet_image": "image", "tweet_gif": "gif", "tweet_video": "video", "amplify_video": "video"}
_MOST_IMAGES = 4
_SHORTEST_S = 0.5
_LEAST_PIXELS, _MOST_WIDE, _MOST_HIGH = 32, 1280, 1024
_MOST_WIDE_GIF, _MOST_HIGH_GIF = 1280, 1080
_STEEPEST = 3.0


def check_attachments(uploads: Uploads, media_ids: list[str], visit: Visit) -> list[Upload]:
    """Return the uploads that a post may carry; raises the refusal otherwise."""
    found = [uploads.find(media_id) for media_id in media_ids]
    ready = [upload for upload in found if upload is not None and _is_ready(upload, visit)]
    if len(ready) != len(media_ids) or len(set(media_ids)) != len(media_ids):
        raise _invalid_ids()
    kinds = [_KINDS[upload["category"]] for upload in ready]
    if "image" in kinds and set(kinds) != {"image"}:
        raise invalid_body("$.media.media_ids: images cannot be mixed with a GIF or a video")
    if len(kinds) > (_MOST_IMAGES if kinds[0] == "image" else 1):
        raise invalid_body("$.media.media_ids: at most four images, one GIF or one video")
    for upload in ready:
        _check_length(upload, visit)
    return ready


def kind_of(upload: Upload) -> str:
    """Return image, gif or video."""
    return _KINDS[upload["category"]]


def _is_ready(upload: Upload, visit: Visit) -> bool:
    kind = _KINDS.get(upload["category"])
    return (
        upload["owner"] == visit.account.account_id
        and upload["finished"]
        and upload["state"] in {None, "succeeded"}
        and kind is not None
        and _fits(upload, kind)
    )


def _fits(upload: Upload, kind: str) -> bool:
    media_type = upload["media_type"]
    if kind == "image":
        return media_type in {"image/jpeg", "image/pjpeg", "image/png", "image/webp", "image/gif"}
    if kind == "gif":
        small = upload["width"] <= _MOST_WIDE_GIF and upload["height"] <= _MOST_HIGH_GIF
        return media_type == "image/gif" and small
    if not media_type.startswith("video/") or upload["duration_s"] is None:
        return False
    wide, high = max(upload["width"], upload["height"]), min(upload["width"], upload["height"])
    return (
        high >= _LEAST_PIXELS
        and wide <= _MOST_WIDE
        and high <= _MOST_HIGH
        and wide / high <= _STEEPEST
        and upload["duration_s"] >= _SHORTEST_S
    )


def _check_length(upload: Upload, visit: Visit) -> None:
    subscription = visit.account.details.get("subscription_type", "None")
    is_premium = subscription in {"Premium", "PremiumPlus"}
    minutes = visit.switches.longest_premium_video_min if is_premium else visit.switches.longest_video_min
    if (upload["duration_s"] or 0) > minutes * 60:
        raise forbidden(f"This user is not allowed to post a video longer than {minutes} minutes.")


def _invalid_ids() -> XError:
    return invalid_body("Your media IDs are invalid.", detail="Your media IDs are invalid.")
