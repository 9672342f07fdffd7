"""The words of the pipe: lanes, kinds and statuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Channel = Literal["email", "sms"]
Purpose = Literal["service", "care", "education", "marketing"]
# Why a message is sent. Only a plan is counted and capped; the others answer what a person just did, or mend what we
# told them (47 CFR 64.1200(a)(9)(iv) counts messages, not answers).
About = Literal["plan", "reply", "opt_out", "help", "correction", "cancellation"]
Status = Literal[
    "planned",
    "claimed",
    "accepted",
    "delivered",
    "failed",
    "expired",
    "cancelled",
    "skipped",
    "held",
    "unknown",
]

# In the order in which they are served. A lane is the purpose's place in the queue.
LANES: dict[Purpose, int] = {"service": 0, "care": 1, "education": 2, "marketing": 3}
PURPOSES: dict[int, Purpose] = {lane: purpose for purpose, lane in LANES.items()}
BULK: tuple[Purpose, ...] = ("education", "marketing")
BULK_LANES = tuple(LANES[purpose] for purpose in BULK)
CARE_LANES = tuple(lane for lane in sorted(LANES.values()) if lane not in BULK_LANES)

ENDED: frozenset[Status] = frozenset({"delivered", "failed", "expired", "cancelled", "skipped"})
WAITING: frozenset[Status] = frozenset({"planned", "claimed", "held", "unknown"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message. ``consent`` is the purpose that the ledger must have granted, None for answers;
    ``template`` is its text's name where that is not its own; ``fallback`` the kind of email that takes its
    place when the number can't be reached. ``anytime``: somebody waits for it now, so no hour and no cap holds it
    up, as with service messages. ``despite_opt_out`` lets it go to a number that opted out, and to no other that is
    suppressed: only what answers the opt-out itself, and HELP. ``to_anyone``: it goes to an address that somebody typed
    and nobody has confirmed, so its owner's "that was not me" stops it, and does not stop what the owner asks for.
    ``about`` is outside the caps where it is no plan. ``may_fail``: nobody has to act when it can't arrive."""

    name: str
    channel: Channel
    purpose: Purpose
    consent: Purpose | None
    words: str
    template: str = ""
    fallback: str = ""
    anytime: bool = False
    despite_opt_out: bool = False
    about: About = "plan"
    to_anyone: bool = False
    may_fail: bool = False

    @property
    def text(self) -> str:
        """The name of its folder below ``email/``, or of its file below ``sms/``."""
        return self.template or self.name

    @property
    def lane(self) -> int:
        """Place in the queue, 0 first."""
        return LANES[self.purpose]


SIGNUP_CONFIRM = Kind(
    "signup-confirm", "email", "service", None, "Please confirm your sign-up", to_anyone=True
)
COURSE_LESSON = Kind("course-lesson", "email", "education", "education", "Course lesson")
TEST_MESSAGE = Kind("test-message", "email", "service", None, "Test message asked for by staff")

# The course by text (docs/consent.md).
NUMBER_CONFIRM = Kind("number-confirm", "sms", "service", None, "Please confirm your number")
NUMBER_CONFIRMED = Kind("number-confirmed", "sms", "service", None, "Your number is confirmed")
COURSE_LESSON_TEXT = Kind("course-lesson-text", "sms", "education", "education", "Course lesson by text")
ALERT_TEXT_CAP = Kind(
    "operator-text-cap", "email", "service", None, "To operators: the day's confirmation texts ran out"
)

