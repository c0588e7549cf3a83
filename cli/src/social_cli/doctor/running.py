"""All looks side by side; one that cannot be taken says so and keeps no other from its turn."""

import argparse
import asyncio
import contextlib
import io
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from social_cli.command import Exit, Refused, WrongUsage
from social_cli.doctor.database import look_at_database
from social_cli.doctor.findings import Finding, State, wrong
from social_cli.doctor.identity import look_at_identity
from social_cli.doctor.kafka import look_at_kafka
from social_cli.doctor.keys import look_at_keys
from social_cli.doctor.platforms import look_at_platforms
from social_cli.environment import Environments
from social_cli.output import Output
from social_cli.services import SERVICES, Service
from social_common.kafka.errors import describe

if TYPE_CHECKING:
    from social_common.settings import ServiceSettings

_LIMIT: Final = 30.0
_WORST: Final = (State.ERROR, State.WARNING, State.OK)


async def look_over(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print every finding, the worst first; 1 where one is an error."""
    environments = Environments(local=arguments.local)
    findings: list[Finding] = []
    known: dict[Service, ServiceSettings] = {}
    for service in SERVICES:
        told = _read_settings(environments, service)
        if isinstance(told, Finding):
            findings.append(told)
        else:
            known[service] = told
    looks = [("database", one.name, look_at_database(environments, one, settings)) for one, settings in known.items()]
    looks += [("keys", one.name, look_at_keys(environments, one, settings)) for one, settings in known.items()]
    if known:
        first, settings = next(iter(known.items()))
        looks.append(("identity", "all services", look_at_identity(settings)))
        looks.append(("kafka", "all services", look_at_kafka(environments, known, arguments)))
        looks.append(("platforms", first.name, look_at_platforms(environments, first)))
    for found in await asyncio.gather(*(_take(check, about, look) for check, about, look in looks)):
        findings += found
    return _tell(output, findings)


def _read_settings(environments: Environments, service: Service) -> "ServiceSettings | Finding":
    said = io.StringIO()
    try:
        # A bad value ends a service's process with a sentence on stderr; here it is one finding of many.
        with contextlib.redirect_stderr(said):
            return environments.settings(service)
    except (SystemExit, Refused, WrongUsage) as error:
        found = said.getvalue().strip().rstrip(".") or str(error)
        step = "put the setting right; docs/settings.md lists them all"
        return wrong("settings", service.name, found.removeprefix("settings: "), step=step)


async def _take(check: str, about: str, look: Awaitable[Sequence[Finding]]) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(_LIMIT):
            return await look
    except TimeoutError:
        found = f"no answer within {_LIMIT:.0f} s"
    except Exception as error:  # noqa: BLE001 - whatever keeps one look from being taken is a finding
        found = f"could not be looked at ({describe(error)})"
    return [wrong(check, about, found, step="look whether it is reachable from here, then start this command again")]


def _tell(output: Output, findings: Sequence[Finding]) -> Exit:
    ordered = sorted(findings, key=lambda one: _WORST.index(one.state))
    output.table(("state", "check", "about", "found"), [(f.state.value, f.check, f.about, f.found) for f in ordered])
    output.say()
    for one in ordered:
        if one.next_step:
            output.say(f"{one.check}, {one.about}: {one.next_step}.")
    counts = Counter(one.state for one in findings)
    said = ", ".join(f"{counts[state]} {state.value}" for state in _WORST if counts[state])
    output.say(said)
    told = {state.value: counts[state] for state in _WORST}
    output.document({"counts": told, "findings": [asdict(one) for one in ordered]})
    return Exit.LEFT if counts[State.ERROR] else Exit.DONE
