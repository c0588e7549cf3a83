"""The environment decides which platforms are configured, and facts exist for all that are implemented."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.platforms.fakes import an_app

from social_common.http import HttpClient
from social_platforms import registry
from social_platforms._core import MetricsAdapter, OAuthAdapter, Platform, PostsAdapter

X = {"X_CLIENT_ID": "cid", "X_CLIENT_SECRET": "planted"}


def test_only_platforms_with_an_app_are_configured() -> None:
    """Without a client id a platform is left out; the secret is not shown."""
    apps = registry.load_apps(X | {"X_BASE_URL": "http://localhost:8110/x/", "X_POST_FIELDS_PARAM": "tweet.fields"})

    assert list(apps) == [Platform.X]
    assert apps[Platform.X].base_url == "http://localhost:8110/x"
    assert apps[Platform.X].extras == {"X_POST_FIELDS_PARAM": "tweet.fields"}
    assert "planted" not in repr(apps)


def test_github_is_a_github_app_unless_told_otherwise() -> None:
    """The flavour has a default and a list."""
    environ = {"GITHUB_CLIENT_ID": "cid", "GITHUB_CLIENT_SECRET": "s"}

    assert registry.load_apps(environ)[Platform.GITHUB].flavour == "github_app"
    assert registry.load_apps(environ | {"GITHUB_FLAVOUR": "oauth_app"})[Platform.GITHUB].flavour == "oauth_app"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"X_CLIENT_SECRET": ""}, "X_CLIENT_SECRET is missing"),
        ({"X_BASE_URL": "localhost:8110"}, "X_BASE_URL is not a URL"),
        ({"GITHUB_CLIENT_ID": "c", "GITHUB_CLIENT_SECRET": "s", "GITHUB_FLAVOUR": "both"}, "GITHUB_FLAVOUR is both"),
        ({"INSTAGRAM_CLIENT_ID": "c", "INSTAGRAM_CLIENT_SECRET": "s", "INSTAGRAM_FLAVOUR": "x"}, "INSTAGRAM_FLAVOUR"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(changes: dict[str, str], words: str) -> None:
    """The error names the variable and never the secret."""
    with pytest.raises(ValueError, match=words) as refused:
        registry.load_apps(X | changes)

    assert "planted" not in str(refused.value)


async def test_each_facet_has_an_adapter_per_configured_platform() -> None:
    """The three facets answer for the platforms that are configured, and for no others."""
    apps = registry.load_apps(X)
    async with HttpClient() as http:
        for facet in (registry.posts_adapters, registry.metrics_adapters):
            assert {name: adapter.platform for name, adapter in facet(apps, http).items()} == {Platform.X: Platform.X}
        linking = registry.oauth_apps(apps, http)
        assert linking.platforms == {"x"}
        assert [adapter.platform for adapter in linking] == [Platform.X]


@pytest.mark.parametrize("platform", list(Platform))
async def test_an_adapter_has_all_that_its_facet_promises(platform: Platform) -> None:
    """Adapters are found by name, where no type checker looks: nothing of the three protocols may be missing."""
    apps = {platform: an_app()}
    async with HttpClient() as http:
        (linking,) = registry.oauth_apps(apps, http)
        facets = [
            (OAuthAdapter, linking),
            (PostsAdapter, registry.posts_adapters(apps, http)[platform]),
            (MetricsAdapter, registry.metrics_adapters(apps, http)[platform]),
        ]

    for protocol, adapter in facets:
        promised = {name for name in {*vars(protocol), *protocol.__annotations__} if not name.startswith("_")}
        assert promised <= set(dir(adapter)), promised - set(dir(adapter))


def test_facts_hold_together() -> None:
    """Every implemented platform states facts; shares of a budget never exceed it, scopes exist per capability."""
    facts = registry.all_facts()

    assert set(facts) == set(Platform)
    for platform, fact in facts.items():
        assert fact.platform is platform
        assert all(0 < sum(budget.shares.values()) <= 1.0 for budget in fact.budgets)
        assert all(fact.scopes.values())
        assert list(fact.look_delays) == sorted(fact.look_delays)
        assert fact.options_schema["additionalProperties"] is False


def test_no_version_in_use_is_about_to_be_retired() -> None:
    """Sixty days before a platform retires the version of its interface that we use, this fails: time to move on."""
    now = datetime.now(UTC)
    for platform, fact in registry.all_facts().items():
        assert fact.api_version, platform
        if fact.api_sunset is not None:
            left = fact.api_sunset - now
            assert left > timedelta(days=60), f"{fact.name} {fact.api_version} is retired in {left.days} days"


def test_an_approved_app_may_spend_more() -> None:
    """A setting takes the place of a stated count; what cannot be meant is refused with what there is."""
    raised = registry.all_facts({"LINKEDIN_BUDGETS": '{"Community Management": {"app": 100000}}'})[Platform.LINKEDIN]

    counts = {(budget.endpoint, budget.per): budget.count for budget in raised.budgets}
    assert (counts["Community Management", "app"], counts["Community Management", "connection"]) == (100_000, 100)
    for nonsense in ("[1]", "{", '{"x": 1}', '{"Community Management": {"app": -1}}', '{"Nothing": {"app": 1}}'):
        with pytest.raises(ValueError, match="LINKEDIN_BUDGETS"):
            registry.all_facts({"LINKEDIN_BUDGETS": nonsense})
