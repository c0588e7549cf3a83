"""The page where a person lets an app in, and what comes back from it.

One form, posted to the URL it came from: `account` (an id or a username), `decision` (`approve` or `deny`), and
`scope` for each ticked scope and `place` for each ticked place, where the platform lets people untick them. A script
that posts only `account` and `decision` grants everything that was asked for, at every place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

from social_sandbox.answers import Answer, html_answer
from social_sandbox.calls import Call
from social_sandbox.model import Account

# Tells an unticked scope from a script that names none.
_SHOWN = "scopes_shown"
_PLACES_SHOWN = "places_shown"


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """A scope on the page; `optional` ones can be unticked."""

    name: str
    description: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person chose. `scopes` are those kept of the requested ones, in their order.

    `places` are the ids of the ticked places, of whichever account; None where the form names none.
    """

    approved: bool
    account: str
    scopes: tuple[str, ...]
    places: frozenset[str] | None = None


class UnclearDecision(Exception):
    """The form came back without a usable answer; the text names the field."""


@cache
def _template(name: str) -> Template:
    return Environment(loader=PackageLoader("social_sandbox"), autoescape=True).get_template(name)


@cache
def _style() -> Markup:
    source, _, _ = PackageLoader("social_sandbox").get_source(Environment(autoescape=True), "page.css")
    return Markup(source)  # noqa: S704  (our own file, no input in it)


def consent_page(
    call: Call,
    *,
    platform: str,
    app_name: str,
    accounts: Sequence[Account],
    scopes: Sequence[ScopeChoice],
    redirect_uri: str,
    note: str = "",
    choose_places: bool = False,
) -> Answer:
    """The consent page for a valid authorization request; with `choose_places` single places can be unticked."""
    hidden = [(_SHOWN, "1")] if any(scope.optional for scope in scopes) else []
    if choose_places:
        hidden.append((_PLACES_SHOWN, "1"))
    page = _template("consent.html").render(
        style=_style(),
        platform=platform,
        app_name=app_name,
        accounts=accounts,
        scopes=scopes,
        hidden=hidden,
        action=f"?{call.raw_query}",
        target=urlsplit(redirect_uri).netloc,
        note=note,
        choose_places=choose_places,
    )
    return html_answer(page)


def error_page(*, platform: str, title: str, detail: str, status: int = 400) -> Answer:
    """The page for a request that must not be sent back: unknown app, unregistered redirect URI."""
    return html_answer(
        _template("error.html").render(style=_style(), platform=platform, title=title, detail=detail), status
    )


def read_decision(call: Call, scopes: Sequence[ScopeChoice]) -> Decision:
    """What the form says; raises `UnclearDecision`."""
    form = call.form_lists()
    decision = form.get("decision", [""])[-1]
    if decision not in {"approve", "deny"}:
        raise UnclearDecision("The field decision must be approve or deny.")
    account = form.get("account", [""])[-1]
    if decision == "approve" and not account:
        raise UnclearDecision("The field account is missing.")
    names_some = "scope" in form or _SHOWN in form
    ticked = set(form.get("scope", []))
    kept = tuple(s.name for s in scopes if not s.optional or not names_some or s.name in ticked)
    places = frozenset(form.get("place", [])) if "place" in form or _PLACES_SHOWN in form else None
    return Decision(decision == "approve", account, kept, places)
