"""Creating, editing and deleting posts on the simulated LinkedIn."""

from typing import Any

import pytest
from tests.unit.sandbox.harness import Response, Sandbox
from tests.unit.sandbox.linkedin.visitors import (
    MEMBER_APP,
    OTHER_PAGE,
    PAGE,
    PUBLISHED,
    Merchant,
    a_member,
    a_merchant,
    a_page_manager,
    encoded,
    error_of,
)

UPDATE = {"x-restli-method": "PARTIAL_UPDATE"}


async def edit(merchant: Merchant, urn: str, **changes: Any) -> Response:
    """Change a post."""
    body = {"patch": {"$set": changes}}
    return await merchant.call("POST", f"/posts/{encoded(urn)}", json=body, headers=UPDATE)


async def test_a_created_post_is_named_in_a_header_only(sandbox: Sandbox, member: Merchant) -> None:
    """201, no body; the ground truth has the post at the member's place."""
    answer = await member.post("New copper kettle \\(1.5 l\\) #kitchen")

    assert answer.status_code == 201
    assert answer.content == b""
    (post,) = await sandbox.published("linkedin")
    assert post["platform_post_id"] == answer.headers["X-RestLi-Id"]
    assert post["platform_post_id"].startswith("urn:li:share:7")
    assert post["platform_id"] == member.person
    assert post["text"] == "New copper kettle (1.5 l) #kitchen"
    (account,) = [
        a
        for a in (await sandbox.control("GET", "/accounts?platform=linkedin"))["accounts"]
        if a["username"] == "anacosta"
    ]
    assert post["account_id"] == account["account_id"]
    assert account["places"][0]["platform_id"] == member.person


async def test_the_id_may_be_missing(sandbox: Sandbox, member: Merchant) -> None:
    """Published all the same."""
    sandbox.switch("linkedin", omit_post_id=True)

    answer = await member.post("Hello")

    assert answer.status_code == 201
    assert "x-restli-id" not in answer.headers
    assert len(await sandbox.published("linkedin")) == 1


async def test_a_pages_post_stands_at_the_page(sandbox: Sandbox, manager: Merchant) -> None:
    """The author decides."""
    await manager.posted("Hello", author=PAGE)
    await manager.posted("Hello", author=OTHER_PAGE)

    assert [post["platform_id"] for post in await sandbox.published("linkedin")] == [PAGE, OTHER_PAGE]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"author": None}, "MISSING_FIELD", "/author"),
        ({"visibility": None}, "MISSING_FIELD", "/visibility"),
        ({"lifecycleState": None}, "MISSING_FIELD", "/lifecycleState"),
        ({"distribution": None}, "MISSING_FIELD", "/distribution"),
        ({"commentary": None}, "MISSING_FIELD", "/commentary"),
        ({"commentary": "  "}, "INVALID_VALUE_BLANK_FIELD", "/commentary"),
        ({"commentary": 1}, "INVALID_VALUE_FOR_FIELD", "/commentary"),
        ({"visibility": "FRIENDS"}, "INVALID_VALUE_FOR_FIELD", "/visibility"),
        ({"lifecycleState": "DRAFT"}, "INVALID_VALUE_FOR_FIELD", "/lifecycleState"),
        ({"scheduledAt": 1}, "INVALID_VALUE_FOR_FIELD", "/scheduledAt"),
        ({"author": "ana"}, "INVALID_URN_ID", "/author"),
        ({"author": "urn:li:share:7"}, "INVALID_URN_TYPE", "/author"),
        ({"content": {}}, "INVALID_VALUE_FOR_FIELD", "/content"),
        ({"content": {"carousel": {}}}, "INVALID_VALUE_FOR_FIELD", "/content/carousel"),
        ({"content": {"media": {"id": "picture"}}}, "INVALID_URN_ID", "/content/media/id"),
        ({"content": {"media": {"id": "urn:li:share:7"}}}, "INVALID_URN_TYPE", "/content/media/id"),
        ({"content": {"media": {"id": "urn:li:image:C5no"}}}, "INVALID_URN_ID", "/content/media/id"),
        ({"content": {"article": {"title": "Kettle"}}}, "MISSING_FIELD", "/content/article/source"),
        ({"content": {"article": {"source": ""}}}, "INVALID_VALUE_BLANK_FIELD", "/content/article/source"),
        ({"content": {"article": {"source": "kettle"}}}, "INVALID_VALUE_FOR_FIELD", "/content/article/source"),
        ({"content": {"article": {"source": "http://["}}}, "INVALID_VALUE_FOR_FIELD", "/content/article/source"),
        (
            {"content": {"article": {"source": "https://shop.example", "title": "a" * 401}}},
            "FIELD_LENGTH_TOO_LONG",
            "/content/article/title",
        ),
    ],
)
async def test_a_wrong_body_is_refused_with_code_and_path(
    sandbox: Sandbox, member: Merchant, changes: dict[str, Any], code: str, path: str
) -> None:
    """In the new shape of errors; nothing is created."""
    body = {"author": member.person, "commentary": "Hello", **PUBLISHED} | changes
    body = {name: value for name, value in body.items() if value is not None}

    answer = await member.call("POST", "/posts", json=body)

    assert error_of(answer) == (400, code)
    (wrong,) = answer.json()["errorDetails"]["inputErrors"]
    assert (wrong["code"], wrong["input"]["inputPath"]["fieldPath"]) == (code, path)
    assert await sandbox.published("linkedin") == []


