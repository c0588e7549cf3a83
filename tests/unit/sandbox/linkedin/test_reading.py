"""Reading back on the simulated LinkedIn: pages' posts, never members'; roles and organizations."""

import pytest
from tests.unit.sandbox.harness import Sandbox
from tests.unit.sandbox.linkedin.visitors import (
    COMMUNITY_APP,
    OTHER_PAGE,
    PAGE,
    Merchant,
    a_merchant,
    a_page_manager,
    encoded,
    error_of,
)

LIST = f"/posts?q=author&author={encoded(PAGE)}"
FEED = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/posts?q=author&author={person}", "partnerApiPostsExternal.FINDER-author"),
        ("/posts/{post}", "partnerApiPostsExternal.GET"),
        ("/posts?ids=List({post})", "partnerApiPostsExternal.BATCH_GET"),
        (f"/networkSizes/{encoded(PAGE)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER", "networkSizes.GET"),
        (
            f"/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={encoded(PAGE)}",
            "organizationalEntityShareStatistics.FINDER-organizationalEntity",
        ),
        ("/memberFollowersCount?q=me", "memberFollowersCount.FINDER-me"),
        (
            "/memberCreatorPostAnalytics?q=entity&entity=(share:{post})&queryType=IMPRESSION",
            "memberCreatorPostAnalytics.FINDER-entity",
        ),
        ("/socialMetadata/{post}", "socialMetadata.GET"),
        ("/organizationAcls?q=roleAssignee", "organizationAcls.FINDER-roleAssignee"),
        ("/organizations/5555", "organizations.GET"),
    ],
)
async def test_a_self_serve_token_creates_and_reads_nothing(member: Merchant, path: str, endpoint: str) -> None:
    """Not even what it has made itself; the message names resource, method and version."""
    urn = await member.posted("Hello")

    answer = await member.call(
        "GET",
        path.format(person=encoded(member.person), post=encoded(urn)),
        headers={"linkedin-version": "202604"},
    )

    assert answer.status_code == 403
    assert answer.json() == {
        "status": 403,
        "serviceErrorCode": 100,
        "code": "ACCESS_DENIED",
        "message": f"Not enough permissions to access: {endpoint}.20260401",
    }


async def test_members_posts_are_closed_to_every_app(manager: Merchant) -> None:
    """The scope for them is not given out any more."""
    urn = await manager.posted("Hello")

    assert error_of(await manager.call("GET", f"/posts/{encoded(urn)}")) == (403, "ACCESS_DENIED")
    assert error_of(await manager.call("GET", f"/posts?q=author&author={encoded(manager.person)}"))[0] == 403


async def test_a_pages_post_is_read_back_with_its_media(sandbox: Sandbox, manager: Merchant) -> None:
    """In milliseconds, with escapes, templates and the URNs of its media."""
    picture = await manager.image(PAGE)
    content = {"media": {"id": picture, "altText": "A kettle"}}
    urn = await manager.posted("New copper kettle \\(1.5 l\\) #kitchen", author=PAGE, content=content)

    answer = await manager.call("GET", f"/posts/{encoded(urn)}?viewContext=AUTHOR")

    now = int(sandbox.clock.now().timestamp() * 1000)
    assert answer.json() == {
        "id": urn,
        "author": PAGE,
        "commentary": "New copper kettle \\(1.5 l\\) {hashtag|\\#|kitchen}",
        "visibility": "PUBLIC",
        "lifecycleState": "PUBLISHED",
        "createdAt": now,
        "publishedAt": now,
        "lastModifiedAt": now,
        "isReshareDisabledByAuthor": False,
        "distribution": FEED,
        "content": content,
    }


async def test_lists_are_paged_and_sorted(sandbox: Sandbox, manager: Merchant) -> None:
    """Ten by default, a hundred at most, by last change or by creation; a short page is the last."""
    urns = []
    for number in range(12):
        urns.append(await manager.posted(f"Offer {number}", author=PAGE))
        sandbox.pass_time(seconds=1)
    await manager.posted("Elsewhere", author=OTHER_PAGE)
    change = {"patch": {"$set": {"commentary": "Changed"}}}
    headers = {"x-restli-method": "PARTIAL_UPDATE"}
    await manager.call("POST", f"/posts/{encoded(urns[3])}", json=change, headers=headers)

    async def ids(query: str) -> list[str]:
        answer = await manager.call("GET", f"{LIST}{query}", headers={"x-restli-method": "FINDER"})
        assert "total" not in answer.json()["paging"]
        return [post["id"] for post in answer.json()["elements"]]

    newest = urns[::-1]
    assert await ids("") == [urns[3], *(urn for urn in newest if urn != urns[3])][:10]
    assert await ids("&sortBy=CREATED&count=100") == newest
    assert await ids("&sortBy=CREATED&count=5&start=10&viewContext=AUTHOR") == newest[10:]
    assert await ids("&start=500") == []


