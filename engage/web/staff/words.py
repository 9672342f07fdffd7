"""Words and times as staff pages say them."""

from __future__ import annotations

from datetime import datetime

from flask.blueprints import BlueprintSetupState

from engage.domain.outcomes import FEELINGS
from engage.domain.timing import local
from engage.domain.visit_words import clock
from engage.web.context import place, runtime

CHANNELS = {"email": "Email", "sms": "Text message"}
PURPOSES = {
    "service": "Answers to forms",
    "care": "Care: visits and check-ins",
    "education": "Courses",
    "marketing": "News and offers",
    "all": "Everything",
}
SUPPRESSIONS = {
    "unsubscribed": "It unsubscribed.",
    "complaint": "It reported a message as spam.",
    "hard_bounce": "Mail to it bounced for good.",
    "not_me": "Its owner said that they never asked.",
    "opted_out": "It opted out with the sender.",
    "unclear": "Its holder sounded annoyed; it waits for a person.",
}
COURSES = {
    "active": "Under way",
    "paused": "Paused",
    "completed": "Complete",
    "stopped": "Stopped by staff",
    "booked": "Stopped: a visit was booked",
    "unsubscribed": "Left by the person",
}
CONTACTS = {
    "confirmed": "Confirmed",
    "pending": "Waits for its confirmation",
    "replaced": "Replaced by another",
    "bad": "Does not work any more",
    "quarantined": "Waits until the person says by email that it is theirs",
}
ACTIONS = {"granted": "Agreed", "withdrawn": "Withdrew"}


def prepare(state: BlueprintSetupState) -> None:
    """Hands words and filters to the templates."""
    state.app.jinja_env.filters.update(
        stamp=stamp,
        at_clinic=at_clinic,
        in_zone=local,
        brief_at_clinic=brief_at_clinic,
        same_clock=same_clock,
        clock=clock,
    )
    state.app.jinja_env.globals.update(
        words={
            "channels": CHANNELS,
            "purposes": PURPOSES,
            "suppressions": SUPPRESSIONS,
            "courses": COURSES,
            "contacts": CONTACTS,
            "actions": ACTIONS,
            "feelings": FEELINGS,
        }
    )


def stamp(moment: datetime) -> str:
    """A moment by the clocks of its zone: "Tue, Nov 24, 2026, 9:00 AM New York time"."""
    return f"{moment:%a}, {moment:%b} {moment.day}, {moment.year}, {_hour(moment)}"


def brief_at_clinic(moment: datetime) -> str:
    """The same moment by the clinic's clocks, without the date where that is the same."""
    there = at_clinic(moment)
    return _hour(there) if there.date() == moment.date() else stamp(there)


def _hour(moment: datetime) -> str:
    hour, half = moment.hour % 12 or 12, "AM" if moment.hour < 12 else "PM"
    name = getattr(moment.tzinfo, "key", None)
    zone = f"{place(name)} time" if name and name != "UTC" else "UTC"
    return f"{hour}:{moment:%M} {half} {zone}"


def at_clinic(moment: datetime) -> datetime:
    """The same moment by the clinic's clocks."""
    return local(moment, runtime().clinic.zone)


def same_clock(moment: datetime) -> bool:
    """True when the clinic's clocks show the same as the moment's own."""
    return at_clinic(moment).utcoffset() == moment.utcoffset()
