"""Google's consent page refuses what the original refuses, and asks what the original asks."""

from urllib.parse import parse_qs, urlsplit

import pytest
from tests.unit.sandbox.google.visitors import (
    BUSINESS,
    PAGE,
    REDIRECT,
    SCOPES,
    UPLOAD,
    VERIFIER,
    YOUTUBE_REDIRECT,
    authorization,
    exchange,
    tokens_of,
)
from tests.unit.sandbox.harness import Sandbox, params_of

CHANNELS = [
    {"kind": "channel", "name": "Ada Shop", "platform_id": "UCaaaaaaaaaaaaaaaaaaaaaa"},
    {"kind": "channel", "name": "Ada Films", "platform_id": "UCbbbbbbbbbbbbbbbbbbbbbb"},
]


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"client_id": "nobody"}, "invalid_client", 401),
        ({"client_id": None}, "invalid_request", 400),
        ({"redirect_uri": REDIRECT + "/"}, "redirect_uri_mismatch", 400),
        ({"redirect_uri": REDIRECT.replace("localhost", "127.0.0.1")}, "redirect_uri_mismatch", 400),
        ({"redirect_uri": None}, "invalid_request", 400),
        ({"response_type": "token"}, "unsupported_response_type", 400),
        ({"response_type": None}, "invalid_request", 400),
        ({"scope": None}, "invalid_request", 400),
        ({"scope": "openid business.manage"}, "invalid_scope", 400),
        ({"access_type": "forever"}, "invalid_request", 400),
        ({"prompt": "always"}, "invalid_request", 400),
        ({"prompt": "none consent"}, "invalid_request", 400),
        ({"include_granted_scopes": "yes"}, "invalid_request", 400),
        ({"code_challenge_method": "S512"}, "invalid_request", 400),
        ({"code_challenge": "short"}, "invalid_request", 400),
        ({"code_challenge": None}, "invalid_request", 400),
    ],
)
async def test_a_wrong_request_stays_with_the_person(
    sandbox: Sandbox, changes: dict[str, str | None], code: str, status: int
) -> None:
    """Nothing is sent to the redirect URI when the request is wrong; the page names Google's word for it."""
    for method in ("GET", "POST"):
        data = {"account": "adaceramics", "decision": "approve"} if method == "POST" else None
        answer = await sandbox.client.request(method, f"/google/{PAGE}", params=authorization(**changes), data=data)

        assert answer.status_code == status
        assert "location" not in answer.headers
        assert f"Error {status}: {code}" in answer.text


async def test_a_parameter_that_comes_twice_is_refused(sandbox: Sandbox) -> None:
    """Two redirect URIs are none."""
    params = {**authorization(), "redirect_uri": [REDIRECT, "http://localhost:8101/other"]}

    answer = await sandbox.client.get(f"/google/{PAGE}", params=params)

    assert answer.status_code == 400
    assert "single value: redirect_uri" in answer.text


async def test_the_page_shows_the_app_the_people_and_what_can_be_unticked(sandbox: Sandbox) -> None:
    """Identity is told, anything beyond can be unticked, and the hinted person comes first."""
    answer = await sandbox.client.get(f"/google/{PAGE}", params=authorization(login_hint="cornerbakery@shop.example"))

    assert answer.status_code == 200
    assert "Seftec Social" in answer.text
    assert f'type="checkbox" name="scope" value="{BUSINESS}" checked' in answer.text
    assert 'type="checkbox" name="scope" value="openid"' not in answer.text
    assert answer.text.index("Corner Bakery") < answer.text.index("Ada Ceramics")


async def test_a_consent_comes_back_with_code_scope_and_state(sandbox: Sandbox) -> None:
    """The code has a slash in it, and the scopes come in long form and in an order of their own."""
    answer = await sandbox.consent("google", PAGE, authorization(), account="adaceramics")

    params = params_of(answer)
    assert params["state"] == "st_9f2"
    assert params["code"].startswith("4/0A")
    assert "code=4%2F0A" in answer.headers["location"]
    assert set(params["scope"].split()) >= {
        "email",
        "openid",
        BUSINESS,
        "https://www.googleapis.com/auth/userinfo.email",
    }
    assert urlsplit(answer.headers["location"]).path == urlsplit(REDIRECT).path


