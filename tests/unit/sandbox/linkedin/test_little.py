"""LinkedIn's little text: what stays, what is cut, and how it is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sandbox.harness import Sandbox
from tests.unit.sandbox.linkedin.visitors import PAGE, Merchant, encoded, error_of

from social_sandbox.linkedin.little import RESERVED, Hashtag, Mention, Plain, escaped, parse, visible, written

NAMES = {"urn:li:organization:123": "Exact Name", "urn:li:organization:9": "A_B (C)"}


@pytest.mark.parametrize(
    ("commentary", "seen"),
    [
        ("New copper kettle \\(1.5 l\\) #kitchen", "New copper kettle (1.5 l) #kitchen"),
        ("Kettle (1.5 l)", "Kettle "),
        ("a_b", "a"),
        ("a * b", "a "),
        ("a\\nb", "a"),
        ("ends with \\", "ends with "),
        ("# lonely", ""),
        ("at @ noon", "at "),
        ("me@shop.example", "me"),
        ("{hashtag|\\#|word} more", "#word more"),
        ("{hashtag|#|word} more", ""),
        ("{hashtag|\\#|two words} more", ""),
        ("#one#two", "#one#two"),
        ("#one_two", "#one"),
        ("https://shop.example/a\\_b\\#c", "https://shop.example/a_b#c"),
        ("@[Exact Name](urn:li:organization:123)!", "Exact Name!"),
        ("@[exact name](urn:li:organization:123)!", "exact name!"),
        ("@[Exact Name](123)!", ""),
        ("caf\u00e9 #\u00fcber \U0001f600", "caf\u00e9 #\u00fcber \U0001f600"),
    ],
)
def test_what_people_see(commentary: str, seen: str) -> None:
    """Escapes are resolved, elements shown, and at the first other reserved character the text ends."""
    assert visible(parse(commentary, NAMES.get)) == seen


def test_a_mention_needs_the_exact_name() -> None:
    """Otherwise it is plain text; escapes belong to the name."""
    assert parse("@[Exact Name](urn:li:organization:123)", NAMES.get) == [
        Mention("Exact Name", "urn:li:organization:123")
    ]
    assert parse("@[exact name](urn:li:organization:123)", NAMES.get) == [Plain("exact name")]
    assert parse("@[A\\_B \\(C\\)](urn:li:organization:9)", NAMES.get) == [Mention("A_B (C)", "urn:li:organization:9")]


def test_reading_back_gives_escapes_and_templates() -> None:
    """As a client has to unescape and turn back before it compares."""
    elements = parse("Kettle \\(1.5 l\\) #kitchen @[Exact Name](urn:li:organization:123)", NAMES.get)

    assert elements[1] == Hashtag("kitchen")
    assert written(elements) == ("Kettle \\(1.5 l\\) {hashtag|\\#|kitchen} @[Exact Name](urn:li:organization:123)")


@given(st.text())
def test_what_is_escaped_is_never_cut(text: str) -> None:
    """Every reserved character escaped, the whole text is seen."""
    assert visible(parse(escaped(text), NAMES.get)) == text


@given(
    st.lists(st.sampled_from([*sorted(RESERVED), "a", " ", "1", "{hashtag|\\#|", "urn:li:organization:123"])).map(
        "".join
    )
)
def test_what_is_read_back_means_the_same(text: str) -> None:
    """Writing what was understood is understood as the same."""
    elements = parse(text, NAMES.get)

    assert parse(written(elements), NAMES.get) == elements


async def test_a_cut_post_is_created_all_the_same(sandbox: Sandbox, manager: Merchant) -> None:
    """201, and the text ends before the parenthesis, in the ground truth and, evened out, in what is read."""
    urn = await manager.posted("New kettle (1.5 l) #kitchen", author=PAGE)

    (post,) = await sandbox.published("linkedin")
    assert post["text"] == "New kettle "
    assert (await manager.call("GET", f"/posts/{encoded(urn)}")).json()["commentary"] == "New kettle"


async def test_an_existing_page_can_be_mentioned(manager: Merchant) -> None:
    """By its name as it stands; a member, too."""
    urn = await manager.posted(
        f"With @[Copper & Co]({PAGE}) and @[Ana Costa]({manager.person}) and @[Nobody]({PAGE})", author=PAGE
    )

    read = (await manager.call("GET", f"/posts/{encoded(urn)}")).json()["commentary"]

    assert read == f"With @[Copper & Co]({PAGE}) and @[Ana Costa]({manager.person}) and Nobody"


@pytest.mark.parametrize(
    ("switches", "fits", "too_long"),
    [
        ({}, "a" * 3000, "a" * 3001),
        ({}, "\\(" * 1500, "\\(" * 1500 + "a"),
        ({}, "\U0001f600" * 3000, "\U0001f600" * 3001),
        ({"length_unit": "utf16"}, "\U0001f600" * 1500, "\U0001f600" * 1500 + "a"),
        ({"length_of": "visible"}, "\\(" * 3000, "\\(" * 3001),
        ({"length_of": "visible"}, "{hashtag|\\#|a}" + "b" * 2998, "{hashtag|\\#|a}" + "b" * 2999),
    ],
)
async def test_the_limit_of_three_thousand(
    sandbox: Sandbox, member: Merchant, switches: dict[str, str], fits: str, too_long: str
) -> None:
    """What it counts is a switch; one more is FIELD_LENGTH_TOO_LONG with its path."""
    sandbox.switch("linkedin", **switches)

    refused = await member.post(too_long)

    assert error_of(refused) == (400, "FIELD_LENGTH_TOO_LONG")
    (wrong,) = refused.json()["errorDetails"]["inputErrors"]
    assert wrong["input"]["inputPath"]["fieldPath"] == "/commentary"
    assert (await member.post(fits)).status_code == 201
