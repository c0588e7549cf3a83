"""`make token`: an access token for the running local stack."""

import sys
from datetime import timedelta
from uuid import UUID

from social_common.http import HttpClient, HttpError
from social_stack.config import BadSetting, StackConfig
from social_stack.merchant import CallFailed, sign_up


async def print_token(user: str, *, operator: bool = False) -> None:
    """Prints the token alone on stdout; the user is created when new. An operator's opens the operator's page, too."""
    try:
        user_id = UUID(user)
    except ValueError as error:
        raise BadSetting(f"user must be a UUID, not {user!r}.") from error
    config = StackConfig.from_environment()
    async with HttpClient(user_agent="social-token", timeout=timedelta(seconds=10)) as http:
        try:
            print(await _token(http, config, user_id, operator=operator))  # noqa: T201
        except HttpError as error:
            raise BadSetting("No running stack was found on these ports; start it with `make run`.") from error
        except CallFailed as error:
            raise BadSetting(str(error)) from error


async def _token(http: HttpClient, config: StackConfig, user_id: UUID, *, operator: bool) -> str:
    if config.supabase_url:
        if operator:
            raise BadSetting('With SUPABASE_URL the role is given in that project: app_metadata.roles = ["operator"].')
        return await _supabase_token(http, config)
    identity = f"http://localhost:{config.ports.sandbox}"
    wanted = {"user_id": str(user_id), **({"roles": ["operator"]} if operator else {})}
    answer = await http.request("POST", f"{identity}/_control/sessions", json=wanted)
    if answer.status // 100 != 2:  # noqa: PLR2004
        raise CallFailed(f"the local identity opened no session: {answer.text[:300]}")
    return str(answer.json()["access_token"])


async def _supabase_token(http: HttpClient, config: StackConfig) -> str:
    if not config.supabase_anon_key or not config.supabase_url:
        raise BadSetting("With SUPABASE_URL a token comes from that project's sign-up and needs SUPABASE_ANON_KEY.")
    user_id, token = await sign_up(http, config.supabase_url, anon_key=config.supabase_anon_key)
    print(f"Supabase chose the user's id: {user_id}", file=sys.stderr)  # noqa: T201
    return token
