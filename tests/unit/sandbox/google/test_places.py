"""Accounts, locations and their standing: names without an account, masks that are required, roles that can go."""

from typing import Any

import pytest
from tests.unit.sandbox.google.visitors import (
    ACCOUNTS,
    AUTH,
    BUSINESS,
    LOCATIONS,
    STANDING,
    UPLOAD,
    YOUTUBE_REDIRECT,
    Merchant,
    a_merchant,
    tokens_of,
)
from tests.unit.sandbox.harness import Sandbox

MASK = "name,title,languageCode,storefrontAddress,metadata"


async def locations_of(merchant: Merchant, account: str, **params: Any) -> dict[str, Any]:
    """What an account lists."""
    answer = await merchant.call("GET", f"{LOCATIONS}/{account}/locations", params={"readMask": MASK} | params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_personal_account_comes_first(merchant: Merchant) -> None:
    """A person with a group has two accounts."""
    accounts = (await merchant.call("GET", f"{ACCOUNTS}/accounts", params={"pageSize": 20})).json()["accounts"]

    assert [(a["type"], a["accountName"]) for a in accounts] == [
        ("PERSONAL", "Ada Ceramics"),
        ("LOCATION_GROUP", "Ada Shops"),
    ]
    assert accounts[0]["role"] == "PRIMARY_OWNER"
    one = await merchant.call("GET", f"{ACCOUNTS}/{accounts[1]['name']}")
    assert one.json() == accounts[1]


async def test_accounts_can_be_filtered_and_paged(merchant: Merchant) -> None:
    """The type is the only filter; a page size goes up to twenty."""
    path = f"{ACCOUNTS}/accounts"
    groups = (await merchant.call("GET", path, params={"filter": "type=LOCATION_GROUP"})).json()["accounts"]
    assert [group["accountName"] for group in groups] == ["Ada Shops"]
    first = (await merchant.call("GET", path, params={"pageSize": 1})).json()
    second = (await merchant.call("GET", path, params={"pageSize": 1, "pageToken": first["nextPageToken"]})).json()
    assert second["accounts"] == groups
    assert "nextPageToken" not in second
    assert (await merchant.call("GET", path, params={"filter": "type=USER_GROUP"})).json() == {}
    for wrong in ({"filter": "role=OWNER"}, {"pageSize": "21"}, {"pageSize": "x"}, {"pageToken": "x"}, {"size": "1"}):
        answer = await merchant.call("GET", path, params=wrong)
        assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


async def test_each_account_lists_its_own_locations(merchant: Merchant) -> None:
    """The personal one only what it owns itself, the group its own, the wildcard all."""
    accounts = (await merchant.call("GET", f"{ACCOUNTS}/accounts")).json()["accounts"]

    listed = [
        [location["title"] for location in (await locations_of(merchant, name))["locations"]]
        for name in (accounts[0]["name"], accounts[1]["name"], "accounts/-")
    ]

    assert listed == [["Ada Ceramics"], ["Ada Ceramics Harbour"], ["Ada Ceramics", "Ada Ceramics Harbour"]]


async def test_a_location_has_no_account_in_its_name_and_only_masked_fields(merchant: Merchant) -> None:
    """v1 names are locations/…; a mask may go into a field."""
    [location] = (await locations_of(merchant, merchant.account))["locations"]

    assert location["name"] == merchant.location
    assert set(location) == set(MASK.split(","))
    assert location["metadata"]["hasVoiceOfMerchant"] is True
    assert location["metadata"]["mapsUri"].startswith("https://maps.google.com/maps?cid=")
    assert "canOperateLocalPost" not in location["metadata"]
    [narrow] = (await locations_of(merchant, merchant.account, readMask="title,metadata.placeId"))["locations"]
    assert narrow == {"title": "Ada Ceramics", "metadata": {"placeId": location["metadata"]["placeId"]}}
    single = await merchant.call("GET", f"{LOCATIONS}/{merchant.location}", params={"readMask": "languageCode"})
    assert single.json() == {"languageCode": "en"}


@pytest.mark.parametrize("params", [{}, {"readMask": ""}, {"readMask": "name,account"}, {"readMask": "title."}])
async def test_a_read_mask_is_required_and_known(merchant: Merchant, params: dict[str, str]) -> None:
    """Without one, or with a field that no location has, the call is refused."""
    for path in (f"{merchant.account}/locations", merchant.location):
        answer = await merchant.call("GET", f"{LOCATIONS}/{path}", params=params)

        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["fieldViolations"][0]["field"] == "read_mask"


async def test_locations_come_in_pages_of_ten(sandbox: Sandbox) -> None:
    """Ten by default, a hundred at most."""
    places = [{"kind": "location", "name": f"Shop {n:02}"} for n in range(12)]
    await sandbox.control("POST", "/accounts", json={"platform": "google", "username": "chain", "places": places})
    merchant = await a_merchant(sandbox, account="chain")

    first = await locations_of(merchant, merchant.account)
    second = await locations_of(merchant, merchant.account, pageToken=first["nextPageToken"])
    assert [len(page["locations"]) for page in (first, second)] == [10, 2]
    whole = await locations_of(merchant, merchant.account, pageSize=100, orderBy="title desc")
    assert whole["locations"][0]["title"] == "Shop 11"
    for wrong in ({"pageSize": 101}, {"orderBy": "size"}):
        answer = await merchant.call(
            "GET", f"{LOCATIONS}/{merchant.account}/locations", params=wrong | {"readMask": "name"}
        )
        assert answer.status_code == 400


async def test_who_has_no_location_gets_an_empty_object(sandbox: Sandbox) -> None:
    """Everybody has a personal account; an empty list is {}."""
    await sandbox.control("POST", "/accounts", json={"platform": "google", "username": "idle", "places": []})
    merchant = Merchant(sandbox, await tokens_of(sandbox, account="idle"), "", "", "")

    [account] = (await merchant.call("GET", f"{ACCOUNTS}/accounts")).json()["accounts"]

    assert account["type"] == "PERSONAL"
    assert await locations_of(merchant, account["name"]) == {}


async def test_somebody_else_s_account_and_location_are_closed(sandbox: Sandbox, merchant: Merchant) -> None:
    """What exists and is not the caller's is 403, what does not exist is 404."""
    other = await a_merchant(sandbox, account="cornerbakery")
    params = {"readMask": "name"}

    for path, status in (
        (f"{other.account}/locations", 403),
        (other.location, 403),
        ("accounts/1/locations", 404),
        ("locations/1", 404),
    ):
        answer = await merchant.call("GET", f"{LOCATIONS}/{path}", params=params)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)


