"""`make bench`: measures on this machine, prints the table, and with --write renews the inputs of the scale model.

python -m bench [--only NAME[,NAME]] [--rows N] [--json] [--write]
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.claiming import measure_claim
from bench.collecting import measure_collecting, note_memory
from bench.consuming import measure_consuming
from bench.events import measure_relay
from bench.figures import Findings, table
from bench.ground import Ground, say, standing_ground
from bench.publishing import measure_drain, measure_lateness
from bench.reading import measure_broker, measure_list

INPUTS: Final = Path(__file__).with_name("inputs.toml")
LIMIT_S: Final = 500.0
_BUSY: Final = 0.5  # processes that wanted a core before anything of ours did
_LINE_LIMIT_S: Final = 150.0
_MERCHANTS: Final = 60
Line = Callable[[Ground, Findings, argparse.Namespace], Awaitable[None]]


async def _drain(ground: Ground, findings: Findings, asked: argparse.Namespace) -> None:
    note_memory(ground, findings, "idle")
    await measure_drain(ground, findings, posts=asked.posts)
    note_memory(ground, findings, "after load")


async def _relay(ground: Ground, findings: Findings, asked: argparse.Namespace) -> None:
    await measure_relay(ground, findings)


async def _list(ground: Ground, findings: Findings, asked: argparse.Namespace) -> None:
    await measure_list(ground, findings)


async def _claim(ground: Ground, findings: Findings, asked: argparse.Namespace) -> None:
    await measure_claim(ground, findings, rows=asked.rows)


async def _consume(ground: Ground, findings: Findings, asked: argparse.Namespace) -> None:
    await measure_consuming(ground, findings)


async def _lateness(ground: Ground, findings: Findings, asked: argparse.Namespace) -> None:
    await measure_lateness(ground, findings)


async def _broker(ground: Ground, findings: Findings, asked: argparse.Namespace) -> None:
    await measure_broker(ground, findings)


async def _collect(ground: Ground, findings: Findings, asked: argparse.Namespace) -> None:
    await measure_collecting(ground, findings)


# The claim comes last: it fills the table with posts of nobody.
LINES: Final[dict[str, Line]] = {
    "drain": _drain,
    "lateness": _lateness,
    "list": _list,
    "broker": _broker,
    "relay": _relay,
    "consume": _consume,
    "collect": _collect,
    "claim": _claim,
}


async def measure(findings: Findings, asked: argparse.Namespace) -> None:
    """Every line that was asked for; one that fails or takes too long is told and costs only itself."""
    busy = os.getloadavg()[0]
    findings.inputs["load_before"] = busy
    if busy > _BUSY:
        say(f"this machine has other work (load {busy:.1f}): the figures are too low, and their ratios only fair")
    findings.untold["no-op platform beside Procrastinate"] = "Procrastinate is not among the packages of this project"
    ends = time.monotonic() + LIMIT_S
    async with standing_ground() as ground:
        say(f"linking {_MERCHANTS} merchants")
        await ground.link(_MERCHANTS)
        for name in asked.only:
            left = min(_LINE_LIMIT_S, ends - time.monotonic() - 20)
            if asked.rows > 1_000_000 and name == "claim":  # noqa: PLR2004 - filling takes as long as it takes
                left = 3600.0
            try:
                async with asyncio.timeout(left):
                    await LINES[name](ground, findings, asked)
            except TimeoutError:
                findings.untold[name] = f"it was not done within {left:.0f} s"
            except Exception as error:
                findings.untold[name] = f"{type(error).__name__}: {error}"
                if asked.debug:
                    raise


def _write_inputs(findings: Findings) -> None:
    """One number a line, so that a change is seen in review."""
    lines = [
        "# What `python -m bench --write` measured; `bench/model.py` reckons with it. Not to be edited by hand.",
        f'measured = "{datetime.now(UTC):%Y-%m-%d}"',
        f'machine = "{_machine()}"',
        "",
        *(f"{name} = {value:.6g}" for name, value in sorted(findings.inputs.items())),
    ]
    INPUTS.write_text("\n".join(lines) + "\n")


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, shared by PostgreSQL, Kafka, sandbox and the product"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="The benchmarks, with their baselines.")
    parser.add_argument("--only", default="", help=f"lines to measure, with commas: {', '.join(LINES)}")
    parser.add_argument("--posts", type=int, default=600, help="due posts in each round")
    parser.add_argument("--rows", type=int, default=1_000_000, help="posts in the large table of the claim")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on stdout")
    parser.add_argument(
        "--write",
        action="store_true",
        help="renew bench/inputs.toml; what was not measured becomes a guess of the plan",
    )
    parser.add_argument("--debug", action="store_true", help="end at the first line that fails, with its traceback")
    asked = parser.parse_args()
    asked.only = asked.only.split(",") if asked.only else list(LINES)
    if unknown := [name for name in asked.only if name not in LINES]:
        parser.error(f"there is no line {unknown[0]}; there are {', '.join(LINES)}")
    return asked


def main() -> int:
    """Runs it; returns the exit status: 1 when a line could not be measured, whatever the others reached."""
    asked = _arguments()
    findings, interrupted = Findings(), False
    try:
        asyncio.run(measure(findings, asked))
    except KeyboardInterrupt:
        interrupted = True
        say("interrupted; everything that was started is stopped, and this is what there was so far")
    if asked.json:
        told = {"machine": _machine(), "figures": [figure.as_json() for figure in findings.figures]}
        print(json.dumps(told | {"inputs": findings.inputs, "untold": findings.untold}, indent=2))  # noqa: T201
    else:
        print("\n".join([f"measured on {_machine()}", "", *table(findings)]))  # noqa: T201
    failed = [name for name in findings.untold if name in LINES]
    if asked.write and findings.inputs:
        _write_inputs(findings)
        say(f"written: {INPUTS.name}")
    return 130 if interrupted else 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
