"""Random weeks of visits that are booked, moved, missed and marked late: what is asked in them keeps every promise."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from engage.domain.check_ins import Asked, Facts, Visit, plan
from engage.domain.hours import is_decent
from engage.domain.timing import local
from tests.domain.test_check_ins import DECENT, EARLY, NY, POLICY, at

HISTORIES = 40
DAYS = 40
STEP = timedelta(hours=2)


def history(seed: int, by_text: bool) -> tuple[list[Visit], list[Asked]]:
    """Visits as they were in the end, and all that was asked on the way, each at its moment."""
    chance = random.Random(seed)
    visits: dict[UUID, Visit] = {}
    asked: list[Asked] = []
    planned: dict[str, datetime] = {}
    texts = sorted(at(day, "14:00") for day in range(DAYS) if by_text and chance.random() < 0.2)
    now = at(0, "08:00")
    while now < at(DAYS):
        if chance.random() < 0.08:
            id = UUID(int=chance.getrandbits(64))
            start = now.replace(minute=0) + timedelta(hours=chance.randint(1, 24 * 14))
            visits[id] = Visit(id, start, chance.choice([30, 60, 90]), "booked", now)
        for id, seen in list(visits.items()):
            if seen.status == "booked" and seen.ends_at < now and chance.random() < 0.4:
                status = chance.choice(["fulfilled", "fulfilled", "noshow"])
                visits[id] = Visit(id, seen.starts_at, seen.minutes, status, now)  # type: ignore[arg-type]
            elif seen.status == "booked" and seen.starts_at > now and chance.random() < 0.01:
                del visits[id]
        facts = Facts(NY, EARLY, list(visits.values()), asked, DECENT, texts if by_text else None, planned)
        wanted = plan(facts, POLICY, now)
        planned = {one.slug: one.due_at for one in wanted}
        again = plan(replace(facts, planned=planned), POLICY, now)
        assert again == wanted, "planned twice it is the same"
        for one in wanted:
            # Sometimes nothing leaves for hours.
            if one.due_at <= now < one.not_after and is_decent(DECENT, now) and chance.random() < 0.8:
                assert clear(visits.values(), now)
                asked.append(Asked(one.slug, one.asks, now))
                texts += [now] * by_text
        now += STEP
    return list(visits.values()), asked


def clear(visits: Iterable[Visit], moment: datetime) -> bool:
    """Whether it is no visit's quiet time."""
    standing = [one for one in visits if one.status != "noshow"]
    around = POLICY.clear
    return not any(one.starts_at - around < moment < one.ends_at + around for one in standing)


@pytest.mark.parametrize("by_text", [False, True])
def test_every_history_keeps_every_promise(by_text: bool) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(HISTORIES):
        visits, asked = history(seed, by_text)
        slugs = [one.slug for one in asked]
        assert len(set(slugs)) == len(slugs), seed
        days = [local(one.due_at, NY).date() for one in asked]
        assert len(set(days)) == len(days), (seed, days)
        been = {f"after/{one.id}" for one in visits if one.status == "fulfilled"}
        assert {slug for slug in slugs if slug.startswith("after/")} <= been
        scores = [one for one in asked if one.asks == "pain-score"]
        for before, one in pairwise(scores):
            if one.slug.startswith("week/"):
                gap = local(one.due_at, NY).date() - local(before.due_at, NY).date()
                assert gap.days >= POLICY.week_days, seed
        assert sum(slug.startswith("first/") for slug in slugs) <= 1, seed
        kinds.update(slug.partition("/")[0] for slug in slugs)
    # Nothing is promised by never asking.
    assert min(kinds[name] for name in ("after", "first", "week")) > HISTORIES / 10, kinds
