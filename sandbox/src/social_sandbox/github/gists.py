"""Public gists: made, listed, read, deleted by OAuth apps with the scope `gist`."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from social_sandbox import engagement
from social_sandbox.answers import Answer, json_answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.github import shapes
from social_sandbox.github.caller import Caller, Door
from social_sandbox.github.errors import NOT_ACCESSIBLE, error, forbidden, invalid, not_found
from social_sandbox.github.pages import API, page_of
from social_sandbox.model import Post
from social_sandbox.platform import Route, World

KIND = "gist"


class Gists:
    """`/gists…`. A gist stands at its person, not at a repository: its place is the account's id."""

    def __init__(self, world: World, door: Door) -> None:
        self._world = world
        self._door = door

    def routes(self) -> Sequence[Route]:
        """Four endpoints."""
        guard = self._door.guard
        return (
            Route("POST", API, "/gists", Operation.PUBLISH, guard(self.create, creates=True)),
            Route("GET", API, "/gists", Operation.READ, guard(self.list_own)),
            Route("GET", API, "/gists/{gist}", Operation.READ, guard(self.one)),
            Route("DELETE", API, "/gists/{gist}", Operation.PUBLISH, guard(self.delete)),
        )

    async def create(self, call: Call, caller: Caller) -> Answer:
        """A gist of one or more files."""
        _require_gists(caller)
        body = call.json()
        files = body.get("files") if isinstance(body, dict) else None
        if not isinstance(files, dict) or not files:
            return invalid(errors=[{"resource": "Gist", "field": "files", "code": "missing_field"}])
        for name, file in files.items():
            if not isinstance(file, dict) or not isinstance(file.get("content"), str) or not file["content"]:
                return invalid(errors=[{"resource": "Gist", "field": "files", "code": "missing_field"}])
            if name.startswith("gistfile"):
                return invalid(errors=[{"resource": "Gist", "field": "files", "code": "invalid"}])
        content = {name: file["content"] for name, file in files.items()}
        account = caller.account
        post = Post(
            "github",
            account.account_id,
            account.account_id,
            secrets.token_hex(16),
            "\n\n".join(content.values()),
            self._world.clock.now(),
            KIND,
            visibility="public" if body.get("public") in {True, "true"} else "secret",
            details={"description": body.get("description"), "files": content},
        )
        return json_answer(self._json(call, self._world.store.add_post(post), caller), 201)

    async def list_own(self, call: Call, caller: Caller) -> Answer:
        """One's own, newest first."""
        posts = self._world.store.posts_at("github", caller.account.account_id)
        since = call.query.get("since")
        try:
            earliest = datetime.fromisoformat(since) if since else None
            earliest = earliest.replace(tzinfo=earliest.tzinfo or UTC) if earliest else None
        except ValueError:
            return invalid(errors=[{"resource": "Gist", "field": "since", "code": "invalid"}])
        found = [p for p in reversed(posts) if p.kind == KIND and (earliest is None or p.created_at >= earliest)]
        shown, link = page_of(call, found)
        return json_answer([self._json(call, post, caller) for post in shown], headers=link)

    async def one(self, call: Call, caller: Caller) -> Answer:
        """A gist by its id; a secret one, too, for whoever knows it."""
        return json_answer(self._json(call, self._find(call), caller))

    async def delete(self, call: Call, caller: Caller) -> Answer:
        """A gist goes."""
        _require_gists(caller)
        post = self._find(call)
        if post.account_id != caller.account.account_id:
            return error(404, "Not Found")
        post.deleted_at = self._world.clock.now()
        return Answer(204)

    def _find(self, call: Call) -> Post:
        post = self._world.store.post("github", call.params["gist"])
        if post is None or post.kind != KIND:
            raise not_found()
        return post

    def _json(self, call: Call, post: Post, caller: Caller) -> dict[str, Any]:
        owner = self._world.store.account("github", post.account_id) or caller.account
        url = call.url(API, f"/gists/{post.platform_post_id}")
        web = f"https://gist.github.com/{owner.username}/{post.platform_post_id}"
        files = {
            name: {
                "filename": name,
                "type": "text/markdown" if name.endswith(".md") else "text/plain",
                "language": "Markdown" if name.endswith(".md") else "Text",
                "raw_url": f"{web}/raw/{name}",
                "size": len(content.encode()),
                "truncated": False,
                "content": content,
                "encoding": "utf-8",
            }
            for name, content in post.details["files"].items()
        }
        return {
            "url": url,
            "forks_url": f"{url}/forks",
            "commits_url": f"{url}/commits",
            "id": post.platform_post_id,
            "node_id": f"G_{post.platform_post_id}",
            "git_pull_url": f"https://gist.github.com/{post.platform_post_id}.git",
            "git_push_url": f"https://gist.github.com/{post.platform_post_id}.git",
            "html_url": web,
            "files": files,
            "public": post.visibility == "public",
            "created_at": shapes.time(post.created_at),
            "updated_at": shapes.time(post.created_at),
            "description": post.details["description"],
            "comments": engagement.post_metric(self._world, post, "comments"),
            "comments_enabled": True,
            "user": None,
            "comments_url": f"{url}/comments",
            "owner": shapes.person_json(call, owner),
            "truncated": False,
        }


def _require_gists(caller: Caller) -> None:
    if caller.options.is_github_app:
        raise forbidden(NOT_ACCESSIBLE, permissions="gists=write")
    if not caller.allows("gists", "write", scope="gist"):
        raise not_found()
