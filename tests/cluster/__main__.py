"""`make cluster-test`: the product in a Kubernetes of yours, restarted, killed, drained and upgraded under load."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.cluster.images import BuildFailed
from tests.cluster.kubectl import ClusterRefused
from tests.cluster.run import PARTS, Run, Wish, say


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster",
        description="Needs a cluster that KUBECONFIG names, whose nodes hold our images, PostgreSQL's and Kafka's.",
        epilog="With --load the images are built first: --load 'kind load image-archive'.",
    )
    parser.add_argument("--load", help="a command that gives the cluster an archive of images; built with docker")
    parser.add_argument("--from", dest="before", help="the commit or tag of the release before; upgraded from")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, with commas: {', '.join(PARTS)}")
    parser.add_argument("--reuse", action="store_true", help="go on with the installation that a run left")
    parser.add_argument("--keep", action="store_true", help="leave the installation for another run")
    parser.add_argument("--folder", type=Path, default=Path(".data/cluster"), help="where its secrets are kept")
    parser.add_argument("--posts", type=float, default=2.0, help="posts that fall due per second")
    parser.add_argument("--reads", type=float, default=4.0, help="reading calls per second")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> list[str]:
    parts = tuple(part for part in arguments.only.split(",") if part)
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(f"error: no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if "upgrade" in parts and not arguments.before:
        say("upgrade: --from names no release before, so it is left out")
        parts = tuple(part for part in parts if part != "upgrade")
    run = Run(
        Wish(
            parts=parts,
            load=arguments.load,
            before=arguments.before,
            folder=arguments.folder.resolve(),
            reuse=arguments.reuse,
            posts_per_s=arguments.posts,
            reads_per_s=arguments.reads,
        )
    )
    try:
        await run.carry_out()
    finally:
        if not arguments.keep:
            await run.take_down()
    return run.problems


def main() -> int:
    """Runs it; returns the exit status."""
    arguments = _arguments()
    try:
        problems = asyncio.run(_run(arguments))
    except* (ClusterRefused, BuildFailed) as group:
        for error in group.exceptions:
            print(f"error: {error}", file=sys.stderr)  # noqa: T201
        problems = ["it did not come to its end"]
    for problem in problems[:40]:
        print(f"  {problem}")  # noqa: T201
    print(f"cluster-test: FAILED with {len(problems)} problems" if problems else "cluster-test: ok")  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
