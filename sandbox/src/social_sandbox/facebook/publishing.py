"""What every way of publishing has in common: whose Page, with which rights, and a text that is one."""

from social_sandbox.facebook.access import LIST, PUBLISH, READ, Visit
from social_sandbox.facebook.errors import acted_as_person, blocked, empty_post, invalid_parameter
from social_sandbox.facebook.pages import options_of
from social_sandbox.meta.params import text_of
from social_sandbox.model import Place

_LONGEST_TEXT = 63_206


def publishing_page(visit: Visit) -> Place:
    """Return the Page that a call may write to; only its own token, with every permission and the task, may."""
    if visit.page_id is None:
        raise acted_as_person(visit.switches.user_token_answer)
    page = visit.own_page()
    for permission in (PUBLISH, READ, LIST):
        visit.need(permission, code=200, page=page)
    visit.need_task(page, "CREATE_CONTENT")
    return page


def refuse_abuse(page: Place) -> None:
    """Refuse to publish at a Page whose posts are taken for abuse."""
    abuse = options_of(page).abuse
    if abuse != "none":
        raise blocked(too_fast=abuse == "too_fast")


def read_text(visit: Visit, *names: str) -> str:
    """Return the text of a post by the first of its names that is given; an empty one is refused, a missing one not."""
    given = next((name for name in names if name in visit.params), None)
    if given is None:
        return ""
    text = text_of(visit.params, given)
    if visit.params[given] is None or not text.strip():
        raise empty_post()
    if len(text) > _LONGEST_TEXT:
        raise invalid_parameter(f"Param {given} must be at most {_LONGEST_TEXT} characters long.")
    return text
