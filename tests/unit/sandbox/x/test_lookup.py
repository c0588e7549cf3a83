"""Reading posts and people back from the simulated X."""

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.sandbox.harness import Response, Sandbox
from tests.unit.sandbox.x.visitors import Merchant, a_merchant, refresh


async def timeline(merchant: Merchant, **query: str) -> Response:
    """Read the account's own timeline."""
    return await merchant.call("GET", f"/2/users/{await merchant.user_id()}/tweets", params=query)


async def test_an_empty_timeline_has_no_data(merchant: Merchant) -> None:
    """Only the count is there."""
    assert (await timeline(merchant)).json() == {"meta": {"result_count": 0}}


async def test_the_timeline_lags(sandbox: Sandbox, merchant: Merchant) -> None:
    """A new post is missing for a second, though it can be read by its id."""
    post_id = await merchant.posted("Fresh")

    assert "data" not in (await timeline(merchant)).json()
    assert (await merchant.call("GET", f"/2/tweets/{post_id}")).status_code == 200
    sandbox.pass_time(seconds=1)
    assert [post["id"] for post in (await timeline(merchant)).json()["data"]] == [post_id]


async def test_the_timeline_pages_newest_first(sandbox: Sandbox, merchant: Merchant) -> None:
    """Pages cover every post once, and since_id and until_id leave out their own post."""
    ids = [await merchant.posted(f"Post {number}") for number in range(12)]
    sandbox.pass_time(seconds=1)

    first = (await timeline(merchant, max_results="5")).json()
    second = (await timeline(merchant, max_results="5", pagination_token=first["meta"]["next_token"])).json()
    third = (await timeline(merchant, max_results="5", pagination_token=second["meta"]["next_token"])).json()

    pages = [first, second, third]
    assert [post["id"] for page in pages for post in page["data"]] == ids[::-1]
    assert [page["meta"]["result_count"] for page in pages] == [5, 5, 2]
    assert "next_token" not in third["meta"]
    newer = (await timeline(merchant, since_id=ids[9])).json()
    assert [post["id"] for post in newer["data"]] == [ids[11], ids[10]]
    older = (await timeline(merchant, until_id=ids[1])).json()
    assert [post["id"] for post in older["data"]] == [ids[0]]


async def test_the_timeline_between_times(sandbox: Sandbox, merchant: Merchant) -> None:
    """start_time counts, end_time does not; replies can be left out."""
    first = await merchant.posted("Morning")
    sandbox.pass_time(minutes=10)
    await merchant.posted("Answer", reply={"in_reply_to_tweet_id": first})
    sandbox.pass_time(minutes=10)

    early = (await timeline(merchant, end_time="2026-11-22T10:25:30Z")).json()
    late = (await timeline(merchant, start_time="2026-11-22T10:25:30Z")).json()
    plain = (await timeline(merchant, exclude="replies,retweets")).json()

    assert [post["text"] for post in early["data"]] == ["Morning"]
    assert [post["text"] for post in late["data"]] == ["Answer"]
    assert [post["text"] for post in plain["data"]] == ["Morning"]


@pytest.mark.parametrize(
    "query",
    [
        {"max_results": "4"},
        {"max_results": "101"},
        {"max_results": "many"},
        {"since_id": "abc"},
        {"start_time": "yesterday"},
        {"start_time": "2026-11-22T10:00:00"},
        {"pagination_token": "x"},
        {"exclude": "quotes"},
        {"tweet.fields": "created_at,likes"},
        {"post.fields": "author_id"},
        {"user.fields": "email"},
        {"expansions": "author"},
        {"count": "5"},
    ],
)
async def test_wrong_parameters_of_the_timeline(merchant: Merchant, query: dict[str, str]) -> None:
    """Unknown parameters, fields and values are 400 and named."""
    answer = await timeline(merchant, **query)

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert set(error["parameters"]) == set(query)