CONSULTATION_RECEIVED = Kind(
    "consultation-received", "email", "service", None, "Your consultation request has arrived", to_anyone=True
)
ALERT_NEW_REQUEST = Kind("staff-new-request", "email", "service", None, "To staff: a new request")
ALERT_DEADLINE_NEAR = Kind("staff-deadline-near", "email", "service", None, "To staff: a request is due soon")
ALERT_DEADLINE_PASSED = Kind("staff-deadline-passed", "email", "service", None, "To staff: a request is late")
ALERT_MAIL_CAP = Kind("operator-mail-cap", "email", "service", None, "To operators: the day's mail ran out")
ALERT_QUEUE_STUCK = Kind("operator-queue-stuck", "email", "service", None, "To operators: the queue stands")
ALERT_SENDER_DOWN = Kind("operator-sender-down", "email", "service", None, "To operators: a sender fails")
ALERT_UNKNOWN_CODE = Kind("operator-unknown-code", "email", "service", None, "To operators: an unknown code")
ALERT_FILTERED = Kind("operator-filtered", "email", "service", None, "To operators: texts are filtered")
ALERT_URGENT = Kind("staff-urgent", "email", "service", None, "To staff: somebody may be in danger")
ALERT_RUNNING_LATE = Kind("staff-running-late", "email", "service", None, "To staff: somebody is late")
ALERT_COURSE_HALTED = Kind(
    "operator-course-halted", "email", "service", None, "To operators: a course is paused"
)
ALERT_CAMPAIGN_PAUSED = Kind(
    "staff-campaign-paused", "email", "service", None, "To staff: a campaign paused itself"
)


def _answer(name: str, words: str, despite_opt_out: bool = False) -> Kind:
    return Kind(name, "sms", "service", None, words, anytime=True, despite_opt_out=despite_opt_out)


# Answers to texts that came in: wanted now, and by nobody else.
ANSWER_STOPPED = _answer("answer-stopped", "Text: no more texts will come", despite_opt_out=True)
ANSWER_STOPPED_ASKING = _answer(
    "answer-stopped-asking", "Text: no more texts; should reminders stay?", despite_opt_out=True
)
ANSWER_HELP = _answer("answer-help", "Text: who we are and how to reach us", despite_opt_out=True)
ANSWER_STARTED = _answer("answer-started", "Text: texts come again")
ANSWER_STARTED_SHARED = _answer("answer-started-shared", "Text: texts come again, for several people")
ANSWER_NOT_STARTED = _answer("answer-not-started", "Text: there is nothing to start")
ANSWER_CARE_KEPT = _answer("answer-care-kept", "Text: only reminders come")
ANSWER_CARE_KEPT_SHARED = _answer("answer-care-kept-shared", "Text: only reminders come, for several people")
ANSWER_WRONG_PERSON = _answer("answer-wrong-person", "Text: sorry, this number gets nothing now")
ANSWER_UNCLEAR = _answer("answer-unclear", "Text: should all texts stop?")
# About visits: each names the visit that it is about (docs/reminders.md).
ANSWER_VISIT_CONFIRMED = _answer("answer-visit-confirmed", "Text: you are confirmed")
ANSWER_VISIT_MOVE = _answer("answer-visit-move", "Text: which times would suit?")
ANSWER_VISIT_CANCEL = _answer("answer-visit-cancel", "Text: the desk will cancel it")
ANSWER_VISIT_LATE = _answer("answer-visit-late", "Text: the desk knows")
ANSWER_VISIT_WHICH = _answer("answer-visit-which", "Text: which appointment?")
ANSWER_VISIT_OVER = _answer("answer-visit-over", "Text: that appointment is over")
ANSWER_VISIT_OFF = _answer("answer-visit-off", "Text: that appointment is cancelled")
ANSWER_VISIT_CHANGED = _answer("answer-visit-changed", "Text: the appointment has another time now")
ANSWERS_VISIT = (
    ANSWER_VISIT_CONFIRMED,
    ANSWER_VISIT_MOVE,
    ANSWER_VISIT_CANCEL,
    ANSWER_VISIT_LATE,
    ANSWER_VISIT_WHICH,
    ANSWER_VISIT_OVER,
    ANSWER_VISIT_OFF,
    ANSWER_VISIT_CHANGED,
)
# To whoever may be in danger. The second one confirms an opt-out that the same text asked for.
ANSWER_URGENT = _answer("answer-urgent", "Text: the emergency numbers")
ANSWER_URGENT_STOPPED = _answer(
    "answer-urgent-stopped", "Text: the emergency numbers; no more texts", despite_opt_out=True
)
ANSWER_NOT_WELL = _answer("answer-not-well", "Text: whom to call when not well")
ANSWERS = (
    ANSWER_STOPPED,
    ANSWER_STOPPED_ASKING,
    ANSWER_HELP,
    ANSWER_STARTED,
    ANSWER_STARTED_SHARED,
    ANSWER_NOT_STARTED,
    ANSWER_CARE_KEPT,
    ANSWER_CARE_KEPT_SHARED,
    ANSWER_WRONG_PERSON,
    ANSWER_UNCLEAR,
    *ANSWERS_VISIT,
    ANSWER_URGENT,
    ANSWER_URGENT_STOPPED,
    ANSWER_NOT_WELL,
)
NUMBER_CHECK = Kind("number-check", "email", "service", None, "Is this number still yours?")

