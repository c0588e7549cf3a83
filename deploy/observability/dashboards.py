# ruff: noqa: INP001 - run as a file, beside what it writes
"""The dashboards: what merchants feel, the way of events, the platforms, and each service's requests.

A panel is its title, its unit and its queries with their legends; `generate.py` makes Grafana's JSON of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

QUIET = "/livez|/readyz|/startupz"


@dataclass(frozen=True)
class Panel:
    """One picture; `stat` shows the present number only."""

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]  # legend, expression
    says: str = ""
    stat: bool = False


@dataclass(frozen=True)
class Dashboard:
    """A page of panels in rows."""

    uid: str
    title: str
    rows: Sequence[tuple[str, Sequence[Panel]]]


def quantile(share: float, histogram: str, *, by: str = "", where: str = "") -> str:
    """That quantile of a histogram of ours."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{where}[$__rate_interval])))"


def rate(counter: str, *, by: str, where: str = "") -> str:
    """A counter's rate, added up."""
    return f"sum by ({by}) (rate({counter}{where}[$__rate_interval]))"


MERCHANTS = Dashboard(
    "social-merchants",
    "Social: what merchants feel",
    (
        (
            "Objectives: the share that failed",
            [
                Panel(title, "percentunit", [("6 hours", f'slo:errors:ratio_rate6h{{slo="{slo}"}}')], says, stat=True)
                for title, slo, says in (
                    ("Posts begun late", "publishing_lateness", "At most 0.5 % more than 30 s after their time."),
                    ("Requests failed", "api_availability", "At most 0.1 %."),
                    ("Events late", "events_delivered", "At most 0.1 % more than 10 s after what they tell."),
                    ("Refreshes failed", "token_refresh", "At most 1 %."),
                )
            ],
        ),
        (
            "Posts",
            [
                Panel(
                    "Lateness",
                    "s",
                    [
                        ("half", quantile(0.5, "publisher_lateness_seconds", where='{held="no"}')),
                        ("99 %", quantile(0.99, "publisher_lateness_seconds", where='{held="no"}')),
                    ],
                    "From the due time to the first byte of the call; posts that waited for their time only.",
                ),
                Panel("Posts that ended", "ops", [("{{status}}", rate("publisher_posts_ended_total", by="status"))]),
                Panel(
                    "Posts by state",
                    "short",
                    [("{{status}}", "sum by (status) (max by (platform, status) (publisher_posts))")],
                    "An estimate for states with very many posts.",
                ),
                Panel(
                    "Oldest unknown post",
                    "s",
                    [("{{platform}}", "max by (platform) (publisher_unknown_oldest_seconds)")],
                    "Nobody can tell whether it is out; its merchant decides.",
                ),
                Panel("Oldest due post", "s", [("due for", "max(publisher_oldest_due_seconds)")]),
                Panel("Posts overdue", "short", [("overdue", "max(publisher_overdue_posts)")]),
            ],
        ),
        (
            "Connections",
            [
                Panel(
                    "Connections by health",
                    "short",
                    [("{{health}}", "sum by (health) (max by (platform, health) (auth_linker_connections))")],
                ),
                Panel(
                    "Need their merchants",
                    "short",
                    [
                        (
                            "{{platform}}",
                            'max by (platform) (auth_linker_connections{health="reconnect_required"})',
                        )
                    ],
                ),
                Panel(
                    "Links that came back",
                    "ops",
                    [("{{status}}", rate("auth_linker_callbacks_total", by="status"))],
                    "Returns from platforms by how they ended.",
                ),
            ],
        ),
    ),
)

PIPELINE = Dashboard(
    "social-pipeline",
    "Social: the way of events",
    (
        (
            "Out",
            [
                Panel("Events sent", "ops", [("{{service}}", rate("social_outbox_sent_total", by="service"))]),
                Panel("Waiting in the outbox", "short", [("{{service}}", "max by (service) (social_outbox_unsent)")]),
                Panel(
                    "Oldest waiting",
                    "s",
                    [("{{service}}", "max by (service) (social_outbox_oldest_unsent_seconds)")],
                ),
                Panel(
                    "From commit to Kafka, 99 %",
                    "s",
                    [("{{service}}", quantile(0.99, "social_outbox_delivery_seconds", by="service"))],
                ),
                Panel(
                    "Unknown cluster",
                    "short",
                    [("{{service}}", "max by (service) (social_relay_unknown_cluster)")],
                    "1 while a relay sends nothing because the brokers are another cluster.",
                    stat=True,
                ),
            ],
        ),
        (
            "In",
            [
                Panel("Lag", "short", [("{{group}}", "max by (topic, group) (social_consumer_lag)")]),
                Panel("On dead letter topics", "short", [("{{topic}}", "max by (topic) (social_dead_letters_depth)")]),
                Panel(
                    "Parked",
                    "ops",
                    [("{{topic}} {{consumer}}", rate("social_dead_letters_total", by="topic, consumer"))],
                ),
                Panel(
                    "Tried again, waited",
                    "ops",
                    [
                        ("again {{consumer}}", rate("social_consumer_retries_total", by="consumer")),
                        ("waits {{consumer}}", rate("social_consumer_pauses_total", by="consumer")),
                    ],
                ),
                Panel(
                    "Of merchants who left",
                    "ops",
                    [("{{consumer}}", rate("social_consumer_let_go_total", by="consumer"))],
                ),
            ],
        ),
        (
            "Rounds of due work",
            [
                Panel(
                    "That failed",
                    "ops",
                    [("{{service}} {{loop}}", rate("social_loop_failures_total", by="service, loop"))],
                ),
                Panel(
                    "Pieces of work that broke", "ops", [("{{pool}}", rate("publisher_work_broken_total", by="pool"))]
                ),
                Panel("Attempts in the open", "short", [("unsettled", "max(publisher_unsettled_attempts)")]),
            ],
        ),
    ),
)

