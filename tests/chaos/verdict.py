"""The judge: every promise about posts, places and events against everything that is known. It knows no excuses."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tests.chaos.commands import Kind, Outcome
from tests.chaos.evidence import Evidence, Json
from tests.chaos.findings import DUPLICATE, LOST, Finding, tags_in
from tests.chaos.histories import judge_commands
from tests.chaos.workload import Order

from social_stack.events import Record

ENDED = {"published", "failed", "unknown", "missed", "canceled"}
_TOPIC_OF = {
    "published": "post.published",
    "failed": "post.failed",
    "missed": "post.failed",
    "unknown": "post.failed",
    "canceled": "post.canceled",
}
_CONSUMERS = {"post.scheduled": ("token-ready", "analytics-posts"), "post.measured": ("engagement",)}
_DOUBTS = frozenset({"unknown", "doubtful"})
_MOST = 0.8
_TOO_LATE = "invalid_request body.scheduled_at"
_NOT_USABLE = re.compile(r"connection_not_usable body\.targets\.(\d+)\.connection_id")


def judge(evidence: Evidence) -> list[Finding]:
    """All findings, the worst first."""
    ranks = {DUPLICATE: 0, LOST: 1}
    return sorted(_findings(evidence), key=lambda finding: ranks.get(finding.kind, 2))


def _findings(evidence: Evidence) -> Iterator[Finding]:
    for incident in evidence.incidents:
        yield Finding("INCIDENT", incident)
    yield from _requests(evidence)
    yield from _standing(evidence)
    yield from _states(evidence)
    yield from _order_on_topics(evidence.records)
    yield from _final_events(evidence)
    linked = {record.headers["ce_subject"] for record in evidence.records if record.topic == "connection.linked"}
    for connection in evidence.connections:
        if connection["id"] not in linked:
            yield Finding(LOST, f"connection.linked of {connection['platform']} connection {connection['id']}")
    for table, count in evidence.unsent.items():
        if count:
            yield Finding("UNSENT", f"{count} rows of {table} were never sent")
    for name, count in evidence.unrest.items():
        yield Finding("LEFT OVER", f"{count} {name}")
    yield from _dead_letters(evidence)
    yield from _accounts(evidence)
    for trouble in evidence.stale_tokens:
        yield Finding("STALE TOKEN", trouble)
    yield from judge_commands(evidence)
    yield from _worth(evidence)
    for event_id in evidence.told.keys() - evidence.on_kafka:
        yield Finding(LOST, f"event {event_id} of {evidence.told[event_id]}: marked as sent, and not on Kafka")


def _requests(evidence: Evidence) -> Iterator[Finding]:
    """Each key made its posts once, or none where the answer was a refusal."""
    rows = Counter((post["connection_id"], tag) for post in evidence.posts for tag in tags_in(post["content"]))
    listed = {post["id"] for post in evidence.posts}
    unlinked = {record.headers["ce_subject"] for record in evidence.records if record.topic == "connection.unlinked"}
    for order in evidence.orders:
        made = {place.connection_id: rows[place.connection_id, order.tag] for place in order.places}
        if order.is_accepted:
            for connection, count in made.items():
                if count > 1:
                    yield Finding(DUPLICATE, f"{order.tag}: one key made {count} posts for connection {connection}")
                if order.posts.get(connection) not in listed:
                    yield Finding(LOST, f"{order.tag}: accepted for connection {connection}, and gone")
        elif order.status is None:
            yield Finding("NO ANSWER", f"{order.tag}: its request was never answered")
        elif any(made.values()):
            yield Finding("GHOST", f"{order.tag}: refused with {order.status} {order.code}, and there")
        elif not _is_rightly_refused(order, unlinked):
            yield Finding("REFUSED", f"{order.tag}: {order.status} {order.code}")
        for difference in order.unequal_answers:
            yield Finding("UNEQUAL", f"{order.tag}: one key, two answers: {difference}")


def _is_rightly_refused(order: Order, unlinked: set[str]) -> bool:
    """A due time that passed while nobody answered, or a place whose loss had been told as an event."""
    if order.code == _TOO_LATE:
        return order.body.get("mode") == "schedule"
    named = _NOT_USABLE.fullmatch(order.code)
    return named is not None and order.places[int(named[1])].connection_id in unlinked


def _standing(evidence: Evidence) -> Iterator[Finding]:
    """No text stands twice at a place, and none at a place or for an order that did not ask for it."""
    wanted = {
        (place.platform, place.platform_id, order.tag)
        for order in evidence.orders
        if order.is_accepted
        for place in order.places
    }
    risked = _risked(evidence)
    at_risk = Counter[tuple[str, str, str]]()
    for order in evidence.orders:
        for place in order.places:
            at_risk[place.platform, place.platform_id, order.tag] += risked[order.posts.get(place.connection_id, "")]
    for where, ids in _by_place(evidence.standing).items():
        if len(ids) > 1 + at_risk[where]:
            yield Finding(DUPLICATE, f"{where} stands {len(ids)} times: {', '.join(ids)}")
        if where not in wanted:
            yield Finding("STRAY", f"{where} stands there, and nobody was promised it")


def _states(evidence: Evidence) -> Iterator[Finding]:
    """Every post ended, and the platform agrees with what it ended in."""
    there = _by_place(evidence.standing)
    risked = _risked(evidence)
    asked = {post_id: (order, connection) for order in evidence.orders for connection, post_id in order.posts.items()}
    for post in evidence.posts:
        name = f"{post['platform']} post {post['id']}"
        if post["id"] not in asked:
            if not any(tag in post["content"] for tag in (order.tag for order in evidence.orders)):
                yield Finding("GHOST", f"{name}: nobody asked for it")
            continue
        order, connection = asked[post["id"]]
        ids = there.get((post["platform"], _platform_id(order, connection), order.tag), [])
        status = post["status"]
        if status not in ENDED:
            yield Finding("NOT ENDED", f"{name} {order.tag} is {status} ({post['step']}): {post['error']}")
        elif status == "published" and not ids:
            yield Finding(LOST, f"{name} {order.tag} is published, and does not stand there")
        elif status == "published" and post["platform_post_id"] and post["platform_post_id"] not in ids:
            yield Finding("WRONG ID", f"{name} {order.tag} says {post['platform_post_id']}, there is {ids}")
        elif status in {"failed", "missed", "canceled"} and ids and not (risked[post["id"]] and status != "failed"):
            yield Finding("FALSE END", f"{name} {order.tag} is {status} ({post['error']}), and stands there: {ids}")


def _order_on_topics(records: Iterable[Record]) -> Iterator[Finding]:
    """The first occurrences of an aggregate's events on a topic have rising revisions."""
    seen: dict[str, Record] = {}
    latest: dict[tuple[str, str], int] = {}
    for record in records:
        event_id, subject = record.headers["ce_id"], record.headers["ce_subject"]
        if event_id in seen:
            if record != seen[event_id]:
                yield Finding("UNEQUAL", f"event {event_id} of {record.topic} was sent twice, with different words")
            continue
        seen[event_id] = record
        revision, before = record.data["revision"], latest.get((record.topic, subject), 0)
        if revision <= before:
            yield Finding("DISORDER", f"{record.topic} of {subject}: revision {revision} after {before}")
        latest[record.topic, subject] = revision


