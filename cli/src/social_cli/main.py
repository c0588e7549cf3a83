"""The entry point of `social`: reads the arguments, carries the command out, and ends with its exit code."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from social_cli.command import Exit, Refused, Run, Unreachable, WrongUsage
from social_cli.groups import GROUPS
from social_cli.output import Output

EXAMPLE: Final = "example: social events dlt list"


def run() -> NoReturn:
    """Carry out the command of this process's arguments."""
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Carry out one command; an error is one plain sentence on stderr."""
    arguments = parse(argv)
    try:
        return _carry_out(arguments)
    except WrongUsage as error:
        return _fail(arguments.name, error, Exit.USAGE)
    except Refused as error:
        return _fail(arguments.name, error, Exit.LEFT)
    except Unreachable as error:
        return _fail(arguments.name, error, Exit.UNREACHABLE)
    except KeyboardInterrupt:
        return _fail(arguments.name, "stopped; what was reported as done is done", Exit.LEFT)
    except BrokenPipeError:
        # Whoever read us has seen enough; Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.LEFT


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command that the arguments name; wrong ones end the process with 2."""
    parser = argparse.ArgumentParser(
        prog="social", description="Commands for operators of Social Connections.", epilog=EXAMPLE
    )
    commands = parser.add_subparsers(metavar="GROUP", required=True)
    for group in GROUPS:
        group.add(commands)
    return parser.parse_args(argv)


def _carry_out(arguments: argparse.Namespace) -> Exit:
    # Only now: these bring the database's and Kafka's clients along, which no `--help` needs.
    from social_common.keyfiles import KeyFileError
    from social_common.outages import describe_outage
    from social_common.unfit import Unfit

    _log_to_stderr()
    run: Run = arguments.run

    async def work() -> Exit:
        return await run(arguments, Output(as_json=arguments.json))

    try:
        return asyncio.run(work())
    except KeyFileError as error:
        raise WrongUsage(str(error)) from error
    except Unfit as error:
        raise Refused(str(error)) from error
    except (BrokenPipeError, Refused, Unreachable, WrongUsage):
        raise
    except Exception as error:
        sentence = describe_outage(error)
        if sentence is None:
            raise
        raise Unreachable(f"{sentence}. Nothing was half done; start the same command again once it does") from error


def _log_to_stderr() -> None:
    import logging

    from social_common.logging import configure_logging

    level = os.environ.get("LOG_LEVEL", "warning")
    configure_logging(
        service="social",
        role="operator",
        level=level if level in {"debug", "info", "warning", "error"} else "warning",
        fmt=os.environ.get("LOG_FORMAT", "json"),
        stream=sys.stderr,
    )
    # What its clients say of an outage, the command says in its own words.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def _fail(name: str, message: object, code: Exit) -> int:
    sys.stderr.write(f"{name}: {message}.\n")
    return code
