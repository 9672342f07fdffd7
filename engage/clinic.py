"""The clinic's file (``clinic.toml``): names, places, zones, senders and policies."""

from __future__ import annotations

import re
import tomllib
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from engage.clinic_campaigns import CampaignPolicy
from engage.clinic_check_ins import CheckInPolicy
from engage.clinic_contact import CapsPolicy, DecentHours
from engage.clinic_reminders import ReminderPolicy
from engage.clinic_retention import RetentionPolicy
from engage.domain.texting import Limits

Address = Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")]


class ClinicError(Exception):
    """The clinic's file can't be used; the message names the file, the field and the cure."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone; use a name such as America/New_York") from None
    return value


class Location(_Section):
    """One place where people are seen."""

    name: str = Field(min_length=1)
    address: str = Field(min_length=1)
    telephone: str = Field(min_length=1)
    zone: str

    _check_zone = field_validator("zone")(_zone)


class Sender(_Section):
    """Who messages come from."""

    email: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    email_name: str = Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f<>@]+$")
    # Where a mail to leave goes (List-Unsubscribe); `engage inbound mail` reads it. Without it there is only the link.
    unsubscribe_mailto: str = Field(default="", pattern=r"^$|^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$")
    # The names under which the mail server's DKIM keys stand; empty: SendGrid's own.
    dkim_selectors: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")], ...] = ()
    sms: str = Field(pattern=r"^\+[1-9]\d{6,14}$")


class SmsLimits(_Section):
    """How many texts may ask a number whether it is whose it is said to be."""

    minutes_apart: int = Field(default=10, ge=1, le=1440)
    per_number_per_day: int = Field(default=3, ge=1)
    per_prefix_per_hour: int = Field(default=20, ge=1)
    per_person_per_day: int = Field(default=5, ge=1)
    # The spend breaker.
    texts_per_day: int = Field(default=200, ge=0)
    segments_per_day: int = Field(default=400, ge=0)

    @cached_property
    def limits(self) -> Limits:
        """The same for the rules."""
        return Limits(
            self.minutes_apart,
            self.per_number_per_day,
            self.per_prefix_per_hour,
            self.per_person_per_day,
            self.texts_per_day,
            self.segments_per_day,
        )


class SmsPolicy(_Section):
    """How much the sending numbers can carry: segments a second of one number, and how many there are. Whose numbers
    are texted; the first country is assumed for a number without a country code.

    ``opt_out`` says who answers STOP, START and HELP; ``care_after_stop`` whether STOP asks once if reminders of
    visits should stay. ``delete_bodies``: texts are deleted at the vendor once nothing more is to be heard of them.
    """

    numbers: int = Field(default=1, ge=1, le=400)
    segments_per_second: float = Field(default=1.0, gt=0, le=100)
    opt_out: Literal["ours", "twilio-default", "twilio-advanced"] = "ours"
    care_after_stop: bool = False
    delete_bodies: bool = True
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        default=("US", "CA"), min_length=1
    )
    limits: SmsLimits = SmsLimits()

    @property
    def rate(self) -> float:
        """Segments a second of all numbers together."""
        return self.numbers * self.segments_per_second


class CoursePolicy(_Section):
    """What is common to all courses."""

    common_zones: tuple[str, ...] = ("America/New_York",)
    consultation_pause_days: int = Field(default=14, ge=1, le=90)

    @field_validator("common_zones")
    @classmethod
    def _zones(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_zone(zone) for zone in value)


class SignupPolicy(_Section):
    """How often one address may be sent a confirmation that it may not have asked for."""

    confirm_link_days: int = Field(default=7, ge=1, le=30)
    resend_after_minutes: int = Field(default=10, ge=1)
    per_day_after_that: int = Field(default=1, ge=1)
    per_30_days: int = Field(default=3, ge=1)
    unconfirmed_kept_days: int = Field(default=30, ge=1)


class Hours(_Section):
    """When the clinic works, by its own clocks: for each day periods such as "09:00-17:00"."""

    mon: tuple[str, ...] = ("09:00-17:00",)
    tue: tuple[str, ...] = ("09:00-17:00",)
    wed: tuple[str, ...] = ("09:00-17:00",)
    thu: tuple[str, ...] = ("09:00-17:00",)
    fri: tuple[str, ...] = ("09:00-17:00",)
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()
    holidays: tuple[date, ...] = ()

    @field_validator("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    @classmethod
    def _periods(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        last = time(0)
        for start, end in map(period, value):
            if start < last or end <= start:
                raise ValueError("periods must follow one another, each with its start before its end")
            last = end
        return value

    @model_validator(mode="after")
    def _open_at_all(self) -> Hours:
        if not any(self.week):
            raise ValueError("at least one day needs a period, or no deadline could ever be met")
        return self

    @property
    def week(self) -> tuple[tuple[tuple[time, time], ...], ...]:
        """The days' periods as start and end, Monday first."""
        days = (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)
        return tuple(tuple(period(text) for text in day) for day in days)