async def test_a_state_that_was_not_sent_is_not_made_up(sandbox: Sandbox) -> None:
    """Google takes requests without a state."""
    answer = await sandbox.consent("google", PAGE, authorization(state=None), account="adaceramics")

    assert "state" not in params_of(answer)


async def test_a_refusal_comes_back_with_the_state(sandbox: Sandbox) -> None:
    """Denying sends access_denied and the state, nothing else."""
    answer = await sandbox.consent("google", PAGE, authorization(), account="adaceramics", decision="deny")

    assert params_of(answer) == {"error": "access_denied", "state": "st_9f2"}


async def test_unticking_leaves_identity_only(sandbox: Sandbox) -> None:
    """A person may keep the business to themselves and still sign in."""
    tokens = await tokens_of(sandbox, form={"scopes_shown": "1"})

    assert BUSINESS not in tokens["scope"]
    assert "openid" in tokens["scope"].split()


async def test_unticking_all_there_is_is_a_refusal(sandbox: Sandbox) -> None:
    """Without identity scopes, nothing is left to grant."""
    query = authorization(scope=BUSINESS)

    answer = await sandbox.consent("google", PAGE, query, account="adaceramics", scopes_shown="1")

    assert params_of(answer)["error"] == "access_denied"


@pytest.mark.parametrize(
    ("switches", "code"), [({"admin_policy": True}, "admin_policy_enforced"), ({"org_internal": True}, "org_internal")]
)
async def test_a_barred_app_is_told_on_a_page(sandbox: Sandbox, switches: dict[str, bool], code: str) -> None:
    """An administrator's or an organisation's bar shows at Google, not at the app."""
    sandbox.switch("google", **switches)

    answer = await sandbox.client.get(f"/google/{PAGE}", params=authorization())

    assert answer.status_code in {400, 403}
    assert code in answer.text


async def test_an_embedded_browser_is_refused(sandbox: Sandbox) -> None:
    """Web views of apps get disallowed_useragent."""
    agent = {"user-agent": "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36"}

    answer = await sandbox.client.get(f"/google/{PAGE}", params=authorization(), headers=agent)

    assert answer.status_code == 403
    assert "disallowed_useragent" in answer.text


async def test_asking_without_showing_a_page_needs_a_session(sandbox: Sandbox) -> None:
    """prompt=none comes back with an error, as nobody is ever signed in here."""
    answer = await sandbox.client.get(f"/google/{PAGE}", params=authorization(prompt="none"))

    assert params_of(answer) == {"error": "login_required", "state": "st_9f2"}


async def test_an_unknown_account_or_no_decision_stays_with_the_person(sandbox: Sandbox) -> None:
    """A form that names nobody grants nothing."""
    for data in ({"account": "nobody"}, {"decision": ""}, {"account": ""}):
        answer = await sandbox.consent("google", PAGE, authorization(), **{"account": "adaceramics", **data})

        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_a_testing_project_is_warned_about(sandbox: Sandbox) -> None:
    """An app that Google has not verified says so on the page."""
    sandbox.switch("google", testing=True)

    assert "verified this app" in (await sandbox.client.get(f"/google/{PAGE}", params=authorization())).text


async def test_merging_earlier_grants_must_be_asked_for(sandbox: Sandbox) -> None:
    """include_granted_scopes=true brings what was granted before; without it a grant stays as it was asked."""
    await tokens_of(sandbox)
    alone = await tokens_of(sandbox, scope="openid email")
    merged = await tokens_of(sandbox, scope="openid email", include_granted_scopes="true")

    assert BUSINESS not in alone["scope"]
    assert BUSINESS in merged["scope"].split()


