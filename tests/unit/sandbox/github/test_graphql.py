"""GitHub's GraphQL: discussions, and errors inside a 200."""

from itertools import pairwise

import pytest
from tests.unit.sandbox.github.visitors import CREATE, NEWEST, NUMBERS, TARGET, Visitor, a_visitor, an_oauth_app
from tests.unit.sandbox.harness import Sandbox


async def test_a_discussion_is_created_listed_and_read(sandbox: Sandbox, ada: Visitor) -> None:
    """It stands in the list with its body as sent, authored by the viewer, and in the ground truth."""
    body = "They are here.\n\n<!-- ref:8f1c2d -->"

    made = (await ada.discuss(body))["data"]["createDiscussion"]

    assert made["clientMutationId"] == "m1"
    assert made["discussion"]["url"] == "https://github.com/adashop/shop/discussions/12"
    listed = (await ada.graph(NEWEST, o="adashop", n="shop"))["data"]["repository"]["discussions"]["nodes"]
    assert [(n["id"], n["body"], n["viewerDidAuthor"]) for n in listed] == [(made["discussion"]["id"], body, True)]
    truth = await sandbox.published("github")
    assert [p["platform_post_id"] for p in truth] == [made["discussion"]["id"]]


async def test_client_mutation_id_is_no_idempotency_key(sandbox: Sandbox, ada: Visitor) -> None:
    """The same mutation twice makes two discussions."""
    await ada.discuss("twice")
    await ada.discuss("twice")

    assert len(await sandbox.published("github")) == 2


