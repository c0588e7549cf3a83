"""LinkedIn's little text: whatever a merchant writes is what a reader sees."""

import re
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from social_platforms._core import MediaItem, MediaKind, PostContent
from social_platforms.likeness import comparable
from social_platforms.linkedin.littletext import escaped, plain
from social_platforms.linkedin.restli import Value, encoded, query
from social_platforms.linkedin.rules import findings_of, kind_of

RESERVED = set(r"|{}@[]()<>#\*_~")
TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from([*sorted(RESERVED), "a", " ", "é", "1"]))


def shown(commentary: str) -> str:
    """A strict reading of the format, written from its description: an unescaped reserved character cuts the text."""
    out, position = [], 0
    while position < len(commentary):
        character = commentary[position]
        if character == "\\":
            if position + 1 == len(commentary):
                break
            out.append(commentary[position + 1])
            position += 2
            continue
        if character == "#" and (word := re.match(r"#[^\W_]+", commentary[position:])):
            out.append(word[0])
            position += len(word[0])
            continue
        if character in RESERVED:
            break
        out.append(character)
        position += 1
    return "".join(out)


@given(TEXTS)
@example("(1.5 l) {hashtag|\\#|kettle} @[Name](urn:li:person:1) \\")
@example("#a#b ##c (#d) https://x.example/#e_(f)~g #1 C#sharp")
def test_any_text_survives(text: str) -> None:
    """By a strict reader and by our own, nothing is cut and no escape is seen."""
    written = escaped(text)

    assert shown(written) == text
    assert plain(written) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("New copper kettle (1.5 l) #kitchen", r"New copper kettle \(1.5 l\) #kitchen"),
        ("a|b {c} d@e [f] <g> \\ *h* _i_ ~j~", r"a\|b \{c\} d\@e \[f\] \<g\> \\ \*h\* \_i\_ \~j\~"),
        ("#Kettle, #tea and (#cups)", r"#Kettle, #tea and \(#cups\)"),
        ("#copper_kettle", r"#copper\_kettle"),
        ("#Tee2go #Grüße #茶", "#Tee2go #Grüße #茶"),
        ("# heading, #1 of 5, C# and a#b", r"\# heading, \#1 of 5, C\# and a\#b"),
        ("https://shop.example/a_(b)~c?d=#top", r"https://shop.example/a\_\(b\)\~c?d=\#top"),
        ("see https://shop.example/#new #tea", r"see https://shop.example/\#new #tea"),
        ("", ""),
    ],
)
def test_only_hashtags_stay_as_they_are(text: str, written: str) -> None:
    """Reserved characters are escaped everywhere else, within addresses, too."""
    assert escaped(text) == written


@pytest.mark.parametrize(
    ("commentary", "seen"),
    [
        (r"New copper kettle \(1.5 l\) {hashtag|\#|kitchen}", "New copper kettle (1.5 l) #kitchen"),
        (r"{hashtag|#|copper\_kettle}!", "#copper_kettle!"),
        ("Hello @[Ana \\(Lda\\)](urn:li:organization:123)", "Hello Ana (Lda)"),
        ("ends with \\", "ends with \\"),
        ("{broken|", "{broken|"),
    ],
)
def test_what_is_read_back_is_what_a_reader_sees(commentary: str, seen: str) -> None:
    """Templates become hashtags, mentions names, escapes their characters."""
    assert plain(commentary) == seen


@given(st.text())
def test_any_commentary_can_be_read(commentary: str) -> None:
    """However broken, it is some text."""
    assert isinstance(comparable(plain(commentary)), str)


def test_texts_are_compared_without_regard_to_white_space_and_composition() -> None:
    """LinkedIn may trim and recompose what it stores."""
    assert comparable(" Gru\u0308\u00dfe\r\n aus  Lissabon ") == comparable("Gr\u00fc\u00dfe aus Lissabon")


@pytest.mark.parametrize(
    ("text", "problems", "warnings"),
    [
        ("a" * 3000, 0, 0),
        ("a" * 3001, 1, 0),
        ("(" * 1500, 0, 0),
        ("(" * 1501, 1, 0),
        ("🫖" * 1500, 0, 0),
        ("🫖" * 1501, 0, 1),
        ("🫖" * 3001, 1, 0),
        ("", 1, 0),
        (" \n", 1, 0),
        ("a\x00b", 1, 0),
        ("a\ud800b", 1, 0),
    ],
)
def test_length_is_counted_as_it_is_sent(text: str, problems: int, warnings: int) -> None:
    """Escapes count; what LinkedIn leaves open is a warning."""
    found = [finding.severity for finding in findings_of(PostContent(text), {})]

    assert (found.count("problem"), found.count("warning")) == (problems, warnings)


def picture(**changes: object) -> MediaItem:
    """A picture that LinkedIn takes."""
    values: dict[str, object] = {"mime": "image/png", "size_bytes": 1000, "width": 900, "height": 900}
    return MediaItem("https://shop.example/k.png", MediaKind.IMAGE, **{**values, **changes})  # type: ignore[arg-type]


def video(**changes: object) -> MediaItem:
    """A video that LinkedIn takes."""
    values: dict[str, object] = {"mime": "video/mp4", "size_bytes": 80_000, "duration": timedelta(seconds=8)}
    return MediaItem("https://shop.example/k.mp4", MediaKind.VIDEO, **{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("media", "fields"),
    [
        ((picture(),) * 20, []),
        ((picture(),) * 21, ["media"]),
        ((video(),), []),
        ((video(), video()), ["media"]),
        ((video(), picture()), ["media"]),
        ((picture(mime="image/webp"),), ["media.0"]),
        ((picture(width=6_016, height=6_009),), []),
        ((picture(width=6_016, height=6_010),), ["media.0"]),
        ((picture(alt_text="a" * 4086),), []),
        ((picture(alt_text="a" * 4087),), ["media.0.alt_text"]),
        ((picture(alt_text="\x00"),), ["media.0.alt_text"]),
        ((video(size_bytes=76_799),), ["media.0"]),
        ((video(size_bytes=76_800),), []),
        ((video(size_bytes=500 * 1024 * 1024 + 1),), ["media.0"]),
        ((video(mime="video/quicktime"),), ["media.0"]),
    ],
)
def test_media_are_held_to_linkedins_limits(media: tuple[MediaItem, ...], fields: list[str]) -> None:
    """Each breach names its field."""
    found = findings_of(PostContent("Hello", media), {})

    assert [finding.field for finding in found if finding.severity == "problem"] == fields
    assert kind_of(PostContent("Hello", media))


@pytest.mark.parametrize(("kind", "severity"), [("member", None), ("organization", "problem"), (None, "warning")])
def test_connections_only_is_for_members(kind: str | None, severity: str | None) -> None:
    """A Page has no connections; where the kind is not known it is a warning."""
    content = PostContent("Hello", options={"visibility": "CONNECTIONS"})

    found = findings_of(content, {"kind": kind} if kind else {})

    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_the_rest_li_form_keeps_its_own_signs() -> None:
    """Values are encoded, the signs that build lists and objects are not."""
    assert encoded("urn:li:share:7") == "urn%3Ali%3Ashare%3A7"
    assert encoded(["urn:li:share:7", "a,b"]) == "List(urn%3Ali%3Ashare%3A7,a%2Cb)"
    interval: dict[str, Value] = {"timeRange": {"start": 1, "end": 2}, "timeGranularityType": "DAY"}
    assert query({"q": "x y", "timeIntervals": interval}) == (
        "q=x%20y&timeIntervals=(timeRange:(start:1,end:2),timeGranularityType:DAY)"
    )
