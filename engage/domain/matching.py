"""Who is who: people as booking systems tell of them, against those who are known. Pure, and one after the other, so that
a batch does what its rows would do one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple
from uuid import UUID

from engage.domain.messages import CHANNELS, Channel
from engage.domain.patients import Checked, Problem, ledger_source, same_name

How = Literal["external_id", "email", "mobile", "new", "refused"]
_HOW: Final[dict[Channel, How]] = {"email": "email", "sms": "mobile"}
# An address of so many people is a house's or a front desk's: who shares it is no question any more.
CROWD: Final = 8
FORGOTTEN: Final = Problem(
    "external_id",
    "This person asked to be forgotten. Please take them out, or give the date of the consent that they gave since "
    "(consent_at).",
)


class Key(NamedTuple):
    """An id in a booking system, by its blind index."""

    source: str
    key_index: bytes


@dataclass(slots=True)
class Contact:
    """A person's address or number, by its blind index. ``address`` is in plain only where a row told it."""

    id: UUID
    person: UUID
    channel: Channel
    index: bytes
    state: str
    address: str = ""
    sealed: bytes | None = None
    new: bool = False
    changed: bool = False


@dataclass(slots=True)
class Known:
    """A person. ``told`` is what is sealed of them, if it is ``readable``. ``forgotten_at``: they asked to be, and were."""

    id: UUID
    told: dict[str, object]
    zone: str
    check_ins: bool | None = None
    forgotten_at: datetime | None = None
    readable: bool = True
    contacts: list[Contact] = field(default_factory=list)
    new: bool = False
    # Something of the row itself; a new contact or name changes what the person is found by.
    changed: bool = False
    found_by_more: bool = False

    @property
    def given_name(self) -> str:
        return str(self.told.get("given_name", ""))

    def confirmed(self, channel: Channel) -> list[Contact]:
        """Addresses of a channel that are written to."""
        return [one for one in self.contacts if one.channel == channel and one.state == "confirmed"]


class Agreed(NamedTuple):
    """What a person last said about care on a channel, and when."""

    granted: bool
    at: datetime


class Row(NamedTuple):
    """One person as told, with the blind indexes of what was told."""

    told: Checked
    key: Key | None
    indexes: Mapping[Channel, bytes]


class Grant(NamedTuple):
    """A consent to be entered in the ledger."""

    person: UUID
    channel: Channel
    consent_source: str
    source: str


class Ask(NamedTuple):
    """Work for staff: "same_person" about ``person`` and ``other``, "address_differs" about ``person``."""

    kind: Literal["same_person", "address_differs"]
    person: UUID
    other: UUID
    dedup_key: str
    note: str = ""


def same_person_key(one: UUID, other: UUID) -> str:
    """By which staff are asked once whether two are one person."""
    first, second = sorted((one, other))
    return f"same_person/{first}/{second}"


@dataclass(slots=True)
class Taken:
    """What became of one row. ``asks`` are the keys of its questions to staff."""

    person: UUID | None
    how: How
    problems: list[Problem]
    skipped: dict[Channel, str] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)
    changed: bool = False