async def test_visibilities(sandbox: Sandbox, member: Merchant, manager: Merchant) -> None:
    """A page has no connections."""
    await member.posted("For friends", visibility="CONNECTIONS")
    await manager.posted("For members", author=PAGE, visibility="LOGGED_IN")

    refused = await manager.post("For friends", author=PAGE, visibility="CONNECTIONS")

    assert error_of(refused) == (400, "INVALID_VALUE_FOR_FIELD")
    assert [post["visibility"] for post in await sandbox.published("linkedin")] == ["CONNECTIONS", "LOGGED_IN"]


async def test_writing_needs_scope_and_author(sandbox: Sandbox, member: Merchant, manager: Merchant) -> None:
    """The scope of the author's kind, the own person, a page of one's own."""
    await sandbox.control(
        "POST",
        "/accounts",
        json={
            "platform": "linkedin",
            "username": "other",
            "places": [{"kind": "organization", "name": "Theirs", "platform_id": "urn:li:organization:77"}],
        },
    )
    page_only = await a_merchant(
        sandbox, ("sandbox-community-client", "sandbox-community-secret"), "w_organization_social", account="other"
    )
    no_social = await a_merchant(sandbox, MEMBER_APP, "openid profile", account="noorbakker")
    for answer in (
        await member.post("Hello", author=PAGE),
        await member.post("Hello", author="urn:li:person:somebody"),
        await manager.post("Hello", author="urn:li:organization:77"),
        await manager.post("Hello", author="urn:li:organization:78"),
        await page_only.post("Hello", author="urn:li:person:somebody"),
        await no_social.post("Hello"),
    ):
        assert error_of(answer) == (403, "ACCESS_DENIED")
        assert answer.json()["serviceErrorCode"] == 100
        assert answer.json()["message"] == ("Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901")
    assert (await page_only.post("Hello", author="urn:li:organization:77")).status_code == 201


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"role": "CONTENT_ADMIN"}, 201),
        ({"role": "DIRECT_SPONSORED_CONTENT_POSTER"}, 201),
        ({"role": "ANALYST"}, 403),
        ({"role": "NONE"}, 403),
        ({"state": "REQUESTED"}, 403),
    ],
)
async def test_a_lost_role_is_a_403_with_a_living_token(
    sandbox: Sandbox, manager: Merchant, options: dict[str, str], status: int
) -> None:
    """Not a reconnect: the token lives on and serves the other page."""
    change = {"platform": "linkedin", "platform_id": PAGE, "options": options}
    await sandbox.control("POST", "/places", json=change)

    answer = await manager.post("Hello", author=PAGE)

    assert answer.status_code == status
    assert (await manager.userinfo()).status_code == 200
    assert (await manager.post("Hello", author=OTHER_PAGE)).status_code == 201


