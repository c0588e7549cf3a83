"""What the control interface takes. Unknown fields are refused, so that a typo is told and not ignored."""

import json
import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from social_sandbox.faults import FaultKind, Operation

Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Count = Annotated[int, Field(ge=0, le=10**15, strict=True)]
Roles = Annotated[list[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]], Field(max_length=20)]


def _showable(value: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise ValueError(f"must be text, numbers, lists and objects that JSON can carry: {error}") from error
    return value


def _with_its_plus(value: object) -> object:
    return re.sub(r" (\d\d:?\d\d)$", r"+\1", value) if isinstance(value, str) else value


# In a query string the plus of an offset means a space unless it is encoded, and whoever types a command forgets that.
Moment = Annotated[AwareDatetime, BeforeValidator(_with_its_plus)]
Options = Annotated[dict[str, Any], AfterValidator(_showable)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewApp(_Strict):
    """Body of `POST /_control/apps`."""

    platform: str
    client_id: Text
    client_secret: Text
    redirect_uris: Annotated[list[Text], Field(min_length=1, max_length=50)]
    name: Text = "Sandbox app"
    options: Options = {}


class NewPlace(_Strict):
    """One of `places` of an account."""

    kind: Text
    name: Text
    platform_id: Text | None = None
    options: Options = {}


class NewAccount(_Strict):
    """Body of `POST /_control/accounts`."""

    platform: str
    username: Text | None = None
    display_name: Text | None = None
    followers: Count | None = None
    places: list[NewPlace] | None = None
    details: Options = {}


class ChangedPlace(_Strict):
    """Body of `POST /_control/places`."""

    platform: str
    platform_id: Text
    name: Text | None = None
    options: Options = {}


class NewFault(_Strict):
    """Body of `POST /_control/faults`."""

    platform: str
    operation: Operation
    kind: FaultKind
    count: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] = 1
    delay_ms: Annotated[int, Field(ge=0, le=600_000, strict=True)] | None = None
    retry_after_s: Annotated[int, Field(ge=0, le=30 * 86_400, strict=True)] | None = None


class ClockStep(_Strict):
    """Body of `POST /_control/clock`."""

    advance_s: Annotated[float, Field(ge=-315_360_000, le=315_360_000, allow_inf_nan=False)]


class NewUser(_Strict):
    """Body of `POST /_control/users`: a person of the identity stand-in, with a chosen id where one is given.

    `roles` go into `app_metadata`, which users cannot change; `operator` opens the operator's page.
    """

    id: UUID | None = None
    email: Text
    password: Annotated[str, StringConstraints(min_length=6, max_length=72)]
    roles: Roles = []


class NewSession(_Strict):
    """Body of `POST /_control/sessions`: whose session; a person who does not exist yet is made.

    `roles`, where given, are the person's from then on.
    """

    user_id: UUID | None = None
    email: Text | None = None
    roles: Roles | None = None


class Engagement(_Strict):
    """Body of `POST /_control/engagement`: of one post, or of an account."""

    platform: str
    platform_post_id: Text | None = None
    account_id: Text | None = None
    metrics: Annotated[dict[str, Count], Field(min_length=1)]


class Switches(_Strict):
    """Body of `POST /_control/switches`."""

    platform: str
    switches: Options