async def test_only_default_fields_unless_asked(merchant: Merchant) -> None:
    """A post has id, text and its history; the rest comes by name."""
    post_id = await merchant.posted("Now at https://shop.example/k1")

    plain = (await merchant.call("GET", f"/2/tweets/{post_id}")).json()["data"]
    query = {"tweet.fields": "created_at,entities,author_id,public_metrics,attachments"}
    full = (await merchant.call("GET", f"/2/tweets/{post_id}", params=query)).json()["data"]

    assert set(plain) == {"id", "text", "edit_history_tweet_ids"}
    assert full["created_at"] == "2026-11-22T10:15:30.000Z"
    assert full["entities"]["urls"][0]["expanded_url"] == "https://shop.example/k1"
    assert full["author_id"] == await merchant.user_id()
    assert "attachments" not in full
    assert set(full["public_metrics"]) == {
        "retweet_count",
        "reply_count",
        "like_count",
        "quote_count",
        "bookmark_count",
        "impression_count",
    }


async def test_each_vocabulary_answers_in_its_words(merchant: Merchant) -> None:
    """The parameter chooses the words; some new fields are expansions only."""
    post_id = await merchant.posted("Same thing, other words")

    query = {"post.fields": "public_metrics", "expansions": "author_id", "user.fields": "public_metrics"}
    body = (await merchant.call("GET", f"/2/tweets/{post_id}", params=query)).json()

    assert "edit_history_post_ids" in body["data"]
    assert "repost_count" in body["data"]["public_metrics"]
    assert body["data"]["author_id"] == body["includes"]["users"][0]["id"]
    assert "post_count" in body["includes"]["users"][0]["public_metrics"]


@pytest.mark.parametrize(("vocabulary", "key"), [("old", "edit_history_tweet_ids"), ("new", "edit_history_post_ids")])
async def test_a_vocabulary_can_be_forced(sandbox: Sandbox, merchant: Merchant, vocabulary: str, key: str) -> None:
    """Every answer then uses those words, creation included."""
    sandbox.switch("x", vocabulary=vocabulary)

    created = (await merchant.post("Words")).json()["data"]
    read = await merchant.call("GET", f"/2/tweets/{created['id']}", params={"post.fields": "created_at"})

    assert key in created
    assert key in read.json()["data"]


@pytest.mark.parametrize("parameter", ["tweet.fields", "post.fields"])
async def test_a_parameter_can_be_refused(sandbox: Sandbox, merchant: Merchant, parameter: str) -> None:
    """One of both names is then a 400 that names it."""
    sandbox.switch("x", refused_parameter=parameter)

    answer = await timeline(merchant, **{parameter: "created_at"})

    assert answer.status_code == 400
    assert parameter in answer.json()["errors"][0]["parameters"]
    other = {"tweet.fields": "post.fields", "post.fields": "tweet.fields"}[parameter]
    assert (await timeline(merchant, **{other: "created_at"})).status_code == 200


async def test_both_forms_of_a_missing_post(sandbox: Sandbox, merchant: Merchant) -> None:
    """404 with the problem on top, or 200 with only errors."""
    problem = await merchant.call("GET", "/2/tweets/19")
    sandbox.switch("x", not_found_form="errors")
    errors = await merchant.call("GET", "/2/tweets/19")

    assert problem.status_code == 404
    assert problem.json()["type"].endswith("/resource-not-found")
    assert errors.status_code == 200
    assert set(errors.json()) == {"errors"}


async def test_many_posts_at_once(merchant: Merchant) -> None:
    """What is there stands under data, what is not under errors, with 200."""
    post_id = await merchant.posted("Here")

    body = (await merchant.call("GET", "/2/tweets", params={"ids": f"{post_id},19"})).json()

    assert [post["id"] for post in body["data"]] == [post_id]
    assert body["errors"][0]["resource_id"] == "19"
    assert (await merchant.call("GET", "/2/tweets", params={"ids": "19"})).json().keys() == {"errors"}


@pytest.mark.parametrize("ids", ["", "a,b", ",".join(str(number) for number in range(1, 102))])
async def test_wrong_ids_are_refused(merchant: Merchant, ids: str) -> None:
    """One to a hundred ids of digits."""
    assert (await merchant.call("GET", "/2/tweets", params={"ids": ids})).status_code == 400


async def test_the_account_behind_the_token(merchant: Merchant) -> None:
    """Default fields only, and figures by name."""
    plain = (await merchant.call("GET", "/2/users/me")).json()["data"]
    query = {"user.fields": "public_metrics,subscription_type,profile_image_url,protected,verified_type"}
    full = (await merchant.call("GET", "/2/users/me", params=query)).json()["data"]

    assert set(plain) == {"id", "name", "username"}
    assert full["subscription_type"] == "None"
    assert full["public_metrics"]["followers_count"] == 120
    assert full["public_metrics"]["tweet_count"] == 0
    same = await merchant.call("GET", f"/2/users/{plain['id']}", params=query)
    assert same.json()["data"] == full
    missing = await merchant.call("GET", "/2/users/19")
    assert missing.json().keys() == {"errors"}


