"""A made-up clinic's people as audiences see them, written straight into the tables."""

from __future__ import annotations

from uuid import UUID

from engage.ids import new_id
from engage.runtime import Runtime
from engage.storage.database import run

# Ids begin with a time and go on by chance, as real ones do.
PEOPLE = """
INSERT INTO people (id, zone, created_at, updated_at)
SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid,
    'America/New_York', now(), now() FROM (SELECT n, md5(n::text) AS h FROM generate_series(1, %(count)s) n) x
"""
NUMBERED = "SELECT id, row_number() OVER (ORDER BY id)::int AS n FROM people"
# Three in ten only subscribed, one asked, the others visit or visited at two places. Half of the patients authorized
# marketing, two in three took the course, one in twelve is tagged, and one in fifty shares an address.
PROFILES = f"""
INSERT INTO profiles (person_id, stage, lessons_done, courses, email_reach, sms_reach, patient, authorized, email_shared,
    last_visit, location, course, course_state, tags, email_contact, email_index, sms_contact, sms_index)
SELECT id, stage, n %% 12, (n %% 3 > 0)::int,
    CASE WHEN n %% 11 = 0 THEN 3 WHEN n %% 37 = 0 THEN 4 WHEN n %% 101 = 0 THEN 1 ELSE 0 END,
    CASE WHEN n %% 2 = 0 THEN 1 WHEN n %% 7 = 0 THEN 3 ELSE 0 END,
    stage > 2, stage > 2 AND n %% 2 = 1, n %% 50 = 0,
    CASE WHEN stage > 3 THEN %(today)s::date - n %% 700 END,
    CASE WHEN stage > 2 THEN (ARRAY['Larkspur Lane', 'Prairie Street'])[1 + n %% 5 / 3] END,
    CASE WHEN n %% 3 > 0 THEN 'chronic-pain' END,
    CASE WHEN n %% 3 > 0 THEN (ARRAY['active', 'completed', 'completed', 'stopped'])[1 + n / 3 %% 4] END,
    CASE WHEN n %% 12 = 0 THEN ARRAY[%(tag)s::uuid] END,
    id, sha256(convert_to(CASE WHEN n %% 50 = 0 THEN 'home' || n / 100 ELSE 'own' || n END, 'UTF8')),
    CASE WHEN n %% 2 = 1 THEN id END, CASE WHEN n %% 2 = 1 THEN sha256(convert_to('sms' || n, 'UTF8')) END
FROM (SELECT id, n, (ARRAY[1, 1, 1, 2, 3, 4, 4, 5, 6, 6])[1 + n * 7 %% 10] AS stage FROM ({NUMBERED}) p) x
"""
TAG = """INSERT INTO tags (id, name_index, sealed, created_at) VALUES (%(id)s, '\\x01', %(sealed)s, now())"""


def fill(rt: Runtime, count: int) -> UUID:
    """So many people with their profiles, as if each had been made; nothing waits. Returns the tag that some have."""
    tag = new_id()
    with rt.transaction() as tx:
        run(tx, TAG, {"id": tag, "sealed": rt.sealer.seal("tags", tag, {"name": "Evenings"})})
        run(tx, PEOPLE, {"count": count})
        run(tx, PROFILES, {"tag": tag, "today": rt.now(tx).date()})
        run(tx, "TRUNCATE profiles_to_make")
    tidy(rt)
    return tag


def tidy(rt: Runtime) -> None:
    """What autovacuum does within a minute or so."""
    with rt.single.connect() as own:
        for table in ("profiles", "profiles_to_make", "campaign_recipients"):
            own.exec_driver_sql(f"VACUUM (ANALYZE) {table}")


# Everything that a profile is made of, for people who are there.
WHOLE = (
    """INSERT INTO contacts (id, person_id, channel, address_index, created_at)
    SELECT gen_random_uuid(), id, ch, sha256(convert_to(ch || id, 'UTF8')), now() FROM people, unnest(ARRAY['email', 'sms']) ch""",
    """INSERT INTO consents (id, person_id, channel, purpose, action, actor, source, at)
    SELECT gen_random_uuid(), id, 'email', pu, 'granted', 'person', 'bench', now()
    FROM people, unnest(ARRAY['education', 'marketing']) pu""",
    """INSERT INTO consent_states (person_id, channel, purpose, granted, consent_id)
    SELECT person_id, channel, purpose, true, id FROM consents""",
    """INSERT INTO enrolments (id, person_id, contact_id, course, state, started_at, done, timetable)
    SELECT gen_random_uuid(), person_id, id, 'chronic-pain', 'active', now(), '{a,b}', 'x' FROM contacts
    WHERE channel = 'email'""",
    """INSERT INTO appointments (id, person_id, starts_at, zone, minutes, location, status, since, source, created_at,
        updated_at) SELECT gen_random_uuid(), id, now() + make_interval(days => 7 * d), 'America/New_York', 60,
        'Larkspur Lane', 'booked', now(), 'bench', now(), now() FROM people, generate_series(-4, 1) d""",
)


def whole(rt: Runtime, count: int) -> None:
    """So many people with addresses, agreements, a course and six visits each, all of whom wait for a profile."""
    with rt.transaction() as tx:
        run(tx, PEOPLE, {"count": count})
        for sql in WHOLE:
            run(tx, sql)
    with rt.single.connect() as own:
        own.exec_driver_sql("ANALYZE")