async def test_a_role_can_be_taken_away(merchant: Merchant) -> None:
    """From then on the location is not listed, and calls at it are 403 PERMISSION_DENIED."""
    await merchant.change_location(role="NONE")

    assert await locations_of(merchant, merchant.account) == {}
    for answer in (
        await merchant.post(),
        await merchant.call("GET", f"{STANDING}/{merchant.location}/VoiceOfMerchantState"),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"]["status"] == "PERMISSION_DENIED"
        assert "details" not in answer.json()["error"]


async def test_a_location_can_be_deleted(merchant: Merchant) -> None:
    """From then on it is 404 NOT_FOUND."""
    await merchant.change_location(deleted=True)

    assert await locations_of(merchant, merchant.account) == {}
    answer = await merchant.post()
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


async def test_a_location_with_a_voice_says_so(merchant: Merchant) -> None:
    """Both statements are true."""
    answer = await merchant.call("GET", f"{STANDING}/{merchant.location}/VoiceOfMerchantState")

    assert answer.json() == {"hasVoiceOfMerchant": True, "hasBusinessAuthority": True}


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        ("verify", {"verify": {}}),
        ("waitForVoiceOfMerchant", {"hasBusinessAuthority": True, "waitForVoiceOfMerchant": {}}),
        ("resolveOwnershipConflict", {"resolveOwnershipConflict": {}}),
        (
            "complyWithGuidelines",
            {
                "hasBusinessAuthority": True,
                "complyWithGuidelines": {"recommendationReason": "BUSINESS_LOCATION_SUSPENDED"},
            },
        ),
    ],
)
async def test_a_location_without_a_voice_says_why(merchant: Merchant, gap: str, expected: dict[str, Any]) -> None:
    """What is false is left out, as everywhere in these answers."""
    await merchant.change_location(hasVoiceOfMerchant=False, voiceOfMerchantGap=gap)

    answer = await merchant.call("GET", f"{STANDING}/{merchant.location}/VoiceOfMerchantState")

    assert answer.json() == expected
    [location] = (await locations_of(merchant, merchant.account))["locations"]
    assert "hasVoiceOfMerchant" not in location["metadata"]