@dataclass(slots=True)
class Book:
    """What is known, and all that has to be written. ``suppressed`` are (channel, index) that no care may go to."""

    now: datetime
    zone: str
    make_id: Callable[[], UUID]
    people: dict[UUID, Known]
    keys: dict[Key, UUID]
    agreed: dict[tuple[UUID, Channel], Agreed]
    suppressed: set[tuple[Channel, bytes]]
    new_keys: dict[Key, tuple[UUID, str]] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    asks: dict[str, Ask] = field(default_factory=dict)
    _at: dict[tuple[Channel, bytes], list[Contact]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for known in self.people.values():
            for contact in known.contacts:
                self._at.setdefault((contact.channel, contact.index), []).append(contact)
        for contacts in self._at.values():
            contacts.sort(key=lambda one: one.id)

    def take(self, row: Row) -> Taken:
        """The person of one row, found or made, with all that follows."""
        if row.told.refused:
            return Taken(None, "refused", row.told.problems)
        person, how = self._find(row)
        if person is not None and person.forgotten_at is not None:
            if row.told.consent_at is None or row.told.consent_at <= person.forgotten_at:
                return Taken(None, "refused", [*row.told.problems, FORGOTTEN])
            person = None
        taken = Taken(None, how, list(row.told.problems))
        if person is None:
            person, taken.how, taken.changed = self._new(row.told), "new", True
        taken.person = person.id
        self._ask_who(row, person, taken)
        if row.key is not None and self.keys.get(row.key) != person.id:
            self.keys[row.key] = person.id
            self.new_keys[row.key] = (person.id, row.told.external_id)
            taken.changed = True
        self._rename(row.told, person, taken)
        for channel, index in row.indexes.items():
            self._address(row.told, person, channel, index, taken)
        self._consents(row, person, taken)
        return taken

    def _find(self, row: Row) -> tuple[Known | None, How]:
        if row.key is not None and (id := self.keys.get(row.key)) is not None:
            return self.people[id], "external_id"
        for channel, index in row.indexes.items():
            for contact in self._at.get((channel, index), ()):
                person = self.people[contact.person]
                if contact.state == "confirmed" and same_name(person.given_name, row.told.given_name):
                    return person, _HOW[channel]
        return None, "new"

    def _new(self, told: Checked) -> Known:
        names: dict[str, object] = {"given_name": told.given_name}
        if told.family_name:
            names["family_name"] = told.family_name
        person = Known(self.make_id(), names, told.zone or self.zone, new=True, found_by_more=True)
        self.people[person.id] = person
        return person

    def _ask_who(self, row: Row, person: Known, taken: Taken) -> None:
        """A question to staff when an address says that this may be somebody who is known already."""
        for channel, index in row.indexes.items():
            others = [one for one in self._at.get((channel, index), ()) if one.person != person.id]
            if not others or len({one.person for one in others}) >= CROWD:
                continue
            for contact in sorted(others, key=lambda one: (not self._named(one, row.told), one.id)):
                alike = self._named(contact, row.told)
                if contact.state == "pending" or not (
                    alike or (taken.how == "new" and contact.state == "confirmed")
                ):
                    continue
                key = same_person_key(person.id, contact.person)
                self._ask(Ask("same_person", person.id, contact.person, key), taken)
                return

    def _named(self, contact: Contact, told: Checked) -> bool:
        return same_name(self.people[contact.person].given_name, told.given_name)

    def _ask(self, ask: Ask, taken: Taken) -> None:
        self.asks.setdefault(ask.dedup_key, ask)
        taken.asks.append(ask.dedup_key)

    def _rename(self, told: Checked, person: Known, taken: Taken) -> None:
        """The booking system knows the names of whom it knows by id; of others it may add the family name."""
        names: dict[str, object] = {}
        if taken.how == "external_id":
            names["given_name"] = told.given_name
        if told.family_name and (taken.how == "external_id" or not person.told.get("family_name")):
            names["family_name"] = told.family_name
        if person.readable and any(person.told.get(name) != value for name, value in names.items()):
            person.told = {**person.told, **names}
            person.changed = person.found_by_more = taken.changed = True
        if told.check_ins and person.check_ins is None and person.readable:
            person.check_ins = True
            person.changed = taken.changed = True

    def _address(self, told: Checked, person: Known, channel: Channel, index: bytes, taken: Taken) -> None:
        """Adds an address where the channel had none that works; one that counts is never replaced."""
        same = next((one for one in person.contacts if (one.channel, one.index) == (channel, index)), None)
        counts = person.confirmed(channel)
        address = told.email if channel == "email" else told.mobile
        if same is not None and (same.state == "confirmed" or (same.state != "pending" and not counts)):
            return
        if counts:
            key = f"address_differs/{person.id}/{channel}/{index.hex()[:32]}"
            self._ask(Ask("address_differs", person.id, person.id, key, f"{told.source}: {address}"), taken)
            return
        if same is None:
            same = Contact(self.make_id(), person.id, channel, index, "confirmed", address, new=True)
            person.contacts.append(same)
            self._at.setdefault((channel, index), []).append(same)
        else:
            same.state, same.changed = "confirmed", True
        person.found_by_more = taken.changed = True

    def _consents(self, row: Row, person: Known, taken: Taken) -> None:
        for channel in CHANNELS:
            if channel in row.told.consent and not self._granted(person, channel):
                why = self._why_not(row, person, channel)
                if why:
                    taken.skipped[channel] = why
                    continue
                told = row.told
                self.grants.append(Grant(person.id, channel, told.consent_source, ledger_source(told)))
                self.agreed[person.id, channel] = Agreed(True, self.now)
                taken.changed = True

    def _granted(self, person: Known, channel: Channel) -> bool:
        said = self.agreed.get((person.id, channel))
        return said is not None and said.granted

    def _why_not(self, row: Row, person: Known, channel: Channel) -> str:
        """A key of ``patients.SKIPPED``: an opt-out always wins. "" when nothing speaks against it."""
        counts = {one.index for one in person.confirmed(channel)}
        if not counts:
            return "no_address"
        if channel in row.indexes and row.indexes[channel] not in counts:
            return "address_differs"
        if any((channel, index) in self.suppressed for index in counts):
            return "suppressed"
        said = self.agreed.get((person.id, channel))
        if said is not None and (row.told.consent_at is None or row.told.consent_at <= said.at):
            return "withdrawn"
        return ""
