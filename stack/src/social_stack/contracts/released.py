"""The contracts as they were last released, which changes since then must not break unless somebody means it.

`contracts/released/` holds them, and `contracts/intended-changes.toml` names each break that is meant, with its reason.
`make contracts released=1`, done at a release, makes the present contracts the released ones.
"""

import json
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from social_stack.contracts.compatibility import asyncapi_breaks, event_breaks, openapi_breaks

RELEASED: Final = Path("contracts/released")
INTENDED: Final = Path("contracts/intended-changes.toml")
_HEADER: Final = (
    "# Breaks of contracts/released that are meant. Each needs the line that `make check` prints, and a reason:\n"
    "# [[change]]\n"
    '# what = "openapi/publisher.json: POST /v1/posts: body.mode: is gone"\n'
    '# reason = "…"\n'
)


def unmeant_breaks(root: Path, rendered: Mapping[str, str]) -> list[str]:
    """Each break of the released contracts that nobody meant, and each meant one that is none, as a sentence."""
    intended = tomllib.loads((root / INTENDED).read_text()).get("change", [])
    meant = {change["what"]: change.get("reason", "").strip() for change in intended}
    breaks = list(breaks_since_release(root, rendered))
    return [
        *(line for line in breaks if line not in meant),
        *(f"{what} — this change has no reason in {INTENDED}" for what, reason in meant.items() if not reason),
        *(f"{what} — there is no such break; take it out of {INTENDED}" for what in meant if what not in breaks),
    ]


def breaks_since_release(root: Path, rendered: Mapping[str, str]) -> Iterator[str]:
    """Every break of the released contracts, as `file: where: what`."""
    for path in sorted((root / RELEASED).rglob("*.json")):
        name = path.relative_to(root / RELEASED)
        text = rendered.get(f"contracts/{name}")
        if text is None:
            yield f"{name}: is gone"
            continue
        match name.parts[0]:
            case "openapi":
                compare = openapi_breaks
            case "schemas":
                compare = event_breaks
            case _:
                compare = asyncapi_breaks
        yield from (f"{name}: {line}" for line in compare(json.loads(path.read_text()), json.loads(text)))


def release(root: Path, rendered: Mapping[str, str]) -> None:
    """Makes the present contracts the released ones; nothing is meant to break them yet."""
    shutil.rmtree(root / RELEASED, ignore_errors=True)
    for path, text in rendered.items():
        if path.startswith("contracts/"):
            target = root / RELEASED / Path(path).relative_to("contracts")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    (root / INTENDED).write_text(_HEADER)