async def test_lists_come_newest_first_in_pages_by_cursor(sandbox: Sandbox, ada: Visitor) -> None:
    """Pages cover everything once."""
    for number in range(5):
        await ada.discuss(f"number {number}")
        sandbox.pass_time(seconds=1)

    seen: list[str] = []
    cursor = None
    while True:
        page = (await ada.graph(NEWEST, o="adashop", n="shop", f=2, a=cursor))["data"]["repository"]["discussions"]
        seen += [node["body"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == [f"number {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        ("(first:101)", "EXCESSIVE_PAGINATION"),
        ('(first:1,after:"x")', "INVALID_CURSOR_ARGUMENTS"),
    ],
)
async def test_pages_need_a_size_up_to_a_hundred(ada: Visitor, arguments: str, kind: str) -> None:
    """A connection without or with too large a `first`, or a foreign cursor, is an error."""
    query = f'{{repository(owner:"adashop",name:"shop"){{discussions{arguments}{{totalCount}}}}}}'

    body = await ada.graph(query)

    assert body["errors"][0]["type"] == kind


async def test_an_unknown_field_or_argument_is_an_error_without_data(ada: Visitor) -> None:
    """Documents are checked before they run."""
    body = await ada.graph('{repository(owner:"adashop",name:"shop"){price}}')

    assert "data" not in body
    assert "price" in body["errors"][0]["message"]


@pytest.mark.parametrize("document", ["{", ""])
async def test_senseless_documents_are_refused(ada: Visitor, document: str) -> None:
    """What does not parse brings errors, an empty query a 400."""
    answer = await ada.call("POST", "/graphql", json={"query": document})

    assert answer.status_code == (200 if document else 400)
    assert "data" not in answer.json()


async def test_a_bad_token_is_still_401(ada: Visitor) -> None:
    """GraphQL's 200 is for those who are in."""
    ada.tokens["access_token"] = "ghu_gone"

    assert (await ada.call("POST", "/graphql", json={"query": "{viewer{login}}"})).status_code == 401


async def test_unknown_repositories_and_nodes_are_not_found(ada: Visitor) -> None:
    """`NOT_FOUND` stands beside null."""
    body = await ada.graph(TARGET, o="adashop", n="nothing")
    assert body["data"] == {"repository": None}
    assert body["errors"][0]["type"] == "NOT_FOUND"
    made = await ada.graph(CREATE, r="R_x", c="DIC_x", t="T", b="B")
    assert made["data"] == {"createDiscussion": None}
    assert made["errors"][0]["message"] == "Could not resolve to a node with the global id of 'R_x'."


@pytest.mark.parametrize(("title", "body"), [("", "x"), ("x" * 257, "x"), ("x", ""), ("x", "x" * 65_537)])
async def test_titles_and_bodies_have_limits(ada: Visitor, title: str, body: str) -> None:
    """Blank and overlong words are `UNPROCESSABLE`."""
    target = await ada.target()

    answer = await ada.graph(CREATE, r=target["id"], c=target["categories"]["general"], t=title, b=body)

    assert answer["data"] == {"createDiscussion": None}
    assert answer["errors"][0]["type"] == "UNPROCESSABLE"


async def test_discussions_that_are_off_have_no_categories_and_take_nothing(sandbox: Sandbox, ada: Visitor) -> None:
    """The switch in the repository's settings is told and obeyed."""
    before = await ada.target()
    number = (await ada.call("GET", "/repos/adashop/shop")).json()["id"]
    place = {"platform": "github", "platform_id": str(number), "options": {"discussions": False}}
    await sandbox.control("POST", "/places", json=place)

    after = await ada.target()
    made = await ada.graph(CREATE, r=before["id"], c=before["categories"]["general"], t="T", b="B")

    assert after["hasDiscussionsEnabled"] is False
    assert after["categories"] == {}
    assert made["errors"][0]["type"] == "UNPROCESSABLE"


async def test_announcements_are_for_maintainers(sandbox: Sandbox) -> None:
    """A mere reader may start one in general, not in announcements."""
    place = {"kind": "repository", "name": "theirs", "options": {"permission": "read"}}
    await sandbox.control("POST", "/accounts", json={"platform": "github", "username": "guest", "places": [place]})
    guest = await a_visitor(sandbox, "guest")

    refused = await guest.discuss("hello", name="theirs")
    allowed = await guest.discuss("hello", name="theirs", slug="general")

    assert refused["errors"][0]["type"] == "FORBIDDEN"
    assert allowed["data"]["createDiscussion"] is not None


async def test_an_app_without_the_permission_is_forbidden_and_without_the_scope_insufficient(sandbox: Sandbox) -> None:
    """GitHub Apps lack permissions, OAuth apps lack scopes."""
    app = {
        "platform": "github",
        "client_id": "modest",
        "client_secret": "sandbox-secret",
        "redirect_uris": ["http://localhost:8101/v1/oauth/github/callback"],
        "options": {"permissions": {"discussions": "read", "metadata": "read"}},
    }
    await sandbox.control("POST", "/apps", json=app)
    modest = await a_visitor(sandbox, client_id="modest")
    reader = await a_visitor(sandbox, client_id=await an_oauth_app(sandbox), scope="read:user")

    assert (await modest.discuss("x"))["errors"][0]["type"] == "FORBIDDEN"
    assert (await reader.discuss("x"))["errors"][0]["type"] == "INSUFFICIENT_SCOPES"


async def test_private_repositories_are_hidden_from_others(sandbox: Sandbox, ada: Visitor) -> None:
    """By name and by node id alike."""
    place = {"kind": "repository", "name": "secret", "options": {"private": True}}
    await sandbox.control("POST", "/accounts", json={"platform": "github", "username": "owner", "places": [place]})
    owner = await a_visitor(sandbox, "owner")
    node = (await owner.target("secret"))["id"]

    seen = await ada.graph("query($i:ID!){node(id:$i){id}}", i=node)

    assert seen["data"] == {"node": None}
    assert (await ada.graph(TARGET, o="owner", n="secret"))["errors"][0]["type"] == "NOT_FOUND"


async def test_changing_and_deleting_are_the_authors(sandbox: Sandbox, ada: Visitor) -> None:
    """The author edits and removes; another person does not."""
    made = (await ada.discuss("first"))["data"]["createDiscussion"]["discussion"]["id"]
    update = "mutation($d:ID!,$b:String){updateDiscussion(input:{discussionId:$d,body:$b}){discussion{body}}}"
    delete = "mutation($d:ID!){deleteDiscussion(input:{id:$d}){discussion{id}}}"
    bert = await a_visitor(sandbox, "bert-makes")

    assert "errors" in await bert.graph(delete, d=made)
    changed = await ada.graph(update, d=made, b="second")
    assert changed["data"]["updateDiscussion"]["discussion"]["body"] == "second"
    assert "errors" in await ada.graph(update, d=made, b=" ")
    await ada.graph(delete, d=made)
    assert await sandbox.published("github") == []


async def test_numbers_grow_with_time_and_never_shrink(sandbox: Sandbox, ada: Visitor) -> None:
    """Later readings are at least as large; a set number stands."""
    made = (await ada.discuss("watch me"))["data"]["createDiscussion"]["discussion"]["id"]

    async def reading() -> tuple[int, int, int]:
        node = (await ada.graph(NUMBERS, i=[made]))["data"]["nodes"][0]
        return node["upvoteCount"], node["comments"]["totalCount"], node["reactions"]["totalCount"]

    readings = [await reading()]
    for _ in range(4):
        sandbox.pass_time(hours=6)
        readings.append(await reading())
        ada.tokens = (await a_visitor(sandbox)).tokens
    assert all(a <= b for early, late in pairwise(readings) for a, b in zip(early, late, strict=True))
    assert sum(readings[-1]) > sum(readings[0])
    wished = {"platform": "github", "platform_post_id": made, "metrics": {"likes": 77, "comments": 5}}
    await sandbox.control("POST", "/engagement", json=wished)
    assert await reading() == (0, 5, 77)


async def test_the_points_run_out_inside_a_200(sandbox: Sandbox, ada: Visitor) -> None:
    """`RATE_LIMITED` with nothing remaining."""
    sandbox.switch("github", primary_limit=1)
    await ada.graph("{viewer{login}}")

    answer = await ada.call("POST", "/graphql", json={"query": "{viewer{login}}"})

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["type"] == "RATE_LIMITED"
    assert answer.headers["x-ratelimit-remaining"] == "0"


@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("identity", "{viewer{login}}"),
        ("identity", '{repository(owner:"adashop",name:"shop"){id discussionCategories(first:5){nodes{id}}}}'),
        ("read", '{repository(owner:"adashop",name:"shop"){discussions(first:5){nodes{id}}}}'),
        ("read", '{node(id:"D_x"){id}}'),
        ("metrics", '{nodes(ids:["D_x"]){... on Discussion{upvoteCount}}}'),
        ("publish", 'mutation{deleteDiscussion(input:{id:"D_x"}){clientMutationId}}'),
    ],
)
async def test_a_fault_finds_its_graphql_calls(sandbox: Sandbox, ada: Visitor, operation: str, query: str) -> None:
    """One URL, several operations, told apart by what is asked."""
    await sandbox.fault("github", operation, "error_500")

    assert (await ada.call("POST", "/graphql", json={"query": query})).status_code == 502
