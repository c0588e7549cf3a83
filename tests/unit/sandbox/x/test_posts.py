"""Creating and deleting posts on the simulated X."""

from typing import Any

import pytest
from tests.unit.sandbox.harness import Sandbox
from tests.unit.sandbox.x.visitors import Merchant, a_merchant

DUPLICATE = "You are not allowed to create a Tweet with duplicate content."


async def test_a_post_stands_in_the_ground_truth_once(sandbox: Sandbox, merchant: Merchant) -> None:
    """What was created is there once, as it was written, at the account's place."""
    answer = await merchant.post("New & shiny: https://shop.example/k1")

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert set(data) == {"id", "text", "edit_history_tweet_ids"}
    assert data["text"].startswith("New &amp; shiny: https://t.co/")
    (post,) = await sandbox.published("x")
    assert post["platform_post_id"] == data["id"]
    assert post["platform_id"] == await merchant.user_id()
    assert post["text"] == "New & shiny: https://shop.example/k1"


async def test_the_same_text_again_is_a_duplicate_without_its_id(sandbox: Sandbox, merchant: Merchant) -> None:
    """403 within the window, and no word about the earlier post; another account may say the same."""
    earlier = await merchant.posted("Kettle of the day")

    again = await merchant.post("Kettle of the day")

    assert again.status_code == 403
    assert again.json()["detail"] == DUPLICATE
    assert earlier not in again.text
    other = await a_merchant(sandbox, account="copperworks")
    assert (await other.post("Kettle of the day")).status_code == 201
    sandbox.pass_time(hours=1)
    assert (await merchant.post("Kettle of the day")).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a", "txt": "b"},
        {"text": 1},
        {},
        {"text": "  "},
        {"text": "a", "media": {"media_ids": []}},
        {"text": "a", "media": {"media_ids": [1]}},
        {"text": "a", "media": {"media_ids": ["1", "2", "3", "4", "5"]}},
        {"text": "a", "media": {"media_ids": ["1"], "alt": "x"}},
        {"text": "a", "media": {"media_ids": ["1"]}, "poll": {"options": ["a", "b"], "duration_minutes": 60}},
        {"text": "a", "reply_settings": "everyone"},
        {"text": "a\ufeffb"},
        {"text": "a", "scheduled_at": "2026-12-01T00:00:00Z"},
        ["text"],
    ],
)
async def test_a_wrong_body_is_an_invalid_request(sandbox: Sandbox, merchant: Merchant, body: Any) -> None:
    """Unknown keys, wrong types and impossible mixes are 400, and nothing is created."""
    answer = await merchant.call("POST", "/2/tweets", json=body)

    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/problems/invalid-request")
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert await sandbox.published("x") == []


async def test_broken_json_and_other_content_types_are_refused(merchant: Merchant) -> None:
    """Only JSON is read."""
    headers = {"content-type": "application/json"}
    assert (await merchant.call("POST", "/2/tweets", content=b"{", headers=headers)).status_code == 400
    assert (await merchant.call("POST", "/2/tweets", data={"text": "a"})).status_code == 400


async def test_an_unknown_query_parameter_is_refused(merchant: Merchant) -> None:
    """Parameters are a closed set, too."""
    assert (await merchant.call("POST", "/2/tweets?dry_run=1", json={"text": "a"})).status_code == 400


@pytest.mark.parametrize("status", [400, 403])
async def test_an_over_long_text_is_refused_by_weight(sandbox: Sandbox, merchant: Merchant, status: int) -> None:
    """141 wide characters are too long; Premium may write them. Both statuses were seen."""
    sandbox.switch("x", too_long_status=status)

    answer = await merchant.post("や" * 141)

    assert answer.status_code == status
    assert answer.json()["detail"].startswith("Your Tweet text is too long.")
    assert (await merchant.post("や" * 140)).status_code == 201
    premium = await a_merchant(sandbox, account="copperworks")
    assert (await premium.post("や" * 141)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"text": "$ABC and $DEF"},
        {"text": "Look", "quote_tweet_id": "1"},
        {"text": "Better", "edit_options": {"previous_post_id": "1"}},
        {"text": "Me too", "reply": {"in_reply_to_tweet_id": "1"}},
    ],
)
async def test_what_self_serve_apps_may_not_do(merchant: Merchant, body: dict[str, Any]) -> None:
    """Two cashtags, quotes, edits and uninvited replies are 403."""
    answer = await merchant.call("POST", "/2/tweets", json=body)

    assert answer.status_code == 403
    assert answer.json()["title"] == "Forbidden"


async def test_replies_need_an_invitation(sandbox: Sandbox, merchant: Merchant) -> None:
    """The parent's author must have mentioned the account; an own post needs no invitation."""
    other = await a_merchant(sandbox, account="copperworks")
    inviting = await other.posted("What do you say, @kettleco?")
    silent = await other.posted("Good morning")

    assert (await merchant.post("Hello", reply={"in_reply_to_tweet_id": inviting})).status_code == 201
    assert (await merchant.post("Hello there", reply={"in_reply_to_tweet_id": silent})).status_code == 403
    own = await merchant.posted("A thread")
    assert (await merchant.post("goes on", reply={"in_reply_to_tweet_id": own})).status_code == 201


async def test_a_restricted_account_posts_nothing(sandbox: Sandbox, merchant: Merchant) -> None:
    """A suspended account is told so."""
    body = {"platform": "x", "platform_id": await merchant.user_id(), "options": {"restricted": True}}
    await sandbox.control("POST", "/places", json=body)

    answer = await merchant.post("Anybody?")

    assert answer.status_code == 403
    assert "suspended" in answer.json()["detail"]


async def test_posting_needs_all_three_scopes(sandbox: Sandbox) -> None:
    """tweet.write alone is not enough."""
    reader = await a_merchant(sandbox, scope="tweet.read users.read")
    writer = await a_merchant(sandbox, scope="tweet.write users.read")

    for visitor in (reader, writer):
        answer = await visitor.post("Hello")
        assert answer.status_code == 403
        assert answer.json()["detail"] == "You are not permitted to perform this action."


async def test_only_own_posts_can_be_deleted(sandbox: Sandbox, merchant: Merchant) -> None:
    """Deleting takes the post out of the ground truth; a second time there is nothing to delete."""
    post_id = await merchant.posted("For a moment")
    other = await a_merchant(sandbox, account="copperworks")

    assert (await other.call("DELETE", f"/2/tweets/{post_id}")).status_code == 403
    deleted = await merchant.call("DELETE", f"/2/tweets/{post_id}")
    assert deleted.json() == {"data": {"deleted": True}}
    assert (await merchant.call("DELETE", f"/2/tweets/{post_id}")).status_code == 404
    assert await sandbox.published("x") == []


@pytest.mark.parametrize("path", ["/1.1/statuses/update.json", "/3/tweets", "/2/tweet"])
async def test_unknown_versions_and_paths_are_not_found(merchant: Merchant, path: str) -> None:
    """There is version 2 and nothing else."""
    assert (await merchant.call("POST", path, json={"text": "a"})).status_code == 404


async def test_the_old_host_is_an_alias(sandbox: Sandbox, merchant: Merchant) -> None:
    """api.twitter.com answers like api.x.com."""
    headers = {"authorization": f"Bearer {merchant.tokens['access_token']}"}

    answer = await sandbox.client.get("/x/api.twitter.com/2/users/me", headers=headers)

    assert answer.json()["data"]["username"] == "kettleco"
