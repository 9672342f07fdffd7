"""The part of the clinic's file on how long things are kept."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

# 45 CFR 164.316(b)(2)(i): documentation is kept for six years.
LEAST_YEARS = 6


class RetentionPolicy(BaseModel):
    """How long each kind of thing is kept: days after it ended, came in or was closed; evidence in years.

    Sign-ups that nobody confirmed are kept for ``signup.unconfirmed_kept_days``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # A lost answer is settled, and a doubtful text looked up, within days: less would take the evidence away.
    message_values_days: int = Field(default=90, ge=14, le=3660)
    # Vendors repeat what they posted for a day.
    raw_events_days: int = Field(default=30, ge=2, le=3660)
    received_texts_days: int = Field(default=30, ge=2, le=3660)
    closed_requests_days: int = Field(default=365, ge=30, le=3660)
    follow_up_notes_days: int = Field(default=365, ge=30, le=3660)
    # Part of what is written down about somebody's care: how long that is kept is a state's law.
    check_in_answers_days: int = Field(default=2190, ge=30, le=36600)
    imports_days: int = Field(default=90, ge=7, le=3660)
    campaign_recipients_days: int = Field(default=730, ge=90, le=3660)
    consent_years: int = Field(default=LEAST_YEARS, le=100)
    audit_years: int = Field(default=LEAST_YEARS, le=100)

    @field_validator("consent_years", "audit_years")
    @classmethod
    def _long_enough(cls, value: int) -> int:
        if value < LEAST_YEARS:
            raise ValueError(
                f"evidence must be kept for at least {LEAST_YEARS} years (45 CFR 164.316(b)(2)); write {LEAST_YEARS} or more"
            )
        return value