@pytest.mark.parametrize(
    "query", ["&count=101", "&count=0", "&count=-1", "&start=x", "&sortBy=NEWEST", "&viewContext=X"]
)
async def test_wrong_parameters_of_a_list(manager: Merchant, query: str) -> None:
    """A 400 each."""
    assert error_of(await manager.call("GET", LIST + query)) == (400, "INVALID_VALUE_FOR_FIELD")


async def test_many_posts_come_with_their_statuses(sandbox: Sandbox, manager: Merchant) -> None:
    """Found, missing, and not for this reader."""
    found, own = await manager.posted("Hello", author=PAGE), await manager.posted("Mine")
    missing = "urn:li:ugcPost:7"
    ids = ",".join(map(encoded, (found, own, missing)))

    body = (await manager.call("GET", f"/posts?ids=List({ids})", headers={"x-restli-method": "BATCH_GET"})).json()

    assert set(body["results"]) == {found}
    assert body["statuses"] == {found: 200, own: 403, missing: 404}
    assert set(body["errors"]) == {own, missing}


async def test_a_new_post_is_missing_for_a_while(sandbox: Sandbox, manager: Merchant) -> None:
    """From lists and from the lookup; it exists, and deleting it works."""
    sandbox.switch("linkedin", read_lag_s=10)
    urn = await manager.posted("Hello", author=PAGE)
    other = await manager.posted("Bye", author=PAGE)

    assert (await manager.call("GET", LIST)).json()["elements"] == []
    assert error_of(await manager.call("GET", f"/posts/{encoded(urn)}")) == (404, "NOT_FOUND")
    assert (await manager.call("DELETE", f"/posts/{encoded(other)}")).status_code == 204
    sandbox.pass_time(seconds=10)
    assert [post["id"] for post in (await manager.call("GET", LIST)).json()["elements"]] == [urn]


async def test_a_lost_role_hides_the_page(sandbox: Sandbox, manager: Merchant) -> None:
    """403 for every read; the role is gone from the list of roles."""
    urn = await manager.posted("Hello", author=PAGE)
    change = {"platform": "linkedin", "platform_id": PAGE, "options": {"role": "NONE"}}
    await sandbox.control("POST", "/places", json=change)

    for path in (LIST, f"/posts/{encoded(urn)}", f"/socialMetadata/{encoded(urn)}"):
        assert error_of(await manager.call("GET", path)) == (403, "ACCESS_DENIED")
    roles = (await manager.call("GET", "/organizationAcls?q=roleAssignee")).json()["elements"]
    assert [role["organization"] for role in roles] == [OTHER_PAGE]


async def test_roles_are_listed_by_role_and_state(sandbox: Sandbox, manager: Merchant) -> None:
    """As the member's own URN in this app; the key of the organization has two names."""
    change = {"platform": "linkedin", "platform_id": OTHER_PAGE, "options": {"state": "REQUESTED"}}
    await sandbox.control("POST", "/places", json=change)
    sandbox.switch("linkedin", organization_key="organizationTarget")
    query = "/organizationAcls?q=roleAssignee"

    approved = await manager.call("GET", f"{query}&role=ADMINISTRATOR&state=APPROVED")

    assert approved.json() == {
        "paging": {"start": 0, "count": 10, "links": []},
        "elements": [
            {
                "roleAssignee": manager.person,
                "state": "APPROVED",
                "role": "ADMINISTRATOR",
                "organizationTarget": PAGE,
            }
        ],
    }
    assert len((await manager.call("GET", query)).json()["elements"]) == 2
    assert len((await manager.call("GET", f"{query}&count=1&start=1")).json()["elements"]) == 1
    assert (await manager.call("GET", f"{query}&role=CONTENT_ADMIN")).json()["elements"] == []
    assert (await manager.call("GET", f"{query}&state=LOST")).status_code == 400


async def test_an_organization_has_a_name_and_a_vanity_name(sandbox: Sandbox, manager: Merchant) -> None:
    """Renaming changes the former alone; everybody with a page scope may look."""
    await sandbox.control("POST", "/places", json={"platform": "linkedin", "platform_id": PAGE, "name": "Copper Inc"})
    other = await a_merchant(sandbox, COMMUNITY_APP, "r_organization_social", account="noorbakker")

    answer = await other.call("GET", "/organizations/5555")

    told = answer.json()
    assert (told["id"], told["localizedName"], told["vanityName"]) == (5555, "Copper Inc", "copper-co")
    assert told["logoV2"]
    assert error_of(await manager.call("GET", "/organizations/1")) == (404, "NOT_FOUND")


async def test_reading_needs_its_scope(sandbox: Sandbox) -> None:
    """Writing for a page is not reading it."""
    writer = await a_page_manager(sandbox, scope="w_organization_social")
    await writer.posted("Hello", author=PAGE)

    assert error_of(await writer.call("GET", LIST)) == (403, "ACCESS_DENIED")