async def test_the_same_again_names_the_live_post(sandbox: Sandbox, member: Merchant) -> None:
    """422 within the window, from the same author only; the message holds the URN."""
    urn = await member.posted("Kettle of the day")

    again = await member.post("Kettle of the day")

    assert again.status_code == 422
    assert again.json()["message"] == f"Content is a duplicate of {urn}"
    other = await a_member(sandbox, account="noorbakker")
    assert (await other.post("Kettle of the day")).status_code == 201
    sandbox.pass_time(hours=1)
    assert (await member.post("Kettle of the day")).status_code == 201


async def test_the_window_of_the_guard_is_a_switch(sandbox: Sandbox, member: Merchant) -> None:
    """After it, the probe publishes twice."""
    sandbox.switch("linkedin", duplicate_window_s=60)
    await member.posted("Kettle of the day")
    sandbox.pass_time(seconds=59)
    assert (await member.post("Kettle of the day")).status_code == 422
    sandbox.pass_time(seconds=1)

    assert (await member.post("Kettle of the day")).status_code == 201


async def test_the_guard_may_name_a_person(sandbox: Sandbox, member: Merchant) -> None:
    """Which proves nothing."""
    sandbox.switch("linkedin", duplicate_names_person=True)
    await member.posted("Kettle of the day")

    again = await member.post("Kettle of the day")

    assert again.json()["message"] == f"Content is a duplicate of {member.person}"


async def test_other_media_are_other_content_unless_switched(sandbox: Sandbox, member: Merchant) -> None:
    """Whether media count is not documented."""
    one, two = await member.image(), await member.image()
    await member.posted("Kettle", content={"media": {"id": one}})

    assert (await member.post("Kettle", content={"media": {"id": one}})).status_code == 422
    assert (await member.post("Kettle", content={"media": {"id": two}})).status_code == 201
    sandbox.switch("linkedin", duplicate_ignores_media=True)
    assert (await member.post("Kettle")).status_code == 422


async def test_the_guard_knows_deletions_edits_and_the_member_in_both_apps(
    sandbox: Sandbox, member: Merchant, manager: Merchant
) -> None:
    """What is gone may be said again; what was changed is what it says now; a human is one author."""
    urn = await member.posted("Kettle of the day")
    assert (await manager.post("Kettle of the day")).status_code == 422
    assert (await edit(member, urn, commentary="Kettle of the week")).status_code == 204

    assert (await member.post("Kettle of the week")).status_code == 422
    second = await member.posted("Kettle of the day")
    await member.call("DELETE", f"/posts/{encoded(second)}")
    assert (await member.post("Kettle of the day")).status_code == 201


async def test_the_probe_after_a_lost_answer_finds_the_live_post(sandbox: Sandbox, member: Merchant) -> None:
    """Committed and cut: the identical body again is refused with the URN of the first."""
    await sandbox.fault("linkedin", "publish", "commit_then_drop")
    with pytest.raises(ConnectionResetError):
        await member.post("Kettle of the day")

    probe = await member.post("Kettle of the day")

    (post,) = await sandbox.published("linkedin")
    assert probe.json()["message"].endswith(post["platform_post_id"])


@pytest.mark.parametrize(("kind", "posts"), [("commit_then_500", 1), ("error_500", 0)])
async def test_a_server_error_does_not_tell_whether_it_happened(
    sandbox: Sandbox, member: Merchant, kind: str, posts: int
) -> None:
    """The same words for both."""
    await sandbox.fault("linkedin", "publish", kind)

    answer = await member.post("Kettle of the day")

    assert error_of(answer)[0] == 500
    assert len(await sandbox.published("linkedin")) == posts


async def test_a_write_conflict_creates_nothing(sandbox: Sandbox, member: Merchant) -> None:
    """409, to be tried once more."""
    sandbox.switch("linkedin", write_conflict=True)

    answer = await member.post("Hello")

    assert error_of(answer) == (409, "CONFLICT")
    assert await sandbox.published("linkedin") == []


