"""The table at the end of a run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.chaos.evidence import Evidence
from tests.chaos.findings import DUPLICATE, LOST, Finding, tags_in

_MOST_SHOWN = 40


def print_report(
    evidence: Evidence,
    findings: Sequence[Finding],
    *,
    struck: Mapping[str, int],
    done: Mapping[str, int],
    drains: Sequence[float],
) -> None:
    """Disturbances, work, outcomes, figures, lateness by merchant, findings."""
    answers = Counter("accepted" if o.is_accepted else f"{o.status} {o.code}" for o in evidence.orders)
    commands = Counter(f"{command.kind}: {_told(command.outcome, command.code)}" for command in evidence.commands)
    posts = Counter(f"{post['platform']}: {_outcome(post)}" for post in evidence.posts)
    _section("disturbances", sorted(struck.items()))
    _section("merchants", [*sorted(done.items()), *((f"create requests {k}", n) for k, n in sorted(answers.items()))])
    _section("commands", sorted(commands.items()))
    _section("posts by place and end", sorted(posts.items()))
    _section("figures", _figures(evidence, findings, drains))
    _section("lateness by merchant (posts, p50, p99, worst)", _by_merchant(evidence))
    if findings:
        _section("findings by kind", sorted(Counter(finding.kind for finding in findings).items()))
        for finding in findings[:_MOST_SHOWN]:
            _line(f"  {finding.kind}: {finding.detail}")
        if len(findings) > _MOST_SHOWN:
            _line(f"  and {len(findings) - _MOST_SHOWN} more")
    _line("")


def _figures(evidence: Evidence, findings: Sequence[Finding], drains: Sequence[float]) -> list[tuple[str, object]]:
    places = {place.connection_id: place.platform_id for order in evidence.orders for place in order.places}
    there = {(post["platform_id"], tag) for post in evidence.standing for tag in tags_in(post["text"])}
    unknown = Counter(
        any((places.get(post["connection_id"]), tag) in there for tag in tags_in(post["content"]))
        for post in evidence.posts
        if post["status"] == "unknown"
    )
    kinds = Counter(finding.kind for finding in findings)
    events = {record.headers["ce_id"] for record in evidence.records}
    lateness = sorted(late for each in _lateness(evidence).values() for late in each)
    return [
        ("posts in all", len(evidence.posts)),
        ("posts unknown, and there", unknown[True]),
        ("posts unknown, and not there", unknown[False]),
        ("commands unclear to their merchant", sum(c.outcome == "unclear" for c in evidence.commands)),
        ("events on Kafka", len(events)),
        ("records delivered more than once", len(evidence.records) - len(events)),
        ("accounts lost by an answer lost on the way", len(evidence.may_be_lost or ())),
        ("accounts revoked at the platform", len(evidence.may_be_revoked)),
        ("lateness p50", _seconds(lateness, 0.50)),
        ("lateness p99", _seconds(lateness, 0.99)),
        ("longest drain after SIGTERM", f"{max(drains, default=0.0):.1f} s"),
        ("duplicates", kinds[DUPLICATE]),
        ("losses", kinds[LOST]),
        ("stuck", kinds["NOT ENDED"] + kinds["LEFT OVER"] + kinds["UNSENT"]),
        (
            "other findings",
            len(findings) - sum(kinds[k] for k in (DUPLICATE, LOST, "NOT ENDED", "LEFT OVER", "UNSENT")),
        ),
    ]


def _lateness(evidence: Evidence) -> dict[str, list[float]]:
    """Seconds between a post's time and its first byte, by merchant; only of posts that nobody touched."""
    touched = {command.post_id for command in evidence.commands}
    found: dict[str, list[float]] = defaultdict(list)
    for send in evidence.sends:
        if send.post_id not in touched:
            late = send.sent_at - evidence.clock.became_due(send.scheduled_at)
            found[send.user_id].append(late.total_seconds())
    return found


def _by_merchant(evidence: Evidence) -> Iterable[tuple[str, object]]:
    rows = sorted(_lateness(evidence).items(), key=lambda item: -len(item[1]))
    for number, (_, late) in enumerate(rows, start=1):
        late.sort()
        figures = " ".join(f"{_seconds(late, share):>10}" for share in (0.50, 0.99, 1.0))
        yield f"merchant {number}: {len(late)} posts", figures


def _told(outcome: str, code: str) -> str:
    return f"{outcome} ({code})" if outcome == "refused" and code else outcome


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
        _line(f"  {name:<60} {value:>9}")


def _line(text: str) -> None:
    print(text, flush=True)  # noqa: T201