def _final_events(evidence: Evidence) -> Iterator[Finding]:
    """The last event up to the revision that the API showed tells the state that it showed."""
    events: dict[str, list[Record]] = defaultdict(list)
    risked = _risked(evidence)
    for record in evidence.records:
        if record.topic.startswith("post."):
            events[record.headers["ce_subject"]].append(record)
    for post in evidence.posts:
        own = events[post["id"]]
        if not any(record.topic == "post.scheduled" for record in own):
            yield Finding(LOST, f"post.scheduled of {post['platform']} post {post['id']}")
        if post["status"] not in ENDED:
            continue
        told = [r for r in own if r.topic != "post.scheduled" and r.data["revision"] <= post["revision"]]
        last = max(told, key=lambda record: record.data["revision"], default=None)
        if last is None or not _tells(last, post["status"]):
            found = f"{last.topic} {last.data.get('status', '')}" if last else "nothing"
            yield Finding(LOST, f"{_TOPIC_OF[post['status']]} of {post['platform']} post {post['id']}: found {found}")
        if not risked[post["id"]] and any(record.data.get("may_be_duplicate") for record in own):
            yield Finding("RISKED", f"{post['platform']} post {post['id']} may be a duplicate that nobody chose")


def _dead_letters(evidence: Evidence) -> Iterator[Finding]:
    """What nobody could handle was parked by all of its consumers, and nothing else was."""
    parked: dict[str, set[str]] = defaultdict(set)
    for record in evidence.dead_letters:
        event_id = record.headers.get("ce_id", "")
        if event_id not in evidence.planted:
            yield Finding("DEAD LETTER", f"{record.topic}: {record.headers}")
        parked[event_id].add(record.topic)
    for event_id, topic in evidence.planted.items():
        wanted = {f"{topic}.{consumer}.dlt" for consumer in _CONSUMERS[topic]}
        if parked[event_id] != wanted:
            yield Finding(LOST, f"dead letters of {event_id}: {sorted(parked[event_id])} instead of {sorted(wanted)}")


