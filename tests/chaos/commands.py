"""What merchants do to posts that are planned already, and what they were told of it: the history that is judged.

A storefront that gets no answer reads the post again before it repeats: what it finds tells whether the lost request
had been carried out. Only where that cannot be told either is a command `unclear`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tests.chaos.shops import TROUBLE, Json, Shop

from social_common.http import HttpResponse

_TRIES = 6
_GONE, _MOVED_ON = 404, 412
_WAITING = frozenset({"scheduled", "held"})
_NOT_OUT = frozenset({"draft", "scheduled", "held", "failed", "missed"})


class Kind(StrEnum):
    """What was asked for."""

    CHANGE_TEXT = "change the text"
    MOVE = "move the due time"
    CANCEL = "cancel"
    TAKE_OFF = "take off the plan"
    PUBLISH = "publish now"
    RETRY = "retry"
    RETRY_ANYWAY = "retry although it may be out"
    RESOLVE = "resolve"


class Outcome(StrEnum):
    """What is known of a command."""

    DONE = "done"
    REFUSED = "refused"  # the post had moved on, and says so
    UNCLEAR = "unclear"


@dataclass(slots=True)
class Command:
    """One command on one post, with the state in which it was sent and what came back.

    `text` is what a changed post says, `when` its new time, `code` why it was refused. `is_odd`: it was refused in a
    state that takes it, and that the post had not left.
    """

    kind: Kind
    post_id: str
    outcome: Outcome = Outcome.UNCLEAR
    sends: int = 0
    lost_answers: int = 0
    status: int | None = None
    code: str = ""
    text: str = ""
    said: str = ""  # how the merchant resolved it
    when: datetime | None = None
    seen: str = ""  # the post's status when it was sent last
    revision: int = 0  # of the answer
    is_odd: bool = False
    answered_at: datetime | None = None  # by the product's clock, where it was refused

    @property
    def came_too_late(self) -> bool:
        """Whether its new time had passed when it was refused: on the way, or by a jump of the clock."""
        return self.when is not None and self.answered_at is not None and self.when <= self.answered_at


class Desk:
    """Where one merchant's commands are given; `history` keeps each with what came of it."""

    def __init__(self, history: list[Command], *, now: Callable[[], datetime]) -> None:
        self._history = history
        self._now = now

    async def change_text(self, shop: Shop, post_id: str, text: str) -> None:
        """Says something else, if it is not too late."""
        command = self._begin(Kind.CHANGE_TEXT, post_id, text=text)
        await self._edit(shop, command, {"content": text}, is_done=lambda post: post["content"] == text)

    async def move(self, shop: Shop, post_id: str, when: datetime) -> None:
        """Another due time."""
        command = self._begin(Kind.MOVE, post_id)
        command.when = when
        wanted = when.astimezone(UTC).isoformat()
        await self._edit(
            shop,
            command,
            {"scheduled_at": wanted},
            is_done=lambda post: _same_moment(post["scheduled_at"], when),
        )

    async def take_off(self, shop: Shop, post_id: str) -> None:
        """Back to a draft."""
        command = self._begin(Kind.TAKE_OFF, post_id)
        await self._edit(shop, command, {"scheduled_at": None}, is_done=lambda post: post["status"] == "draft")

    async def cancel(self, shop: Shop, post_id: str) -> None:
        """It is not to go out."""
        command = self._begin(Kind.CANCEL, post_id)

        async def send(revision: int) -> HttpResponse:
            headers = {"If-Match": f'"{revision}"'}
            return await shop.merchant.call("DELETE", "publisher", f"/v1/posts/{post_id}", headers=headers)

        await self._repeat(shop, command, send, while_in=_WAITING, is_done=lambda post: post["status"] == "canceled")

    async def publish(self, shop: Shop, post_id: str) -> None:
        """Due at once."""
        await self._act(shop, self._begin(Kind.PUBLISH, post_id), "publish", while_in=_NOT_OUT)

    async def retry(self, shop: Shop, post_id: str, *, anyway: bool = False) -> None:
        """Another try; `anyway` also where it may be out already."""
        command = self._begin(Kind.RETRY_ANYWAY if anyway else Kind.RETRY, post_id)
        body = {"confirm_may_duplicate": True} if anyway else None
        await self._act(shop, command, "retry", body, while_in=frozenset({"failed", "missed", "unknown"}))

    async def resolve(self, shop: Shop, post_id: str, *, is_there: bool) -> None:
        """The merchant looked."""
        said = "published" if is_there else "not_published"
        command = self._begin(Kind.RESOLVE, post_id, said=said)
        await self._act(shop, command, "resolve", {"outcome": said}, while_in=frozenset({"unknown"}))

    def _begin(self, kind: Kind, post_id: str, *, text: str = "", said: str = "") -> Command:
        command = Command(kind, post_id, text=text, said=said)
        self._history.append(command)
        return command

    async def _edit(self, shop: Shop, command: Command, body: Json, *, is_done: Callable[[Json], bool]) -> None:
        async def send(revision: int) -> HttpResponse:
            headers = {"If-Match": f'"{revision}"'}
            path = f"/v1/posts/{command.post_id}"
            return await shop.merchant.call("PATCH", "publisher", path, body, headers=headers)

        await self._repeat(shop, command, send, while_in=_WAITING, is_done=is_done)

    async def _act(
        self, shop: Shop, command: Command, verb: str, body: Json | None = None, *, while_in: frozenset[str]
    ) -> None:
        async def send(_: int) -> HttpResponse:
            return await shop.merchant.call("POST", "publisher", f"/v1/posts/{command.post_id}/{verb}", body)

        # Its effect is a state that the post may have left again by the time somebody looks.
        await self._repeat(shop, command, send, while_in=while_in, is_done=lambda _: False)

    async def _repeat(
        self,
        shop: Shop,
        command: Command,
        send: Callable[[int], Awaitable[HttpResponse]],
        *,
        while_in: frozenset[str],
        is_done: Callable[[Json], bool],
    ) -> None:
        for _ in range(_TRIES):
            post = await self._read(shop, command)
            if command.sends and post is not None and is_done(post):
                command.outcome = Outcome.DONE
                return
            if post is None or post["status"] not in while_in:
                # Whether a send without an answer was carried out before the post moved on, nobody can say.
                command.outcome = Outcome.UNCLEAR if command.lost_answers else Outcome.REFUSED
                command.code = command.code or f"found {post['status'] if post else 'gone'}"
                return
            command.sends += 1
            command.seen = post["status"]
            try:
                answer = await send(post["revision"])
            except TROUBLE:
                command.lost_answers += 1
                continue
            if await shop.must_repeat(answer):
                command.lost_answers += answer.status // 100 == 5
                continue
            command.status = answer.status
            if answer.status // 100 == 2:
                command.outcome = Outcome.DONE
                command.revision = answer.json()["revision"] if answer.content else 0
                return
            command.code = answer.json().get("code", "")
            command.answered_at = self._now()
            if answer.status != _MOVED_ON:
                command.outcome = Outcome.UNCLEAR if command.lost_answers else Outcome.REFUSED
                after = await self._read(shop, command)
                command.is_odd = after is not None and after["revision"] == post["revision"] and _is_odd(command)
                return
        command.outcome = Outcome.UNCLEAR if command.lost_answers else Outcome.REFUSED

    async def _read(self, shop: Shop, command: Command) -> Json | None:
        answer = await shop.insist("GET", "publisher", f"/v1/posts/{command.post_id}")
        post: Json = answer.json()
        return None if answer.status == _GONE else post


def _is_odd(command: Command) -> bool:
    """An unknown post is sent again only by confirmation, and nothing is planned on a place that is lost."""
    return command.code == "conflict" and not (command.kind is Kind.RETRY and command.seen == "unknown")


def _same_moment(told: str | None, wanted: datetime) -> bool:
    return told is not None and abs(datetime.fromisoformat(told) - wanted) < timedelta(milliseconds=1)
