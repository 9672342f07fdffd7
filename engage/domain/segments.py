"""Audiences as rules: what may be chosen by, what is refused, and all of it in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from engage.domain.forms import InvalidInput
from engage.domain.reach import Unreached
from engage.domain.stages import OF_TREATMENT, STAGES, WORDS, Stage

Progress = Literal["any", "active", "completed", "stopped"]
PROGRESS: dict[Progress, str] = {
    "any": "Take it or took it",
    "active": "Are taking it now",
    "completed": "Have completed it",
    "stopped": "Stopped before its end",
}
# States of an enrolment behind each; None is any.
COURSE_STATES: dict[Progress, tuple[str, ...] | None] = {
    "any": None,
    "active": ("active",),
    "completed": ("completed",),
    "stopped": ("stopped", "booked", "unsubscribed"),
}
Excluded = Literal[Unreached, "not_authorized", "same_address"]
EXCLUDED: tuple[Excluded, ...] = get_args(Excluded)
# Each continues a count: "12 people: ...".
EXCLUDED_WORDS: dict[Excluded, dict[str, str]] = {
    "no_address": {"email": "No email address is known.", "sms": "No mobile number is known."},
    "not_confirmed": {
        "email": "The address was never confirmed by its owner, or was given for visits only.",
        "sms": "The number was never confirmed by its owner, or was given for visits only.",
    },
    "no_consent": {
        "email": "They did not agree to news and offers by email.",
        "sms": "They did not agree to news and offers by text message.",
    },
    "suppressed": {
        "email": "The address opted out, came back, or reported a message as spam.",
        "sms": "The number opted out, or can’t be reached.",
    },
    "paused": {
        "email": "They asked for a pause that is not over.",
        "sms": "They asked for a pause that is not over.",
    },
    "not_authorized": {
        "email": "They are or were patients without a written authorization for marketing.",
        "sms": "They are or were patients without a written authorization for marketing.",
    },
    "same_address": {
        "email": "Somebody else in this audience has the same address: one letter goes there, not two.",
        "sms": "Somebody else in this audience has the same number: one message goes there, not two.",
    },
}
NEEDS_AUTHORIZATION = (
    "These rules choose patients by treatment or visit ({rules}). That is allowed only for patients who signed an "
    "authorization for marketing (45 CFR 164.508). Tick “Only patients with a written authorization”, or take these "
    "rules out."
)
MOST_DAYS = 3650
MOST_LESSONS = 1000
LONGEST_NAME = 80
MOST_TAGS = 50


@dataclass(frozen=True, slots=True)
class CourseRule:
    """Who takes or took a course, and how far they came: at least so many lessons."""

    slug: str
    progress: Progress = "any"
    least_lessons: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """All of them have to hold; an empty one holds for everybody. Without any: everybody who agreed to marketing.

    ``before_days``: the last visit is more than so many days ago; ``within_days``: at most so many. A person needs one
    of ``any_tags`` and none of ``no_tags``. ``authorized``: patients only with a written authorization for marketing.
    """

    stages: frozenset[Stage] = frozenset()
    locations: frozenset[str] = frozenset()
    course: CourseRule | None = None
    before_days: int | None = None
    within_days: int | None = None
    any_tags: frozenset[UUID] = frozenset()
    no_tags: frozenset[UUID] = frozenset()
    authorized: bool = False

    @property
    def of_treatment(self) -> list[str]:
        """The rules that choose by treatment or visit, in words; empty where none does."""
        found = [WORDS[one].lower() for one in STAGES if one in self.stages & OF_TREATMENT]
        found += ["place of the visits"] if self.locations else []
        found += ["last visit"] if self.before_days is not None or self.within_days is not None else []
        found += ["tags"] if self.any_tags or self.no_tags else []
        return found

    @property
    def needs_authorization(self) -> bool:
        """Whether patients without one are left out."""
        return self.authorized or bool(self.of_treatment)

    def kept(self) -> dict[str, Any]:
        """As it is stored, ready for JSON; what is empty is left out. ``read`` takes it back."""
        told: dict[str, Any] = {}
        if self.stages:
            told["stages"] = [one for one in STAGES if one in self.stages]
        if self.locations:
            told["locations"] = sorted(self.locations)
        if self.course is not None:
            told["course"] = {"slug": self.course.slug, "progress": self.course.progress}
            if self.course.least_lessons:
                told["course"]["least_lessons"] = self.course.least_lessons
        visit = {"before_days": self.before_days, "within_days": self.within_days}
        if given := {key: days for key, days in visit.items() if days is not None}:
            told["last_visit"] = given
        tags = {"any": sorted(map(str, self.any_tags)), "none": sorted(map(str, self.no_tags))}
        if chosen := {key: ids for key, ids in tags.items() if ids}:
            told["tags"] = chosen
        if self.authorized:
            told["authorized"] = True
        return told


def visited_before(rules: Rules, today: date) -> date | None:
    """The last visit has to be on an earlier day than this."""
    return today - timedelta(days=rules.before_days) if rules.before_days is not None else None


def visited_since(rules: Rules, today: date) -> date | None:
    """The last visit has to be on this day or later."""
    return today - timedelta(days=rules.within_days) if rules.within_days is not None else None


def read(told: Mapping[str, Any]) -> Rules:
    """Rules from their stored form, or from whoever sends one. Raises InvalidInput that names the field.

    The names of places, courses and tags are not looked up here: see ``refusals``.
    """
    errors: dict[str, str] = {}
    known = {"stages", "locations", "course", "last_visit", "tags", "authorized"}
    if unknown := sorted(told.keys() - known):
        errors["rules"] = f"There is no rule “{unknown[0]}”; there are: {', '.join(sorted(known))}."
    stages = _words(told.get("stages", ()), "stages", errors)
    for one in stages - set(STAGES):
        errors["stages"] = f"There is no stage “{one}”; there are: {', '.join(STAGES)}."
    locations = _words(told.get("locations", ()), "locations", errors)
    visit = _mapping(told.get("last_visit", {}), "last_visit", ("before_days", "within_days"), errors)
    tags = _mapping(told.get("tags", {}), "tags", ("any", "none"), errors)
    before = _number(visit.get("before_days"), "before_days", MOST_DAYS, "days", errors)
    within = _number(visit.get("within_days"), "within_days", MOST_DAYS, "days", errors)
    if before is not None and within is not None and before >= within:
        errors["within_days"] = f"No visit is both more than {before} and at most {within} days ago."
    wanted, unwanted = (_ids(tags.get(key, ()), f"tags_{key}", errors) for key in ("any", "none"))
    if wanted & unwanted:
        errors["tags_none"] = "A tag can be asked for or ruled out, not both."
    authorized = told.get("authorized", False)
    if not isinstance(authorized, bool):
        errors["authorized"] = "This is true or false."
    course = _course(told["course"], errors) if told.get("course") is not None else None
    if errors:
        raise InvalidInput(errors)
    return Rules(
        frozenset(one for one in STAGES if one in stages),
        frozenset(locations),
        course,
        before,
        within,
        wanted,
        unwanted,
        authorized,
    )


def refusals(
    rules: Rules, locations: Sequence[str], courses: Sequence[str], tags: Sequence[UUID]
) -> dict[str, str]:
    """Why these rules can't be saved or used: field to sentence; empty where they can. The lists are what there is."""
    errors = {}
    if unknown := sorted(rules.locations - set(locations)):
        errors["locations"] = f"There is no place “{unknown[0]}”; there are: {', '.join(locations)}."
    if rules.course is not None and rules.course.slug not in courses:
        there = ", ".join(courses) or "none"
        errors["course"] = f"There is no course “{rules.course.slug}”; there are: {there}."
    for field, chosen in (("tags_any", rules.any_tags), ("tags_none", rules.no_tags)):
        if chosen - set(tags):
            errors[field] = "One of the tags is not there any more; please choose again."
    if (of_treatment := rules.of_treatment) and not rules.authorized:
        errors["authorized"] = NEEDS_AUTHORIZATION.format(rules=", ".join(of_treatment))
    return errors