def _accounts(evidence: Evidence) -> Iterator[Finding]:
    """A place that is lost was told, and was lost by an answer that was, or by the platform's own word."""
    told = [record for record in evidence.records if record.topic == "connection.unlinked"]
    subjects = {record.headers["ce_subject"] for record in told}
    for connection in evidence.connections:
        if not connection["is_connected"] and connection["id"] not in subjects:
            yield Finding(LOST, f"connection.unlinked of {connection['platform']} connection {connection['id']}")
    if evidence.may_be_lost is None:
        return
    allowed = {"reconnect_required": evidence.may_be_lost, "revoked": evidence.may_be_revoked}
    for subject, reason, platform in sorted(
        {(record.headers["ce_subject"], record.data["reason"], record.data["platform"]) for record in told}
    ):
        if reason in allowed and subject not in allowed[reason]:
            named = f"{platform} connection {subject}"
            yield Finding("ACCOUNT LOST", f"{named}: {reason}, and nothing that happened excuses it")


def _risked(evidence: Evidence) -> Counter[str]:
    """How often each post was sent again by its merchant although it may have been out."""
    return Counter(
        command.post_id
        for command in evidence.commands
        if command.kind is Kind.RETRY_ANYWAY and command.outcome is not Outcome.REFUSED and command.seen == "unknown"
    )


def _worth(evidence: Evidence) -> Iterator[Finding]:
    """No promise is kept by giving up: doubt needs a sending, failure its reason, and most posts go out."""
    if evidence.attempts is None:
        return
    said = {command.post_id for command in evidence.commands if command.kind is Kind.RESOLVE}
    for post in evidence.posts:
        name = f"{post['platform']} post {post['id']}"
        if post["status"] == "unknown" and not _DOUBTS.intersection(evidence.attempts.get(post["id"], [])):
            yield Finding("NO DOUBT", f"{name} is unknown, and nothing that was sent for it is in doubt")
        if post["status"] == "failed" and post["id"] not in said:
            yield Finding("FAILED", f"{name}: {post['error']}")
    ended = Counter(post["status"] for post in evidence.posts)
    wanted = len(evidence.posts) - ended["canceled"] - ended["missed"]
    if ended["published"] < _MOST * wanted:
        yield Finding("TOO LITTLE", f"{ended['published']} of {wanted} posts were published")


def _tells(record: Record, status: str) -> bool:
    if record.topic != _TOPIC_OF[status]:
        return False
    return record.topic != "post.failed" or record.data["status"] == status


def _by_place(standing: Iterable[Json]) -> dict[tuple[str, str, str], list[str]]:
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for post in standing:
        for tag in tags_in(post["text"]):
            found[post["platform"], post["platform_id"], tag].append(post["platform_post_id"])
    return dict(found)


def _platform_id(order: Order, connection_id: str) -> str:
    return next(place.platform_id for place in order.places if place.connection_id == connection_id)
