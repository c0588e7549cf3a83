"""Reading posts: one, many, and the timeline, which lags behind what was written."""

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import read_number
from social_sandbox.model import Account, Post
from social_sandbox.platform import World
from social_sandbox.x.access import Visit
from social_sandbox.x.authored import newest_first
from social_sandbox.x.errors import XError, invalid_request, missing_post, not_found
from social_sandbox.x.ids import is_id
from social_sandbox.x.showing import Showing
from social_sandbox.x.vocabulary import Asked, put, read_asked

FIELD_PARAMETERS = (
    "tweet.fields",
    "post.fields",
    "user.fields",
    "media.fields",
    "poll.fields",
    "place.fields",
    "expansions",
)
_MOST_IDS = 100
_FEWEST, _MOST, _USUAL = 5, 100, 10
_REACHABLE = 3200
_FIRST_YEAR, _LAST_YEAR = 2006, 2999


class LookupEndpoints:
    """Reading posts."""

    def __init__(self, world: World, showing: Showing) -> None:
        self._world = world
        self._showing = showing

    async def one(self, visit: Visit) -> Answer:
        """Return one post; a missing one is told in either of the two forms that were seen."""
        asked = read_asked(visit.query(*FIELD_PARAMETERS), visit.switches)
        post_id = visit.call.params["id"]
        if not is_id(post_id):
            raise _bad_id("id", post_id)
        post = self._world.store.post("x", post_id)
        if post is None:
            if visit.switches.not_found_form == "problem":
                raise missing_post("id", post_id)
            return json_answer({"errors": [not_found("tweet", "id", post_id)]})
        body = self._body([post], asked, visit.account)
        if "data" in body:
            body["data"] = body["data"][0]
        return json_answer(put(body, asked.vocabulary))

    async def many(self, visit: Visit) -> Answer:
        """Return up to a hundred posts; what is missing stands under `errors`."""
        query = visit.query("ids", *FIELD_PARAMETERS)
        asked = read_asked(query, visit.switches)
        ids = read_ids(query)
        found = {post_id: self._world.store.post("x", post_id) for post_id in ids}
        missing = [not_found("tweet", "ids", post_id) for post_id, post in found.items() if post is None]
        body = self._body([post for post in found.values() if post is not None], asked, visit.account)
        if missing:
            body["errors"] = body.get("errors", []) + missing
        return json_answer(put(body, asked.vocabulary))

    async def timeline(self, visit: Visit) -> Answer:
        """Return a page of an account's posts, the newest first. Without posts there is no `data`."""
        query = visit.query(
            "max_results",
            "pagination_token",
            "since_id",
            "until_id",
            "start_time",
            "end_time",
            "exclude",
            *FIELD_PARAMETERS,
        )
        asked = read_asked(query, visit.switches)
        owner = self._world.store.account("x", visit.call.params["id"])
        if owner is None:
            return json_answer({"errors": [not_found("user", "id", visit.call.params["id"])]})
        size = _page_size(query)
        offset = _offset(query.get("pagination_token"))
        visible = islice(self._visible(owner, query, visit), offset, min(_REACHABLE, offset + size + 1))
        page = list(visible)
        has_more = len(page) > size
        body = self._body(page[:size], asked, visit.account)
        body["meta"] = _meta(page[:size], offset, size, has_more=has_more)
        return json_answer(put(body, asked.vocabulary))

    def _visible(self, owner: Account, query: dict[str, str], visit: Visit) -> Iterator[Post]:
        shown_until = visit.now - visit.switches.timeline_lag
        start, end = _time(query, "start_time"), _time(query, "end_time")
        since, until = _id_of(query, "since_id"), _id_of(query, "until_id")
        excluded = {part for part in query.get("exclude", "").split(",") if part}
        if not excluded <= {"replies", "retweets"}:
            raise invalid_request("exclude", query["exclude"], "The `exclude` value must be replies or retweets")
        for post in newest_first(self._world.store, owner.account_id):
            number = int(post.platform_post_id)
            hidden = (
                post.created_at > shown_until
                or (since is not None and number <= since)
                or (until is not None and number >= until)
                or (start is not None and post.created_at < start)
                or (end is not None and post.created_at >= end)
                or ("replies" in excluded and "in_reply_to" in post.details)
            )
            if not hidden:
                yield post

    def _body(self, posts: list[Post], asked: Asked, reader: Account) -> dict[str, Any]:
        """A post whose private figures are refused is left out of `data`."""
        shown: list[dict[str, Any]] = []
        kept: list[Post] = []
        errors: list[dict[str, Any]] = []
        for post in posts:
            figures, refused = self._showing.private_figures(post, asked, reader)
            errors += refused
            if not refused:
                shown.append(self._showing.post(post, asked) | figures)
                kept.append(post)
        body: dict[str, Any] = {"data": shown} if shown else {}
        includes = self._showing.includes(kept, asked, reader)
        if includes:
            body["includes"] = includes
        return body | ({"errors": errors} if errors else {})


