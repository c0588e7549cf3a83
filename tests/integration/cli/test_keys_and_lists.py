"""Keys are changed under stored values; posts and connections are listed without what is a merchant's alone."""

from collections.abc import Callable
from uuid import UUID, uuid4

from tests.integration.cli.conftest import Installation
from tests.support.commands import Result

from social_common.crypto import KeyRing
from social_common.secrets import Secret

Social = Callable[..., Result]
_TOKENS = "social_connections"


def a_connection(installation: Installation, ring: KeyRing) -> tuple[UUID, UUID]:
    """A linked account of a new merchant, and a post of it that nobody can tell about: (connection, post)."""
    user, grant, connection, post = (uuid4() for _ in range(4))
    token = ring.encrypt(Secret("planted-token"), table=_TOKENS, column="access_token", row_id=str(connection))
    installation.sql(
        f"INSERT INTO auth.users (id) VALUES ('{user}')",
        "INSERT INTO retail_b2c.grants (id, user_id, platform, app, family, platform_user_id, obtained_at)"
        f" VALUES ('{grant}', '{user}', 'x', 'id', 'x', '7', now())",
        "INSERT INTO retail_b2c.social_connections (id, user_id, platform, platform_id, access_token, grant_id, app,"
        " family, platform_user_id, health)"
        f" VALUES ('{connection}', '{user}', 'x', '7', '{token}', '{grant}', 'id', 'x', '7', 'expiring')",
        "INSERT INTO retail_b2c.social_posts (id, user_id, platform, content, status, campaign_id, connection_id,"
        " platform_id, kind, revision, error)"
        f" VALUES ('{post}', '{user}', 'x', 'planted words', 'unknown', '{post}', '{connection}', '7', 'text', 1,"
        ' \'{"code": "outcome_unknown"}\')',
    )
    return connection, post


def test_a_key_is_changed_without_losing_what_it_wrapped(installation: Installation, social: Social) -> None:
    """Add, activate, rewrite, remove: a key goes only once nothing needs it, and what it wrapped is kept."""
    path = installation.keys / "auth-linker-keys.json"
    connection, _ = a_connection(installation, KeyRing.load(path))
    on_file = ("--file", str(path), "--id")
    assert social("keys", "add", *on_file, "k2").code == social("keys", "activate", *on_file, "k2").code == 0

    refused = social("keys", "remove", *on_file, "k1", "--service", "auth-linker")
    rewritten = social("keys", "rewrite", "--service", "auth-linker", "--json")
    listed = social("keys", "list", "--json")
    removed = social("keys", "remove", *on_file, "k1", "--service", "auth-linker")
    lost = social("keys", "list", "--service", "auth-linker", "--json")

    assert (refused.code, removed.code, lost.code) == (1, 0, 0)
    assert "1 values are wrapped by k1" in refused.err
    assert rewritten.json["services"]["auth-linker"] == {"rewritten": 1, "unreadable": 0}
    assert [(one["key"], one["values"]) for one in listed.json["keys"] if one["service"] == "auth-linker"] == [
        ("k1", 0),
        ("k2", 1),
    ]
    shown = social("connections", "show", str(connection), "--json")
    assert shown.json["connection"]["health"] == "expiring"
    assert "planted" not in "".join(one.out + one.err for one in (rewritten, listed, removed, shown))


def test_lists_show_how_things_stand_and_nothing_of_the_merchants(installation: Installation, social: Social) -> None:
    """Status, health and errors among all merchants; no text and no token; what is not there is refused."""
    connection, post = a_connection(installation, KeyRing.load(installation.keys / "auth-linker-keys.json"))

    posts = social("posts", "list", "--status", "unknown", "--json")
    none = social("posts", "list", "--status", "held", "--json")
    one = social("posts", "show", str(post), "--json")
    connections = social("connections", "list", "--health", "expiring", "--json")
    nobody = social("connections", "show", str(post))

    assert [(p["post_id"], p["error"]) for p in posts.json["posts"]] == [(str(post), "outcome_unknown")]
    assert none.json["posts"] == []
    assert (one.json["post"]["status"], one.json["attempts"]) == ("unknown", [])
    assert [c["connection_id"] for c in connections.json["connections"]] == [str(connection)]
    assert (nobody.code, "there is no connection" in nobody.err) == (1, True)
    assert "planted" not in "".join(told.out + told.err for told in (posts, one, connections))
