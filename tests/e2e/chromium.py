"""The Chromium that the browser tests drive: one of this machine, never a download. `python -m` says which."""

import os
import shutil
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "error: no Chromium was found for the browser tests; install one (on Debian: apt-get install chromium) "
    "or name its executable in CHROMIUM."
)
# Nothing of the browser's own business: the tests' pages are all on this machine, and no other name resolves.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
)


def find_chromium() -> str | None:
    """Its path: what CHROMIUM names, else the first of the usual names on the path."""
    wanted = os.environ.get("CHROMIUM")
    candidates = (wanted,) if wanted else _NAMES
    return next((path for path in map(shutil.which, candidates) if path), None)


def main() -> int:
    """Says which browser the tests will drive; 1 where there is none."""
    path = find_chromium()
    print(f"browser: {path}" if path else MISSING, file=sys.stdout if path else sys.stderr)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
