"""From a path to a repository, by name or by number."""

from collections.abc import Sequence

from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.github.caller import ApiHandler, Caller, Door
from social_sandbox.github.errors import Refusal, error, not_found
from social_sandbox.github.pages import API
from social_sandbox.github.repositories import Repositories, Repository
from social_sandbox.platform import Route

PREFIXES = ("/repos/{owner}/{repo}", "/repositories/{number}")


def located_routes(
    door: Door, method: str, path: str, operation: Operation, *, handler: ApiHandler, creates: bool = False
) -> Sequence[Route]:
    """The same endpoint below a repository's name and below its number."""
    guarded = door.guard(handler, creates=creates)
    return [Route(method, API, prefix + path, operation, guarded) for prefix in PREFIXES]


def locate(repositories: Repositories, call: Call, caller: Caller) -> Repository:
    """The repository a path names, as far as the caller sees it; a former name is answered with a 301 to its number."""
    if "number" in call.params:
        found = repositories.by_number(call.params["number"])
        if found is None or not caller.sees(found):
            raise not_found()
        return found
    asked = f"{call.params['owner']}/{call.params['repo']}"
    found = repositories.by_name(asked)
    if found is None or not caller.sees(found):
        raise not_found()
    if found.full_name.lower() != asked.lower():
        rest = call.raw_path.split("/")[4:]
        path = "/".join(["", "repositories", str(found.number), *rest])
        query = f"?{call.raw_query}" if call.raw_query else ""
        raise Refusal(error(301, "Moved Permanently", headers={"location": call.url(API, path) + query}))
    return found
