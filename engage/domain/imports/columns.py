"""Which column of a file is what: by the names that booking systems give them, or as somebody said."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast, get_args

Field = Literal[
    "visit-id",
    "patient-id",
    "first-name",
    "last-name",
    "name",
    "email",
    "mobile",
    "start",
    "date",
    "time",
    "end",
    "end-date",
    "end-time",
    "minutes",
    "zone",
    "location",
    "practitioner",
    "status",
    "cancelled",
    "no-show",
    "email-consent",
    "text-consent",
    "consent-date",
    "ignore",
]
FIELDS: Final[tuple[Field, ...]] = get_args(Field)

# What a column is called, best first: of two that are the same thing the better name counts ("Cell" before "Phone").
_NAMES: Final[dict[Field, str]] = {
    "visit-id": "appointment id, appointment number, appointment no, appt id, appt no, booking id, booking reference, "
    "booking number, booking ref, visit id, event id, reservation id, confirmation number, confirmation code, uid, id",
    "patient-id": "patient id, patient number, patient no, client id, client number, customer id, person id, mrn, "
    "medical record number, chart number, patient account id, client account id, account number, patient guid",
    "first-name": "first name, given name, patient first name, client first name, customer first name, forename, "
    "fname, preferred name",
    "last-name": "last name, family name, surname, patient last name, client last name, customer last name, lname",
    "name": "patient name, client name, customer name, full name, attendee name, invitee name, patient, client, "
    "customer, attendee, name",
    "email": "email, email address, e mail, e mail address, patient email, client email, customer email, "
    "invitee email, primary email",
    "mobile": "mobile, mobile phone, mobile number, cell, cell phone, cell number, cellphone, patient mobile, "
    "client mobile, customer mobile, patient cell phone, client cell phone, customer cell phone, patient mobile phone, "
    "client mobile phone, customer mobile phone, patient mobile number, client mobile number, customer mobile number, "
    "patient cell, client cell, sms number, text number, phone, phone number, telephone, patient phone, "
    "client phone, customer phone, primary phone, contact number",
    "start": "start, starts, start date time, start datetime, starts at, start at, start date and time, appointment "
    "start, appointment date time, appointment datetime, date time, datetime, date and time, begin, starttime, "
    "startdatetime, event start, start time",
    "date": "date, start date, appointment date, appt date, visit date, booking date, day, service date",
    "time": "time, appointment time, appt time, visit time, booking time",
    "end": "end, ends, end date time, end datetime, ends at, end at, end date and time, appointment end, finish, "
    "enddatetime, stopdatetime, stop date time, stop, event end, end time, finish time",
    "end-date": "end date",
    "end-time": "appointment end time",
    "minutes": "duration, duration minutes, duration in minutes, duration mins, minutes, length, length minutes, "
    "appointment length, appt length, appointment duration, time duration",
    "zone": "time zone, timezone, tz, tzid, start time zone",
    "location": "location, location name, clinic, clinic name, branch, site, office, practice location, business, "
    "facility, store, where, place",
    "practitioner": "provider, practitioner, provider name, practitioner name, staff, staff member, staff name, "
    "therapist, clinician, employee, calendar, resource, doctor, with",
    "status": "status, appointment status, appt status, booking status, visit status, state, attendance, "
    "attendance status, outcome",
    "cancelled": "cancelled, canceled, is cancelled, is canceled",
    "no-show": "no show, noshow, marked as no show, did not arrive, is no show",
    "email-consent": "email consent, email opt in, email reminders, email reminder, email ok, email okay, "
    "consent to email, accepts email",
    "text-consent": "sms consent, text consent, sms opt in, text opt in, sms reminders, sms reminder, text reminders, "
    "sms ok, text ok, consent to sms, consent to text, accepts sms",
    "consent-date": "consent date, consented on, consent given on, opt in date",
    "ignore": "",
}
_KNOWN: Final[dict[str, tuple[Field, int]]] = {
    name: (field, rank)
    for field, names in _NAMES.items()
    for rank, name in enumerate(part.strip() for part in names.split(","))
    if name
}
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_WORD: Final = re.compile(r"[^\w]+|_+")
# What has to be there in one way or another, with the words for what is missing.
_NEEDED: Final[tuple[tuple[frozenset[Field], str], ...]] = (
    (frozenset({"start", "date"}), "when a visit starts"),
    (frozenset({"first-name", "name"}), "the first name"),
    (frozenset({"patient-id", "email", "mobile"}), "a patient's id, email address or mobile number"),
)


class Unclear(ValueError):
    """The columns can't be told; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands: field to the column's place, from 0. ``names`` are the columns', in their order."""

    names: tuple[str, ...]
    at: Mapping[Field, int]

    def name(self, field: Field) -> str:
        """The column's name in the file, "" when there is none."""
        return self.names[self.at[field]] if field in self.at else ""

    def fields(self) -> dict[str, str]:
        """Each column of the file with what it is; what is not used is "ignore"."""
        of = {place: field for field, place in self.at.items()}
        return {name: of.get(place, "ignore") for place, name in enumerate(self.names) if name}


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """The spelling of a column's name that is compared: "StartDateTime" is "start date time"."""
    return " ".join(_NO_WORD.sub(" ", _CAMEL.sub(" ", name.strip())).lower().split())


