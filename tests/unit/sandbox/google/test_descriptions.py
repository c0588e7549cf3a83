"""Every v1 route, query parameter and answer agrees with Google's published descriptions."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from tests.unit.sandbox.google.visitors import ACCOUNTS, FIGURES, LOCATIONS, STANDING, TODAY, Merchant, between
from tests.unit.sandbox.harness import Sandbox

from social_sandbox.google.locations import GAPS
from social_sandbox.google.performance import METRICS

NAMES = (
    "mybusinessaccountmanagement.v1",
    "mybusinessbusinessinformation.v1",
    "mybusinessverifications.v1",
    "businessprofileperformance.v1",
)
_JSON: dict[str, type] = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}


def description(name: str) -> dict[str, Any]:
    """A description as the official client library carries it."""
    source = files("googleapiclient.discovery_cache") / "documents" / f"{name}.json"
    found: dict[str, Any] = json.loads(source.read_text())
    return found


DESCRIPTIONS = {description(name)["rootUrl"].split("/")[2]: description(name) for name in NAMES}


def methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All methods of a description."""
    yield from resource.get("methods", {}).values()
    for below in resource.get("resources", {}).values():
        yield from methods(below)


def method_of(host: str, http_method: str, path: str) -> dict[str, Any]:
    """The described method that a path is."""
    for method in methods(DESCRIPTIONS[host]):
        pattern = method["flatPath"].split("/")
        parts = path.strip("/").split("/")
        if method["httpMethod"] == http_method and len(pattern) == len(parts):
            pairs = zip(pattern, parts, strict=True)
            if all(_is_it(piece, part) for piece, part in pairs):
                return method
    raise AssertionError(f"no method for {http_method} {path} at {host}")


def _is_it(piece: str, part: str) -> bool:
    if not piece.startswith("{"):
        return piece == part
    _, _, verb = piece.partition("}")
    return part.endswith(verb) if verb else ":" not in part


def breaches(schemas: dict[str, Any], schema: dict[str, Any], value: Any, at: str = "$") -> Iterator[str]:
    """Where a value is not what the schema says."""
    if "$ref" in schema:
        yield from breaches(schemas, schemas[schema["$ref"]], value, at)
        return
    kind = schema.get("type", "object")
    actual = type(value)
    if actual is not _JSON[kind]:
        yield f"{at} is no {kind}"
    elif kind == "object":
        for name, content in value.items():
            if name not in schema.get("properties", {}):
                yield f"{at}.{name} is not described"
            else:
                yield from breaches(schemas, schema["properties"][name], content, f"{at}.{name}")
    elif kind == "array":
        for index, item in enumerate(value):
            yield from breaches(schemas, schema["items"], item, f"{at}[{index}]")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of the words"
    elif schema.get("format") == "int64" and not str(value).lstrip("-").isdigit():
        yield f"{at} is no number in text"


async def test_every_route_is_described(sandbox: Sandbox) -> None:
    """No path of v1 was made up."""
    served = [route for route in sandbox.simulator("google").routes() if route.host in DESCRIPTIONS]

    for route in served:
        path = route.path.replace("{account}", "1").replace("{location}", "2")
        assert method_of(route.host, route.method, path)
    assert len(served) == 8


MONTHS = {
    f"monthlyRange.{end}.{part}": number
    for end in ("startMonth", "endMonth")
    for part, number in (("year", 2026), ("month", 10))
}
DAYS = between(TODAY.replace(day=1), TODAY)
CALLS: list[tuple[str, dict[str, Any]]] = [
    (f"{ACCOUNTS}/accounts", {"pageSize": 1, "filter": "type=PERSONAL"}),
    (f"{ACCOUNTS}/accounts", {}),
    (f"{ACCOUNTS}/ACCOUNT", {}),
    (f"{LOCATIONS}/ACCOUNT/locations", {"readMask": "name,title,storeCode,websiteUri,storefrontAddress,metadata"}),
    (f"{LOCATIONS}/accounts/-/locations", {"readMask": "name", "pageSize": 1, "orderBy": "title"}),
    (f"{LOCATIONS}/LOCATION", {"readMask": "name,languageCode"}),
    (f"{STANDING}/LOCATION/VoiceOfMerchantState", {}),
    (f"{FIGURES}/LOCATION:fetchMultiDailyMetricsTimeSeries", {"dailyMetrics": list(METRICS), **DAYS}),
    (f"{FIGURES}/LOCATION:getDailyMetricsTimeSeries", {"dailyMetric": "CALL_CLICKS", **DAYS}),
    (f"{FIGURES}/LOCATION/searchkeywords/impressions/monthly", {"pageSize": 3, **MONTHS}),
]


@pytest.mark.parametrize(("path", "params"), CALLS)
async def test_questions_and_answers_are_described(merchant: Merchant, path: str, params: dict[str, Any]) -> None:
    """Each parameter is one of the method's, each field of the answer one of its message's."""
    full = path.replace("ACCOUNT", merchant.account).replace("LOCATION", merchant.location)

    answer = await merchant.call("GET", full, params=params)

    assert answer.status_code == 200, answer.text
    host, _, rest = full.partition("/")
    method = method_of(host, "GET", rest)
    assert set(params) <= set(method["parameters"])
    found = list(breaches(DESCRIPTIONS[host]["schemas"], method["response"], answer.json()))
    assert found == []
    assert answer.json()


@pytest.mark.parametrize("gap", GAPS)
async def test_every_standing_is_described(merchant: Merchant, gap: str) -> None:
    """Whatever stands in the way has a described form."""
    await merchant.change_location(hasVoiceOfMerchant=False, voiceOfMerchantGap=gap)

    answer = await merchant.call("GET", f"{STANDING}/{merchant.location}/VoiceOfMerchantState")

    described = DESCRIPTIONS["mybusinessverifications.googleapis.com"]["schemas"]
    assert list(breaches(described, {"$ref": "VoiceOfMerchantState"}, answer.json())) == []


async def test_the_metrics_are_all_that_are_described() -> None:
    """None is missing and none was made up."""
    schemas = DESCRIPTIONS["businessprofileperformance.googleapis.com"]["schemas"]
    words = schemas["DailyMetricTimeSeries"]["properties"]["dailyMetric"]["enum"]

    assert set(METRICS) == set(words) - {"DAILY_METRIC_UNKNOWN"}


async def test_every_described_parameter_of_the_lists_is_known(merchant: Merchant) -> None:
    """What the product may send by the description is bound, the filter of locations excepted."""
    known = {
        f"{ACCOUNTS}/accounts": set(),
        f"{LOCATIONS}/{merchant.account}/locations": {"filter"},
        f"{FIGURES}/{merchant.location}/searchkeywords/impressions/monthly": set(),
    }
    for path, missing in known.items():
        host, _, rest = path.partition("/")
        for name, parameter in method_of(host, "GET", rest)["parameters"].items():
            if parameter["location"] == "query":
                answer = await merchant.call("GET", path, params={name: ""})
                assert ("Unknown name" in answer.text) is (name in missing), name
