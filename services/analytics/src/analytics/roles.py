"""The database roles of analytics: one NOLOGIN role per job that crosses merchants."""

from typing import Final

from social_common.bootstrap import ServiceRoles

ROLES: Final = ServiceRoles(
    service="analytics",
    definers=tuple(
        f"analytics_fn_{job}" for job in ("claim_due", "backlog", "holds", "spend", "deleted_users", "purge")
    ),
)
