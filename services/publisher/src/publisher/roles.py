"""The database roles of publisher: one NOLOGIN role per job that crosses merchants."""

from typing import Final

from social_common.bootstrap import ServiceRoles

_JOBS: Final = (
    "claim_due",
    "claim_preparing",
    "claim_looks",
    "claim_discards",
    "erase",
    "purge",
    "gone_users",
    "gauges",
    "quota",
    "operate",
)
ROLES: Final = ServiceRoles(service="publisher", definers=tuple(f"publisher_fn_{job}" for job in _JOBS))
