"""What every table of the configuration has in common."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of settings: it does not change, and a key that nobody knows is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")
