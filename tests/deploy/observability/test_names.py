"""What rules and dashboards ask for exists: every metric in the code, with every label that is asked of it."""

import functools
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client.registry import Collector
from tests.deploy.observability.promql import Aggregation, Node, Selector, parse, walk
from tests.deploy.observability.rules import FOLDER, all_rules, read_yaml

from analytics.settings import AnalyticsSettings
from auth_linker.settings import AuthLinkerSettings
from publisher.settings import PublisherSettings
from social_common.metrics import REGISTRY
from social_console.settings import ConsoleSettings

# What Prometheus adds by itself and its configuration of ours adds: deploy/observability/prometheus.yml, PodMonitors.
TARGET: Final = frozenset({"job", "instance", "service", "role"})
RECORDED: Final = frozenset({"slo"})
SUFFIXES: Final = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
MODULES: Final = ("auth_linker.main", "publisher.main", "analytics.main", "social_console.main")
SERVICES: Final = (AuthLinkerSettings, PublisherSettings, AnalyticsSettings)
UNREAD: Final = ("python_info", "process_")
ROOT: Final = FOLDER.parents[1]


@functools.cache
def metrics_of_the_code() -> Mapping[str, frozenset[str]]:
    """What a fresh process declares at import: in this one, other tests' brokers have added metrics of their own."""
    code = f"import json, {__name__} as here; print(json.dumps({{n: sorted(l) for n, l in here.declared().items()}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    return {name: frozenset(labels) for name, labels in json.loads(done.stdout).items()}


def declared() -> Mapping[str, frozenset[str]]:
    """Each series that our processes can show, with its labels; declared at import, as all of them are."""
    for module in MODULES:
        importlib.import_module(module)
    found: dict[str, frozenset[str]] = {}
    collectors: set[Collector] = set(REGISTRY._names_to_collectors.values())
    for collector in collectors:
        labels = frozenset(getattr(collector, "_labelnames", ()))
        for family in collector.describe() if hasattr(collector, "describe") else collector.collect():
            for suffix in SUFFIXES.get(family.type, ()):
                found[family.name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return found


def expressions() -> Iterator[str]:
    """Every query of a rule or a dashboard."""
    for rule in all_rules():
        yield rule["expr"]
    for path in (FOLDER / "grafana" / "dashboards").glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            yield from (target["expr"] for target in panel.get("targets", ()))


def _asked(node: Node, labels: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    """The metrics below a node, each with the labels that are asked of it there."""
    grouped: set[str] = set()
    for one in walk(node):
        if isinstance(one, Aggregation):
            grouped.update(one.by)
    for one in walk(node):
        if isinstance(one, Selector):
            yield one.name, frozenset(name for name, _, _ in one.matchers)
    names = [one.name for one in walk(node) if isinstance(one, Selector)]
    if len(set(names)) == 1:
        yield names[0], frozenset(grouped)


def test_every_metric_and_label_that_is_asked_for_exists() -> None:
    """A rule or a panel that names anything else would be silent for ever."""
    known = dict(metrics_of_the_code()) | {"up": frozenset()}
    known |= {rule["record"]: RECORDED for rule in all_rules() if "record" in rule}

    missing = [
        (name, sorted(labels - known.get(name, frozenset()) - TARGET), expression)
        for expression in expressions()
        for name, labels in _asked(parse(expression))
        if name not in known or not labels <= known[name] | TARGET
    ]

    assert missing == []


def test_every_metric_of_ours_is_on_a_dashboard_or_in_a_rule() -> None:
    """What is counted is looked at: nothing is measured for nobody."""
    asked = {name for expression in expressions() for name, _ in _asked(parse(expression))}
    bases = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in asked}

    unread = {
        name
        for name in metrics_of_the_code()
        if not name.startswith(UNREAD)
        and name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") not in bases
    }

    assert unread == set()


def test_generated_files_are_as_they_are_generated() -> None:
    """Dashboards and the operator's rules are what their sources make."""
    done = subprocess.run(
        [sys.executable, FOLDER / "generate.py"], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr


def test_prometheus_reads_every_process_where_it_shows_its_metrics() -> None:
    """Its targets are the services of the compose file, each at the port that its process has by default."""
    scraped = read_yaml(FOLDER / "prometheus.yml")["scrape_configs"][0]
    found = {one["names"][0]: one["port"] for one in scraped["dns_sd_configs"]}
    apis = {f"{settings.service}-api": settings().metrics_port for settings in SERVICES}
    workers = {f"{settings.service}-worker": settings().worker_port for settings in SERVICES}

    assert found == apis | workers | {"console": ConsoleSettings().metrics_port}
    assert set(found) <= set(read_yaml(ROOT / "docker-compose.yml")["services"])


def test_configurations_can_be_read() -> None:
    """Every YAML file beside the rules is one."""
    for path in (*FOLDER.glob("*.y*ml"), *FOLDER.glob("grafana/provisioning/**/*.yml")):
        assert read_yaml(path), path