async def test_figures_grow_with_age(sandbox: Sandbox, merchant: Merchant) -> None:
    """A later reading is never smaller, and two at one time agree."""
    post_id = await merchant.posted("Watch me grow")

    async def figures() -> dict[str, Any]:
        query = {"ids": post_id, "tweet.fields": "public_metrics,non_public_metrics"}
        answer = await merchant.call("GET", "/2/tweets", params=query)
        found: dict[str, Any] = answer.json()["data"][0]
        return found

    young = await figures()
    sandbox.pass_time(hours=1)
    old = await figures()

    assert young["public_metrics"]["impression_count"] == 0
    assert old["public_metrics"]["impression_count"] > 0
    assert old == await figures()
    assert old["non_public_metrics"]["impression_count"] == old["public_metrics"]["impression_count"]


async def test_private_figures_are_for_the_author_and_thirty_days(sandbox: Sandbox, merchant: Merchant) -> None:
    """Otherwise the post is left out and an error per field says why; public figures stay readable."""
    mine = await merchant.posted("Mine")
    stranger = await a_merchant(sandbox, account="copperworks")
    theirs = await stranger.posted("Theirs")
    query = {"ids": f"{mine},{theirs}", "tweet.fields": "non_public_metrics,organic_metrics"}

    body = (await merchant.call("GET", "/2/tweets", params=query)).json()

    assert [post["id"] for post in body["data"]] == [mine]
    assert {error["value"] for error in body["errors"]} == {"non_public_metrics", "organic_metrics"}
    assert {error["resource_id"] for error in body["errors"]} == {theirs}
    sandbox.pass_time(days=30)
    merchant.tokens = (await refresh(sandbox, merchant.tokens["refresh_token"])).json()
    aged = (await merchant.call("GET", "/2/tweets", params=query)).json()
    assert "data" not in aged
    public = await merchant.call("GET", "/2/tweets", params=query | {"tweet.fields": "public_metrics"})
    assert len(public.json()["data"]) == 2


async def test_the_time_series_adds_up(sandbox: Sandbox, merchant: Merchant) -> None:
    """What was gained per hour is, all together, today's figure."""
    began = sandbox.clock.now()
    post_id = await merchant.posted("Measured")
    sandbox.pass_time(minutes=100)
    query = {
        "ids": post_id,
        "start_time": began.isoformat(),
        "end_time": (began + timedelta(minutes=100)).isoformat(),
        "granularity": "hourly",
        "analytics.fields": "impressions,likes",
    }

    (series,) = (await merchant.call("GET", "/2/tweets/analytics", params=query)).json()["data"]

    assert len(series["timestamped_metrics"]) == 2
    whole = await merchant.call("GET", f"/2/tweets/{post_id}", params={"tweet.fields": "public_metrics"})
    gained = sum(bucket["metrics"]["impressions"] for bucket in series["timestamped_metrics"])
    assert gained == whole.json()["data"]["public_metrics"]["impression_count"]
    foreign = await (await a_merchant(sandbox, account="copperworks")).call("GET", "/2/tweets/analytics", params=query)
    assert foreign.json().keys() == {"errors"}
    for missing in ("start_time", "end_time", "granularity"):
        less = {name: value for name, value in query.items() if name != missing}
        assert (await merchant.call("GET", "/2/tweets/analytics", params=less)).status_code == 400


async def test_a_long_post_has_a_note(sandbox: Sandbox) -> None:
    """The text is cut; the note has it all, under the word of the vocabulary."""
    premium = await a_merchant(sandbox, account="copperworks")
    text = "copper " * 60
    post_id = await premium.posted(text)

    old = await premium.call("GET", f"/2/tweets/{post_id}", params={"tweet.fields": "note_tweet"})
    new = await premium.call("GET", f"/2/tweets/{post_id}", params={"post.fields": "note_post"})

    assert len(old.json()["data"]["text"]) < 280
    assert old.json()["data"]["note_tweet"]["text"] == text
    assert new.json()["data"]["note_post"]["text"] == text
