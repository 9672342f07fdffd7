"""What is done about a text that came in: from what it means, and who has answered it already. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from engage.domain.replies import Intent, Reading

# Who answers the official words: we, Twilio as it comes, or Twilio's Advanced Opt-Out, which says so on its webhook.
OptOut = Literal["ours", "twilio-default", "twilio-advanced"]

# What Twilio takes for STOP, START and HELP as it comes: the whole body, in any case.
TWILIO_WORDS: Final[frozenset[str]] = frozenset(
    {"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel", "start", "unstop", "yes", "help", "info"}
)  # fmt: skip
# The word that keeps reminders of visits after a STOP that asked; YES says the same.
CARE_WORDS: Final = frozenset({"care", "cuidado"})

# 47 CFR 64.1200(a)(12): one confirmation, within five minutes. Later it is not sent any more.
ANSWER_WITHIN: Final = timedelta(minutes=5)
# How long courses and offers by text wait for a person after an unclear complaint.
UNCLEAR_WAITS: Final = timedelta(days=14)
# Answers that are not about an opt-out: at most so many to one number in an hour, so that two machines that answer
# each other stop.
MOST_ANSWERS: Final = 3
MOST_ANSWERS_WITHIN: Final = timedelta(hours=1)
# Answers about visits to one number in an hour: a parent may answer for several children.
MOST_VISIT_ANSWERS: Final = 8
# The emergency numbers go out again after so long, however often they are asked for.
URGENT_AGAIN: Final = timedelta(minutes=10)
# How every withdrawal by a STOP is named in the ledger: START resumes these and no others.
STOP_SOURCE: Final = "stop, "
# A message is tried this often; then a person gets it.
MOST_TRIES: Final = 3

Ask = Literal[
    "stop", "start", "help", "yes", "care", "wrong_person", "unclear", "blank", "other",
    "confirm", "reschedule", "cancel", "late", "score", "urgent",
]  # fmt: skip

# What followed, as staff read it.
OUTCOMES: Final[dict[str, str]] = {
    "stopped": "Texts to the number ended, for everybody who has it.",
    "stopped_asked": "Texts to the number ended; one text asked whether reminders of visits should stay.",
    "stopped_before": "Texts to the number had ended before; nothing more was sent.",
    "stopped_there": "Texts to the number ended. Twilio has confirmed it.",
    "started": "Texts that were agreed to before come again.",
    "started_there": "Texts that were agreed to before come again. Twilio has confirmed it.",
    "nothing_to_start": "There was nothing to start: nothing had been stopped.",
    "care_kept": "Only reminders of visits go to the number.",
    "number_confirmed": "It confirmed the number.",
    "helped": "The clinic's name and telephone number went back.",
    "helped_there": "Twilio has answered.",
    "wrong_person": "The number gets nothing until its person says by email that it is theirs.",
    "unclear": "Courses and offers by text wait two weeks; a person is asked.",
    "check_in": "It answered how the person is; the answer is on their page.",
    "not_well": "It answered that the person is not well; somebody is asked to telephone.",
    "asked": "A person is asked to read it.",
    "visit_confirmed": "The visit was confirmed.",
    "visit_move": "It asks for another time for the visit; a person is asked to find one.",
    "visit_cancel": "It asks to cancel the visit; a person is asked to.",
    "visit_late": "Staff were told at once that somebody is late.",
    "visit_which": "It may be about several visits; the person was asked which.",
    "visit_over": "It was about a visit that is over, and was told so.",
    "visit_off": "It was about a visit that was called off, and was told so.",
    "visit_changed": "It was about an earlier time of the visit; the person was told the right one.",
    "urgent": "It may mean danger: staff are told until somebody takes it, and nothing else answers by itself.",
    "urgent_stopped": "It may mean danger: staff are told until somebody takes it. It also ended the texts to the number.",
    "blank": "It was empty; there was nothing to do.",
    "unreadable": "It could not be read; a person is asked.",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one text asks for, in the order in which it is done. ``there``: Twilio has acted and answered already.

    ``maybe_visit``: it was CANCEL, which may mean the appointment, or a stop that also asked to cancel or move one.
    ``urgent``: somebody may be in danger, whatever ``asks`` is: "STOP I have chest pain" asks for ``stop`` and is
    ``urgent``, so that neither is lost. ``number``: from 0 to 10, a choice or a score by what was asked.
    ``also``: what is asked besides, in the words of ``Intent``: late for one visit, confirming the next. ``yes``: it is
    YES, also where Twilio has taken it for a START.
    """

    asks: Ask
    wrong_person: bool = False
    maybe_visit: bool = False
    there: bool = False
    urgent: bool = False
    number: int | None = None
    also: tuple[Intent, ...] = ()
    yes: bool = False


_ASKS: Final[dict[Intent, Ask]] = {
    "stop": "stop",
    "start": "start",
    "help": "help",
    "wrong_person": "wrong_person",
    "unclear_negative": "unclear",
    "other": "other",
    "confirm": "confirm",
    "reschedule": "reschedule",
    "cancel": "cancel",
    "late": "late",
    "score": "score",
    "urgent": "urgent",
}
# What may mean the appointment where it comes with a stop.
_OF_A_VISIT: Final = frozenset({"cancel", "reschedule"})
_TYPES: Final[dict[str, Ask]] = {"STOP": "stop", "START": "start", "HELP": "help"}


def meaning(reading: Reading, text: str, media: int, opt_out_type: str | None, mode: OptOut) -> Meaning:
    """What ``text`` with ``media`` pictures asks for.

    ``opt_out_type`` is Twilio's STOP, START or HELP: then it has answered, whatever ``mode`` says, and its word
    counts, except that nothing takes a STOP of ours away, danger neither. L3, L7.
    """
    asks = _ASKS[reading.intent]
    if "stop" in reading.also:
        asks = "stop"
    if reading.keyword == "yes" and reading.intent == "other":
        asks = "yes"
    elif asks == "other":
        if text.strip().strip(".!").casefold() in CARE_WORDS:
            asks = "care"
        elif not text.strip() and media == 0:
            asks = "blank"
    elif asks == "unclear" and "wrong_person" in reading.also:
        asks = "wrong_person"
    told = _TYPES.get(opt_out_type or "")
    if told is not None and asks != "stop":
        asks = told
    there = told is not None or (
        mode == "twilio-default" and reading.bare and reading.keyword in TWILIO_WORDS
    )
    return Meaning(
        asks=asks,
        wrong_person="wrong_person" in reading.also,
        maybe_visit=reading.keyword == "cancel"
        or (asks == "stop" and not _OF_A_VISIT.isdisjoint(reading.also)),
        there=there,
        urgent=reading.intent == "urgent",
        number=reading.number,
        also=tuple(intent for intent in reading.also if intent != asks),
        yes=reading.keyword == "yes" and reading.intent == "other" and asks in ("yes", "start"),
    )


def spoken_names(names: list[str]) -> str:
    """ "Ada and Bob", "Ada, Bob and Cy"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
