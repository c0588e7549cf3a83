"""The life of a post told a second time, from the design's words and without publisher's code.

A model post knows what its merchant, its worker and its platform did to it, in minutes of its own clock. It predicts
each answer, each status and each event; the machine beside it compares them with the database.
"""

from dataclasses import dataclass, field
from typing import Literal

Answer = Literal["ok", "conflict", "stale", "missing", "invalid"]
Story = list[tuple[str, str]]

NOT_OUT = {"draft", "scheduled", "held", "failed", "missed"}
QUOTA_MINUTES = 26 * 60
LOOKS = 3


@dataclass
class Place:
    """A connection as its merchant, auth-linker and the projection see it."""

    usable: bool = True
    revision: int = 10


@dataclass
class Shop:
    """The merchant: clock, settings and places."""

    now: int = 0
    catch_up: int = 6 * 60
    resend: bool = False


@dataclass
class ModelPost:
    """One post, and what was told of it."""

    place: Place
    shop: Shop
    text: str
    status: str = "draft"
    planned: int | None = None
    held_for: str | None = None
    made_at: int = 0  # the connection's revision
    attempts: int = 0
    looks: int = 0
    hidden: bool = False
    gone: bool = False
    claim_lost: bool = False
    accepted: bool = False  # the attempt in flight was accepted, not doubtful
    risky: bool = False  # what goes out next may be the second one
    sent_risky: bool = False
    doubted: dict[int, tuple[str, bool]] = field(default_factory=dict)  # attempts that may be out: text, at a risk
    copies: int = 0  # how often the text of the newest attempt stands on the platform
    risks_taken: int = 0
    public_texts: list[str] = field(default_factory=list)
    story: Story = field(default_factory=list)

    # --- what a merchant may do --------------------------------------------------------------------

    def change_text(self, text: str, *, fresh: bool) -> Answer:
        """PATCH content."""
        refusal = self._patched(fresh=fresh, allowed=NOT_OUT)
        if refusal:
            return refusal
        self.text, self.claim_lost = text, True
        return "ok"

    def plan(self, minutes: int, *, fresh: bool) -> Answer:
        """PATCH scheduled_at to a time."""
        refusal = self._patched(fresh=fresh, allowed=NOT_OUT)
        if refusal:
            return refusal
        if minutes <= 0:
            return "invalid"
        if not self.place.usable:
            return "conflict"
        self._schedule(self.shop.now + minutes)
        return "ok"

    def unplan(self, *, fresh: bool) -> Answer:
        """PATCH scheduled_at to null."""
        refusal = self._patched(fresh=fresh, allowed={"draft", "scheduled", "held"})
        if refusal:
            return refusal
        if self.status != "draft":
            self._to("draft")
            self.story.append(("post.canceled", "unscheduled"))
        self.planned = None
        return "ok"

    def publish(self) -> Answer:
        """POST publish."""
        if self.gone:
            return "missing"
        if self.status not in NOT_OUT or not self.place.usable:
            return "conflict"
        self._schedule(self.shop.now)
        return "ok"

    def retry(self, *, confirmed: bool) -> Answer:
        """POST retry: of an unknown post the account is read first."""
        if self.gone:
            return "missing"
        if self.status not in {"failed", "missed", "unknown"} or not self.place.usable:
            return "conflict"
        if self.status == "unknown":
            for number in sorted(self.doubted, reverse=True):
                if self.is_public(number):
                    self.found(number)
                    return "ok"
            if not confirmed:
                return "conflict"
            self.risky = True
            self.risks_taken += 1
        self._schedule(self.shop.now)
        return "ok"

    def resolve(self, *, published: bool) -> Answer:
        """POST resolve."""
        if self.gone:
            return "missing"
        if self.status != "unknown":
            return "conflict"
        self.doubted.clear()
        if published:
            self._to("published")
            self._tell_published("merchant")
        else:
            self.risks_taken += self.copies
            self._to("failed")
            self.story.append(("post.failed", "failed"))
        return "ok"

    def delete(self, *, fresh: bool) -> Answer:
        """DELETE."""
        if self.gone:
            return "missing"
        if not fresh:
            return "stale"
        if self.status in {"publishing", "unknown"}:
            return "conflict"
        if self.status in {"scheduled", "held"}:
            self._to("canceled")
            self.story.append(("post.canceled", "merchant"))
        elif self.status == "published":
            self.hidden = True
        else:
            self.gone = True
        return "ok"

    # --- what its connection does ------------------------------------------------------------------

    def disconnected(self, revision: int) -> None:
        """The merchant took the place away: what was made before that does not go out."""
        if self.status in {"scheduled", "held"} and self.made_at < revision:
            self._to("canceled")
            self.story.append(("post.canceled", "disconnected"))

    def connection_lost(self) -> None:
        """The platform or its merchant ended the access; what waits is held."""
        if self.status == "scheduled":
            self._to("held")
            self.held_for = "connection"

    # --- what a worker does ------------------------------------------------------------------------

    @property
    def is_due(self) -> bool:
        """Whether a worker may take it at all."""
        waits = not self.gone and self.status in {"scheduled", "held"}
        return waits and (self.status == "held" or (self.planned is not None and self.planned <= self.shop.now))

    def taken(self) -> bool:
        """A worker has claimed it: whether it gets as far as preparing."""
        self.claim_lost = False
        assert self.planned is not None
        limit = max(self.shop.catch_up, QUOTA_MINUTES) if self.held_for == "quota" else self.shop.catch_up
        if self.shop.now - self.planned > limit:
            self._to("missed")
            self.story.append(("post.failed", "missed"))
            return False
        if not self.place.usable:
            self.hold("connection")
            return False
        if self.status == "held":
            was_for_quota = self.held_for == "quota"
            self._to("scheduled")
            self.claim_lost = False
            if self.planned > self.shop.now:
                return False
            self.held_for = "quota" if was_for_quota else None
        return True

    def hold(self, reason: str) -> None:
        """It cannot go out now."""
        self._to("held")
        self.held_for = reason

    def sent(self) -> None:
        """The attempt is written down, the call begins."""
        self._to("publishing")
        self.attempts += 1
        self.looks, self.accepted = 0, False
        self.copies = self.public_texts.count(self.text)
        self.sent_risky = self.risky

    def became_public(self) -> None:
        """The platform made it public, whoever learns of it."""
        self.copies += 1
        self.public_texts.append(self.text)

    def answered(self) -> None:
        """The platform said that it is live."""
        self._to("published")
        self._tell_published("answer")

    def refused(self) -> None:
        """The platform said no for good; with an older doubt open that still is no `failed`."""
        status = "unknown" if self.doubted else "failed"
        self._to(status)
        self.story.append(("post.failed", status))

    def given_up(self, number: int) -> None:
        """The platform said late that nothing came of that attempt."""
        self.doubted.pop(number, None)
        if not self.doubted:
            self.refused()

    def is_public(self, number: int) -> bool:
        """Whether what that attempt sent can be read on the account."""
        return self.doubted[number][0] in self.public_texts if number in self.doubted else self.copies > 0

    def found(self, number: int) -> None:
        """Reading the account back showed what that attempt sent."""
        self._to("published")
        if number in self.doubted:
            self.sent_risky = any(risk for one, (_, risk) in self.doubted.items() if one >= number)
            self._tell_published("read_back")
        else:
            self._tell_published("answer" if self.accepted else "read_back")

    def absent(self, *, locked_out: bool) -> bool:
        """One more look showed nothing, or was not let in: whether it is now sent again at the merchant's risk."""
        self.looks += 1
        if self.looks < LOOKS:
            return False
        self.doubted[self.attempts] = (self.text, self.sent_risky)
        if self.may_resend and not locked_out:
            self.risky = True
            self.risks_taken += 1
            self.sent()
            return True
        self._to("unknown")
        self.accepted = False
        self.story.append(("post.failed", "unknown"))
        return False

    @property
    def may_resend(self) -> bool:
        """One second send by the merchant's standing wish, within the time it may be late."""
        assert self.planned is not None
        return self.shop.resend and not self.sent_risky and self.shop.now - self.planned <= self.shop.catch_up

    # --- inside ------------------------------------------------------------------------------------

    def _patched(self, *, fresh: bool, allowed: set[str]) -> Answer | None:
        if self.gone:
            return "missing"
        if not fresh:
            return "stale"
        return None if self.status in allowed else "conflict"

    def _schedule(self, when: int) -> None:
        self._to("scheduled")
        self.planned, self.made_at = when, self.place.revision
        self.story.append(("post.scheduled", ""))

    def _to(self, status: str) -> None:
        self.status, self.held_for, self.claim_lost = status, None, True

    def _tell_published(self, by: str) -> None:
        self.story.append(("post.published", f"{by}{' may be duplicate' if self.sent_risky else ''}"))


def told_by(story: Story) -> set[str]:
    """Where a post may stand after what was told of it, for one that listens to events only."""
    if not story:
        return {"draft"}
    topic, detail = story[-1]
    match topic:
        case "post.scheduled":
            return {"scheduled", "held", "publishing"}
        case "post.canceled":
            return {"draft" if detail == "unscheduled" else "canceled"}
        case "post.published":
            return {"published"}
        case _:
            return {detail}
