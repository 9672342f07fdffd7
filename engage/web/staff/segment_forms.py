"""The audience builder's fields: from an address or a form to rules, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from engage.domain.messages import CHANNELS, Channel
from engage.domain.segments import Rules, read

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form, as it was typed."""

    name: str = ""
    channel: Channel = "email"
    stages: Sequence[str] = ()
    locations: Sequence[str] = ()
    course: str = ""
    progress: str = "any"
    least_lessons: str = ""
    before_days: str = ""
    within_days: str = ""
    tags_any: Sequence[str] = ()
    tags_none: Sequence[str] = ()
    authorized: bool = False

    @staticmethod
    def of_form(given: MultiDict[str, str]) -> Typed:
        """From an address or a form."""

        def word(name: str, default: str = "") -> str:
            return given.get(name, default).strip()[:LONGEST]

        def several(name: str) -> list[str]:
            return [one[:LONGEST] for one in given.getlist(name)]

        return Typed(
            name=word("name"),
            channel=next((one for one in CHANNELS if one == given.get("channel")), "email"),
            stages=several("stage"),
            locations=several("location"),
            course=word("course"),
            progress=word("progress", "any"),
            least_lessons=word("least_lessons"),
            before_days=word("before_days"),
            within_days=word("within_days"),
            tags_any=several("tags_any"),
            tags_none=several("tags_none"),
            authorized=given.get("authorized") == "yes",
        )

    @staticmethod
    def of_rules(rules: Rules, channel: Channel, name: str = "") -> Typed:
        """From what was saved."""
        course = rules.course
        return Typed(
            name=name,
            channel=channel,
            stages=sorted(rules.stages),
            locations=sorted(rules.locations),
            course=course.slug if course is not None else "",
            progress=course.progress if course is not None else "any",
            least_lessons=str(course.least_lessons or "") if course is not None else "",
            before_days=str(rules.before_days or ""),
            within_days=str(rules.within_days or ""),
            tags_any=sorted(map(str, rules.any_tags)),
            tags_none=sorted(map(str, rules.no_tags)),
            authorized=rules.authorized,
        )

    def rules(self) -> Rules:
        """Raises InvalidInput that names the fields."""
        told: dict[str, Any] = {"stages": list(self.stages), "locations": list(self.locations)}
        if self.course:
            told["course"] = {"slug": self.course, "progress": self.progress}
            if self.least_lessons:
                told["course"]["least_lessons"] = _number(self.least_lessons)
        days = {"before_days": self.before_days, "within_days": self.within_days}
        told["last_visit"] = {name: _number(text) for name, text in days.items() if text}
        told["tags"] = {"any": list(self.tags_any), "none": list(self.tags_none)}
        told["authorized"] = self.authorized
        return read(told)

    @property
    def query(self) -> dict[str, Any]:
        """The fields of an address that asks for the same; a list is a field that comes several times."""
        told: dict[str, Any] = {
            "channel": self.channel,
            "stage": self.stages,
            "location": self.locations,
            "course": self.course,
            "progress": self.progress if self.course else "",
            "least_lessons": self.least_lessons,
            "before_days": self.before_days,
            "within_days": self.within_days,
            "tags_any": self.tags_any,
            "tags_none": self.tags_none,
            "authorized": "yes" if self.authorized else "",
        }
        return {name: value for name, value in told.items() if value}


def _number(text: str) -> int | str:
    """What is no number stays as it is: the rules say what is wrong with it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