async def test_a_link_shows_what_it_was_given(sandbox: Sandbox, member: Merchant) -> None:
    """Nothing is fetched: without title and thumbnail the card is empty."""
    bare = {"source": "https://shop.example/k1"}
    thumbnail = await member.image()
    full = {**bare, "title": "Copper kettle", "description": "1.5 l", "thumbnail": thumbnail}
    await member.posted("Empty card", content={"article": bare})
    await member.posted("Full card", content={"article": full})

    first, second = await sandbox.published("linkedin")

    assert first["kind"] == "link"
    assert first["media"] == [
        {"kind": "link", "source": "https://shop.example/k1", "title": None, "description": None, "thumbnail": None}
    ]
    assert second["media"] == [{"kind": "link", **full}]


async def test_text_may_be_missing_beside_content(member: Merchant) -> None:
    """A picture speaks for itself."""
    picture = await member.image()

    assert (await member.post("", content={"media": {"id": picture}})).status_code == 201


async def test_an_edit_changes_text_and_call_to_action_alone(sandbox: Sandbox, manager: Merchant) -> None:
    """204; media, author and unknown fields are not to be set."""
    urn = await manager.posted("Kettle", author=PAGE)
    sandbox.pass_time(minutes=1)

    changed = await edit(manager, urn, commentary="Kettle \\(new\\)", contentCallToActionLabel="LEARN_MORE")

    assert changed.status_code == 204
    read = (await manager.call("GET", f"/posts/{encoded(urn)}")).json()
    assert read["commentary"] == "Kettle \\(new\\)"
    assert read["contentCallToActionLabel"] == "LEARN_MORE"
    assert read["lastModifiedAt"] == read["createdAt"] + 60_000
    assert (await edit(manager, urn, content={"media": {"id": "urn:li:image:C5"}})).status_code == 400
    assert error_of(await edit(manager, urn)) == (400, "MISSING_FIELD")
    assert error_of(await edit(manager, urn, commentary=" ")) == (400, "INVALID_VALUE_BLANK_FIELD")
    assert error_of(await edit(manager, urn, commentary="a" * 3001)) == (400, "FIELD_LENGTH_TOO_LONG")
    assert error_of(await edit(manager, "urn:li:share:7", commentary="x")) == (404, "NOT_FOUND")


async def test_deleting_is_idempotent(sandbox: Sandbox, member: Merchant, manager: Merchant) -> None:
    """204, and 204 again; what never was is not found, and what is gone cannot be edited."""
    for merchant, author in ((member, None), (manager, PAGE)):
        urn = await merchant.posted("Hello", author=author)

        answers = [await merchant.call("DELETE", f"/posts/{encoded(urn)}") for _ in range(2)]

        assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
        assert error_of(await edit(merchant, urn, commentary="x")) == (404, "NOT_FOUND")
    assert await sandbox.published("linkedin") == []
    assert error_of(await member.call("DELETE", "/posts/urn%3Ali%3Ashare%3A7")) == (404, "NOT_FOUND")
    assert error_of(await member.call("DELETE", f"/posts/{encoded(PAGE)}")) == (400, "INVALID_URN_TYPE")


async def test_nobody_deletes_for_others(sandbox: Sandbox, member: Merchant, manager: Merchant) -> None:
    """Another member's post, a page's without scope or role; whether members delete at all is a switch."""
    mine, pages = await member.posted("Mine"), await manager.posted("Ours", author=PAGE)
    other = await a_page_manager(sandbox, account="noorbakker")

    assert error_of(await other.call("DELETE", f"/posts/{encoded(mine)}")) == (403, "ACCESS_DENIED")
    assert error_of(await other.call("DELETE", f"/posts/{encoded(pages)}")) == (403, "ACCESS_DENIED")
    assert error_of(await member.call("DELETE", f"/posts/{encoded(pages)}")) == (403, "ACCESS_DENIED")
    sandbox.switch("linkedin", member_may_delete=False)
    refused = await member.call("DELETE", f"/posts/{encoded(mine)}")
    assert refused.json()["message"].endswith("partnerApiPostsExternal.DELETE.20260901")
    assert len(await sandbox.published("linkedin")) == 2