async def test_identity_alone_opens_no_business(sandbox: Sandbox) -> None:
    """Without business.manage every call is 403 with the reason, in the documented body."""
    merchant = await a_merchant(sandbox, scope="openid email profile")

    for answer in (await merchant.call("GET", f"{ACCOUNTS}/accounts"), await merchant.post()):
        assert answer.status_code == 403
        assert answer.json() == {
            "error": {
                "code": 403,
                "message": "Request had insufficient authentication scopes.",
                "status": "PERMISSION_DENIED",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                        "domain": "googleapis.com",
                    }
                ],
            }
        }


async def test_the_old_scope_opens_the_old_generation_only(sandbox: Sandbox) -> None:
    """plus.business.manage is still good for v4."""
    merchant = await a_merchant(sandbox, scope=f"openid {AUTH}plus.business.manage")

    assert (await merchant.post()).status_code == 200
    assert (await merchant.call("GET", f"{ACCOUNTS}/accounts")).status_code == 403


async def test_a_grant_made_at_youtube_opens_the_business_it_was_given_for(sandbox: Sandbox) -> None:
    """Both platforms share people, consents and tokens: scopes decide, not the address."""
    scope = f"openid {UPLOAD} {BUSINESS}"
    merchant = await a_merchant(sandbox, scope=scope, redirect_uri=YOUTUBE_REDIRECT)

    assert (await merchant.call("GET", f"{ACCOUNTS}/accounts")).status_code == 200


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer nothing"}, {"authorization": "token x"}])
async def test_without_a_token_nothing_is_told(sandbox: Sandbox, header: dict[str, str]) -> None:
    """Missing, unknown and foreign credentials are all 401 UNAUTHENTICATED."""
    answer = await sandbox.client.get(f"/google/{ACCOUNTS}/accounts", headers=header)

    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"kind": "page", "name": "x"}, "places.0.kind"),
        ({"kind": "location", "name": "x", "platform_id": "accounts/1/locations/2"}, "places.0.platform_id"),
        ({"kind": "location", "name": "x", "options": {"colour": "red"}}, "places.0.options.colour"),
        ({"kind": "location", "name": "x", "options": {"role": "KING"}}, "places.0.options.role"),
        (
            {"kind": "location", "name": "x", "options": {"voiceOfMerchantGap": "x"}},
            "places.0.options.voiceOfMerchantGap",
        ),
        ({"kind": "location", "name": "x", "options": {"deleted": "yes"}}, "places.0.options.deleted"),
    ],
)
async def test_a_place_that_google_cannot_have_is_refused(sandbox: Sandbox, place: dict[str, Any], field: str) -> None:
    """The control interface names the field, and nobody is made."""
    body = {"platform": "google", "username": "odd", "places": [place]}

    answer = await sandbox.client.post("/_control/accounts", json=body)

    assert answer.status_code == 422
    assert field in answer.text
    assert sandbox.simulation.store.find_account("google", "odd") is None


async def test_a_chosen_location_id_is_kept_and_a_group_stands(sandbox: Sandbox) -> None:
    """An id given by the control interface is the location's; its group cannot be changed later."""
    place = {"kind": "location", "name": "Attic", "platform_id": "locations/7741", "options": {"group": "Ateliers"}}
    await sandbox.control("POST", "/accounts", json={"platform": "google", "username": "attic", "places": [place]})
    merchant = await a_merchant(sandbox, account="attic")

    assert (await merchant.posted())["name"].startswith(f"{merchant.account}/locations/7741/localPosts/")
    body = {"platform": "google", "platform_id": "locations/7741", "options": {"group": "Others"}}
    assert (await sandbox.client.post("/_control/places", json=body)).status_code == 422
