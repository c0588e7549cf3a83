"""What becomes of a local post: processed, published or rejected, as the sandbox's time passes.

The state is worked out whenever somebody looks and kept in `visibility`; a verdict, once reached, stands until the post
is edited. A location without a voice publishes nothing: its posts stay in processing until it has one.
"""

import re
from datetime import datetime
from typing import Any

from social_sandbox.google.access import PLATFORM
from social_sandbox.google.switches import GoogleSwitches
from social_sandbox.model import Post
from social_sandbox.store import Store

SCHEDULED, PROCESSING, LIVE, REJECTED, RECURRING = "SCHEDULED", "PROCESSING", "LIVE", "REJECTED", "RECURRING"
PUBLISHED = frozenset({LIVE, RECURRING})
# With a plus or a zero ahead, or in the groups of three, three and four; other rows of digits are prices or numbers.
_PHONE_NUMBER = re.compile(r"(?<![\w/=&?#.-])(?:(?:\+|\(?0)[\d ()/-]{7,18}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\w)")
_FEWEST_DIGITS = 8


def review(post: Post, *, at: datetime, scheduled: datetime | None, switches: GoogleSwitches) -> None:
    """Put a new or edited post on its way."""
    begins = max(at, scheduled) if scheduled is not None else at
    post.details |= {"begins": begins, "ends": begins + switches.processing, "verdict": None}


def settle(store: Store, post: Post, *, now: datetime, switches: GoogleSwitches) -> str:
    """The state of a post by now."""
    details = post.details
    if details["verdict"] is None and now >= details["ends"]:
        found = store.find_place(PLATFORM, post.platform_id)
        if _is_refused(post, switches):
            details["verdict"] = REJECTED
        elif found is not None and found[1].options["hasVoiceOfMerchant"]:
            repeats = details["input"].get("event", {}).get("recurrenceInfo")
            details["verdict"] = RECURRING if repeats else LIVE
    if details["verdict"] is not None:
        post.visibility = details["verdict"]
    else:
        post.visibility = SCHEDULED if now < details["begins"] else PROCESSING
    return post.visibility


def search_url(post: Post, switches: GoogleSwitches) -> dict[str, Any]:
    """Where customers see a post: from the moment there is something to see."""
    is_there = {"create": True, "live": post.visibility in PUBLISHED, "never": False}[switches.search_url_from]
    number = post.platform_id.removeprefix("locations/")
    address = f"https://local.google.com/place?id={number}&use=posts&lpsid={post.platform_post_id.rpartition('/')[2]}"
    return {"searchUrl": address} if is_there else {}


def _is_refused(post: Post, switches: GoogleSwitches) -> bool:
    if switches.rejects == "all":
        return True
    return switches.rejects == "phone_numbers" and has_phone_number(post.text)


def has_phone_number(text: str) -> bool:
    """Whether a text holds what looks like a telephone number."""
    numbers = (match[0] for match in _PHONE_NUMBER.finditer(text))
    return any(sum(sign.isdigit() for sign in number) >= _FEWEST_DIGITS for number in numbers)