def columns(header: Sequence[str], told: Mapping[str, str]) -> Columns:
    """What each column is. ``told`` maps names of columns to fields and comes first. Raises Unclear."""
    names = tuple(" ".join(cell.split()) for cell in header)
    if not any(names):
        raise Unclear(
            "The first row has to name the columns, such as Appointment ID, First Name, Email, Start."
        )
    places = {plain(name): place for place, name in reversed(list(enumerate(names)))}
    at: dict[Field, int] = {}
    spoken_for = set()
    for name, field in told.items():
        place = places.get(plain(name))
        if place is None:
            if field == "ignore":
                continue
            raise Unclear(
                f"The file has no column “{name}”, which is the {field} of this source. {_listed(names)} "
                f'Say which it is now: --map "COLUMN={field}".'
            )
        spoken_for.add(place)
        if field != "ignore":
            at[cast(Field, field)] = place
    for field, place in _recognised(names, spoken_for).items():
        at.setdefault(field, place)
    _complete(names, at)
    return Columns(names, at)


def _recognised(names: Sequence[str], spoken_for: set[int]) -> dict[Field, int]:
    found: dict[Field, list[tuple[int, int]]] = defaultdict(list)
    for place, name in enumerate(names):
        known = _KNOWN.get(plain(name))
        if known is not None and place not in spoken_for:
            found[known[0]].append((known[1], place))
    best = {}
    for field, ranked in found.items():
        ranked.sort()
        if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
            raise Unclear(
                f"Two columns are called “{names[ranked[0][1]]}”. Rename one of them in the file; which is the {field}?"
            )
        best[field] = ranked[0][1]
    return best


def _complete(names: Sequence[str], at: Mapping[Field, int]) -> None:
    for fields, words in _NEEDED:
        if not fields & at.keys():
            raise Unclear(
                f"No column tells {words}. {_listed(names)} "
                f'Say which it is: --map "COLUMN={min(fields, key=FIELDS.index)}".'
            )


def _listed(names: Sequence[str]) -> str:
    """The columns as they may be printed: a file without a header has somebody's row in its place."""
    known = [name for name in names if plain(name) in _KNOWN]
    others = len([name for name in names if name]) - len(known)
    if not known:
        return f"None of its {others} columns has a name that is known here: does the first row name them?"
    if others:
        known.append(f"{others} {'other' if others == 1 else 'others'}")
    *most, last = known
    return f"The columns are: {', '.join(most)} and {last}." if most else f"The only column is: {last}."
