"""The staff's first page: what needs somebody, what goes out within a day, and how the last week went. It names nobody.

Everything is read in one transaction that sees one moment. No statement's work grows with what lies in the tables: what
waits is counted up to a bound, and what left is counted by workers (services/today_week.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection

from engage.domain import bar_chart, today_hours, today_week
from engage.domain.appointments import OFF, TENTATIVE
from engage.domain.bar_chart import Chart
from engage.domain.hours import windows_for
from engage.domain.messages import CHANNELS, LANES, Channel
from engage.domain.timing import local
from engage.domain.today import Item, bounded, items, moment
from engage.domain.today_hours import COUNTED, PURPOSES, Coming, Hour
from engage.domain.today_week import KEPT, VISITS, Counts, Kept
from engage.domain.whereabouts import whereabouts
from engage.runtime import Runtime
from engage.services import today_needs
from engage.services import today_week as figures
from engage.services.campaign_report import progress
from engage.storage import metrics
from engage.storage import today as rows
from engage.storage.today import Campaign

CAMPAIGNS = 50
# Of the charts, in their own units.
_WEEK = (360, 186, 26)
_HOURS = (720, 232, 36)


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's numbers: ``heads`` of the columns, ``rows`` of (words, counts)."""

    heads: list[str]
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its sentence and table. ``chart`` is None where there is nothing to draw; ``series`` are the keys and
    words of what it shows, as far as there is any of it."""

    key: str
    title: str
    sentence: str
    chart: Chart | None
    series: list[tuple[str, str]]
    table: Table
    live: bool


@dataclass(frozen=True, slots=True)
class Today:
    """All that the page shows. ``now`` and ``counted_at`` are aware, by the clinic's clocks; ``counted_at`` is None before
    the week was counted. ``visits`` is today's in a sentence, ``notes`` what has to be known of ``coming``."""

    now: datetime
    visits: str
    needs: list[Item]
    coming: Figure
    notes: list[str]
    week: list[Figure]
    counted_at: datetime | None


def see(rt: Runtime) -> Today:
    """The page, now."""
    with rt.transaction() as tx:
        metrics.begin(tx)
        now = rt.now(tx)
        here = local(now, rt.clinic.zone)
        campaigns = rows.campaigns(tx, CAMPAIGNS)
        week = figures.read(rt, tx)
        these = today_week.days(now, rt.clinic.zone)
        visits = rows.visits(tx, today_week.edges(these, rt.clinic.zone), now)
        needs = items(today_needs.found(rt, tx, now, campaigns, week.counts), here)
        return Today(
            now=here,
            visits=_visits_of_today(rt, visits, here),
            needs=needs,
            coming=_coming(rt, tx, now, campaigns),
            notes=_notes(needs, campaigns),
            week=[_figure(kept, these, _counts(kept, these, visits, week.counts)) for kept in KEPT],
            counted_at=week.counted_at,
        )


def _visits_of_today(rt: Runtime, visits: Sequence[Any], here: datetime) -> str:
    mine = [
        row
        for row in visits
        if row.day == today_week.DAYS - 1 and row.status not in OFF and row.status not in TENTATIVE
    ]
    count = sum(row.count for row in mine)
    if not count:
        return "No visits today"
    said = f"{count:,} {'visit' if count == 1 else 'visits'} today"
    to_come = [row.first for row in mine if row.first is not None]
    return f"{said}, the next at {moment(local(min(to_come), rt.clinic.zone), here)}" if to_come else said


def _notes(needs: Sequence[Item], campaigns: Sequence[Campaign]) -> list[str]:
    notes = []
    if any(one.what in ("course", "copy", "silent", "channel") for one in needs):
        notes.append("As planned: what stands still, as said above, waits longer.")
    if any(one.state in ("running", "starting") and progress(one).to_come for one in campaigns):
        notes.append("Campaigns are counted by their pace, in hours that are decent by the clinic’s clocks.")
    return notes


