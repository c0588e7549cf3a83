"""People and apps that visit the simulated GitHub."""

from dataclasses import dataclass
from typing import Any

from tests.unit.sandbox.harness import CALLBACK, Response, Sandbox, params_of

REDIRECT = f"{CALLBACK}/v1/oauth/github/callback"
AUTHORIZE = "github.com/login/oauth/authorize"
TOKEN = "/github/github.com/login/oauth/access_token"
API = "/github/api.github.com"
CLIENT = ("sandbox-client", "sandbox-secret")

TARGET = """query($o:String!,$n:String!){repository(owner:$o,name:$n){id nameWithOwner isArchived hasDiscussionsEnabled
  viewerPermission discussionCategories(first:25){nodes{id name slug isAnswerable}}}}"""
CREATE = """mutation($r:ID!,$c:ID!,$t:String!,$b:String!,$m:String){createDiscussion(input:{repositoryId:$r,
  categoryId:$c,title:$t,body:$b,clientMutationId:$m}){clientMutationId discussion{id number url createdAt}}}"""
NEWEST = """query($o:String!,$n:String!,$c:ID,$f:Int=50,$a:String){repository(owner:$o,name:$n){discussions(first:$f,
  after:$a,categoryId:$c,orderBy:{field:CREATED_AT,direction:DESC}){totalCount pageInfo{hasNextPage endCursor}
  nodes{id number url title body createdAt viewerDidAuthor}}}}"""
NUMBERS = """query($i:[ID!]!){nodes(ids:$i){... on Discussion{upvoteCount comments{totalCount}
  reactions{totalCount}}}}"""


@dataclass
class Visitor:
    """Somebody whose tokens the test holds."""

    sandbox: Sandbox
    tokens: dict[str, Any]
    login: str

    async def call(self, method: str, path: str, **kwargs: Any) -> Response:
        """Call the API with the headers GitHub wants."""
        headers = {
            "authorization": f"Bearer {self.tokens['access_token']}",
            "x-github-api-version": "2026-03-10",
            **kwargs.pop("headers", {}),
        }
        return await self.sandbox.client.request(method, API + path, headers=headers, **kwargs)

    async def graph(self, query: str, **variables: Any) -> dict[str, Any]:
        """Run a GraphQL document."""
        answer = await self.call("POST", "/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def target(self, name: str = "shop") -> dict[str, Any]:
        """A repository with its categories by slug."""
        found = (await self.graph(TARGET, o=self.login, n=name))["data"]["repository"]
        return {**found, "categories": {c["slug"]: c["id"] for c in found["discussionCategories"]["nodes"]}}

    async def discuss(self, body: str, *, name: str = "shop", slug: str = "announcements") -> dict[str, Any]:
        """Open a discussion; returns the answer's body."""
        target = await self.target(name)
        return await self.graph(CREATE, r=target["id"], c=target["categories"][slug], t="News", b=body, m="m1")

    async def release(self, tag: str, *, name: str = "shop", **more: Any) -> Response:
        """Create a release."""
        path = f"/repos/{self.login}/{name}/releases"
        return await self.call("POST", path, json={"tag_name": tag, "body": "They are here.", **more})


async def a_code(sandbox: Sandbox, *, account: str = "adashop", **query: str) -> str:
    """A code fresh from the consent page."""
    asked = {"client_id": CLIENT[0], "redirect_uri": REDIRECT, "state": "st_1", **query}
    return params_of(await sandbox.consent("github", AUTHORIZE, asked, account=account))["code"]


async def exchange(sandbox: Sandbox, code: str, /, **changes: str) -> dict[str, Any]:
    """Exchange a code; errors are 200, too."""
    form = {"client_id": CLIENT[0], "client_secret": CLIENT[1], "code": code, "redirect_uri": REDIRECT} | changes
    return await token_call(sandbox, form)


async def refresh(sandbox: Sandbox, refresh_token: str, /, **changes: str) -> dict[str, Any]:
    """Refresh a pair."""
    form = {
        "client_id": CLIENT[0],
        "client_secret": CLIENT[1],
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    }
    return await token_call(sandbox, form | changes)


async def token_call(sandbox: Sandbox, form: dict[str, str]) -> dict[str, Any]:
    """A form to the token endpoint, with the answer as JSON."""
    answer = await sandbox.client.post(TOKEN, data=form, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def a_visitor(sandbox: Sandbox, login: str = "adashop", **query: str) -> Visitor:
    """Somebody who has linked through the default app, or the one that `client_id` names."""
    code = await a_code(sandbox, account=login, **query)
    client = {"client_id": query["client_id"]} if "client_id" in query else {}
    return Visitor(sandbox, await exchange(sandbox, code, **client), login)


async def an_oauth_app(sandbox: Sandbox, **options: Any) -> str:
    """A registered OAuth app; returns its client id."""
    app = {
        "platform": "github",
        "client_id": "oauth-app",
        "client_secret": CLIENT[1],
        "redirect_uris": [REDIRECT],
        "options": {"flavour": "oauth_app", **options},
    }
    await sandbox.control("POST", "/apps", json=app)
    return "oauth-app"
