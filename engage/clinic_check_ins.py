"""The part of the clinic's file on check-ins, as the rules want it."""

from __future__ import annotations

from datetime import time, timedelta

from pydantic import BaseModel, ConfigDict, Field

from engage.domain.caps import Caps
from engage.domain.check_ins import Policy


class CheckInPolicy(BaseModel):
    """When people who agreed to it are asked how they are. ``hour`` by their own clock; ``week_days`` between two scores;
    ``useful_days`` after which it is of no more use; none within ``hours_from_visit`` of a visit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: bool = True
    hour: time = time(10)
    week_days: int = Field(default=7, ge=3, le=28)
    useful_days: int = Field(default=2, ge=1, le=5)
    hours_from_visit: int = Field(default=2, ge=0, le=24)

    def policy(self, caps: Caps) -> Policy:
        """The same for the rules, with the caps that leave check-ins their room."""
        return Policy(
            on=self.on,
            hour=self.hour,
            week_days=self.week_days,
            useful=timedelta(days=self.useful_days),
            clear=timedelta(hours=self.hours_from_visit),
            texts_a_day=caps.care_texts_per_day,
            texts_a_week=caps.care_texts_per_week,
        )
