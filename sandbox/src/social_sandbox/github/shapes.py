"""GitHub's JSON for people and repositories.

Links for machines stay under the sandbox's base; an `html_url` is the real one.
"""

from datetime import UTC, datetime
from typing import Any

from social_sandbox import engagement
from social_sandbox.calls import Call
from social_sandbox.github import ids
from social_sandbox.github.caller import DEFAULT_VERSION, Caller
from social_sandbox.github.repositories import Repository
from social_sandbox.model import Account
from social_sandbox.platform import World

API = "api.github.com"
WEB = "https://github.com"
AVATARS = "avatars.githubusercontent.com"


def time(moment: datetime) -> str:
    """GitHub's times: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def organization_number(login: str) -> int:
    """A number for an organisation that exists only as an owner of repositories."""
    return 9_000_000 + int(engagement.chance("github", "organization", login.lower()) * 900_000)


def owner_json(call: Call, repository: Repository) -> dict[str, Any]:
    """A repository's owner."""
    if repository.owner.lower() == repository.account.username.lower():
        return person_json(call, repository.account)
    return _actor(call, repository.owner, organization_number(repository.owner), kind="Organization")


def person_json(call: Call, account: Account) -> dict[str, Any]:
    """Somebody in passing."""
    return _actor(call, account.username, int(account.account_id), kind="User")


def _actor(call: Call, login: str, number: int, *, kind: str) -> dict[str, Any]:
    url = call.url(API, f"/users/{login}")
    prefix = ids.USER if kind == "User" else ids.ORGANIZATION
    return {
        "login": login,
        "id": number,
        "node_id": ids.node_id(prefix, number),
        "avatar_url": call.url(AVATARS, f"/u/{number}"),
        "gravatar_id": "",
        "url": url,
        "html_url": f"{WEB}/{login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def profile_json(call: Call, world: World, account: Account, *, gists: int) -> dict[str, Any]:
    """`GET /user`: the public view, with the numbers that analytics read."""
    return {
        **person_json(call, account),
        "name": account.display_name,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": sum(not place.options["private"] for place in account.places),
        "public_gists": gists,
        "followers": engagement.followers(world, account),
        "following": engagement.account_metric(world, account, "following", start=account.details.get("following", 3)),
        "created_at": time(account.created_at),
        "updated_at": time(account.created_at),
    }


_PLAIN = (
    "contributors deployments downloads events forks hooks languages merges"
    " stargazers subscribers subscription tags teams"
)
_TEMPLATES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "statuses_url": "/statuses/{sha}",
    "trees_url": "/git/trees{/sha}",
    **{f"{name}_url": f"/{name}" for name in _PLAIN.split()},
}


def stars(world: World, repository: Repository) -> int:
    """Stars by now."""
    return engagement.account_metric(world, repository.account, "stars", start=12, per_day=0.8)


def forks(world: World, repository: Repository) -> int:
    """Forks by now."""
    return engagement.account_metric(world, repository.account, "forks", start=2, per_day=0.1)


def repository_json(call: Call, world: World, repository: Repository, caller: Caller) -> dict[str, Any]:
    """A repository in full."""
    url = call.url(API, f"/repos/{repository.full_name}")
    web = f"{WEB}/{repository.full_name}"
    starred, forked = stars(world, repository), forks(world, repository)
    born = time(repository.created_at)
    allowed = ["read", "write", "admin"].index(repository.option("permission")) if caller.owns(repository) else 0
    body: dict[str, Any] = {
        "id": repository.number,
        "node_id": repository.node_id,
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.option("private"),
        "owner": owner_json(call, repository),
        "html_url": web,
        "description": None,
        "fork": False,
        "url": url,
        **{name: f"{url}{template}" for name, template in _TEMPLATES.items()},
        "git_url": f"git://github.com/{repository.full_name}.git",
        "ssh_url": f"git@github.com:{repository.full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "forks_count": forked,
        "forks": forked,
        "stargazers_count": starred,
        "watchers_count": starred,
        "watchers": starred,
        "size": 108,
        "default_branch": repository.option("default_branch"),
        "open_issues_count": 0,
        "open_issues": 0,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": False,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": repository.option("discussions"),
        "archived": repository.option("archived"),
        "disabled": False,
        "visibility": "private" if repository.option("private") else "public",
        "license": None,
        "permissions": {"admin": allowed > 1, "push": allowed > 0, "pull": True},
        "pushed_at": born,
        "created_at": born,
        "updated_at": born,
    }
    if caller.version == DEFAULT_VERSION:
        body["has_downloads"] = True
    return body
