"""What may happen next to a merchant's posts, as hypothesis draws it for the machine that walks their life."""

from typing import Any

from hypothesis import strategies as st

SEVEN = 7  # minutes are counted in sevens, so that nothing is ever near a limit
CALLS = ["live", "refused", "refused", "limited", "not made", "token", "lost", "lost", "lost but out", "accepted",
         "vanished", "vanished but out"]  # fmt: skip
PREPARES = ["ready"] * 9 + ["rejected", "down", "slow"]
COMMANDS = ["text", "plan", "plan for the past", "unplan", "publish", "retry", "confirm", "there", "not there",
            "delete"]  # fmt: skip
ENDS = ["user", "revoked", "reconnect_required"]

PLACE, ENGINE, PICK = st.integers(0, 1), st.integers(0, 1), st.integers(0, 99)
LATER = st.sampled_from([1, 2, 8, 40, 60, 80])
COMMAND = st.sampled_from(COMMANDS)
BEFORE = st.sampled_from([None, None, None, None, "text", "text", "plan", "unplan", "publish", "delete", "there"])
MEANWHILE = st.one_of(st.none(), COMMAND)


def _thing(kind: str, **drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **drawn})


WORK = _thing("work", engine=ENGINE, prepares=st.sampled_from(PREPARES), call=st.sampled_from(CALLS),
              before=BEFORE, meanwhile=MEANWHILE)  # fmt: skip
LOOK = _thing("look", engine=ENGINE, shows=st.sampled_from(["truth", "truth", "truth", "works on it", "failed"]),
              call=st.sampled_from(CALLS))  # fmt: skip
ASK = _thing("ask", pick=PICK, command=COMMAND, fresh=st.sampled_from([True, True, True, False]), later=LATER)
TWICE = _thing("ask twice", pick=PICK, command=COMMAND, fresh=st.just(True), later=LATER)
DECIDE = _thing("decide", pick=PICK, command=st.sampled_from(["retry", "confirm", "confirm", "there", "not there"]))
CREATE = _thing("create", place=PLACE, mode=st.sampled_from(["draft", "schedule", "now", "now"]), later=LATER)
AROUND = st.one_of(
    _thing("pass time", later=LATER),
    _thing("leases"),
    _thing("claim and die", engine=ENGINE),
    _thing("lose", place=PLACE, reason=st.sampled_from(ENDS), twice=st.booleans()),
    _thing("link", place=PLACE, twice=st.booleans()),
    _thing("link", place=PLACE, twice=st.booleans()),
    _thing("set", resend=st.booleans(), hours=st.sampled_from([1, 6, 24])),
)
# One rule draws them all: a rule each would be left out of whole runs, and most need what others did before.
EVERYTHING = st.one_of(WORK, WORK, WORK, LOOK, LOOK, LOOK, ASK, ASK, TWICE, DECIDE, CREATE, AROUND, AROUND)
