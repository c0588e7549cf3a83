"""The table at the end of a run."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tests.chaos.evidence import Evidence
from tests.chaos.verdict import DUPLICATE, LOST, Finding, tags_in

_MOST_SHOWN = 40


def print_report(
    evidence: Evidence,
    findings: Sequence[Finding],
    *,
    struck: Mapping[str, int],
    done: Mapping[str, int],
    drains: Sequence[float],
) -> None:
    """Disturbances, work, outcomes, figures, findings."""
    posts = Counter(f"{post['platform']}: {_outcome(post)}" for post in evidence.posts)
    answers = Counter("accepted" if o.is_accepted else f"{o.status} {o.code}" for o in evidence.orders)
    places = {place.connection_id: place.platform_id for order in evidence.orders for place in order.places}
    there = {(post["platform_id"], tag) for post in evidence.standing for tag in tags_in(post["text"])}
    unknown = Counter(
        any((places.get(post["connection_id"]), tag) in there for tag in tags_in(post["content"]))
        for post in evidence.posts
        if post["status"] == "unknown"
    )
    kinds = Counter(finding.kind for finding in findings)
    events = {record.headers["ce_id"] for record in evidence.records}
    _section("disturbances", sorted(struck.items()))
    _section("merchants", [*sorted(done.items()), *((f"create requests {k}", n) for k, n in sorted(answers.items()))])
    _section("posts by place and end", sorted(posts.items()))
    _section(
        "figures",
        [
            ("posts in all", len(evidence.posts)),
            ("posts unknown, and there", unknown[True]),
            ("posts unknown, and not there", unknown[False]),
            ("events on Kafka", len(events)),
            ("records delivered more than once", len(evidence.records) - len(events)),
            ("lateness p50", _seconds(evidence.lateness, 0.50)),
            ("lateness p99", _seconds(evidence.lateness, 0.99)),
            ("longest drain after SIGTERM", f"{max(drains, default=0.0):.1f} s"),
            ("duplicates", kinds[DUPLICATE]),
            ("losses", kinds[LOST]),
            ("other findings", len(findings) - kinds[DUPLICATE] - kinds[LOST]),
        ],
    )
    if findings:
        _section("findings by kind", sorted(kinds.items()))
        for finding in findings[:_MOST_SHOWN]:
            _line(f"  {finding.kind}: {finding.detail}")
        if len(findings) > _MOST_SHOWN:
            _line(f"  and {len(findings) - _MOST_SHOWN} more")
    _line("")


def _outcome(post: Mapping[str, object]) -> str:
    error = post["error"]
    code = f" ({error['code']})" if isinstance(error, dict) and post["status"] != "published" else ""
    return f"{post['status']}{code}"


def _seconds(ascending: Sequence[float], share: float) -> str:
    if not ascending:
        return "-"
    return f"{ascending[min(len(ascending) - 1, int(share * len(ascending)))]:.3f} s"


def _section(title: str, rows: Iterable[tuple[str, object]]) -> None:
    _line(f"\n{title}")
    for name, value in rows:
        _line(f"  {name:<52} {value:>9}")


def _line(text: str) -> None:
    print(text, flush=True)  # noqa: T201
