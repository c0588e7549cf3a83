"""Releases in REST: create, list, read by id, tag or newest, change, delete."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from social_sandbox import engagement
from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.github import ids, shapes
from social_sandbox.github.caller import Caller, Door
from social_sandbox.github.discussions import Discussions
from social_sandbox.github.errors import invalid, not_found
from social_sandbox.github.locate import locate, located_routes
from social_sandbox.github.pages import API, page_of
from social_sandbox.github.release_rules import check_release
from social_sandbox.github.repositories import Repositories, Repository
from social_sandbox.model import Post
from social_sandbox.platform import Route, World

KIND = "release"
ALREADY_EXISTS = {"resource": "Release", "code": "already_exists", "field": "tag_name"}


class Releases:
    """`/repos/{owner}/{repo}/releases…`."""

    def __init__(self, world: World, repositories: Repositories, *, discussions: Discussions, door: Door) -> None:
        self._world = world
        self._repositories = repositories
        self._discussions = discussions
        self._door = door

    def routes(self) -> Sequence[Route]:
        """Reading and writing."""
        door, read, publish = self._door, Operation.READ, Operation.PUBLISH
        return (
            *located_routes(door, "GET", "/releases", read, handler=self.list_all),
            *located_routes(door, "POST", "/releases", publish, handler=self.create, creates=True),
            *located_routes(door, "GET", "/releases/latest", read, handler=self.latest),
            *located_routes(door, "GET", "/releases/tags/{tag:path}", read, handler=self.by_tag),
            *located_routes(door, "GET", "/releases/{release}", read, handler=self.one),
            *located_routes(door, "PATCH", "/releases/{release}", publish, handler=self.change),
            *located_routes(door, "DELETE", "/releases/{release}", publish, handler=self.delete),
        )

    async def create(self, call: Call, caller: Caller) -> Answer:
        """A release, and its tag where that does not exist yet."""
        repository = locate(self._repositories, call, caller)
        caller.require(repository, "contents", "write")
        body = call.json()
        tags = self._tags(repository)
        refusal = check_release(body, repository, tags=tags)
        if refusal is not None:
            return refusal
        draft = bool(body.get("draft"))
        if not draft and self._published(repository, body["tag_name"]) is not None:
            return invalid(errors=[ALREADY_EXISTS])
        category = body.get("discussion_category_name")
        if category is not None and not any(category in {c.name, c.slug} for c in repository.categories):
            raise not_found()
        post = self._add(caller, repository, body, draft=draft)
        if not draft:
            tags[body["tag_name"]] = post.platform_post_id
            if category is not None:
                self._discussions.add_for_release(caller, repository, post, category)
        url = call.url(API, f"/repos/{repository.full_name}/releases/{post.platform_post_id}")
        return json_answer(self._json(call, post), 201, headers={"location": url})

    async def list_all(self, call: Call, caller: Caller) -> Answer:
        """The releases, newest first; drafts only for those who may push."""
        repository = locate(self._repositories, call, caller)
        shown, link = page_of(call, self._visible(caller, repository))
        return json_answer([self._json(call, post) for post in shown], headers=link)

    async def latest(self, call: Call, caller: Caller) -> Answer:
        """The newest that is neither draft nor prerelease."""
        repository = locate(self._repositories, call, caller)
        plain = [
            p for p in self._visible(caller, repository) if p.visibility == "public" and not p.details["prerelease"]
        ]
        if not plain:
            raise not_found()
        return json_answer(self._json(call, plain[0]))

    async def by_tag(self, call: Call, caller: Caller) -> Answer:
        """A published release by its tag."""
        repository = locate(self._repositories, call, caller)
        post = self._published(repository, call.params["tag"])
        if post is None:
            raise not_found()
        return json_answer(self._json(call, post))

    async def one(self, call: Call, caller: Caller) -> Answer:
        """A release by its id."""
        return json_answer(self._json(call, self._find(call, caller)))

    async def change(self, call: Call, caller: Caller) -> Answer:
        """New name, text or flags; a draft becomes public here, too."""
        repository = locate(self._repositories, call, caller)
        caller.require(repository, "contents", "write")
        post = self._find(call, caller)
        body = call.json()
        wished = {"tag_name": post.details["tag_name"], **(body if isinstance(body, dict) else {})}
        refusal = check_release(wished if isinstance(body, dict) else body, repository, tags=self._tags(repository))
        if refusal is not None:
            return refusal
        draft = bool(wished.get("draft", post.visibility == "draft"))
        holder = self._published(repository, wished["tag_name"])
        if not draft and holder is not None and holder is not post:
            return invalid(errors=[ALREADY_EXISTS])
        if post.visibility == "draft" and not draft:
            post.details["published_at"] = self._world.clock.now()
        post.visibility = "draft" if draft else "public"
        post.text = wished.get("body", post.text) or ""
        kept = ("tag_name", "name", "prerelease", "target_commitish")
        post.details.update({name: wished[name] for name in kept if wished.get(name) is not None})
        if not draft:
            self._tags(repository)[wished["tag_name"]] = post.platform_post_id
        return json_answer(self._json(call, post))

    async def delete(self, call: Call, caller: Caller) -> Answer:
        """The release goes, its tag stays."""
        repository = locate(self._repositories, call, caller)
        caller.require(repository, "contents", "write")
        self._find(call, caller).deleted_at = self._world.clock.now()
        return Answer(204)

    def _add(self, caller: Caller, repository: Repository, body: dict[str, Any], *, draft: bool) -> Post:
        now = self._world.clock.now()
        number = self._world.store.next_number("github.release", 150_000_077)
        details = {
            "tag_name": body["tag_name"],
            "name": body.get("name"),
            "title": body.get("name") or body["tag_name"],
            "target_commitish": body.get("target_commitish") or repository.option("default_branch"),
            "prerelease": bool(body.get("prerelease")),
            "published_at": None if draft else now,
            "repository": repository.number,
        }
        return self._world.store.add_post(
            Post(
                "github",
                caller.account.account_id,
                repository.place.platform_id,
                str(number),
                body.get("body") or "",
                now,
                KIND,
                visibility="draft" if draft else "public",
                details=details,
            )
        )

    def _of(self, repository: Repository) -> list[Post]:
        posts = self._world.store.posts_at("github", repository.place.platform_id)
        return [post for post in reversed(posts) if post.kind == KIND]

    def _visible(self, caller: Caller, repository: Repository) -> list[Post]:
        drafts = repository.can_write and caller.reaches(repository, "contents", "write")
        return [post for post in self._of(repository) if drafts or post.visibility != "draft"]

    def _published(self, repository: Repository, tag: str) -> Post | None:
        post = self._world.store.post("github", self._tags(repository).get(tag, ""))
        stands = post is not None and post.visibility != "draft" and post.details["tag_name"] == tag
        return post if stands else None

    def _find(self, call: Call, caller: Caller) -> Post:
        repository = locate(self._repositories, call, caller)
        post = self._world.store.post("github", call.params["release"])
        if post is None or post not in self._visible(caller, repository):
            raise not_found()
        return post

    def _tags(self, repository: Repository) -> dict[str, str]:
        """Every tag there is, with the release that made it."""
        tags: dict[int, dict[str, str]] = self._world.store.bucket("github").setdefault("tags", {})
        return tags.setdefault(repository.number, {})

    def _json(self, call: Call, post: Post) -> dict[str, Any]:
        return release_json(call, self._world, post, self._repositories)


def release_json(call: Call, world: World, post: Post, repositories: Repositories) -> dict[str, Any]:
    """A release in REST."""
    repository = repositories.by_number(post.platform_id)
    author = world.store.account("github", post.account_id)
    if repository is None or author is None:
        raise not_found()
    details = post.details
    number = int(post.platform_post_id)
    url = call.url(API, f"/repos/{repository.full_name}/releases/{number}")
    repo_url = call.url(API, f"/repos/{repository.full_name}")
    tag = quote(details["tag_name"], safe="")
    likes = engagement.post_metric(world, post, "likes")
    published = details["published_at"]
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": call.url("uploads.github.com", f"/repos/{repository.full_name}/releases/{number}/assets")
        + "{?name,label}",
        "html_url": f"{shapes.WEB}/{repository.full_name}/releases/tag/{tag}",
        "id": number,
        "node_id": ids.node_id(ids.RELEASE, repository.number, number),
        "tag_name": details["tag_name"],
        "target_commitish": details["target_commitish"],
        "name": details["name"],
        "draft": post.visibility == "draft",
        "immutable": False,
        "prerelease": details["prerelease"],
        "created_at": shapes.time(post.created_at),
        "updated_at": shapes.time(post.created_at),
        "published_at": shapes.time(published) if published else None,
        "author": shapes.person_json(call, author),
        "assets": [],
        "tarball_url": f"{repo_url}/tarball/{tag}",
        "zipball_url": f"{repo_url}/zipball/{tag}",
        "body": post.text,
        "reactions": reactions_json(f"{url}/reactions", likes),
        **({"discussion_url": details["discussion_url"]} if "discussion_url" in details else {}),
    }


def reactions_json(url: str, total: int) -> dict[str, Any]:
    """How people reacted: mostly with a thumb up, some with a heart."""
    hearts = total // 3
    none = dict.fromkeys(("-1", "laugh", "hooray", "confused", "rocket", "eyes"), 0)
    return {"url": url, "total_count": total, "+1": total - hearts, "heart": hearts, **none}