def read_ids(query: dict[str, str]) -> list[str]:
    """Return the ids that a request names, each once; 1 to 100 of them."""
    ids = list(dict.fromkeys(query.get("ids", "").split(",")))
    if not 1 <= len(ids) <= _MOST_IDS:
        raise invalid_request(
            "ids", query.get("ids", ""), "The number of values in the `ids` query parameter is not 1-100"
        )
    for post_id in ids:
        if not is_id(post_id):
            raise _bad_id("ids", post_id)
    return ids


def read_time(parameter: str, value: str) -> datetime:
    """Return an RFC 3339 time; it must say its offset."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise invalid_request(parameter, value, f"Invalid '{parameter}':'{value}'. It must be RFC 3339.") from error
    if moment.tzinfo is None:
        raise invalid_request(parameter, value, f"Invalid '{parameter}':'{value}'. It must name an offset.")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise invalid_request(parameter, value, f"Invalid '{parameter}':'{value}'. It is out of range.")
    return moment


def _bad_id(parameter: str, value: str) -> XError:
    message = f"The `{parameter}` query parameter value [{value}] is not valid, it must match ^[0-9]{{1,19}}$"
    return invalid_request(parameter, value, message)


def _id_of(query: dict[str, str], parameter: str) -> int | None:
    value = query.get(parameter)
    if value is None:
        return None
    if not is_id(value):
        raise _bad_id(parameter, value)
    return int(value)


def _time(query: dict[str, str], parameter: str) -> datetime | None:
    return read_time(parameter, query[parameter]) if parameter in query else None


def _page_size(query: dict[str, str]) -> int:
    text = query.get("max_results", str(_USUAL))
    size = read_number(text)
    if size is None or not _FEWEST <= size <= _MOST:
        message = f"The `max_results` query parameter value [{text}] is not between {_FEWEST} and {_MOST}"
        raise invalid_request("max_results", text, message)
    return size


def _token(offset: int) -> str:
    return base64.b32encode(f"offset:{offset}".encode()).decode().rstrip("=").lower()


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        text = base64.b32decode(token.upper() + "=" * (-len(token) % 8)).decode()
        name, _, number = text.partition(":")
        place = read_number(number)
        if name == "offset" and place is not None:
            return place
    except (binascii.Error, ValueError):
        pass
    raise invalid_request("pagination_token", token, "The `pagination_token` query parameter value is not valid")


def _meta(posts: list[Post], offset: int, size: int, *, has_more: bool) -> dict[str, Any]:
    meta: dict[str, Any] = {"result_count": len(posts)}
    if posts:
        meta |= {"newest_id": posts[0].platform_post_id, "oldest_id": posts[-1].platform_post_id}
    if has_more:
        meta["next_token"] = _token(offset + size)
    if offset > 0:
        meta["previous_token"] = _token(max(0, offset - size))
    return meta