def in_words(rules: Rules, courses: Mapping[str, str], tags: Mapping[UUID, str]) -> list[str]:
    """A sentence for each rule; ``courses`` are titles by slug, ``tags`` names by id."""
    lines = []
    if rules.stages:
        lines.append("Stage: " + ", ".join(WORDS[one].lower() for one in STAGES if one in rules.stages) + ".")
    if rules.locations:
        lines.append("Visits at " + " or ".join(sorted(rules.locations)) + ".")
    if (course := rules.course) is not None:
        title = courses.get(course.slug, course.slug)
        least = f", at least {course.least_lessons} lessons" if course.least_lessons else ""
        lines.append(f"Course “{title}”: {PROGRESS[course.progress].lower()}{least}.")
    if rules.before_days is not None:
        lines.append(f"Last visit more than {rules.before_days} days ago.")
    if rules.within_days is not None:
        lines.append(f"Last visit at most {rules.within_days} days ago.")
    for ids, word in ((rules.any_tags, "Tagged"), (rules.no_tags, "Not tagged")):
        if ids:
            lines.append(f"{word} " + " or ".join(sorted(tags.get(id, "(gone)") for id in ids)) + ".")
    if rules.authorized:
        lines.append("Patients only with a written authorization for marketing.")
    return lines or ["Everybody who agreed to news and offers."]