PLATFORMS = Dashboard(
    "social-platforms",
    "Social: the platforms",
    (
        (
            "Publishing",
            [
                Panel(
                    "Calls",
                    "ops",
                    [("{{platform}} {{outcome}}", rate("publisher_calls_total", by="platform, outcome"))],
                ),
                Panel("A call, 95 %", "s", [("{{platform}}", quantile(0.95, "publisher_call_seconds", by="platform"))]),
                Panel(
                    "Ended",
                    "ops",
                    [("{{platform}} {{status}}", rate("publisher_posts_ended_total", by="platform, status"))],
                ),
            ],
        ),
        (
            "Limits",
            [
                Panel(
                    "Left of limits on the whole app",
                    "percentunit",
                    [("{{platform}} by {{counted_by}}", "min by (platform, counted_by) (publisher_rate_left_ratio)")],
                ),
                Panel(
                    "Limits that hold posts back",
                    "short",
                    [("{{platform}} {{scope}}", "max by (platform, scope) (publisher_limited)")],
                ),
                Panel(
                    "Days left of the API version",
                    "d",
                    [("{{platform}}", "min by (platform) (social_platform_api_version_days_left)")],
                    stat=True,
                ),
            ],
        ),
        (
            "Tokens",
            [
                Panel(
                    "Refreshes",
                    "ops",
                    [("{{platform}} {{outcome}}", rate("auth_linker_refreshes_total", by="platform, outcome"))],
                ),
                Panel("Longest overdue", "s", [("overdue", "max(auth_linker_refresh_overdue_seconds)")]),
                Panel(
                    "In doubt, lost",
                    "ops",
                    [
                        ("doubts {{platform}}", rate("auth_linker_refresh_doubts_total", by="platform")),
                        ("lost {{platform}}", rate("auth_linker_lost_answers_total", by="platform")),
                    ],
                ),
                Panel(
                    "Tokens asked for",
                    "ops",
                    [("{{caller}} {{outcome}}", rate("auth_linker_tokens_brokered_total", by="caller, outcome"))],
                ),
                Panel("Looks at places", "ops", [("{{outcome}}", rate("auth_linker_looks_total", by="outcome"))]),
                Panel(
                    "Revocations",
                    "ops",
                    [("{{platform}} {{proof}}", rate("auth_linker_erasures_total", by="platform, proof"))],
                ),
            ],
        ),
        (
            "Numbers",
            [
                Panel(
                    "Reads",
                    "ops",
                    [("{{platform}} {{outcome}}", rate("social_analytics_reads_total", by="platform, outcome"))],
                ),
                Panel(
                    "Accounts waiting",
                    "short",
                    [("{{platform}}", "max by (platform) (social_analytics_due_connections)")],
                ),
                Panel(
                    "Longest waiting", "s", [("{{platform}}", "max by (platform) (social_analytics_due_lag_seconds)")]
                ),
            ],
        ),
    ),
)

SERVICES = Dashboard(
    "social-services",
    "Social: requests by service",
    (
        (
            "Rate, errors, duration",
            [
                Panel(
                    "Requests",
                    "reqps",
                    [("{{service}}", rate("http_requests_total", by="service", where=f'{{route!~"{QUIET}"}}'))],
                ),
                Panel(
                    "Errors of ours",
                    "reqps",
                    [
                        (
                            "{{service}} {{route}} {{status}}",
                            rate("http_requests_total", by="service, route, status", where='{status=~"5.."}'),
                        )
                    ],
                ),
                Panel(
                    "Duration, 99 %",
                    "s",
                    [("{{service}}", quantile(0.99, "http_request_duration_seconds", by="service"))],
                ),
            ],
        ),
        (
            "By route",
            [
                Panel(
                    "Requests",
                    "reqps",
                    [
                        (
                            "{{method}} {{route}}",
                            rate("http_requests_total", by="service, method, route", where=f'{{route!~"{QUIET}"}}'),
                        )
                    ],
                ),
                Panel(
                    "Refused",
                    "reqps",
                    [
                        (
                            "{{route}} {{status}}",
                            rate("http_requests_total", by="service, route, status", where='{status=~"4.."}'),
                        )
                    ],
                ),
                Panel(
                    "Duration, 95 %",
                    "s",
                    [
                        (
                            "{{method}} {{route}}",
                            quantile(
                                0.95,
                                "http_request_duration_seconds",
                                by="service, method, route",
                                where=f'{{route!~"{QUIET}"}}',
                            ),
                        )
                    ],
                ),
            ],
        ),
        (
            "Processes",
            [
                Panel("Up", "short", [("{{service}} {{role}}", "sum by (service, role) (up)")], stat=True),
                Panel(
                    "Memory",
                    "bytes",
                    [("{{service}} {{role}}", "max by (service, role) (process_resident_memory_bytes)")],
                ),
                Panel(
                    "Processor",
                    "percentunit",
                    [("{{service}} {{role}}", rate("process_cpu_seconds_total", by="service, role"))],
                ),
            ],
        ),
    ),
)

DASHBOARDS = (MERCHANTS, PIPELINE, PLATFORMS, SERVICES)
