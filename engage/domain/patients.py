"""A person as a booking system tells of them: what is accepted, with a cure for what is not. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from engage.domain.messages import CHANNELS, Channel
from engage.domain.mobile import BadNumber, mobile
from engage.domain.people import BadName, clean_email, clean_name
from engage.domain.search_tokens import folded, normal

LONGEST_ID: Final = 200
LONGEST_SOURCE: Final = 80
_SLUG: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
# The ledger is kept for years: where a consent is on file, not whose it is.
_PERSONAL: Final = re.compile(r"@|(?:\d[ ().-]*){9}")
_WAYS: Final[dict[Channel, str]] = {"email": "email", "sms": "text message"}

# Why a consent that was told is not entered.
SKIPPED: Final[dict[str, str]] = {
    "no_address": "no address or number of the person is known that it could be for",
    "address_differs": "the address or number that is told is not the one that we write to; staff are asked",
    "suppressed": "the address or number opted out or can't be reached; that holds until its owner says otherwise",
    "withdrawn": "the person took it back; a later consent counts when its date is given (consent_at)",
}


@dataclass(frozen=True, slots=True)
class PersonIn:
    """One person of a booking system or a file, as told.

    ``source`` names the system ("cliniko"), ``external_id`` is the person's id there. ``consent``: by which channels
    they agreed to messages about their visits, ``consent_source`` where that is on file, ``consent_at`` since when
    (aware). ``check_ins``: they agreed to be asked how they are. ``zone`` is an IANA name.
    """

    source: str
    given_name: str
    external_id: str | None = None
    family_name: str | None = None
    email: str | None = None
    mobile: str | None = None
    zone: str | None = None
    consent: tuple[Channel, ...] = ()
    consent_source: str = ""
    consent_at: datetime | None = None
    check_ins: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, and the cure. ``refuses``: nothing at all is done about the person; else the field
    alone is left out."""

    field: str
    sentence: str
    refuses: bool = True


@dataclass(slots=True)
class Checked:
    """The same person, every value in the one spelling that is kept and compared; "" where there is none."""

    source: str
    given_name: str = ""
    family_name: str = ""
    external_id: str = ""
    email: str = ""
    mobile: str = ""
    zone: str = ""
    consent: tuple[Channel, ...] = ()
    consent_source: str = ""
    consent_at: datetime | None = None
    check_ins: bool = False
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether nothing is done about them."""
        return any(problem.refuses for problem in self.problems)


def check(told: PersonIn, countries: Sequence[str], zones: Collection[str], now: datetime) -> Checked:
    """What can be used of it, and every problem. ``countries`` are those whose numbers are texted, ``zones`` all that
    there are, ``now`` is aware."""
    found = Checked(told.source, check_ins=told.check_ins)
    if not _SLUG.fullmatch(told.source):
        _refuse(found, "source", "Name the system in small letters, digits and dashes, such as cliniko.")
    found.given_name = _name(found, "given_name", told.given_name)
    if not told.given_name.strip():
        _refuse(found, "given_name", "Please give the person’s first name.")
    found.family_name = _name(found, "family_name", told.family_name or "")
    found.external_id = _id(found, told.external_id or "")
    _addresses(found, told, countries)
    zone = (told.zone or "").strip()
    if zone and zone not in zones:
        _leave_out(found, "zone", "There is no such time zone. Please give a name such as America/New_York.")
    else:
        found.zone = zone
    _consent(found, told, now)
    if not (found.external_id or found.email or found.mobile):
        _refuse(
            found,
            "external_id",
            "Please give an id, an email address or a mobile number: the person could not be found again.",
        )
    return found


def same_name(one: str, other: str) -> bool:
    """Whether two given names agree: whatever their case, accents and blanks."""
    return plain_name(one) == plain_name(other)


def plain_name(name: str) -> str:
    """The spelling of a given name that is compared."""
    return " ".join(folded(normal(name)).split())


def wording(channel: Channel, clinic: str, consent_source: str) -> str:
    """What is kept of a consent whose words the person read elsewhere: who says so, and about what."""
    way = _WAYS[channel]
    return f"As {clinic} has it on file ({consent_source}): yes to messages about visits by {way}."


def ledger_source(found: Checked) -> str:
    """How the consent came, as it stands in the ledger."""
    since = f", of {found.consent_at:%Y-%m-%d}" if found.consent_at is not None else ""
    return f"booking system, {found.source}: {found.consent_source}{since}"


def _refuse(found: Checked, name: str, sentence: str) -> None:
    found.problems.append(Problem(name, sentence))


def _leave_out(found: Checked, name: str, sentence: str) -> None:
    found.problems.append(Problem(name, sentence, refuses=False))


def _name(found: Checked, name: str, typed: str) -> str:
    try:
        return clean_name(typed)
    except BadName as error:
        _refuse(found, name, str(error))
        return ""


def _id(found: Checked, typed: str) -> str:
    """Its case counts: some systems tell two people apart by it."""
    id = " ".join(unicodedata.normalize("NFKC", typed).split())
    if len(id) > LONGEST_ID or not id.isprintable():
        _refuse(found, "external_id", f"Please give an id of at most {LONGEST_ID} printable characters.")
        return ""
    return id


def _addresses(found: Checked, told: PersonIn, countries: Sequence[str]) -> None:
    if told.email and told.email.strip():
        try:
            found.email = clean_email(told.email)
        except ValueError:
            _leave_out(found, "email", "That is no email address. Please give one such as name@example.org.")
    if told.mobile and told.mobile.strip():
        try:
            found.mobile = mobile(told.mobile, countries, otherwise="")
        except BadNumber as error:
            _leave_out(found, "mobile", str(error))


def _consent(found: Checked, told: PersonIn, now: datetime) -> None:
    found.consent = tuple(channel for channel in CHANNELS if channel in told.consent)
    if set(told.consent) - set(CHANNELS):
        _refuse(found, "consent", "Please name email, sms, or both.")
    found.consent_source = " ".join(told.consent_source.split())
    source = found.consent_source
    if not source and (told.consent or told.check_ins):
        _refuse(
            found,
            "consent_source",
            "Please say where the consent is on file, such as “intake form”: without that it counts for nothing.",
        )
    if len(source) > LONGEST_SOURCE or not source.isprintable() or _PERSONAL.search(source):
        _refuse(
            found,
            "consent_source",
            f"Please name a form or an occasion in at most {LONGEST_SOURCE} characters, without a person’s "
            "address or number.",
        )
    found.consent_at = told.consent_at
    if told.consent_at is not None and (told.consent_at.tzinfo is None or told.consent_at > now):
        _refuse(found, "consent_at", "Please give a past moment with its time zone, or leave it out.")
