"""The judge of histories: what merchants were told of their commands against what became of the posts."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.chaos.commands import Command, Kind, Outcome
from tests.chaos.evidence import Evidence, Json
from tests.chaos.findings import LOST, Finding, tags_in

_UNPROCESSABLE = 422
_CATCH_UP = timedelta(hours=6)
_CLOCKS_AGREE = timedelta(milliseconds=50)
_TOLD = {
    Kind.MOVE: {"post.scheduled"},
    Kind.PUBLISH: {"post.scheduled"},
    # A retry reads back first, and what it finds is published.
    Kind.RETRY: {"post.scheduled", "post.published"},
    Kind.RETRY_ANYWAY: {"post.scheduled", "post.published"},
    Kind.TAKE_OFF: {"post.canceled"},
}
_VERSION = re.compile(r"\] v(\d+):")


def judge_commands(evidence: Evidence) -> Iterator[Finding]:
    """Every command has its outcome, every text is the newest that was asked for, nothing went before its time."""
    posts = {post["id"]: post for post in evidence.posts}
    commanded: dict[str, list[Command]] = defaultdict(list)
    for command in evidence.commands:
        commanded[command.post_id].append(command)
        post = posts.get(command.post_id)
        if post is None:
            yield Finding(LOST, f"the post {command.post_id} of a command: {command}")
        else:
            yield from _outcome(command, post, evidence)
    yield from _texts(evidence)
    for send in evidence.sends:
        late = send.sent_at - evidence.clock.became_due(send.scheduled_at)
        if late < -_CLOCKS_AGREE and _went_out_at_once(posts.get(send.post_id), commanded[send.post_id]):
            yield Finding("EARLY", f"post {send.post_id} was sent {-late.total_seconds():.3f} s before its time")
    yield from _missed(evidence, posts)


def _went_out_at_once(post: Json | None, commands: list[Command]) -> bool:
    """Whether the first byte is that of the plan's last time: nothing else was ever sent or asked for."""
    kinds = {command.kind for command in commands}
    return post is not None and (not kinds or (kinds <= {Kind.MOVE, Kind.CHANGE_TEXT} and post["attempts"] == 1))


def _missed(evidence: Evidence, posts: dict[str, Json]) -> Iterator[Finding]:
    """By the product's own clock, at the moment it said so."""
    for record in evidence.records:
        post = posts.get(record.headers["ce_subject"])
        if record.topic != "post.failed" or record.data["status"] != "missed" or post is None:
            continue
        if post["status"] == "missed" and post["revision"] == record.data["revision"]:
            late = datetime.fromisoformat(record.data["failed_at"]) - datetime.fromisoformat(post["scheduled_at"])
            if late < _CATCH_UP:
                yield Finding("MISSED TOO SOON", f"{post['platform']} post {post['id']}: {late} after its time")


def _outcome(command: Command, post: Json, evidence: Evidence) -> Iterator[Finding]:
    name = f"{post['platform']} post {post['id']}"
    if command.is_odd:
        yield Finding("REFUSED", f"{name}: {command.kind} while it was {command.seen}: {command.code}")
    if command.outcome is Outcome.DONE and not _was_told(command, evidence):
        yield Finding(LOST, f"{name}: the event of {command.kind}, revision {command.revision}")
    match command.kind, command.outcome:
        case Kind.CANCEL, Outcome.DONE if post["status"] != "canceled":
            yield Finding(LOST, f"{name}: it was canceled, and is {post['status']}")
        case Kind.CHANGE_TEXT, Outcome.DONE if post["content"] != command.text:
            yield Finding(LOST, f"{name}: its text was changed, and is {post['content']!r}")
        case Kind.CHANGE_TEXT, Outcome.REFUSED if post["content"] == command.text:
            yield Finding("GHOST", f"{name}: the change of its text was refused ({command.code}), and is there")
        case Kind.RESOLVE, Outcome.DONE:
            wanted = "published" if command.said == "published" else "failed"
            if post["status"] != wanted:
                yield Finding(LOST, f"{name}: resolved as {command.said}, and is {post['status']}")
            elif wanted == "published" and not _merchant_said_so(evidence, post["id"]):
                yield Finding(LOST, f"{name}: no post.published says that the merchant resolved it")
        case (_, Outcome.REFUSED) if not _is_understandable(command):
            yield Finding("REFUSED", f"{name}: {command.kind}: {command.status} {command.code}")


def _is_understandable(refused: Command) -> bool:
    """The post had moved on, or its new time had passed."""
    return refused.status in {None, 409, 412} or (refused.status == _UNPROCESSABLE and refused.came_too_late)


def _was_told(command: Command, evidence: Evidence) -> bool:
    """A plan that was changed is an event of the very revision that was answered."""
    topics = _TOLD.get(command.kind)
    if topics is None or not command.revision:
        return True
    return any(
        record.topic in topics
        and record.headers["ce_subject"] == command.post_id
        and record.data["revision"] == command.revision
        and (command.when is None or datetime.fromisoformat(record.data["scheduled_at"]) == command.when)
        for record in evidence.records
    )


def _merchant_said_so(evidence: Evidence, post_id: str) -> bool:
    return any(
        record.topic == "post.published"
        and record.headers["ce_subject"] == post_id
        and record.data["settled_by"] == "merchant"
        for record in evidence.records
    )


def _texts(evidence: Evidence) -> Iterator[Finding]:
    """What stands there is what the API shows, in the newest wording that was acknowledged."""
    wording = {
        (post["platform"], post["platform_id"], post["platform_post_id"]): _version(post["text"])
        for post in evidence.standing
    }
    places = {place.connection_id: place.platform_id for order in evidence.orders for place in order.places}
    for post in evidence.posts:
        if post["status"] != "published" or not post["platform_post_id"] or not tags_in(post["content"]):
            continue
        key = (post["platform"], places.get(post["connection_id"], ""), post["platform_post_id"])
        if key in wording and wording[key] != _version(post["content"]):
            yield Finding(
                "WRONG TEXT",
                f"{post['platform']} post {post['id']} says {post['content']!r}; version {wording[key]} stands there",
            )


def _version(text: str) -> str:
    found = _VERSION.search(text)
    return found[1] if found else ""
