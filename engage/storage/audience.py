"""Whom rules choose: counted, looked through, and frozen as a campaign's recipients. Set-based over ``profiles``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from engage.domain.messages import Channel
from engage.domain.reach import UNREACHED
from engage.domain.segments import COURSE_STATES, Rules, visited_before, visited_since
from engage.domain.stages import NUMBERS
from engage.storage.arrays import Texts, Uuids
from engage.storage.database import run

# A case is 4 times the reach, +2 for a patient without authorization, +1 for an address that somebody else has too.
UNAUTHORIZED, SHARED, REACH = 2, 1, 4
# Compiling a query takes longer than counting does; sorting a million rows on disk as long as all the rest.
QUICK = "SELECT set_config('jit', 'off', true), set_config('work_mem', %(memory)s, true)"
SORT_MEMORY = "160MB"


class Chosen(NamedTuple):
    """Rules as conditions on ``profiles``, with their values: who is ``wanted`` but is not ``unwanted``. ``cases`` are
    those of people whom nothing keeps out."""

    wanted: str
    unwanted: str
    values: dict[str, Any]
    cases: list[int]

    def where(self, p: str) -> str:
        """All of it as one condition on ``p``."""
        most = self.wanted.format(p=p)
        # Whoever has no tag has NULL there.
        return f"{most} AND ({self.unwanted.format(p=p)}) IS NOT TRUE" if self.unwanted else most


def choose(tx: Connection, rules: Rules, today: date) -> Chosen:
    """``today`` is the day from which visits are counted back."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    if rules.stages:
        parts.append("{p}.stage = ANY(%(stages)s::smallint[])")
        values["stages"] = sorted(NUMBERS[one] for one in rules.stages)
    if rules.locations:
        parts.append("{p}.location = ANY(%(locations)b::text[])")
        values["locations"] = Texts(sorted(rules.locations))
    if (course := rules.course) is not None:
        parts.append(_course(tx, course.least_lessons, COURSE_STATES[course.progress] is not None))
        states = Texts(COURSE_STATES[course.progress] or ())
        values |= {"course": course.slug, "states": states, "least": course.least_lessons}
    if (before := visited_before(rules, today)) is not None:
        parts.append("{p}.last_visit < %(before)s")
        values["before"] = before
    if (since := visited_since(rules, today)) is not None:
        parts.append("{p}.last_visit >= %(since)s")
        values["since"] = since
    if rules.any_tags:
        parts.append("{p}.tags && %(any_tags)b::uuid[]")
        values["any_tags"] = Uuids(sorted(rules.any_tags))
    unwanted = ""
    if rules.no_tags:
        unwanted = "{p}.tags && %(no_tags)b::uuid[]"
        values["no_tags"] = Uuids(sorted(rules.no_tags))
    cases = [0, SHARED] + ([] if rules.needs_authorization else [UNAUTHORIZED, UNAUTHORIZED + SHARED])
    return Chosen(" AND ".join(parts) or "true", unwanted, values, cases)


def _course(tx: Connection, least: int, of_states: bool) -> str:
    """A profile holds the course of now; of the few who took several, or one twice, the others are looked up."""
    state = "course_state = ANY(%(states)b::text[])" if of_states else "true"
    own = f"{{p}}.course = %(course)s AND {'{p}.' if of_states else ''}{state}"
    own += " AND {p}.lessons_done >= %(least)s" if least else ""
    several = run(tx, "SELECT EXISTS (SELECT FROM profiles WHERE courses > 1)").scalar_one()
    if not several:
        return own
    past = state.replace("course_state", "e.state")
    past += " AND cardinality(e.done) >= %(least)s" if least else ""
    return f"""({own} OR {{p}}.courses > 1 AND EXISTS (SELECT FROM enrolments e
        WHERE e.person_id = {{p}}.person_id AND e.course = %(course)s AND {past}))"""


class Counts(NamedTuple):
    """How many people have which case, and how many different addresses those have who are chosen and share one."""

    cases: dict[int, int]
    addresses: int


def count(tx: Connection, chosen: Chosen, channel: Channel) -> Counts:
    """In one statement, so that the figures fit each other: along the index of all, less the unwanted along that of the
    tagged; and a look at each of the few who share an address."""
    wanted = chosen.wanted.format(p="p")
    less = (
        f"""UNION ALL SELECT p.{channel}_case, -count(*) FROM profiles p
        WHERE {wanted} AND {chosen.unwanted.format(p="p")} GROUP BY 1"""
        if chosen.unwanted
        else ""
    )
    sql = f"""WITH sharing AS MATERIALIZED (
        SELECT {channel}_index, person_id, {channel}_case, stage, lessons_done, courses, last_visit, tags, location, course,
            course_state FROM profiles WHERE {channel}_shared
    )
    SELECT p.{channel}_case AS kind, count(*) FROM profiles p WHERE {wanted} GROUP BY 1
    {less}
    UNION ALL SELECT NULL, count(DISTINCT p.{channel}_index) FROM sharing p
    WHERE {chosen.where("p")} AND p.{channel}_case = ANY(%(cases)s::smallint[])"""
    run(tx, QUICK, {"memory": "16MB"})
    cases: Counter[int] = Counter()
    addresses = 0
    for case, people in run(tx, sql, {**chosen.values, "cases": chosen.cases}):
        if case is None:
            addresses = int(people)
        else:
            cases[case] += int(people)
    return Counts({case: people for case, people in cases.items() if people}, addresses)


