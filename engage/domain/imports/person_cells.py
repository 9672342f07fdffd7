"""A person made of a row's cells, with what they said yes and no to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final

from engage.domain.imports import times, words
from engage.domain.imports.cells import Cells, Problem
from engage.domain.imports.columns import Field
from engage.domain.imports.times import BadCell
from engage.domain.messages import CHANNELS, Channel
from engage.domain.patients import PersonIn

_CONSENT: Final[dict[Channel, Field]] = {"email": "email-consent", "sms": "text-consent"}
# Fields of a person as the rules about people name them.
_FIELD_OF: Final[dict[str, tuple[Field, ...]]] = {
    "given_name": ("first-name", "name"),
    "family_name": ("last-name", "name"),
    "external_id": ("patient-id",),
    "email": ("email",),
    "mobile": ("mobile",),
    "consent_at": ("consent-date",),
}


class PersonCells(Cells):
    """Reads what a row says about its person."""

    def person(self, cells: Sequence[str], zone: str) -> tuple[PersonIn, frozenset[Channel], list[Problem]]:
        """The person as told, the channels that they said no to, and cells that are left out."""
        problems: list[Problem] = []
        first, last = self._cell(cells, "first-name"), self._cell(cells, "last-name")
        if not first:
            first, last = _split(self._cell(cells, "name"), last)
        agreed = {
            channel: name not in self._at or bool(self._try(problems, cells, name, words.yes, refuses=False))
            for channel, name in _CONSENT.items()
        }
        consent_at = None
        if self._cell(cells, "consent-date"):
            consent_at = self._try(problems, cells, "consent-date", self._consent_at, refuses=False)
        return (
            PersonIn(
                source=self.meaning.source,
                given_name=first,
                external_id=self._cell(cells, "patient-id") or None,
                family_name=last or None,
                email=self._cell(cells, "email") or None,
                mobile=self._cell(cells, "mobile") or None,
                zone=zone,
                consent=tuple(channel for channel in CHANNELS if agreed[channel]),
                consent_source=self.meaning.consent_source,
                consent_at=consent_at,
            ),
            frozenset(channel for channel in CHANNELS if not agreed[channel]),
            problems,
        )

    def _consent_at(self, cell: str) -> datetime:
        told = times.parts(cell, self.meaning.day_first)
        if told.day is None:
            raise BadCell("The day of the consent is missing.", "Please write 2026-11-24.")
        return datetime.combine(told.day, told.wall or time(), UTC)

    def problem_of_person(self, cells: Sequence[str], name: str, sentence: str, refuses: bool) -> Problem:
        """A problem that the rules about people found, at the cell that it is about."""
        fields = _FIELD_OF.get(name, ())
        at = self._first(cells, fields) or next((one for one in fields if one in self._at), None)
        return self._problem(cells, at, sentence, "", refuses=refuses)


def _split(name: str, last: str) -> tuple[str, str]:
    """Given and family name of "Lovelace, Ada" or "Ada Lovelace"."""
    if "," in name:
        family, _, given = name.partition(",")
        return given.strip(), last or family.strip()
    given, _, family = name.partition(" ")
    return given, last or family.strip()
