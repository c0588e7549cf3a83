"""Our rule files and their tests, which are written in promtool's format."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from tests.deploy.observability.evaluation import NAME, Labels, Samples, evaluate
from tests.deploy.observability.promql import NotUnderstood, parse, seconds

FOLDER: Final = Path(__file__).resolve().parents[3] / "deploy" / "observability"
RULE_FILES: Final = tuple(sorted((FOLDER / "rules").glob("*.yml")))
TEST_FILES: Final = tuple(sorted((FOLDER / "tests").glob("*.yml")))
_SERIES: Final = re.compile(r"(?P<name>[\w:]+)(?:\{(?P<labels>.*)\})?")
_STEPS: Final = re.compile(r"(?P<first>-?[\d.]+)(?:(?P<step>[-+][\d.]+))?(?:x(?P<times>\d+))?")


def read_yaml(path: Path) -> Any:
    """The document in a file."""
    return yaml.safe_load(path.read_text())


def all_rules() -> Iterator[Mapping[str, Any]]:
    """Every rule of every file, in their order."""
    for path in RULE_FILES:
        for group in read_yaml(path)["groups"]:
            yield from group["rules"]


@dataclass(frozen=True)
class Firing:
    """An alert that tells somebody now: with which labels and words."""

    alert: str
    labels: Labels
    annotations: Labels


@dataclass
class Evaluation:
    """The rules over time: what they record, and which alerts have been pending since when."""

    rules: Sequence[Mapping[str, Any]]
    samples: Samples = field(default_factory=Samples)
    pending: dict[tuple[int, Labels], float] = field(default_factory=dict)
    firing: list[Firing] = field(default_factory=list)

    def step(self, at: float) -> None:
        """One evaluation of all rules at that moment."""
        self.firing = []
        for index, rule in enumerate(self.rules):
            found = evaluate(_parsed(rule["expr"]), self.samples, at)
            assert isinstance(found, dict), rule
            added = rule.get("labels", {})
            if "record" in rule:
                for labels, value in found.items():
                    self.samples.add(_with(labels, {**added, NAME: rule["record"]}), at, value)
                continue
            active = {_with(labels, added): value for labels, value in found.items()}
            for labels, value in active.items():
                since = self.pending.setdefault((index, labels), at)
                if at - since >= seconds(rule.get("for", "0s")):
                    self.firing.append(Firing(rule["alert"], labels, _filled_in(rule["annotations"], labels, value)))
            for known in [one for one in self.pending if one[0] == index and one[1] not in active]:
                del self.pending[known]


def expanded(series: str, values: str, *, interval: float) -> Iterator[tuple[Labels, float, float]]:
    """The samples of one series of a test: `1+2x3` is 1 3 5 7, `_x5` are five that are missing."""
    found = _SERIES.fullmatch(series)
    if found is None:
        raise NotUnderstood(series)
    labels = dict(re.findall(r'(\w+)="([^"]*)"', found["labels"] or ""))
    key = frozenset({**labels, NAME: found["name"]}.items())
    at = 0.0
    for part in values.split():
        if part.startswith("_"):
            at += interval * int(part[2:] or 1)
            continue
        steps = _STEPS.fullmatch(part)
        if steps is None:
            raise NotUnderstood(part)
        for number in range(int(steps["times"] or 0) + 1):
            yield key, at, float(steps["first"]) + number * float(steps["step"] or 0)
            at += interval


_trees: dict[str, Any] = {}


def _parsed(text: str) -> Any:
    if text not in _trees:
        _trees[text] = parse(text)
    return _trees[text]


def _with(labels: Labels, more: Mapping[str, str]) -> Labels:
    return frozenset(({name: text for name, text in labels if name != NAME} | dict(more)).items())


def _filled_in(annotations: Mapping[str, str], labels: Labels, value: float) -> Labels:
    known = {f"$labels.{name}": text for name, text in labels} | {"$value": f"{value:g}"}
    return frozenset(
        (name, re.sub(r"\{\{ (\S+) \}\}", lambda found: known.get(found[1], ""), text))
        for name, text in annotations.items()
    )
