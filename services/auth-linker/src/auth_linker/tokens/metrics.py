"""What is counted of tokens. Labels are platforms and outcomes, never accounts."""

from social_common.metrics import counter, gauge
from social_platforms._core import Platform

REFRESHES = counter("auth_linker_refreshes_total", "Refreshes of grants by how they ended", ("platform", "outcome"))
DOUBTS = counter("auth_linker_refresh_doubts_total", "Refreshes begun in doubt about an earlier one", ("platform",))
LOST_ANSWERS = counter(
    "auth_linker_lost_answers_total", "Grants that ended because a rotating refresh's answer was lost", ("platform",)
)
OVERDUE = gauge("auth_linker_refresh_overdue_seconds", "How long the longest waiting grant is past its due time")
LOOKS = counter("auth_linker_looks_total", "Looks at grants' places by how they ended", ("outcome",))
BROKERED = counter("auth_linker_tokens_brokered_total", "Answers of the token broker", ("caller", "outcome"))

# Shown as 0 from the start: the first loss of a platform would else be where its count begins, and no increase.
for _platform in Platform:
    LOST_ANSWERS.labels(_platform.value)