def clean_name(raw: str) -> str:
    """A segment's or a tag's name, on one line. Raises InvalidInput."""
    name = " ".join(raw.split())
    if not name:
        raise InvalidInput({"name": "Please give it a name."})
    if len(name) > LONGEST_NAME:
        raise InvalidInput({"name": f"Please keep the name under {LONGEST_NAME} characters."})
    if not name.isprintable():
        raise InvalidInput({"name": "Please remove the characters that can’t be shown from the name."})
    return name


def _course(told: Any, errors: dict[str, str]) -> CourseRule | None:
    given = _mapping(told, "course", ("slug", "progress", "least_lessons"), errors)
    slug, progress = given.get("slug"), given.get("progress", "any")
    least = _number(given.get("least_lessons"), "least_lessons", MOST_LESSONS, "lessons", errors, 0)
    if not isinstance(slug, str) or not slug:
        errors.setdefault("course", "Please say which course.")
        return None
    if progress not in PROGRESS:
        errors["progress"] = f"There is no progress “{progress}”; there are: {', '.join(PROGRESS)}."
        return None
    return CourseRule(slug, progress, least or 0)


def _words(told: Any, field: str, errors: dict[str, str]) -> set[str]:
    if isinstance(told, str) or not isinstance(told, Sequence) or not all(isinstance(x, str) for x in told):
        errors[field] = "This is a list of words."
        return set()
    return set(told)


def _mapping(told: Any, field: str, known: Sequence[str], errors: dict[str, str]) -> Mapping[str, Any]:
    if not isinstance(told, Mapping) or told.keys() - set(known):
        errors[field] = f"This holds {' and '.join(known)}, nothing else."
        return {}
    return told


def _number(
    told: Any, field: str, most: int, what: str, errors: dict[str, str], least: int = 1
) -> int | None:
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int) or not least <= told <= most:
        errors[field] = f"Please give {least} to {most} {what}."
        return None
    return told


def _ids(told: Any, field: str, errors: dict[str, str]) -> frozenset[UUID]:
    words = _words(told, field, errors)
    if len(words) > MOST_TAGS:
        errors[field] = f"Please choose at most {MOST_TAGS} tags."
        return frozenset()
    try:
        return frozenset(UUID(word) for word in words)
    except ValueError:
        errors[field] = "A tag is given by its id."
        return frozenset()