def _first(chosen: Chosen, channel: Channel) -> str:
    """Nobody chosen who comes before has the same address."""
    return f"""NOT (p.{channel}_shared AND EXISTS (SELECT FROM profiles o WHERE o.{channel}_shared
        AND o.{channel}_index = p.{channel}_index AND o.person_id < p.person_id
        AND o.{channel}_case = ANY(%(cases)s::smallint[]) AND {chosen.where("o")}))"""


def sample(tx: Connection, chosen: Chosen, channel: Channel, limit: int, after: UUID | None) -> list[UUID]:
    """People who would get something, in the order of their ids, which is the order in which they came."""
    return _people(tx, chosen, channel, chosen.cases, _first(chosen, channel), limit, after)


def left_out(
    tx: Connection, chosen: Chosen, channel: Channel, reason: str, limit: int, after: UUID | None
) -> list[UUID]:
    """People whom the rules choose and who are excluded for this reason."""
    if reason == "same_address":
        return _people(tx, chosen, channel, chosen.cases, f"NOT ({_first(chosen, channel)})", limit, after)
    if reason == "not_authorized":
        cases = [case for case in range(REACH) if case not in chosen.cases]
    else:
        number = UNREACHED.index(reason) + 1
        cases = list(range(REACH * number, REACH * (number + 1)))
    return _people(tx, chosen, channel, cases, "true", limit, after)


def _people(
    tx: Connection,
    chosen: Chosen,
    channel: Channel,
    cases: list[int],
    also: str,
    limit: int,
    after: UUID | None,
) -> list[UUID]:
    sql = f"""SELECT p.person_id FROM profiles p WHERE {chosen.where("p")}
        AND p.{channel}_case = ANY(%(those)s::smallint[]) AND {also}
        AND (%(after)s::uuid IS NULL OR p.person_id > %(after)s) ORDER BY p.person_id LIMIT %(limit)s"""
    run(tx, QUICK, {"memory": "16MB"})
    values = {**chosen.values, "cases": chosen.cases, "those": cases, "after": after, "limit": limit}
    return [row[0] for row in run(tx, sql, values)]


# Who is chosen comes first, by address, so that two with the same one stand beside each other and one sort is enough.
FREEZE = """
INSERT INTO campaign_recipients (campaign_id, place, person_id, contact_id, excluded)
SELECT %(campaign)s, row_number() OVER ordered, person_id, contact,
    CASE WHEN why IS NOT NULL THEN why WHEN lag(address) OVER ordered = address THEN 'same_address' END
FROM (
    SELECT p.person_id, CASE WHEN {chosen} THEN p.{channel}_contact END AS contact,
        CASE WHEN {chosen} THEN p.{channel}_index END AS address,
        CASE WHEN {chosen} THEN NULL ELSE coalesce((%(reasons)b::text[])[p.{channel}_reach], 'not_authorized') END AS why
    FROM profiles p WHERE {condition}
) x WINDOW ordered AS (ORDER BY address, person_id)
"""
# Order-free: the same people in any order come to the same.
FROZEN = """
SELECT count(*) FILTER (WHERE excluded IS NULL) AS audience, count(*) FILTER (WHERE excluded IS NOT NULL) AS excluded,
    bit_xor(uuid_hash_extended(person_id, 1)) FILTER (WHERE excluded IS NULL) AS one,
    bit_xor(uuid_hash_extended(person_id, 2)) FILTER (WHERE excluded IS NULL) AS two,
    sum(uuid_hash_extended(person_id, 3)::numeric) FILTER (WHERE excluded IS NULL)::text AS three
FROM campaign_recipients WHERE campaign_id = %(campaign)s
"""


def freeze(tx: Connection, campaign: UUID, chosen: Chosen, channel: Channel) -> Any:
    """Writes a row for everybody whom the rules choose, in place of earlier rows of this campaign. Returns ``audience``,
    ``excluded`` and three numbers that are the same for the same people."""
    run(tx, "DELETE FROM campaign_recipients WHERE campaign_id = %(campaign)s", {"campaign": campaign})
    able = f"p.{channel}_case = ANY('{{{','.join(map(str, chosen.cases))}}}'::smallint[])"
    sql = FREEZE.format(channel=channel, chosen=able, condition=chosen.where("p"))
    before = run(tx, "SELECT current_setting('work_mem'), current_setting('jit')").one()
    run(tx, QUICK, {"memory": SORT_MEMORY})
    values: Mapping[str, Any] = {"campaign": campaign, "reasons": Texts(UNREACHED)}
    run(tx, sql, {**chosen.values, **values})
    found = run(tx, FROZEN, {"campaign": campaign}).one()
    run(tx, "SELECT set_config('work_mem', %(memory)s, true), set_config('jit', %(jit)s, true)",
        {"memory": before[0], "jit": before[1]})  # fmt: skip
    return found
