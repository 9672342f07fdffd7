"""The part of the clinic's file on campaigns, as the rules want it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from engage.domain.campaigns import Policy


class CampaignPolicy(BaseModel):
    """What staff may send to many at once, and when it stops by itself.

    ``link_hosts``: whom links may lead to besides the clinic's own website. ``approve_above``: with more people than
    that a second member of staff has to approve. ``canary``: so many go first, and the rest ``canary_minutes`` after
    the last of them has left, unless something came back. ``late_hours``: what could not begin for so long asks first.
    The percentages are of what has left, and count from the second case on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    link_hosts: tuple[str, ...] = ()
    approve_above: int = Field(default=10, ge=0)
    undo_seconds: int = Field(default=60, ge=0, le=3600)
    canary: int = Field(default=10, ge=0, le=1000)
    canary_minutes: float = Field(default=15, ge=0, le=24 * 60)
    complaint_percent: float = Field(default=0.1, gt=0, le=100)
    bounce_percent: float = Field(default=2.0, gt=0, le=100)
    stop_percent: float = Field(default=1.0, gt=0, le=100)
    late_hours: int = Field(default=4, ge=1, le=72)
    useful_days: int = Field(default=7, ge=1, le=30)
    booked_within_days: int = Field(default=14, ge=1, le=90)
    cost_cents_per_segment: Decimal = Field(default=Decimal("0.83"), ge=0)

    @property
    def policy(self) -> Policy:
        """The same for the rules."""
        return Policy(
            approve_above=self.approve_above,
            undo=timedelta(seconds=self.undo_seconds),
            canary=self.canary,
            canary_wait=timedelta(minutes=self.canary_minutes),
            complaint_percent=self.complaint_percent,
            bounce_percent=self.bounce_percent,
            stop_percent=self.stop_percent,
            late=timedelta(hours=self.late_hours),
            useful=timedelta(days=self.useful_days),
        )
