"""A stand-in for the merchant's browser: opens a consent page, fills its form and follows the redirects by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from social_common.http import HttpClient

_REDIRECTS = (301, 302, 303, 307)
_OK = 200


class ConsentFailed(Exception):
    """The redirect flow did not end at the merchant's page."""


@dataclass(slots=True)
class _Form:
    action: str = ""
    hidden: list[tuple[str, str]] = field(default_factory=list)
    ticked: list[tuple[str, str]] = field(default_factory=list)
    has_account: bool = False


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: _Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = _Form(action=values.get("action", ""))
        elif tag in {"input", "select", "button"} and self.form is not None:
            name = values.get("name", "")
            if values.get("type") == "hidden":
                self.form.hidden.append((name, values.get("value", "")))
            elif values.get("type") == "checkbox" and "checked" in values and "disabled" not in values:
                self.form.ticked.append((name, values.get("value", "")))
            self.form.has_account |= name == "account"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the browser ended: the merchant's page with its query."""

    url: str
    query: dict[str, str]


async def consent(
    http: HttpClient,
    authorization_url: str,
    *,
    account: str,
    decision: str = "approve",
    return_to: str,
    route: Callable[[str], str] = str,
) -> Landing:
    """Opens the platform's page, answers as that account, and follows to `return_to`, which is not opened.

    `route` sends a redirect somewhere else, as a load balancer sends one request to another replica.
    """
    page = await http.request("GET", authorization_url)
    reader = _FormReader()
    reader.feed(page.text)
    if page.status != _OK or reader.form is None or not reader.form.has_account:
        raise ConsentFailed(f"{_place(authorization_url)} showed no consent form (HTTP {page.status})")
    form = [*reader.form.hidden, *reader.form.ticked]
    url = urljoin(authorization_url, reader.form.action)
    answer = await http.request(
        "POST",
        url,
        content=urlencode([*form, ("account", account), ("decision", decision)]).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    for _ in range(6):
        if answer.status not in _REDIRECTS:
            raise ConsentFailed(f"{_place(url)} answered {answer.status} instead of a redirect")
        url = urljoin(url, answer.headers["location"])
        if url.startswith(return_to):
            query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
            return Landing(url, query)
        answer = await http.request("GET", route(url))
    raise ConsentFailed("the redirects never reached the merchant's page")


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"