async def test_every_channel_is_an_identity_of_its_own(sandbox: Sandbox) -> None:
    """With a YouTube scope the page lists channels; the chosen one is what the token is bound to, else the first."""
    account = await sandbox.control(
        "POST", "/accounts", json={"platform": "youtube", "username": "adafilms", "places": CHANNELS}
    )
    query = authorization(scope=f"openid {UPLOAD}", redirect_uri=YOUTUBE_REDIRECT)
    page = (await sandbox.client.get(f"/youtube/{PAGE}", params=query)).text
    sub = account["account_id"]
    chosen = {
        sub: CHANNELS[0]["platform_id"],
        f"{sub}~{CHANNELS[1]['platform_id']}": CHANNELS[1]["platform_id"],
    }

    for identity, channel in chosen.items():
        assert f'value="{sub}~{channel}"' in page
        code = params_of(await sandbox.consent("youtube", PAGE, query, account=identity))["code"]
        assert sandbox.simulator("youtube").grants.codes[code].details["channel"] == channel
    form = {"channel": CHANNELS[1]["platform_id"]}
    code = params_of(await sandbox.consent("youtube", PAGE, query, account="adafilms", **form))["code"]
    answer = await exchange(sandbox, code, redirect_uri=YOUTUBE_REDIRECT)
    token = sandbox.simulator("youtube").grants.tokens[answer.json()["access_token"]]
    assert token.details["channel"] == CHANNELS[1]["platform_id"]
    strange = await sandbox.consent("youtube", PAGE, query, account="adafilms", channel="UCstrange")
    assert strange.status_code == 400


async def test_a_person_without_a_channel_can_consent(sandbox: Sandbox) -> None:
    """Somebody with locations only lets a YouTube app in; the token has no channel."""
    tokens = await tokens_of(sandbox, scope=f"openid {UPLOAD}", redirect_uri=YOUTUBE_REDIRECT)

    token = sandbox.simulator("youtube").grants.tokens[tokens["access_token"]]
    assert "channel" not in token.details


async def test_one_username_on_both_platforms_is_one_person(sandbox: Sandbox) -> None:
    """Somebody with locations and channels has one sub, and stands once on the page."""
    body = {"platform": "youtube", "username": "adaceramics", "places": CHANNELS[:1]}
    made = await sandbox.control("POST", "/accounts", json=body)

    owner = sandbox.simulation.store.find_account("google", "adaceramics")

    assert owner is not None
    assert made["account_id"] == owner.account_id
    assert made["display_name"] == owner.display_name
    page = (await sandbox.client.get(f"/google/{PAGE}", params=authorization())).text
    assert page.count(f'value="{owner.account_id}"') == 1


async def test_a_sub_is_a_long_row_of_digits(sandbox: Sandbox) -> None:
    """Subjects do not fit into 64 bits."""
    made = await sandbox.control("POST", "/accounts", json={"platform": "google", "username": "new"})

    assert made["account_id"].isdigit()
    assert len(made["account_id"]) == 21


@pytest.mark.parametrize("uri", ["http://shop.example/cb", "https://shop.example/cb#x"])
async def test_unsafe_redirect_uris_are_not_registered(sandbox: Sandbox, uri: str) -> None:
    """Plain http elsewhere than on this machine, and fragments, are refused."""
    app = {"platform": "google", "client_id": "new", "client_secret": "s", "redirect_uris": [uri]}

    assert (await sandbox.client.post("/_control/apps", json=app)).status_code == 422


async def test_a_plain_challenge_is_assumed_where_no_method_is_named(sandbox: Sandbox) -> None:
    """Leaving the method out means that the challenge is the verifier itself."""
    answer = await sandbox.consent(
        "google",
        PAGE,
        authorization(code_challenge=VERIFIER, code_challenge_method=None, scope=SCOPES),
        account="adaceramics",
    )
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    assert (await exchange(sandbox, code)).status_code == 200
