# ruff: noqa: INP001 - run as a file, beside what it writes
"""Writes what is generated here: Grafana's dashboards, and the rules as the Prometheus operator takes them.

`python deploy/observability/generate.py` says what differs from what is committed; with `--write` it writes it.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from dashboards import DASHBOARDS, Dashboard, Panel

HERE = Path(__file__).resolve().parent
SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT = 24, 8
RULES = """\
# Written by deploy/observability/generate.py from the files in rules/, for the Prometheus operator.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: social-connections
spec:
"""


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def files() -> Iterator[tuple[Path, str]]:
    """Every generated file with its content."""
    for dashboard in DASHBOARDS:
        text = json.dumps(_dashboard(dashboard), indent=1, ensure_ascii=False)
        yield HERE / "grafana" / "dashboards" / f"{dashboard.uid}.json", text + "\n"
    groups = [group for path in sorted((HERE / "rules").glob("*.yml")) for group in _groups(path)]
    text = yaml.dump({"groups": groups}, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
    yield HERE / "prometheusrule.yaml", RULES + "".join(f"  {line}".rstrip() + "\n" for line in text.splitlines())


def _groups(path: Path) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load(path.read_text())["groups"]
    return groups


def _dashboard(dashboard: Dashboard) -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    top = 0
    for title, row in dashboard.rows:
        panels.append({"type": "row", "title": title, "gridPos": {"x": 0, "y": top, "w": WIDTH, "h": 1}, "panels": []})
        top += 1
        width = WIDTH // min(len(row), 4) if len(row) in {1, 2, 4} else WIDTH // 3
        for index, panel in enumerate(row):
            x = index * width % WIDTH
            panels.append(_panel(panel) | {"gridPos": {"x": x, "y": top, "w": width, "h": HEIGHT}})
            if x + width >= WIDTH or index == len(row) - 1:
                top += HEIGHT
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["social-connections"],
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "schemaVersion": 39,
        "panels": [panel | {"id": number} for number, panel in enumerate(panels, start=1)],
    }


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": "stat" if panel.stat else "timeseries",
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": expression, "legendFormat": legend}
            for index, (legend, expression) in enumerate(panel.queries)
        ],
    }


def main() -> int:
    """0 where everything is as it would be written, else 1."""
    if "--write" in sys.argv:
        for path, text in files():
            path.write_text(text)
        return 0
    known = {path for path, _ in files()}
    drifted = [path for path, text in files() if not path.exists() or path.read_text() != text]
    drifted += [path for path in (HERE / "grafana" / "dashboards").glob("*.json") if path not in known]
    for path in drifted:
        print(f"{path.relative_to(HERE)} is not what generate.py --write makes", file=sys.stderr)  # noqa: T201
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())
