"""Local posts (v4): create, read, list, edit, delete. Nothing tells two equal creations apart: each makes a post."""

from datetime import UTC, datetime
from typing import Any

from social_sandbox.answers import Answer, json_answer
from social_sandbox.evening import evened
from social_sandbox.google.access import PLATFORM, count_edit, posting_location
from social_sandbox.google.bodies import WRITABLE, LocalPost, parse, read_object, shown
from social_sandbox.google.errors import api_error, invalid_field, not_found
from social_sandbox.google.lifecycle import review, search_url, settle
from social_sandbox.google.masks import merge, read_mask
from social_sandbox.google.photos import take
from social_sandbox.google.queries import read_query
from social_sandbox.google.rules import check, scheduled_for
from social_sandbox.google.switches import GoogleSwitches
from social_sandbox.google_identity.access import Visit
from social_sandbox.model import Place, Post
from social_sandbox.platform import PlatformSimulator

_FIRST_NUMBER = 5_501_204_417
_PAGE, _MOST = 20, 100


class PostEndpoints:
    """`accounts.locations.localPosts`."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._world = simulator.world
        self._store = simulator.world.store

    async def create(self, visit: Visit) -> Answer:
        """Take a post in; whether it will be published is decided later."""
        read_query(visit.call)
        place = posting_location(self._store, visit)
        values = read_object(visit.call)
        body = parse({"languageCode": place.options["languageCode"], **values})
        scheduled = self._check(body, visit.now)
        photos = [await take(item, self._switches) for item in body.media]
        count_edit(self._world, visit, place, limit=self._switches.edits_per_minute)
        now = self._world.clock.now()
        number = self._store.next_number("google.post", _FIRST_NUMBER)
        post = Post(
            platform=PLATFORM,
            account_id=visit.person.account_id,
            platform_id=place.platform_id,
            platform_post_id=f"{_parent(visit)}/localPosts/{number}",
            text=body.summary,
            created_at=now,
            kind=body.topic_type.lower(),
            details={"input": body.model_dump(exclude_defaults=True, by_alias=True), "updated_at": now},
        )
        self._hang(post, place, photos)
        review(post, at=now, scheduled=scheduled, switches=self._switches)
        self._store.add_post(post)
        return json_answer(self._json(post, now))

    async def get(self, visit: Visit) -> Answer:
        """One post."""
        read_query(visit.call)
        return json_answer(self._json(self._post(visit, posting_location(self._store, visit)), visit.now))

    async def listing(self, visit: Visit) -> Answer:
        """The posts of a location; a very new one may be missing."""
        query = read_query(visit.call, "pageSize", "pageToken")
        place = posting_location(self._store, visit)
        visible = visit.now - self._switches.list_lag
        posts = [post for post in self._store.posts_at(PLATFORM, place.platform_id) if post.created_at <= visible]
        if self._switches.list_order == "newest":
            posts.reverse()
        page, more = query.page(posts, default=_PAGE, most=_MOST)
        items = [self._json(post, visit.now) for post in page]
        return json_answer(({"localPosts": items} if items else {}) | more)

    async def edit(self, visit: Visit) -> Answer:
        """Change the masked fields; the post is looked at anew."""
        query = read_query(visit.call, "updateMask")
        place = posting_location(self._store, visit)
        post = self._post(visit, place)
        paths = read_mask(query.text("updateMask"), field="update_mask", known=WRITABLE)
        given = read_object(visit.call)
        parse(given)
        body = parse(merge(post.details["input"], given, paths=paths))
        is_moved = any(path[0] == "scheduledTime" for path in paths)
        scheduled = self._check(body, visit.now if is_moved else post.created_at)
        photos = None
        if any(path[0] == "media" for path in paths):
            photos = [await take(item, self._switches) for item in body.media]
        if self._store.post(PLATFORM, post.platform_post_id) is None:
            raise not_found()
        count_edit(self._world, visit, place, limit=self._switches.edits_per_minute)
        now = self._world.clock.now()
        post.text = body.summary
        post.kind = body.topic_type.lower()
        post.details |= {"input": body.model_dump(exclude_defaults=True, by_alias=True), "updated_at": now}
        if photos is not None:
            self._hang(post, place, photos)
        review(post, at=now, scheduled=scheduled, switches=self._switches)
        return json_answer(self._json(post, now))

    async def delete(self, visit: Visit) -> Answer:
        """Take a post away for good."""
        read_query(visit.call)
        place = posting_location(self._store, visit)
        post = self._post(visit, place)
        count_edit(self._world, visit, place, limit=self._switches.edits_per_minute)
        post.deleted_at = visit.now
        return json_answer({})

    async def report(self, visit: Visit) -> Answer:
        """Insights of posts ended in February 2023, and nothing took their place."""
        del visit
        raise api_error(404, "Method not found.")

    def settle_all(self) -> None:
        """Bring every post's state up to date."""
        now = self._world.clock.now()
        for post in self._store.posts_of(PLATFORM):
            settle(self._store, post, now=now, switches=self._switches)

    @property
    def _switches(self) -> GoogleSwitches:
        switches: GoogleSwitches = self._simulator.switches
        return switches

    def _check(self, body: LocalPost, since: datetime) -> datetime | None:
        check(body, longest_summary=self._switches.longest_summary)
        scheduled = scheduled_for(body)
        if scheduled is not None and scheduled <= since:
            raise invalid_field("scheduledTime", "The time must be in the future.")
        return scheduled

    def _post(self, visit: Visit, place: Place) -> Post:
        post = self._store.post(PLATFORM, f"{_parent(visit)}/localPosts/{visit.call.params['post']}")
        if post is None or post.platform_id != place.platform_id:
            raise not_found()
        return post

    def _hang(self, post: Post, place: Place, photos: list[dict[str, Any]]) -> None:
        for photo in photos:
            key = f"AF1Qip{self._store.next_number('google.media', _FIRST_NUMBER):x}"
            photo["name"] = f"{place.options['account']}/{place.platform_id}/media/localPosts/{key}"
            photo["google_url"] = f"https://lh3.googleusercontent.com/p/{key}"
        post.media = photos

    def _json(self, post: Post, now: datetime) -> dict[str, Any]:
        state = settle(self._store, post, now=now, switches=self._switches)
        answer = {"name": post.platform_post_id, **shown(parse(post.details["input"])), "state": state}
        if summary := evened(answer.pop("summary", "")):
            answer["summary"] = summary
        answer |= {"createTime": _moment(post.created_at), "updateTime": _moment(post.details["updated_at"])}
        answer |= search_url(post, self._switches)
        if post.media:
            answer["media"] = [
                {"name": photo["name"], "mediaFormat": "PHOTO", "googleUrl": photo["google_url"]}
                for photo in post.media
            ]
        return answer


def _parent(visit: Visit) -> str:
    return f"accounts/{visit.call.params['account']}/locations/{visit.call.params['location']}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
