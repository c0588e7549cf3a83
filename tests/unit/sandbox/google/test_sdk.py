"""Google's own client libraries work against the simulator, over a real socket."""

import asyncio
import json
from datetime import timedelta
from importlib import import_module
from importlib.resources import files
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
import google.oauth2.credentials
import pytest
from tests.unit.sandbox.google.visitors import AUTH, BUSINESS, CLIENT, REDIRECT, TODAY, between, revoke
from tests.unit.sandbox.harness import Sandbox

# These two come without types.
oauthlib: Any = import_module("google_auth_oauthlib.flow")
discovery: Any = import_module("googleapiclient.discovery")
errors: Any = import_module("googleapiclient.errors")

SCOPES = ["openid", f"{AUTH}userinfo.email", f"{AUTH}userinfo.profile", BUSINESS]
APIS = {
    "accounts": "mybusinessaccountmanagement.v1",
    "locations": "mybusinessbusinessinformation.v1",
    "standing": "mybusinessverifications.v1",
    "figures": "businessprofileperformance.v1",
}


async def credentials_of(
    sandbox: Sandbox, address: str, monkeypatch: pytest.MonkeyPatch
) -> google.oauth2.credentials.Credentials:
    """Link with Google's own flow: PKCE, offline access, and the client shown by HTTP Basic."""
    # The library insists on https; loopback is the sandbox's leniency.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client = {
        "client_id": CLIENT[0],
        "client_secret": CLIENT[1],
        "auth_uri": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_uri": f"{address}/google/oauth2.googleapis.com/token",
    }
    flow = oauthlib.Flow.from_client_config({"web": client}, scopes=SCOPES, redirect_uri=REDIRECT)
    page, state = flow.authorization_url(prompt="consent")
    answer = await sandbox.client.post(
        page.replace("https://", "/google/"), data={"account": "adaceramics", "decision": "approve"}
    )
    returned = answer.headers["location"]
    assert f"state={state}" in returned
    await asyncio.to_thread(flow.fetch_token, authorization_response=returned)
    flow.oauth2session.close()
    found: google.oauth2.credentials.Credentials = flow.credentials
    return found


def build(api: str, address: str, credentials: google.oauth2.credentials.Credentials) -> Any:
    """A client made of the description that the library brings along, pointed at the sandbox."""
    source = files("googleapiclient.discovery_cache") / "documents" / f"{APIS[api]}.json"
    document = json.loads(source.read_text())
    host = document["rootUrl"].removeprefix("https://")
    document["rootUrl"] = document["baseUrl"] = f"{address}/google/{host}"
    return discovery.build_from_document(document, credentials=credentials)


async def test_the_flow_links_and_the_credentials_refresh(
    sandbox: Sandbox, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """google-auth-oauthlib links, google-auth refreshes and keeps its refresh token; after a revocation it says so."""
    credentials = await credentials_of(sandbox, address, monkeypatch)
    first, kept = credentials.token, credentials.refresh_token
    transport = google.auth.transport.requests.Request()

    await asyncio.to_thread(credentials.refresh, transport)

    assert kept
    assert credentials.refresh_token == kept
    assert credentials.token != first
    assert set(credentials.granted_scopes) == set(SCOPES)
    assert credentials.id_token
    await revoke(sandbox, kept)
    with pytest.raises(google.auth.exceptions.RefreshError, match="invalid_grant"):
        await asyncio.to_thread(credentials.refresh, transport)
    transport.session.close()


async def test_the_api_client_reads_accounts_locations_standing_and_figures(
    sandbox: Sandbox, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The four described APIs answer the official client, pages included."""
    sandbox.switch("google", performance_lag_days=0)
    credentials = await credentials_of(sandbox, address, monkeypatch)

    def visit() -> dict[str, Any]:
        found: dict[str, Any] = {}
        accounts, locations, standing, figures = (build(api, address, credentials) for api in APIS)
        listing = accounts.accounts().list(pageSize=1)
        page = listing.execute()
        following = accounts.accounts().list_next(listing, page).execute()
        found["accounts"] = page["accounts"] + following["accounts"]
        name = found["accounts"][0]["name"]
        found["account"] = accounts.accounts().get(name=name).execute()
        mine = locations.accounts().locations().list(parent=name, readMask="name,title,metadata").execute()
        found["location"] = mine["locations"][0]
        place = found["location"]["name"]
        found["standing"] = standing.locations().getVoiceOfMerchantState(name=place).execute()
        days = {name.replace(".", "_"): value for name, value in between(TODAY - timedelta(days=1), TODAY).items()}
        ask = figures.locations().fetchMultiDailyMetricsTimeSeries
        found["series"] = ask(location=place, dailyMetrics=["CALL_CLICKS", "WEBSITE_CLICKS"], **days).execute()
        months = {
            f"monthlyRange_{end}_{part}": value
            for end in ("startMonth", "endMonth")
            for part, value in (("year", 2026), ("month", 10))
        }
        words = figures.locations().searchkeywords().impressions().monthly()
        found["words"] = words.list(parent=place, **months).execute()
        for api in (accounts, locations, standing, figures):
            api.close()
        return found

    found = await asyncio.to_thread(visit)

    assert [account["type"] for account in found["accounts"]] == ["PERSONAL", "LOCATION_GROUP"]
    assert found["account"] == found["accounts"][0]
    assert found["location"]["title"] == "Ada Ceramics"
    assert found["standing"] == {"hasVoiceOfMerchant": True, "hasBusinessAuthority": True}
    [outer] = found["series"]["multiDailyMetricTimeSeries"]
    assert [series["dailyMetric"] for series in outer["dailyMetricTimeSeries"]] == ["CALL_CLICKS", "WEBSITE_CLICKS"]
    assert found["words"]["searchKeywordsCounts"]


async def test_the_api_client_understands_refusals(
    sandbox: Sandbox, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads message and details out of our error bodies."""
    credentials = await credentials_of(sandbox, address, monkeypatch)
    locations = await asyncio.to_thread(build, "locations", address, credentials)

    with pytest.raises(errors.HttpError) as refused:
        await asyncio.to_thread(locations.accounts().locations().list(parent="accounts/-").execute)
    locations.close()

    assert refused.value.status_code == 400
    assert refused.value.reason == "Request contains an invalid argument."
    assert refused.value.error_details[0]["fieldViolations"][0]["field"] == "read_mask"
