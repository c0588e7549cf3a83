"""Whose channel it is at the simulated YouTube: one, several, none, hidden, suspended."""

from typing import Any

import pytest
from tests.unit.sandbox.harness import Sandbox
from tests.unit.sandbox.youtube.visitors import READ_SCOPE, Merchant, a_merchant, an_account, reason_of


async def test_the_own_channel(merchant: Merchant) -> None:
    """Everything that a connection keeps: id, handle, pictures, the uploads playlist, long uploads, counters."""
    answer = await merchant.get("channels", part="id,snippet,contentDetails,statistics,status", mine="true")

    body = answer.json()
    assert body["kind"] == "youtube#channelListResponse"
    assert body["pageInfo"] == {"totalResults": 1, "resultsPerPage": 5}
    (channel,) = body["items"]
    assert channel["id"].startswith("UC")
    assert len(channel["id"]) == 24
    assert channel["snippet"]["title"] == "Ada Shop"
    assert channel["snippet"]["customUrl"].startswith("@adashop")
    assert set(channel["snippet"]["thumbnails"]) == {"default", "medium", "high"}
    assert channel["contentDetails"]["relatedPlaylists"] == {"likes": "", "uploads": f"UU{channel['id'][2:]}"}
    assert channel["statistics"] == {
        "viewCount": "0",
        "subscriberCount": "1240",
        "hiddenSubscriberCount": False,
        "videoCount": "0",
    }
    assert channel["status"]["longUploadsStatus"] == "allowed"


@pytest.mark.parametrize(("form", "expected"), [("missing", {}), ("empty", {"items": []})])
async def test_somebody_without_a_channel(sandbox: Sandbox, form: str, expected: dict[str, Any]) -> None:
    """The list is empty, in either form; uploading is refused as a matter of signing up."""
    sandbox.switch("youtube", empty_items=form)
    await an_account(sandbox, "viewer")
    viewer = await a_merchant(sandbox, account="viewer")

    answer = await viewer.get("channels", part="id", mine="true")

    assert answer.status_code == 200
    assert {name: value for name, value in answer.json().items() if name == "items"} == expected
    assert answer.json()["pageInfo"]["totalResults"] == 0
    assert reason_of(await viewer.start(100)) == (401, "youtubeSignupRequired")
    searched = await viewer.get("search", part="id", forMine="true", type="video")
    assert reason_of(searched) == (401, "youtubeSignupRequired")
    assert reason_of(await viewer.report()) == (403, "forbidden")


async def test_a_reconnect_may_return_another_channel(sandbox: Sandbox) -> None:
    """One person, two channels: each token is bound to the one that was chosen, and uploads go there."""
    accounts = (await sandbox.control("GET", "/accounts", params={"platform": "youtube"}))["accounts"]
    studio = next(account for account in accounts if account["username"] == "claystudio")
    first, second = [place["platform_id"] for place in studio["places"]]

    own = await a_merchant(sandbox, account="claystudio", channel=first)
    brand = await a_merchant(sandbox, account="claystudio", channel=second)
    await brand.uploaded()

    assert (await own.channel("id"))["id"] == first
    assert (await brand.channel("id"))["id"] == second
    assert [post["platform_id"] for post in await sandbox.published("youtube")] == [second]
    assert {post["account_id"] for post in await sandbox.published("youtube")} == {studio["account_id"]}
    await brand.renew()
    assert (await brand.channel("id"))["id"] == second


@pytest.mark.parametrize(
    ("standing", "reason"),
    [("suspended", "authenticatedUserAccountSuspended"), ("closed", "authenticatedUserAccountClosed")],
)
async def test_a_channel_may_lose_its_standing(
    sandbox: Sandbox, merchant: Merchant, standing: str, reason: str
) -> None:
    """Every call is refused from then on, and others see its videos no more."""
    video = await merchant.uploaded(privacyStatus="public")
    channel_id = (await merchant.channel("id"))["id"]
    change = {"platform": "youtube", "platform_id": channel_id, "options": {"standing": standing}}
    await sandbox.control("POST", "/places", json=change)

    assert reason_of(await merchant.get("channels", part="id", mine="true")) == (403, reason)
    assert reason_of(await merchant.start(100)) == (403, reason)
    other = await a_merchant(sandbox, account="claystudio")
    assert (await other.get("videos", part="id", id=video["id"])).json()["items"] == []
    assert "items" not in (await other.get("channels", part="id", id=channel_id)).json()


@pytest.mark.parametrize(("count", "shown"), [(999, "999"), (1_234, "1230"), (98_765, "98700"), (1_239_999, "1230000")])
async def test_subscribers_have_three_figures(sandbox: Sandbox, count: int, shown: str) -> None:
    """The rest is cut off."""
    await an_account(sandbox, "counted", {"options": {"subscribers": count}})
    counted = await a_merchant(sandbox, account="counted")

    assert (await counted.channel("statistics"))["statistics"]["subscriberCount"] == shown


