"""What everything an operator writes has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Written(BaseModel):
    """Base of everything an operator writes: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
