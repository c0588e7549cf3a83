"""Resources of the versioned API: which rest.li method a call is, and the way from its bytes to the work.

The method follows from the HTTP method, the path and the query; where the header X-RestLi-Method names one, it must be
the same, and a partial update must be named. A query too long for an address comes as the body of a POST whose header
X-HTTP-Method-Override says GET.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from social_sandbox.answers import Answer
from social_sandbox.calls import Call, MalformedBody
from social_sandbox.faults import Operation
from social_sandbox.linkedin.access import Work, admit
from social_sandbox.linkedin.errors import Refusal, bad_syntax, refused, request_id
from social_sandbox.linkedin.limits import count_call
from social_sandbox.linkedin.restli import read_key, read_query
from social_sandbox.platform import Handler, PlatformSimulator, Route

API = "api.linkedin.com"
LONGEST_QUERY = 4000


@dataclass(frozen=True, slots=True)
class Resource:
    """`path` below `/rest`, the `name` LinkedIn's messages call it by, and per method what it does.

    A method is `GET`, `CREATE`, …, `FINDER-{name}` or `ACTION-{name}`.
    """

    path: str
    name: str
    methods: Mapping[str, tuple[Operation, Work]]

    def routes(self, simulator: PlatformSimulator) -> list[Route]:
        """The collection and its entities, with every HTTP method that rest.li maps to something."""

        def operation(call: Call) -> Operation:
            try:
                found = self.methods.get(_method_of(call, read_query(_query_of(call))))
            except Refusal:
                found = None
            return found[0] if found else Operation.READ

        handler = self._handler(simulator)
        return [
            Route(method, API, path, operation, handler)
            for path in (f"/rest/{self.path}", f"/rest/{self.path}/{{key}}")
            for method in ("GET", "POST", "DELETE", "PUT")
        ]

    def _handler(self, simulator: PlatformSimulator) -> Handler:
        async def handle(call: Call) -> Answer:
            try:
                answer = await self._serve(simulator, call)
            except Refusal as refusal:
                answer = refusal.answer()
            except MalformedBody as error:
                answer = refused(400, None, f"The body could not be parsed as JSON: {error}").answer()
            return answer.plus(request_id())

        return handle

    async def _serve(self, simulator: PlatformSimulator, call: Call) -> Answer:
        visit = admit(simulator, call)
        query = _query_of(call)
        if len(call.raw_query) > LONGEST_QUERY:
            raise refused(414, None, "The query is too long; send it as a body with X-HTTP-Method-Override: GET")
        params = read_query(query)
        method = _method_of(call, params)
        _check_header(call, method)
        found = self.methods.get(method)
        if found is None:
            raise refused(400, None, f"{self.name} does not support {method}")
        key = read_key(call.raw_path.rsplit("/", 1)[1]) if "key" in call.params else ""
        visit = replace(visit, endpoint=f"{self.name}.{method}", params=params, key=key)
        count_call(
            simulator.world.store,
            visit.endpoint,
            app=visit.grant.client_id,
            member=visit.account.account_id,
            options=visit.options,
            switches=visit.switches,
            now=visit.now,
        )
        return await found[1](visit)


def _is_tunnelled(call: Call) -> bool:
    return call.method == "POST" and "x-http-method-override" in call.headers


def _query_of(call: Call) -> str:
    if not _is_tunnelled(call):
        return call.raw_query
    if call.headers["x-http-method-override"].upper() != "GET" or call.raw_query:
        raise bad_syntax("X-HTTP-Method-Override is for a GET whose query is the whole body")
    if call.media_type != "application/x-www-form-urlencoded":
        raise bad_syntax("A query sent as a body needs the content type application/x-www-form-urlencoded")
    return call.body.decode("ascii", "replace")


def _method_of(call: Call, params: Mapping[str, object]) -> str:
    is_entity = "key" in call.params
    http = "GET" if _is_tunnelled(call) else call.method
    if http == "GET" and is_entity:
        return "GET"
    if http == "GET":
        if "ids" in params:
            return "BATCH_GET"
        return f"FINDER-{params['q']}" if isinstance(params.get("q"), str) else "GET_ALL"
    if http == "POST" and "action" in params:
        return f"ACTION-{params['action']}"
    if http == "POST":
        return "PARTIAL_UPDATE" if is_entity else "CREATE"
    if http == "DELETE":
        return "DELETE" if is_entity else "BATCH_DELETE"
    return "UPDATE"


def _check_header(call: Call, method: str) -> None:
    named = call.headers.get("x-restli-method", "").upper()
    head = method.partition("-")[0]
    if named and named != head:
        raise bad_syntax(f"X-RestLi-Method says {named}, but the request is a {head}")
    if method == "PARTIAL_UPDATE" and not named:
        raise bad_syntax("A partial update needs the header X-RestLi-Method: PARTIAL_UPDATE")