PREFERENCES_CHANGED = Kind(
    "preferences-changed", "email", "service", None, "Something was changed on the preference page"
)
NEWS_AGREED = Kind("news-agreed", "email", "service", None, "Staff noted a yes to news")
MY_DATA_LINK = Kind("my-data-link", "email", "service", None, "A link to a copy, or to being forgotten")
PREFERENCES_LINK = Kind("preferences-link", "email", "service", None, "A new link to the preference page")
ADDRESS_CONFIRM = Kind(
    "address-confirm", "email", "service", None, "Please confirm your new address", to_anyone=True
)
ADDRESS_CHANGED = Kind(
    "address-changed", "email", "service", None, "To the old address: letters go elsewhere now"
)


def _visit(name: str, words: str, about: About = "plan") -> tuple[Kind, Kind]:
    """A message about a visit: by email, and by text. Where the text can't arrive, the email takes its place."""
    email = Kind(f"visit-{name}", "email", "care", "care", words, about=about)
    text = Kind(
        f"{email.name}-text", "sms", "care", "care", f"{words}, by text", fallback=email.name, about=about
    )
    return email, text


VISIT_REMINDER, VISIT_REMINDER_TEXT = _visit("reminder", "Reminder of a visit")
VISIT_BOOKED, VISIT_BOOKED_TEXT = _visit("booked", "A visit was booked")
VISIT_MOVED, VISIT_MOVED_TEXT = _visit("moved", "A visit has another time", "correction")
VISIT_CANCELLED, VISIT_CANCELLED_TEXT = _visit("cancelled", "A visit is off", "cancellation")
VISIT_MISSED, VISIT_MISSED_TEXT = _visit("missed", "A visit was missed")
VISIT_FIRST = Kind("visit-first", "email", "care", "care", "How to prepare for the first visit")
VISIT_SOON_TEXT = Kind("visit-soon-text", "sms", "care", "care", "A visit is near, by text")
PLAN_ENDED = Kind("plan-ended", "email", "care", "care", "A plan of visits is complete")
VISITS = (
    VISIT_REMINDER,
    VISIT_REMINDER_TEXT,
    VISIT_BOOKED,
    VISIT_BOOKED_TEXT,
    VISIT_MOVED,
    VISIT_MOVED_TEXT,
    VISIT_CANCELLED,
    VISIT_CANCELLED_TEXT,
    VISIT_MISSED,
    VISIT_MISSED_TEXT,
    VISIT_FIRST,
    VISIT_SOON_TEXT,
    PLAN_ENDED,
)


def _check_in(name: str, words: str) -> tuple[Kind, Kind]:
    """A question how somebody is, on the one channel that they chose for it."""
    email = Kind(name, "email", "care", "care", words, may_fail=True)
    return email, Kind(f"{name}-text", "sms", "care", "care", f"{words}, by text", may_fail=True)


CHECK_IN, CHECK_IN_TEXT = _check_in("check-in", "A short question after a visit")
PAIN_SCORE, PAIN_SCORE_TEXT = _check_in("pain-score", "A short question, 0 to 10")
CHECK_INS = (CHECK_IN, CHECK_IN_TEXT, PAIN_SCORE, PAIN_SCORE_TEXT)

