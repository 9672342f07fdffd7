"""The part of the clinic's file on contacting people: decent hours and caps, as the rules want them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from engage.domain.caps import Caps
from engage.domain.holidays import Holiday, on_day
from engage.domain.hours import Policy, Rule
from engage.domain.messages import Channel, Purpose
from engage.domain.numbers import STATES
from engage.domain.weeks import Week, common, week

# Inside every rule that we know of, federal and of the states (docs/hours.md).
SAFE_EVERYWHERE = "mon-fri 10:00-17:00"


def _readable(lines: tuple[str, ...]) -> tuple[str, ...]:
    week(lines)
    return lines


def _known(state: str) -> str:
    if state not in STATES:
        raise ValueError(f"{state!r} is no state; use the two letters of a state or province, such as FL")
    return state


Lines = Annotated[tuple[str, ...], AfterValidator(_readable)]
State = Annotated[str, AfterValidator(_known)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OwnHours(_Section):
    """The clinic's own hours for one purpose, on each channel, by the recipient's clock."""

    email: Lines
    sms: Lines
    on_holidays: bool = True


class HoursRule(_Section):
    """A rule that narrows the clinic's own hours: hours, where and for what, since when, and who says so."""

    states: tuple[State, ...] = ()
    hours: Lines
    on_holidays: bool = True
    purposes: tuple[Purpose, ...] = Field(default=("education", "marketing"), min_length=1)
    channels: tuple[Channel, ...] = Field(default=("sms",), min_length=1)
    since: date | None = Field(default=None, alias="from")
    source: str = Field(min_length=1)
    as_of: date

    @property
    def rule(self) -> Rule:
        """The same for the rules."""
        return Rule(
            week(self.hours),
            self.on_holidays,
            self.since,
            frozenset(self.states),
            frozenset(self.purposes),
            frozenset(self.channels),
            self.source,
            self.as_of,
        )


class HolidayDay(_Section):
    """A holiday, named by its rule."""

    name: str = Field(min_length=1)
    on: str
    observed: bool = False
    states: tuple[State, ...] = ()

    @field_validator("on")
    @classmethod
    def _readable_day(cls, value: str) -> str:
        on_day(value, 2028)
        return value


FEDERAL_HOLIDAYS = tuple(
    HolidayDay(name=name, on=on, observed=True)
    for name, on in {
        "New Year's Day": "january 1",
        "Martin Luther King Jr. Day": "third monday of january",
        "Washington's Birthday": "third monday of february",
        "Memorial Day": "last monday of may",
        "Juneteenth": "june 19",
        "Independence Day": "july 4",
        "Labor Day": "first monday of september",
        "Columbus Day": "second monday of october",
        "Veterans Day": "november 11",
        "Thanksgiving Day": "fourth thursday of november",
        "Christmas Day": "december 25",
    }.items()
)


class DecentHours(_Section):
    """When people may be contacted. Without the table nothing is wider than what is safe everywhere."""

    room_minutes: int = Field(default=30, ge=1, le=240)
    service: OwnHours = OwnHours(email=("any time",), sms=("any time",))
    care: OwnHours = OwnHours(email=("every day 08:00-20:00",), sms=("every day 08:00-20:00",))
    education: OwnHours = OwnHours(email=("every day 07:00-21:00",), sms=(SAFE_EVERYWHERE,))
    marketing: OwnHours = OwnHours(email=("mon-fri 08:00-20:00",), sms=(SAFE_EVERYWHERE,), on_holidays=False)
    rules: tuple[HoursRule, ...] = ()
    holidays: tuple[HolidayDay, ...] = FEDERAL_HOLIDAYS

    @model_validator(mode="after")
    def _wider_hours_need_rules(self) -> DecentHours:
        for purpose, own in (("education", self.education), ("marketing", self.marketing)):
            if _within(week(own.sms), week((SAFE_EVERYWHERE,))):
                continue
            if not any(purpose in rule.purposes and "sms" in rule.channels for rule in self.rules):
                raise ValueError(
                    f"{purpose}.sms is wider than {SAFE_EVERYWHERE} and no rule narrows it where the law does; "
                    f"add [[decent_hours.rules]] as in the clinic.toml that came with Engage, or narrow it"
                )
        return self

    @cached_property
    def policy(self) -> Policy:
        """The same for the rules, made once: decisions are remembered by its identity."""
        sections: dict[Purpose, OwnHours] = {
            "service": self.service,
            "care": self.care,
            "education": self.education,
            "marketing": self.marketing,
        }
        own: dict[tuple[Purpose, Channel], Rule] = {}
        for purpose, section in sections.items():
            own[purpose, "email"] = Rule(week(section.email), section.on_holidays)
            own[purpose, "sms"] = Rule(week(section.sms), section.on_holidays)
        holidays = tuple(Holiday(h.name, h.on, h.observed, frozenset(h.states)) for h in self.holidays)
        rules = tuple(rule.rule for rule in self.rules)
        return Policy(own, rules, holidays, timedelta(minutes=self.room_minutes))


def _within(inner: Week, outer: Week) -> bool:
    return all(common(spans, wide) == spans for spans, wide in zip(inner, outer, strict=True))


class CapsPolicy(_Section):
    """How much one person is sent, how close together, and how near a visit."""

    marketing_per_week: int = Field(default=2, ge=1, le=50)
    bulk_per_week: int = Field(default=10, ge=1, le=50)
    care_texts_per_day: int = Field(default=1, ge=1, le=20)
    care_texts_per_week: int = Field(default=3, ge=1, le=50)
    minutes_apart: int = Field(default=15, ge=0, le=1440)
    visit_hours: int = Field(default=24, ge=0, le=168)
    fewer_percent: int = Field(default=50, ge=1, le=100)

    @model_validator(mode="after")
    def _week_holds_a_day(self) -> CapsPolicy:
        if self.care_texts_per_week < self.care_texts_per_day:
            raise ValueError("care_texts_per_week is below care_texts_per_day; make it at least that")
        return self

    @cached_property
    def caps(self) -> Caps:
        """The same for the rules."""
        return Caps(
            self.marketing_per_week,
            self.bulk_per_week,
            self.care_texts_per_day,
            self.care_texts_per_week,
            timedelta(minutes=self.minutes_apart),
            self.visit_hours,
            self.fewer_percent,
        )
