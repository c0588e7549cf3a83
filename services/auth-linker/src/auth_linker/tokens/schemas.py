"""The broker's answers and questions. The only wire model of ours that carries a token."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class TokenIn(BaseModel):
    """For which merchant, for what, and how long the token has to last."""

    model_config = ConfigDict(extra="forbid")

    user_id: UUID
    capability: Literal["publish", "analytics"]
    min_valid_s: int = Field(60, ge=0, le=3600)
    refused_token_version: int | None = Field(None, ge=0, description="The version that the platform just refused.")


class TokenOut(BaseModel):
    """A token for one place."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the scheme's name
    expires_at: datetime | None
    token_version: int
    platform: str
    platform_id: str
    kind: str
    facts: dict[str, Any]
    proof: str | None = Field(None, repr=False)
