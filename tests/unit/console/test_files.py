"""How files are packed and found."""

from pathlib import Path

import pytest

from social_console.files import WebFolder, accepted_encodings


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip, deflate, br, zstd", {"gzip", "deflate", "br", "zstd"}),
        ("GZIP;q=0.5,br ; q=0", {"gzip"}),
        ("br;q=0.000, gzip; q=1.0", {"gzip"}),
        ("", {""}),
    ],
)
def test_a_weight_of_nothing_rules_a_packing_out(header: str, accepted: set[str]) -> None:
    """Everything else that is named may be sent."""
    assert accepted_encodings(header) == accepted


def test_what_the_build_packed_is_sent_as_it_is(tmp_path: Path) -> None:
    """The best packing that is accepted; none where none is."""
    script = tmp_path / "a.js"
    script.write_text("plain " * 400)
    script.with_name("a.js.br").write_bytes(b"by brotli")
    script.with_name("a.js.gz").write_bytes(b"by gzip")
    folder = WebFolder(tmp_path)

    best = folder.read(script, frozenset({"br", "gzip"}))
    second = folder.read(script, frozenset({"gzip"}))
    none = folder.read(script, frozenset())

    assert [(one.content[:7], one.encoding) for one in (best, second, none)] == [
        (b"by brot", "br"),
        (b"by gzip", "gzip"),
        (b"plain p", None),
    ]
    assert none.varies
    assert len({one.tag for one in (best, second, none)}) == 3


def test_small_files_and_pictures_are_not_packed(tmp_path: Path) -> None:
    """It would make them larger, or nothing of them."""
    for name, content in (("a.css", b"a{}"), ("a.woff2", b"x" * 5000)):
        (tmp_path / name).write_bytes(content)
        assert WebFolder(tmp_path).read(tmp_path / name, frozenset({"gzip"})).encoding is None


@pytest.mark.parametrize("path", ["../a", "/etc/passwd", "a\x00b", ".hidden", "d/.hidden", "a\\..\\b", "d", "x" * 300])
def test_nothing_outside_is_found(tmp_path: Path, path: str) -> None:
    """Neither by dots nor by NULs, nor folders themselves."""
    (tmp_path / "dist" / "d").mkdir(parents=True)
    for name in ("a", "dist/.hidden", "dist/d/.hidden"):
        (tmp_path / name).write_text("not for the web")

    assert WebFolder(tmp_path / "dist").find(path) is None