def _coming(rt: Runtime, tx: Connection, now: datetime, campaigns: Sequence[Campaign]) -> Figure:
    pieces = today_hours.hours(now, rt.clinic.zone)
    lanes = [LANES[purpose] for purpose in PURPOSES]
    spans = [(one.start, one.end) for one in pieces]
    found: dict[int, Counter[int]] = defaultdict(Counter)
    texts: Counter[int] = Counter()
    for one in rows.planned(tx, spans, lanes, CHANNELS, COUNTED + 1):
        found[one.piece][one.lane] += one.many
        texts[one.piece] += one.many if one.channel == "sms" else 0
    for campaign in campaigns:
        for n, count in enumerate(_released(rt, campaign, now, pieces)):
            found[n][LANES["marketing"]] += count
            texts[n] += count if campaign.channel == "sms" else 0
    coming = [
        Coming(piece, tuple(found[n][lane] for lane in lanes), texts[n]) for n, piece in enumerate(pieces)
    ]
    return _hours(coming)


def _released(rt: Runtime, campaign: Campaign, now: datetime, pieces: Sequence[Hour]) -> list[int]:
    """By its own pace, or the one that was seen lately, in hours that are decent by the clinic's clocks: where each of its
    people is, is not looked at."""
    if campaign.state not in ("running", "starting"):
        return []
    begins = max(now, campaign.begins_at) if campaign.begins_at is not None else now
    policy, channel = rt.clinic.decent_hours.policy, cast(Channel, campaign.channel)
    decent = windows_for(policy, "marketing", channel, whereabouts(rt.clinic.zone))
    far = progress(campaign)
    pace = campaign.rate_per_minute or int(far.per_minute) or None
    return today_hours.spread(far.to_come, pace, begins, pieces, decent)


def _hours(coming: Sequence[Coming]) -> Figure:
    totals = [sum(one.counts[n] for one in coming) for n in range(len(PURPOSES))]
    shown = [n for n, total in enumerate(totals) if total]
    names = [called.head for called in PURPOSES.values()]
    keys = list(PURPOSES)
    return Figure(
        key="coming",
        title="The next 24 hours",
        sentence=today_hours.sentence(coming),
        chart=bar_chart.chart([(one.hour.mark, one.counts) for one in coming], *_HOURS),
        series=[(keys[n], names[n]) for n in shown],
        table=Table(
            [names[n] for n in shown],
            [
                (one.hour.words, [bounded(one.counts[n], COUNTED) for n in shown])
                for one in coming
                if one.total
            ],
        ),
        live=True,
    )


def _counts(kept: Kept, these: Sequence[date], visits: Sequence[Any], counted: Counts) -> Counts:
    if kept is not VISITS:
        return counted
    found: Mapping[date, Counter[str]] = {day: Counter() for day in these}
    for row in visits:
        series = today_week.of_visit(row.status, row.over)
        if series is not None:
            found[these[row.day]][series] += row.count
    return found


def _figure(kept: Kept, these: Sequence[date], counts: Counts) -> Figure:
    by_day = [(day, [counts.get(day, {}).get(one.key, 0) for one in kept.series]) for day in these]
    shown = [n for n in range(len(kept.series)) if any(numbers[n] for _, numbers in by_day)]
    columns = [(today_week.word(day, these[-1]), numbers) for day, numbers in by_day]
    return Figure(
        key=kept.key,
        title=kept.title,
        sentence=today_week.sentence(kept, these, counts),
        chart=bar_chart.chart(columns, *_WEEK),
        series=[(kept.series[n].key, kept.series[n].words) for n in shown],
        table=Table(
            [kept.series[n].words for n in shown],
            [
                (today_week.long_word(day, these[-1]), [f"{numbers[n]:,}" for n in shown])
                for day, numbers in by_day
            ],
        ),
        live=kept.live,
    )
