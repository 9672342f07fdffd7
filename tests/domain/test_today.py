"""What needs somebody, in which order and in which words; the hours to come; the days that are over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from engage.domain import today_hours, today_week
from engage.domain.follow_ups import KINDS
from engage.domain.hours import Policy, Rule, windows_for
from engage.domain.timing import local
from engage.domain.today import Found, bounded, items, moment
from engage.domain.today_hours import PURPOSES, Coming, Hour
from engage.domain.today_week import KEPT, MESSAGES, VISITS
from engage.domain.today_words import LEVELS, SAID
from engage.domain.weeks import ANY_TIME, week
from engage.domain.whereabouts import whereabouts

NEW_YORK = "America/New_York"
# A Monday, 10:20 AM in New York.
NOW = datetime(2026, 11, 2, 15, 20, tzinfo=UTC)
HERE = local(NOW, NEW_YORK)
ANY = windows_for(
    Policy({("marketing", "email"): Rule(ANY_TIME)}), "marketing", "email", whereabouts(NEW_YORK)
)
WORKDAY = windows_for(
    Policy({("marketing", "email"): Rule(week(["every day 09:00-20:00"]))}),
    "marketing",
    "email",
    whereabouts(NEW_YORK),
)


# what needs somebody


def test_every_kind_of_follow_up_has_its_words() -> None:
    assert set(KINDS) <= set(SAID)


@pytest.mark.parametrize("what", SAID)
def test_each_thing_is_a_sentence_with_a_place_and_no_words_of_ours(what: str) -> None:
    said = SAID[what]
    assert said.level in LEVELS
    assert said.place.startswith("/staff/")
    assert bool(said.many) != ("{about}" in said.one)
    for word in ("lane", "cause", "attempt", "breaker", "queue", "sealed", "null"):
        assert word not in f"{said.one} {said.many}".lower().split()


def test_the_most_urgent_comes_first_and_what_is_late_before_what_still_has_time() -> None:
    found = [
        Found("unknown"),
        Found("texted", 2),
        Found("visit_move"),
        Found("same_person", late=True),
        Found("requests_late", late=True),
        Found("urgent"),
        Found("requests_near"),
        Found("copy", about="a person holds everything back."),
        Found("held", 0),
    ]
    assert [one.what for one in items(found, HERE)] == [
        "copy",
        "urgent",
        "requests_late",
        "same_person",
        "requests_near",
        "visit_move",
        "texted",
        "unknown",
    ]


@pytest.mark.parametrize(
    ("found", "count", "words", "more"),
    [
        (Found("texted", 1), "1", "text waits to be read", ""),
        (Found("texted", 99), "99", "texts wait to be read", ""),
        (Found("texted", 100), "99+", "texts wait to be read", ""),
        (
            Found("texted", 2, HERE - timedelta(hours=2)),
            "2",
            "texts wait to be read",
            "The oldest has waited since 8:20 AM.",
        ),
        (Found("course", about="“Pain” is paused."), "", "The course “Pain” is paused.", ""),
        (
            Found("campaign", 1, HERE - timedelta(days=1), about="“Spring” is paused.", more="3 wait."),
            "",
            "The campaign “Spring” is paused.",
            "3 wait. Since yesterday, 10:20 AM.",
        ),
    ],
)
def test_a_line_says_how_many_and_since_when(found: Found, count: str, words: str, more: str) -> None:
    (line,) = items([found], HERE)
    assert (line.count, line.words, line.more) == (count, words, more)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 2, 5, 0, tzinfo=UTC), "12:00 AM"),
        (datetime(2026, 11, 2, 4, 59, tzinfo=UTC), "yesterday, 11:59 PM"),
        (datetime(2026, 11, 3, 5, 0, tzinfo=UTC), "tomorrow, 12:00 AM"),
        (datetime(2026, 10, 28, 14, 0, tzinfo=UTC), "Wednesday, 10:00 AM"),
        (datetime(2026, 10, 26, 14, 0, tzinfo=UTC), "Oct 26"),
        (datetime(2025, 10, 26, 14, 0, tzinfo=UTC), "Oct 26, 2025"),
    ],
)
def test_a_moment_is_as_brief_as_it_is_clear(at: datetime, words: str) -> None:
    assert moment(local(at, NEW_YORK), HERE) == words


def test_a_count_stops_where_nobody_needs_more() -> None:
    assert [bounded(n) for n in (0, 99, 100, 5000)] == ["0", "99", "99+", "99+"]
    assert bounded(10_000, 9_999) == "9,999+"


# the hours to come


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        NOW.replace(minute=0),
        # The clocks go back, and forward, within the day; a zone of half an hour.
        datetime(2026, 10, 31, 22, 40, tzinfo=UTC),
        datetime(2026, 3, 7, 23, 5, tzinfo=UTC),
    ],
)
@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Kolkata", "Australia/Lord_Howe"])
def test_the_hours_follow_one_another_for_a_day_and_are_told_apart(now: datetime, zone: str) -> None:
    pieces = today_hours.hours(now, zone)
    assert pieces[0].start == now
    assert pieces[-1].end == now + timedelta(hours=24)
    assert all(one.end == two.start for one, two in pairwise(pieces))
    assert all(timedelta(0) < one.end - one.start <= timedelta(hours=1) for one in pieces)
    assert len({one.words for one in pieces}) == len(pieces)


@pytest.mark.parametrize("hour", range(24))
def test_the_words_below_the_hours_have_room(hour: int) -> None:
    marks = [one.mark for one in today_hours.hours(NOW + timedelta(hours=hour), NEW_YORK)]
    there = [n for n, mark in enumerate(marks) if mark]
    assert there[0] == 0
    assert 3 <= len(there) <= 5
    assert all(right - left > 3 for left, right in pairwise([*there, len(marks) + 1]))


def test_hours_are_called_as_people_call_them() -> None:
    words = [one.words for one in today_hours.hours(NOW, NEW_YORK)]
    assert words[:4] == ["Now", "11 AM", "Noon", "1 PM"]
    assert words[13:16] == ["11 PM", "Midnight", "1 AM tomorrow"]
    assert words[-1] == "10 AM tomorrow"


def test_an_hour_that_comes_twice_has_the_name_of_its_time() -> None:
    words = [one.words for one in today_hours.hours(datetime(2026, 11, 1, 0, 0, tzinfo=UTC), NEW_YORK)]
    assert "1 AM EDT tomorrow" in words
    assert "1 AM EST tomorrow" in words


def _sums(left: int, pace: int | None, begins: datetime = NOW, decent: object = ANY) -> list[int]:
    pieces = today_hours.hours(NOW, NEW_YORK)
    return today_hours.spread(left, pace, begins, pieces, decent)  # type: ignore[arg-type]


def test_a_campaign_is_spread_by_its_pace() -> None:
    # Forty minutes are left of this hour.
    assert _sums(1000, 10)[:4] == [400, 600, 0, 0]
    assert sum(_sums(1_000_000, 10)) == 24 * 60 * 10


def test_a_campaign_without_a_pace_leaves_at_once() -> None:
    assert _sums(1000, None)[:2] == [1000, 0]


def test_a_campaign_that_begins_later_begins_later() -> None:
    assert _sums(1000, None, NOW + timedelta(hours=2))[:4] == [0, 0, 1000, 0]
    assert sum(_sums(1000, None, NOW + timedelta(hours=30))) == 0


def test_a_campaign_waits_for_decent_hours() -> None:
    counts = _sums(100_000, 1, decent=WORKDAY)
    pieces = today_hours.hours(NOW, NEW_YORK)
    busy = [one.words for one, count in zip(pieces, counts, strict=True) if count]
    assert busy[0] == "Now"
    assert "7 PM" in busy and "8 PM" not in busy
    assert busy[-2:] == ["9 AM tomorrow", "10 AM tomorrow"]


def coming(*rows: tuple[int, ...], texts: int = 0) -> list[Coming]:
    """Hours from now on with these counts of care, lessons, campaigns and answers."""
    pieces = today_hours.hours(NOW, NEW_YORK)
    return [
        Coming(piece, row, texts if n == 0 else 0)
        for n, (piece, row) in enumerate(zip(pieces, rows, strict=False))
    ]


@pytest.mark.parametrize(
    ("rows", "texts", "words"),
    [
        ([(0, 0, 0, 0)], 0, "Nothing is planned."),
        ([(1, 0, 0, 0)], 0, "1 message about a visit."),
        ([(0, 2, 0, 0)], 2, "2 lessons. All of them by text."),
        (
            [(2, 0, 0, 0), (18, 380, 0, 2)],
            5,
            "402 messages: 20 about visits, 380 lessons and 2 answers. 5 of them by text. "
            "The busiest hour is 11 AM, with 400.",
        ),
        (
            [(0, 5, 0, 0), (0, 1, 0, 0)],
            0,
            "6 lessons. The busiest time is right now, with 5.",
        ),
        (
            [(0, 0, 0, 0), (0, 0, 0, 0), (3, 0, 0, 0), (2, 0, 0, 0)],
            0,
            "5 messages about visits. The busiest hour is noon, with 3.",
        ),
        ([(0, 10_000, 3, 0)], 0, "At least 10,003 messages: 10,000 lessons and 3 of campaigns."),
    ],
)
def test_what_goes_out_is_said_in_a_sentence(rows: list[tuple[int, ...]], texts: int, words: str) -> None:
    assert today_hours.sentence(coming(*rows, texts=texts)) == words


def test_all_purposes_are_counted() -> None:
    assert set(PURPOSES) == {"service", "care", "education", "marketing"}


# the days that are over


def test_the_week_ends_today_by_the_clinics_clocks() -> None:
    evening = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
    these = today_week.days(evening, NEW_YORK)
    assert (these[0], these[-1], len(these)) == (date(2026, 10, 27), date(2026, 11, 2), 7)
    edges = today_week.edges(these, NEW_YORK)
    # The night in which the clocks went back makes a day of 25 hours.
    assert [(b - a) / timedelta(hours=1) for a, b in pairwise(edges)] == [24, 24, 24, 24, 24, 25, 24]


@pytest.mark.parametrize(
    ("status", "over", "series"),
    [
        ("fulfilled", True, "kept"),
        ("arrived", False, "kept"),
        ("checked-in", False, "kept"),
        ("noshow", True, "missed"),
        ("cancelled", False, "cancelled"),
        ("booked", True, "unmarked"),
        ("pending", True, "unmarked"),
        ("booked", False, None),
        ("entered-in-error", True, None),
        ("proposed", True, None),
        ("waitlist", True, None),
    ],
)
def test_what_a_visit_counts_for(status: str, over: bool, series: str | None) -> None:
    assert today_week.of_visit(status, over) == series


@pytest.mark.parametrize(
    ("status", "series"),
    [
        ("delivered", "delivered"),
        ("accepted", "left"),
        ("unknown", "left"),
        ("failed", "failed"),
        ("held", "held"),
        ("planned", None),
        ("claimed", None),
        ("cancelled", None),
        ("skipped", None),
        ("expired", None),
    ],
)
def test_what_a_message_counts_for(status: str, series: str | None) -> None:
    assert today_week.of_message(status) == series


@pytest.mark.parametrize(
    ("kept", "counts", "words"),
    [
        (MESSAGES, {}, "Nothing was sent."),
        (
            MESSAGES,
            {"delivered": 1180, "left": 20, "failed": 1, "held": 2},
            "1,180 were delivered, 20 left with no word of arrival, 1 failed, 2 wait for a person.",
        ),
        (VISITS, {"kept": 1, "unmarked": 1}, "1 took place, 1 is over and not marked."),
    ],
)
def test_a_week_is_said_in_a_sentence(kept: today_week.Kept, counts: dict[str, int], words: str) -> None:
    these = today_week.days(NOW, NEW_YORK)
    assert today_week.sentence(kept, these, {these[3]: counts, date(2026, 1, 1): {"failed": 9}}) == words


def test_no_two_charts_count_under_one_name() -> None:
    keys = [one.key for kept in KEPT for one in kept.series]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("ago", "took", "due"),
    [
        (None, 0, True),
        (59, 0.1, False),
        (60, 0.1, True),
        (60, 3, False),
        (90, 3, True),
        (599, 20, False),
        (600, 20, True),
    ],
)
def test_what_takes_long_is_counted_seldom(ago: float | None, took: float, due: bool) -> None:
    tried = NOW - timedelta(seconds=ago) if ago is not None else None
    assert today_week.is_due(tried, timedelta(seconds=took), NOW) is due


def test_the_clock_that_was_moved_on_makes_them_due() -> None:
    assert today_week.is_due(NOW - timedelta(days=5), timedelta(seconds=1), NOW)


def test_an_hour_knows_its_sum() -> None:
    assert Coming(Hour(NOW, NOW, "Now", "Now"), (1, 2, 3, 4), 0).total == 10


@pytest.mark.parametrize("hour", range(24))
def test_no_word_below_the_hours_is_near_now_or_the_end(hour: int) -> None:
    pieces = today_hours.hours(datetime(2026, 11, 24, hour, 59, tzinfo=UTC), NEW_YORK)
    marks = [n for n, piece in enumerate(pieces) if piece.mark]
    assert marks[0] == 0 and all(4 < n < 22 for n in marks[1:])
    assert 2 <= len(marks) - 1 <= 4