async def test_hidden_subscribers_are_absent(sandbox: Sandbox) -> None:
    """Only the flag is there."""
    await an_account(sandbox, "shy", {"options": {"hidden_subscribers": True}})
    shy = await a_merchant(sandbox, account="shy")

    assert (await shy.channel("statistics"))["statistics"] == {
        "viewCount": "0",
        "hiddenSubscriberCount": True,
        "videoCount": "0",
    }


async def test_counters_can_be_set(sandbox: Sandbox, merchant: Merchant) -> None:
    """Followers and views of the account; the number of videos follows the public ones."""
    await merchant.uploaded(privacyStatus="public")
    await merchant.uploaded()
    account = (await sandbox.published("youtube"))[0]["account_id"]
    metrics = {"followers": 5_555, "views": 77}
    await sandbox.control(
        "POST", "/engagement", json={"platform": "youtube", "account_id": account, "metrics": metrics}
    )

    found = (await merchant.channel("statistics"))["statistics"]

    assert found == {
        "viewCount": "77",
        "subscriberCount": "5550",
        "hiddenSubscriberCount": False,
        "videoCount": "1",
    }


async def test_others_channels_by_id_and_handle(sandbox: Sandbox, merchant: Merchant) -> None:
    """What only its owner may know is not there; unknown ids are absent."""
    channel = await merchant.channel()
    other = await a_merchant(sandbox, account="claystudio")

    by_id = (await other.get("channels", part="snippet,status", id=f"{channel['id']},UCunknown")).json()
    by_handle = (await other.get("channels", part="id", forHandle=channel["snippet"]["customUrl"])).json()

    assert [item["id"] for item in by_id["items"]] == [item["id"] for item in by_handle["items"]] == [channel["id"]]
    assert "longUploadsStatus" not in by_id["items"][0]["status"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"part": "id"}, (400, "missingRequiredParameter")),
        ({"part": "id", "mine": "true", "id": "UCx"}, (400, "incompatibleParameters")),
        ({"part": "id", "mine": "perhaps"}, (400, "badRequest")),
        ({"part": "id", "managedByMe": "true"}, (403, "forbidden")),
        ({"mine": "true"}, (400, "required")),
        ({"part": "words", "mine": "true"}, (400, "unknownPart")),
        ({"part": "id", "mine": "true", "pageToken": "?"}, (400, "invalidPageToken")),
    ],
)
async def test_a_wrong_call_is_refused(merchant: Merchant, params: dict[str, str], expected: tuple[int, str]) -> None:
    """One filter, known parts, real tokens."""
    assert reason_of(await merchant.get("channels", **params)) == expected


async def test_no_handle_no_custom_url(sandbox: Sandbox) -> None:
    """Then a channel is known by its title alone."""
    await an_account(sandbox, "plain", {"name": "Plain", "options": {"handle": ""}})
    plain = await a_merchant(sandbox, account="plain", scope=READ_SCOPE)

    assert "customUrl" not in (await plain.channel("snippet"))["snippet"]


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"kind": "page", "name": "x"}, "places.0.kind"),
        ({"kind": "channel", "name": "x" * 101}, "places.0.name"),
        ({"kind": "channel", "name": "x", "platform_id": "UCshort"}, "places.0.platform_id"),
        ({"kind": "channel", "name": "x", "options": {"standing": "odd"}}, "places.0.options.standing"),
        ({"kind": "channel", "name": "x", "options": {"long_uploads": "odd"}}, "places.0.options.long_uploads"),
        ({"kind": "channel", "name": "x", "options": {"handle": "a b"}}, "places.0.options.handle"),
        ({"kind": "channel", "name": "x", "options": {"videos": "many"}}, "places.0.options.videos"),
        ({"kind": "channel", "name": "x", "options": {"colour": "red"}}, "places.0.options.colour"),
    ],
)
async def test_the_control_interface_refuses_channels_that_cannot_be(
    sandbox: Sandbox, place: dict[str, Any], field: str
) -> None:
    """The refusal names the field, and nobody is made."""
    body = {"platform": "youtube", "username": "odd", "places": [place]}
    answer = await sandbox.client.post("/_control/accounts", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    accounts = await sandbox.control("GET", "/accounts", params={"platform": "youtube"})
    assert "odd" not in [account["username"] for account in accounts["accounts"]]


async def test_a_channel_keeps_its_id_through_a_change_of_name(sandbox: Sandbox, merchant: Merchant) -> None:
    """Title and handle are only names; a wrong one changes nothing."""
    channel_id = (await merchant.channel("id"))["id"]
    change = {"platform": "youtube", "platform_id": channel_id, "name": "Ada's", "options": {"handle": "adas"}}
    await sandbox.control("POST", "/places", json=change)
    wrong = await sandbox.client.post("/_control/places", json={**change, "name": " "})

    channel = await merchant.channel("id,snippet")

    assert wrong.status_code == 422
    assert (channel["id"], channel["snippet"]["title"], channel["snippet"]["customUrl"]) == (
        channel_id,
        "Ada's",
        "@adas",
    )