def period(text: str) -> tuple[time, time]:
    """Start and end of "09:00-17:00". Raises ValueError."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise ValueError(f"{text!r} is no period; write one as 09:00-17:00")
    h1, m1, h2, m2 = map(int, found.groups())
    return time(h1, m1), time(h2, m2)


class ConsultationPolicy(_Section):
    """How soon a request is answered, counted in working hours, and whose numbers are taken."""

    answer_within_hours: int = Field(default=8, ge=1, le=200)
    warn_before_hours: int = Field(default=2, ge=0, le=200)
    # The first is assumed for a number without a country code.
    telephone_countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        default=("US", "CA"), min_length=1
    )


class AbusePolicy(_Section):
    """What visitors may do that nobody knows."""

    forms_per_ip_per_hour: int = Field(default=30, ge=1)
    anonymous_mail_per_day: int = Field(default=500, ge=1)


class ApiPolicy(_Section):
    """What other systems may do: requests a minute of one key."""

    requests_per_minute: int = Field(default=1200, ge=1)


class AlertPolicy(_Section):
    """Who is told. Without addresses it is the clinic's own; they get a link and nothing else."""

    staff: tuple[Address, ...] = ()
    operators: tuple[Address, ...] = ()
    out_of_hours: tuple[Address, ...] = ()
    repeat_minutes: int = Field(default=60, ge=1)
    # Of what may be an emergency, until somebody has taken it.
    urgent_repeat_minutes: int = Field(default=10, ge=1)
    most_per_repeat: int = Field(default=10, ge=1)
    queue_stuck_minutes: int = Field(default=10, ge=1)
    sender_down_messages: int = Field(default=10, ge=1)


class DeliverabilityPolicy(_Section):
    """How many complaints and hard bounces pause what caused them: percent of what was delivered in so many days, of
    at least so many messages."""

    complaint_percent: float = Field(default=0.1, gt=0, le=100)
    bounce_percent: float = Field(default=2.0, gt=0, le=100)
    least_delivered: int = Field(default=500, ge=1)
    window_days: int = Field(default=7, ge=1, le=25)


class Clinic(_Section):
    """The clinic, as its file says. ``zone`` is an IANA name."""

    name: str = Field(min_length=1)
    short_name: str = Field(min_length=1, max_length=40)
    telephone: str = Field(min_length=1)
    email: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    website: str = Field(pattern=r"^https://")
    postal_address: str = Field(min_length=1)
    zone: str
    locations: tuple[Location, ...] = Field(min_length=1)
    sender: Sender
    sms: SmsPolicy = SmsPolicy()
    course: CoursePolicy = CoursePolicy()
    signup: SignupPolicy = SignupPolicy()
    hours: Hours = Hours()
    consultation: ConsultationPolicy = ConsultationPolicy()
    abuse: AbusePolicy = AbusePolicy()
    api: ApiPolicy = ApiPolicy()
    alerts: AlertPolicy = AlertPolicy()
    decent_hours: DecentHours = DecentHours()
    caps: CapsPolicy = CapsPolicy()
    deliverability: DeliverabilityPolicy = DeliverabilityPolicy()
    reminders: ReminderPolicy = ReminderPolicy()
    check_ins: CheckInPolicy = CheckInPolicy()
    campaigns: CampaignPolicy = CampaignPolicy()
    retention: RetentionPolicy = RetentionPolicy()

    _check_zone = field_validator("zone")(_zone)

    def location(self, name: str) -> Location | None:
        """The place of that name."""
        return next((one for one in self.locations if one.name == name), None)


def load(path: Path) -> Clinic:
    """The clinic from ``path``. Raises ClinicError naming every wrong field at once."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ClinicError(f"{path}: {error.strerror}; set ENGAGE_CLINIC to the clinic's file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ClinicError(f"{path}: not valid TOML: {error}") from error
    clinic = raw.pop("clinic", {})
    clash = sorted(set(clinic) & set(raw)) if isinstance(clinic, dict) else []
    if not isinstance(clinic, dict) or clash:
        raise ClinicError(
            f"{path}: [clinic] must be a table of its own{': ' + ', '.join(clash) if clash else ''}"
        )
    try:
        return Clinic.model_validate(raw | clinic)
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise ClinicError(f"{path}:\n  " + "\n  ".join(lines)) from error
