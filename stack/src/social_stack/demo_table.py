"""The demo's table: one row per platform, with its posts, how punctual they were, and what came of them."""

from datetime import datetime
from typing import Any

from social_stack.merchant import Json, Merchant

_HEAD = ("platform", "place", "picture", "video", "lateness", "likes", "comments", "seen", "followers")
_VIDEOS = frozenset({"video", "reel"})


async def row_of(merchant: Merchant, connection: Json, posts: list[Json]) -> list[str]:
    """What there is to say of one platform. What it does not report is a dash, never a zero."""
    own = [post for post in posts if post["connection_id"] == connection["id"]]
    links = {"picture": "-", "video": "-"}
    lateness = []
    for post in own:
        kind = "video" if post["kind"] in _VIDEOS or _is_video(post) else "picture"
        links[kind] = post["permalink"] or "no link"
        attempts = (await merchant.ask("GET", "publisher", f"/v1/posts/{post['id']}/attempts"))["attempts"]
        late = datetime.fromisoformat(attempts[0]["started_at"]) - datetime.fromisoformat(post["scheduled_at"])
        lateness.append(late.total_seconds() * 1000)
    report = await merchant.ask("GET", "analytics", f"/v1/analytics/accounts/{connection['id']}")
    return [
        connection["platform"],
        str(connection["display_name"]),
        links["picture"],
        links["video"],
        f"{max(lateness):.0f} ms",
        _total(own, "likes"),
        _total(own, "comments"),
        _total(own, "impressions", "views"),
        _shown(report["account"]["followers"]),
    ]


def _is_video(post: Json) -> bool:
    return any(item["kind"] == "video" for item in post["media"])


def _total(posts: list[Json], *names: str) -> str:
    """The sum over the posts, by the first of these names that a platform reports."""
    values = []
    for post in posts:
        engagement: Json = post["engagement"] or {}
        metrics: Json = engagement.get("metrics", engagement)
        reported = [metrics[name] for name in names if metrics.get(name) is not None]
        values += reported[:1]
    return str(sum(values)) if values else "-"


def _shown(value: Any) -> str:
    return "-" if value is None else str(value)


def print_table(rows: list[list[str]]) -> None:
    """Writes the table to standard output."""
    widths = [max(len(row[column]) for row in [_HEAD, *rows]) for column in range(len(_HEAD))]
    print()  # noqa: T201
    for row in [_HEAD, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())  # noqa: T201
    print()  # noqa: T201
