"""The database roles of auth-linker: one NOLOGIN role per job that crosses merchants."""

from typing import Final

from social_common.bootstrap import ServiceRoles

ROLES: Final = ServiceRoles(
    service="auth_linker",
    definers=(
        "auth_linker_fn_state_lookup",
        "auth_linker_fn_unfinished_links",
        "auth_linker_fn_refresh_scan",
        "auth_linker_fn_places_scan",
        "auth_linker_fn_erasures",
        "auth_linker_fn_resting",
        "auth_linker_fn_deleted_users",
        "auth_linker_fn_purge",
        "auth_linker_fn_user_lease",
        "auth_linker_fn_erase",
        "auth_linker_fn_operate",
        "auth_linker_fn_gauges",
    ),
)