# What staff write themselves, for an audience (docs/campaigns.md).
CAMPAIGN = Kind("campaign", "email", "marketing", "marketing", "Campaign", may_fail=True)
CAMPAIGN_TEXT = Kind("campaign-text", "sms", "marketing", "marketing", "Campaign by text", may_fail=True)
CAMPAIGNS = (CAMPAIGN, CAMPAIGN_TEXT)
# Marked as tests, to whoever writes or approves one; their text is no file either.
CAMPAIGN_TEST = Kind(
    "campaign-test", "email", "service", None, "Test of a campaign", anytime=True, may_fail=True
)
CAMPAIGN_TEST_TEXT = Kind(
    "campaign-test-text", "sms", "service", None, "Test of a campaign by text", anytime=True, may_fail=True
)
CAMPAIGN_TESTS = (CAMPAIGN_TEST, CAMPAIGN_TEST_TEXT)
# Kinds without a folder or file: what they say is a course's lesson, or was written by staff.
WITHOUT_FILE = (COURSE_LESSON, *CAMPAIGNS, *CAMPAIGN_TESTS)

CHANNELS: tuple[Channel, ...] = get_args(Channel)


def _test(channel: Channel, purpose: Purpose) -> Kind:
    words = f"Test {'email' if channel == 'email' else 'text'} of the {purpose} lane, asked for by staff"
    fallback = "test-email-care" if (channel, purpose) == ("sms", "care") else ""
    name = f"test-{channel}-{purpose}"
    return Kind(name, channel, purpose, None, words, TEST_MESSAGE.name, fallback, anytime=True)


# Each lane can be tried by itself, since care may go by another route than courses.
TESTS: dict[tuple[Channel, Purpose], Kind] = {
    (channel, purpose): _test(channel, purpose) for channel in CHANNELS for purpose in LANES
}
TESTS["email", "service"] = TEST_MESSAGE

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        SIGNUP_CONFIRM,
        COURSE_LESSON,
        *TESTS.values(),
        CONSULTATION_RECEIVED,
        ALERT_NEW_REQUEST,
        ALERT_DEADLINE_NEAR,
        ALERT_DEADLINE_PASSED,
        ALERT_URGENT,
        ALERT_RUNNING_LATE,
        ALERT_MAIL_CAP,
        ALERT_QUEUE_STUCK,
        ALERT_SENDER_DOWN,
        ALERT_UNKNOWN_CODE,
        ALERT_FILTERED,
        ALERT_COURSE_HALTED,
        ALERT_CAMPAIGN_PAUSED,
        NUMBER_CONFIRM,
        NUMBER_CONFIRMED,
        COURSE_LESSON_TEXT,
        ALERT_TEXT_CAP,
        *ANSWERS,
        *VISITS,
        *CHECK_INS,
        *CAMPAIGNS,
        *CAMPAIGN_TESTS,
        NUMBER_CHECK,
        PREFERENCES_CHANGED,
        NEWS_AGREED,
        PREFERENCES_LINK,
        MY_DATA_LINK,
        ADDRESS_CONFIRM,
        ADDRESS_CHANGED,
    )
}

# Suppressions that an answer to the opt-out itself may pass: the number's holder made them.
OPT_OUTS = frozenset({"unsubscribed", "opted_out", "unclear"})
# The owner of an address said that they had not asked: letters to whoever types it end, others go on.
NOT_ME = "not_me"


def passes(kind: Kind, reason: str) -> bool:
    """Whether a suppression of its address for this reason does not stop a message of this kind."""
    if reason == NOT_ME:
        return kind.purpose == "service" and not kind.to_anyone
    return reason in OPT_OUTS and kind.despite_opt_out


# A message whose attempts end without an answer this often waits for a person.
MAX_TRIES = 3

# Emails that are no answers to what somebody asked for: each has the clinic's postal address, a link to leave, and
# the list headers (CAN-SPAM, 16 CFR 316; RFC 2369, 2919, 8058).
LISTED = frozenset(
    kind.name
    for kind in KINDS.values()
    if kind.channel == "email" and kind.purpose != "service" and kind not in TESTS.values()
)
